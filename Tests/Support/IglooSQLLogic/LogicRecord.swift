// SPDX-License-Identifier: MIT

/// A statement or query of a sqllogictest file, with what must come of it.
public struct LogicRecord: Sendable {
    public enum Expectation: Sendable {
        case success
        /// Fails; in strict files with this SQLSTATE and with a message that holds this text.
        case failure(state: String?, message: String?)
        case rows(ExpectedRows)
    }

    public var sql: String
    public var expectation: Expectation
    /// The line of `statement` or `query`, from 1.
    public var line: Int
    /// The values of the loops around it, joined by slashes; empty outside of loops.
    public var iteration: String
    /// On whose behalf it is run: `statement ok con1`. Empty for the first connection.
    public var connection = ""
    public var skipped: [String]
    public var only: [String]
    /// The indexes of the lines that state the result, without `----`; for completion.
    var resultLines: Range<Int>
    var hasSeparator: Bool

    /// Whether the engine of that name is to run it.
    public func concerns(_ engine: String) -> Bool {
        !skipped.contains(engine) && (only.isEmpty || only.contains(engine))
    }
}

/// The rows that a query must give.
public struct ExpectedRows: Sendable {
    public enum Sort: String, Sendable {
        case nosort, rowsort, valuesort
    }

    /// A letter a column: I, R, T, B, D ...
    public var types: [Character]
    public var sort: Sort
    /// Queries of one label give the same rows.
    public var label: String?
    public var lines: [String]
}

/// Something else that a file says.
enum LogicItem {
    case record(LogicRecord)
    case loop(variable: String, values: [String], body: [LogicItem])
    case require(String)
    case halt
}
