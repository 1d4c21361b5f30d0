// SPDX-License-Identifier: MIT

internal import IglooArrow
public import IglooPlan

/// A statement that changes a table, bound: a plan whose rows say what is to be written.
///
/// The columns of `plan`, in this order: what tells which row is changed, by the target's identity
/// (`identityCount`: one column for a row's number, else the keys);
/// which of `actions` it is (MERGE); the table's columns as they shall be (`hasValues`); one
/// boolean a check; the columns of RETURNING.
public struct BoundWrite: Sendable {
    public enum Kind: String, Sendable { case insert, update, delete, merge }

    /// What a row of MERGE's plan asks for, by the number in its second column.
    public enum Action: Hashable, Sendable { case insert, update, delete }

    /// A condition on new rows, and the error when it is false.
    public struct Check: Sendable {
        /// A CHECK constraint; `nil` for a column's length.
        public var constraint: String?
        /// `varchar(10)`, for the length of a column.
        public var typeName: String
    }

    /// What becomes of rows whose key is there already.
    public struct Conflict: Sendable {
        /// Positions of the definition's keys.
        public var keys: [Int]
        /// DO UPDATE: a plan of kind `update` over `rows`, which hold the row's number, the row
        /// that is there and the one that was to be.
        public var rows: HeldRows?
        /// Every column of the row that is there gets the value of the one that was to be.
        public var replaces = false
        fileprivate(set) public var updates: [BoundWrite]

        init(keys: [Int], rows: HeldRows? = nil, update: BoundWrite? = nil) {
            self.keys = keys
            self.rows = rows
            updates = update.map { [$0] } ?? []
        }

        public var update: BoundWrite? { updates.first }
    }

    public var kind: Kind
    public var target: WriteTarget
    public var plan: LogicalPlan
    public var actions: [Action] = []
    public var checks: [Check] = []
    /// `nil` without RETURNING.
    public var returning: [PlanColumn]?
    public var conflict: Conflict?
    /// The columns that the statement gives values: the others get their defaults (INSERT) or stay
    /// (UPDATE).
    public var assigned: [Int] = []

    public var identityCount: Int {
        switch target.identity {
        case _ where kind == .insert: 0
        case .rowNumber: 1
        case .keys(let keys): keys.count
        case .none: 0
        }
    }
    public var hasValues: Bool { kind != .delete }

    /// Where the parts stand among the plan's columns.
    public var valuesStart: Int { identityCount + (kind == .merge ? 1 : 0) }
    public var checksStart: Int {
        valuesStart + (hasValues ? target.definition.columns.count : 0)
    }
    public var returningStart: Int { checksStart + checks.count }
}
