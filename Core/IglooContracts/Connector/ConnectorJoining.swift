// SPDX-License-Identifier: MIT

/// Joins of tables of one instance (facet JOIN of the ABI).
///
/// The host plans both sides, asks for their join as a table, and plans that: conditions, groups,
/// order and limit above a join are offered as those above any table are.
///
/// - Threads: fully concurrent; any method from any thread.
public protocol ConnectorJoining: Sendable {
    /// The join as a table: the left plan's columns, then (`inner`, `left`) the right's, of the
    /// same types.
    ///
    /// Pure and without cost, as `Connector.plan`.
    ///
    /// - Throws: `unsupported` where the source does not join so, or not exactly by Igloo's rules;
    ///   the message says why, for EXPLAIN.
    func join(_ request: JoinRequest, _ context: CallContext) throws(IglooError) -> OpenedTable
}

/// Two plans whose rows are to be joined: of rows, without aggregates, orders and limits.
public struct JoinRequest: Sendable {
    public enum Kind: UInt32, Hashable, Sendable, CaseIterable {
        /// Every pair that matches.
        case inner = 1
        /// And left rows without a match, with NULLs on the right.
        case left
        /// Left rows with a match, each once.
        case semi
        /// Left rows without a match.
        case anti

        /// Whether the result has the right side's columns.
        public var hasRightColumns: Bool { self == .inner || self == .left }
    }

    public var kind: Kind
    /// Handles of the sides' plans.
    public var left: [UInt8]
    public var right: [UInt8]
    /// A pair matches when all of them are TRUE. Their columns count those that the left plan
    /// delivers, then the right's.
    public var conjuncts: [PushdownExpression]

    public init(
        _ kind: Kind, left: [UInt8], right: [UInt8], conjuncts: [PushdownExpression]
    ) {
        self.kind = kind
        self.left = left
        self.right = right
        self.conjuncts = conjuncts
    }
}
