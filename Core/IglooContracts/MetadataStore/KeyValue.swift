// SPDX-License-Identifier: MIT

/// One key, or all from one to before another. Keys are not empty.
public enum KeyRange: Hashable, Sendable {
    case key([UInt8])
    /// To the last key when there is no end; no key when the end is not above the first.
    case from([UInt8], end: [UInt8]?)

    /// Every key there is.
    public static let all = KeyRange.from([0], end: nil)

    /// The keys that begin with these bytes.
    public static func prefix(_ bytes: [UInt8]) -> KeyRange {
        guard let last = bytes.lastIndex(where: { $0 != 0xFF }) else {
            return .from(bytes.isEmpty ? [0] : bytes, end: nil)
        }
        var end = Array(bytes[...last])
        end[last] += 1
        return .from(bytes, end: end)
    }

    public func contains(_ key: [UInt8]) -> Bool {
        switch self {
        case .key(let own): own == key
        case .from(let first, let end):
            !key.lexicographicallyPrecedes(first)
                && end.map { key.lexicographicallyPrecedes($0) } ?? true
        }
    }
}

/// A key with its value; in a watch also: that it was deleted.
public struct KeyValueItem: Hashable, Sendable {
    public var key: [UInt8]
    public var value: [UInt8]
    /// The revision that made the key; 0 for a deletion.
    public var created: Int64
    /// The revision that last wrote it, or deleted it.
    public var modified: Int64
    /// With which the key goes; 0 = none.
    public var lease: Int64
    public var isDeleted: Bool

    public init(
        key: [UInt8], value: [UInt8], created: Int64, modified: Int64, lease: Int64 = 0,
        isDeleted: Bool = false
    ) {
        self.key = key
        self.value = value
        self.created = created
        self.modified = modified
        self.lease = lease
        self.isDeleted = isDeleted
    }
}

/// Items of one state of a store.
public struct KeyValuePage: Hashable, Sendable {
    public var items: [KeyValueItem]
    /// The store's.
    public var revision: Int64
    /// There are further items than the limit let in.
    public var hasMore: Bool

    public init(items: [KeyValueItem], revision: Int64, hasMore: Bool = false) {
        self.items = items
        self.revision = revision
        self.hasMore = hasMore
    }
}

/// When all comparisons hold, `then` is done, else `otherwise`.
public struct KeyValueTransaction: Hashable, Sendable {
    public var comparisons: [KeyValueComparison]
    public var then: [KeyValueOperation]
    public var otherwise: [KeyValueOperation]

    public init(
        when comparisons: [KeyValueComparison] = [], then: [KeyValueOperation],
        otherwise: [KeyValueOperation] = []
    ) {
        self.comparisons = comparisons
        self.then = then
        self.otherwise = otherwise
    }
}

/// Something that holds for a key or not. A key that is not there was created and modified at
/// revision 0 and has an empty value.
public struct KeyValueComparison: Hashable, Sendable {
    public enum Relation: UInt32, Sendable {
        case equal = 1, notEqual, less, greater
    }

    public enum Operand: Hashable, Sendable {
        case value([UInt8])
        case created(Int64)
        case modified(Int64)
    }

    public var key: [UInt8]
    public var relation: Relation
    public var operand: Operand

    public init(_ key: [UInt8], _ relation: Relation, _ operand: Operand) {
        self.key = key
        self.relation = relation
        self.operand = operand
    }

    /// Whether it holds for what stands under the key.
    public func holds(for item: KeyValueItem?) -> Bool {
        switch operand {
        case .created(let revision): return holds(item?.created ?? 0, revision, <)
        case .modified(let revision): return holds(item?.modified ?? 0, revision, <)
        case .value(let value):
            return holds(item?.value ?? [], value) { $0.lexicographicallyPrecedes($1) }
        }
    }

    private func holds<Value: Equatable>(
        _ found: Value, _ wanted: Value, _ precedes: (Value, Value) -> Bool
    ) -> Bool {
        switch relation {
        case .equal: found == wanted
        case .notEqual: found != wanted
        case .less: precedes(found, wanted)
        case .greater: precedes(wanted, found)
        }
    }
}

/// A step of a transaction; steps see what those before them did. No key is written twice.
public enum KeyValueOperation: Hashable, Sendable {
    case put(key: [UInt8], value: [UInt8], lease: Int64 = 0)
    case delete(KeyRange)
    case get(KeyRange)
}

/// What became of a transaction.
public struct KeyValueOutcome: Hashable, Sendable {
    /// Which of the two lists was done.
    public var succeeded: Bool
    /// What its `get`s found, one after the other.
    public var items: [KeyValueItem]
    /// The store's; that of the transaction if it wrote.
    public var revision: Int64

    public init(succeeded: Bool, items: [KeyValueItem], revision: Int64) {
        self.succeeded = succeeded
        self.items = items
        self.revision = revision
    }
}
