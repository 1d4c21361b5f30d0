// SPDX-License-Identifier: MIT

/// How fresh the tables of a connector are, and what changed in them (facet CHANGES of the ABI).
///
/// Tokens name states of a table's data. They are opaque, and compared for equality only: when two
/// are equal the data is, too.
///
/// - Threads: fully concurrent; any method from any thread.
public protocol ConnectorChanges: Sendable {
    /// The state now; cheap.
    func token(table: [UInt8], _ context: CallContext) throws(IglooError) -> ChangeToken

    /// The rows that turn the state `from` into the state `to`: the table's columns, and behind
    /// them the text column `_op`: `insert`, `delete`, `update_before`, `update_after`.
    ///
    /// - Throws: `compacted` when that is too long ago: the table is to be read anew.
    func changes(
        table: [UInt8], from: [UInt8], to: [UInt8], _ context: CallContext
    ) throws(IglooError) -> any BatchReader

    /// Returns the state once it is another than `after`. Without one of its own, a source is asked
    /// for its token again and again.
    func wait(
        table: [UInt8], after: [UInt8], _ context: CallContext
    ) throws(IglooError) -> [UInt8]
}

/// A state of a table's data.
public struct ChangeToken: Hashable, Sendable {
    public enum Age: Hashable, Sendable {
        /// The source does not vouch for it.
        case unknown
        case nanoseconds(Int64)
        /// It holds until the data changes.
        case untilChange
    }

    public var bytes: [UInt8]
    /// For how long the source vouches for it.
    public var age: Age

    public init(_ bytes: [UInt8], age: Age = .unknown) {
        self.bytes = bytes
        self.age = age
    }
}

extension ConnectorChanges {
    /// For sources that keep no history.
    public func changes(
        table: [UInt8], from: [UInt8], to: [UInt8], _ context: CallContext
    ) throws(IglooError) -> any BatchReader {
        throw IglooError(
            .compacted, "the source keeps no history of its rows", hint: "read the table anew")
    }

    public func wait(
        table: [UInt8], after: [UInt8], _ context: CallContext
    ) throws(IglooError) -> [UInt8] {
        var milliseconds = 10
        while true {
            let now = try token(table: table, context).bytes
            if now != after { return now }
            try context.pause(milliseconds: milliseconds)
            milliseconds = min(milliseconds * 2, 500)
        }
    }
}
