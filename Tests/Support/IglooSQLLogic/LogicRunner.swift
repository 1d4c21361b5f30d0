// SPDX-License-Identifier: MIT

/// What an engine made of a statement.
public enum LogicOutcome: Sendable {
    case done
    /// Rows of values as text, NULL as `nil`.
    case rows([[String?]], columnCount: Int)
    case failure(state: String, message: String)
}

/// Whoever runs statements: an engine's session, or a fake in the runner's own tests.
public protocol LogicSession {
    func run(_ sql: String) -> LogicOutcome
}

/// How a record went.
public struct LogicVerdict: Sendable {
    public enum Kind: Sendable {
        case agrees
        /// Other rows, another error, or none.
        case disagrees
        /// The engine refused what should have worked.
        case fails
    }

    public var record: LogicRecord
    public var kind: Kind
    /// What differs; empty if it agrees.
    public var reason: String
}

/// Runs the records of files against a session and compares.
public final class LogicRunner {
    private let session: any LogicSession
    private let connect: ((String) -> any LogicSession)?
    private var connections: [String: any LogicSession] = [:]
    private let engine: String
    private let comparison: ResultComparison
    private var labels: [String: [String]] = [:]

    /// - Parameters:
    ///   - engine: the name by which `skipif` and `onlyif` mean it.
    ///   - connect: another session of the same database, for records that name a connection.
    public init(
        _ session: any LogicSession, engine: String, _ comparison: ResultComparison,
        connect: ((String) -> any LogicSession)? = nil
    ) {
        self.session = session
        self.connect = connect
        self.engine = engine
        self.comparison = comparison
    }

    /// The verdicts on all records of the file that concern this engine.
    public func run(_ file: LogicFile) -> [LogicVerdict] {
        labels = [:]
        return file.records.filter { $0.concerns(engine) }.map(run)
    }

    public func run(_ record: LogicRecord) -> LogicVerdict {
        let (kind, reason) = judge(record, session(of: record).run(record.sql))
        return LogicVerdict(record: record, kind: kind, reason: reason)
    }

    private func session(of record: LogicRecord) -> any LogicSession {
        guard let connect, !record.connection.isEmpty else { return session }
        if let known = connections[record.connection] { return known }
        let session = connect(record.connection)
        connections[record.connection] = session
        return session
    }

    private func judge(
        _ record: LogicRecord, _ outcome: LogicOutcome
    ) -> (LogicVerdict.Kind, String) {
        switch (record.expectation, outcome) {
        case (.failure(let state, let message), .failure(let foundState, let found)):
            guard comparison.comparesErrors else { return (.agrees, "") }
            if let state, state != foundState {
                return (.disagrees, "SQLSTATE \(foundState), not \(state): \(found)")
            }
            if let message, !found.contains(message) {
                return (.disagrees, "another message: \(found)")
            }
            return (.agrees, "")
        case (.failure, _): return (.disagrees, "an error was expected")
        case (_, .failure(let state, let message)): return (.fails, "\(state) \(message)")
        case (.success, _): return (.agrees, "")
        case (.rows, .done): return (.disagrees, "rows were expected")
        case (.rows(let expected), .rows(let rows, let columnCount)):
            var expected = expected
            // Others' files may lean on an order that nobody asked for.
            if !comparison.isStrict && !Self.isOrdered(record.sql) {
                if expected.sort == .nosort { expected.sort = .rowsort }
            }
            let reason =
                comparison.difference(expected, rows, columnCount: columnCount)
                ?? labelDifference(expected, rows)
            return reason.map { (.disagrees, $0) } ?? (.agrees, "")
        }
    }

    /// Whether ORDER BY stands in the query itself, and not in parentheses.
    private static func isOrdered(_ sql: String) -> Bool {
        var depth = 0
        var outermost = ""
        for character in sql.lowercased() {
            if character == "(" { depth += 1 }
            if depth == 0 { outermost.append(character) }
            if character == ")" { depth -= 1 }
        }
        return depth != 0
            ? sql.lowercased().contains("order by")
            : outermost.split(whereSeparator: \.isWhitespace).joined(separator: " ").contains(
                "order by")
    }

    /// Queries of one label must give the same, also where no rows are stated.
    private func labelDifference(_ expected: ExpectedRows, _ rows: [[String?]]) -> String? {
        guard let label = expected.label else { return nil }
        let values = comparison.values(of: rows, expected)
        guard let first = labels[label] else {
            labels[label] = values
            return nil
        }
        return first == values ? nil : "other rows than the first query labelled \(label)"
    }
}
