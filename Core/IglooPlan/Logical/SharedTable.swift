// SPDX-License-Identifier: MIT

/// A plan that is computed once and read by any number of `SharedRead`s in `body`, which gives the
/// output: common tables, and what rewriting reads twice.
public struct SharedTable: Hashable, Sendable {
    /// Unique in the statement.
    public var id: Int
    public var name: String
    /// MATERIALIZED, NOT MATERIALIZED; `nil` where the planner may choose to compute it anew for
    /// each read.
    public var isMaterialized: Bool?
    public var definition: LogicalPlan
    public var body: LogicalPlan

    public init(
        id: Int, name: String, isMaterialized: Bool? = nil, definition: LogicalPlan,
        body: LogicalPlan
    ) {
        self.id = id
        self.name = name
        self.isMaterialized = isMaterialized
        self.definition = definition
        self.body = body
    }
}

/// The rows of a `SharedTable`, or those that a `Recursion` found last.
public struct SharedRead: Hashable, Sendable {
    public var id: Int
    public var name: String
    /// The columns to read; `positions[i]` is the place of `columns[i]` in the definition's output.
    public var columns: [PlanColumn]
    public var positions: [Int]

    public init(id: Int, name: String, columns: [PlanColumn], positions: [Int]? = nil) {
        self.id = id
        self.name = name
        self.columns = columns
        self.positions = positions ?? Array(columns.indices)
    }
}

/// WITH RECURSIVE: the rows of `base`, then those of `step` over what was found last, until
/// nothing new is found. All have the types of `columns`, by position.
public struct Recursion: Hashable, Sendable {
    /// Of the reads in `step`.
    public var id: Int
    public var name: String
    public var base: LogicalPlan
    public var step: LogicalPlan
    /// UNION ALL; without, a row counts once.
    public var keepsDuplicates: Bool
    public var columns: [PlanColumn]

    public init(
        id: Int, name: String, base: LogicalPlan, step: LogicalPlan, keepsDuplicates: Bool,
        columns: [PlanColumn]
    ) {
        self.id = id
        self.name = name
        self.base = base
        self.step = step
        self.keepsDuplicates = keepsDuplicates
        self.columns = columns
    }
}

extension LogicalPlan {
    /// How often a table of one of these ids is read in the plan, subqueries included.
    public func readCount(of ids: Set<Int>) -> Int {
        if case .sharedRead(let read) = self { return ids.contains(read.id) ? 1 : 0 }
        return inputs.reduce(0) { $0 + $1.readCount(of: ids) }
            + expressions.reduce(0) { $0 + $1.readCount(of: ids) }
    }

    public func reads(_ id: Int) -> Bool { readCount(of: [id]) > 0 }
}

extension Expression {
    fileprivate func readCount(of ids: Set<Int>) -> Int {
        let own =
            if case .subquery(let subquery) = self { subquery.plan.readCount(of: ids) } else { 0 }
        return children.reduce(own) { $0 + $1.readCount(of: ids) }
    }
}
