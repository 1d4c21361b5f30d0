// SPDX-License-Identifier: MIT

public import IglooArrow

/// Results that are kept for later, under keys that name what they stand for.
///
/// To lose an entry is always right; to give another's, a part of one or one that was removed never
/// is.
///
/// - Threads: any, any number of calls at once.
public protocol Cache: Sendable {
    /// The batches under a key; `nil` when there are none. The reader outlives the entry.
    func get(_ key: CacheKey, _ context: CallContext) throws(IglooError) -> (any BatchReader)?

    /// Where to put batches. They are there for `get` once the sink has finished, all at once; its
    /// fragment is empty. Of two writers the first to finish wins.
    func put(
        _ key: CacheKey, schema: Schema, _ properties: CacheProperties, _ context: CallContext
    ) throws(IglooError) -> any BatchSink

    /// Removes entries, and has those that are being written come to nothing: a `get` that starts
    /// after this returned finds none of them.
    ///
    /// - Returns: how many there were.
    func remove(_ entries: CacheSelection, _ context: CallContext) throws(IglooError) -> Int

    func usage() throws(IglooError) -> CacheUsage
}

/// 32 bytes, as a hash has them.
public struct CacheKey: Hashable, Sendable {
    public static let byteCount = 32

    public let bytes: [UInt8]

    /// `nil` for another number of bytes.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.byteCount else { return nil }
        self.bytes = bytes
    }
}

/// What is known of an entry when it is put.
public struct CacheProperties: Hashable, Sendable {
    /// Estimates; `nil` = unknown.
    public var byteCount: Int64?
    public var rowCount: Int64?
    /// After which it is not found any more, counted from `put`; `nil` = never.
    public var timeToLiveNanoseconds: Int64?
    /// By which it can be removed: the tables that it came from.
    public var tags: [[UInt8]]

    public init(
        byteCount: Int64? = nil, rowCount: Int64? = nil, timeToLiveNanoseconds: Int64? = nil,
        tags: [[UInt8]] = []
    ) {
        self.byteCount = byteCount
        self.rowCount = rowCount
        self.timeToLiveNanoseconds = timeToLiveNanoseconds
        self.tags = tags
    }
}

public enum CacheSelection: Hashable, Sendable {
    case key(CacheKey)
    /// All that have this tag.
    case tag([UInt8])
}

public struct CacheUsage: Hashable, Sendable {
    public var byteCount: Int64
    /// `nil` = none.
    public var byteCountMax: Int64?
    public var entryCount: Int64

    public init(byteCount: Int64, byteCountMax: Int64?, entryCount: Int64) {
        self.byteCount = byteCount
        self.byteCountMax = byteCountMax
        self.entryCount = entryCount
    }
}

/// A kind of cache that a plugin offers.
public struct CacheKind: PluginKind {
    public static let word = "cache"

    /// The name after `use =` in the manifest.
    public var name: String
    public var options: [OptionSpecification]
    public var create: Create

    public typealias Create =
        @Sendable (OptionValues, CallContext) throws(IglooError) -> any Cache

    public init(name: String, options: [OptionSpecification], create: @escaping Create) {
        self.name = name
        self.options = options
        self.create = create
    }
}
