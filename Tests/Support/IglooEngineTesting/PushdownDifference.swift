// SPDX-License-Identifier: MIT

import Foundation
import IglooArrowTesting
public import IglooSQLLogic

/// Random statements over one table, run with pushdown and without: the rows must be the same.
///
/// Seeded: `IGLOO_SEED` repeats a run, `IGLOO_STATEMENTS` says how many statements there are.
public struct PushdownDifference {
    /// A column, and texts of literals that its values are compared with.
    public struct Column: Sendable {
        public var name: String
        public var literals: [String]
        public var isText = false
        /// Whether sums of it are the same in every order.
        public var isSummable = false

        public init(
            _ name: String, _ literals: [String], isText: Bool = false, isSummable: Bool = false
        ) {
            self.name = name
            self.literals = literals
            self.isText = isText
            self.isSummable = isSummable
        }

        /// Columns of one family can be compared with each other.
        fileprivate var family: String {
            if isText { return "text" }
            let isNumber = literals.first?.first.map { $0.isNumber || $0 == "-" } ?? false
            return isNumber ? "number" : name
        }
    }

    /// A statement whose rows differ.
    public struct Finding: CustomStringConvertible {
        public var sql: String
        public var pushed: String
        public var plain: String
        public var description: String { "\(sql)\n  pushed: \(pushed)\n  plain:  \(plain)" }
    }

    private let table: String
    private let key: String
    private let columns: [Column]
    private var generator: SeededGenerator
    public let seed: UInt64

    /// - Parameter key: a column without NULLs or duplicates, to settle orders.
    public init(table: String, key: String, columns: [Column]) {
        self.table = table
        self.key = key
        self.columns = columns
        seed = ProcessInfo.processInfo.environment["IGLOO_SEED"].flatMap { UInt64($0) } ?? 2026
        generator = SeededGenerator(seed: seed)
    }

    /// Runs the statements; `limit` findings end it.
    ///
    /// - Parameter session: with the table's catalog; its setting `pushdown` is changed.
    public mutating func run(
        _ session: any LogicSession, statementCount usual: Int, limit: Int = 5
    ) -> (findings: [Finding], answeredCount: Int) {
        let count =
            ProcessInfo.processInfo.environment["IGLOO_STATEMENTS"].flatMap { Int($0) } ?? usual
        var findings: [Finding] = []
        var answeredCount = 0
        for _ in 0..<count where findings.count < limit {
            let (sql, isOrdered) = statement()
            _ = session.run("SET pushdown = true")
            let pushed = session.run(sql)
            _ = session.run("SET pushdown = false")
            let plain = session.run(sql)
            if case .rows = plain { answeredCount += 1 }
            let texts = [pushed, plain].map { Self.text($0, isOrdered: isOrdered) }
            // By their bytes: a composed letter is not the same as its parts.
            if !texts[0].utf8.elementsEqual(texts[1].utf8) {
                findings.append(Finding(sql: sql, pushed: texts[0], plain: texts[1]))
            }
        }
        return (findings, answeredCount)
    }

    private static func text(_ outcome: LogicOutcome, isOrdered: Bool) -> String {
        switch outcome {
        case .done: return "done"
        case .failure(let state, let message): return "\(state): \(message)"
        case .rows(let rows, _):
            // -0 = 0: which of them stands for a group is nobody's business.
            let lines = rows.map { row in
                row.map { $0 == "-0" ? "0" : $0 ?? "NULL" }.joined(separator: "|")
            }
            let sorted = lines.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
            return (isOrdered ? lines : sorted).joined(separator: "\n")
        }
    }

    // MARK: - Statements

    private mutating func statement() -> (sql: String, isOrdered: Bool) {
        switch Int.random(in: 0..<10, using: &generator) {
        case 0..<4: (rows(), false)
        case 4..<6: (firstRows(), true)
        case 6..<8: groups()
        default: join()
        }
    }

    private mutating func pick<T>(_ values: [T]) -> T { values.randomElement(using: &generator)! }

    private mutating func isLucky(_ chances: Int) -> Bool {
        Int.random(in: 0..<chances, using: &generator) == 0
    }

    private mutating func rows() -> String {
        let names = columns.map(\.name).shuffled(using: &generator)
        let shown = names.prefix(Int.random(in: 1...names.count, using: &generator))
        return "SELECT \(key), \(shown.joined(separator: ", ")) FROM \(table) \(filter())"
    }

    private mutating func firstRows() -> String {
        var keys: [String] = []
        for _ in 0..<Int.random(in: 0...2, using: &generator) {
            keys.append(order(pick(columns).name))
        }
        keys.append(order(key))
        let offset = isLucky(3) ? " OFFSET \(Int.random(in: 0...20, using: &generator))" : ""
        return """
            SELECT \(key), \(pick(columns).name) FROM \(table) \(filter()) \
            ORDER BY \(keys.joined(separator: ", ")) \
            LIMIT \(Int.random(in: 0...30, using: &generator))\(offset)
            """
    }

    private mutating func order(_ name: String) -> String {
        name + pick(["", " ASC", " DESC"]) + pick(["", " NULLS FIRST", " NULLS LAST"])
    }

    private mutating func groups() -> (sql: String, isOrdered: Bool) {
        var keys: [String] = []
        for _ in 0..<Int.random(in: 0...2, using: &generator) {
            let name = pick(columns).name
            if !keys.contains(name) { keys.append(name) }
        }
        var calls: [String] = []
        for _ in 0..<Int.random(in: 1...3, using: &generator) { calls.append(aggregate()) }
        var sql = "SELECT \((keys + calls).joined(separator: ", ")) FROM \(table) \(filter())"
        if keys.isEmpty { return (sql, true) }
        sql += " GROUP BY \(keys.joined(separator: ", "))"
        guard isLucky(3) else { return (sql, false) }
        var orders: [String] = []
        for key in keys { orders.append(order(key)) }
        return (
            sql + " ORDER BY \(orders.joined(separator: ", ")) LIMIT "
                + "\(Int.random(in: 0...10, using: &generator))", true
        )
    }

    private mutating func aggregate() -> String {
        let column = pick(columns)
        let distinct = isLucky(4) ? "DISTINCT " : ""
        var call: String
        switch Int.random(in: 0..<6, using: &generator) {
        case 0: call = "count(*)"
        case 1: call = "count(\(distinct)\(column.name))"
        case 2: call = "min(\(column.name))"
        case 3: call = "max(\(column.name))"
        default:
            call = column.isSummable ? "sum(\(distinct)\(column.name))" : "count(\(column.name))"
            if column.isSummable && isLucky(3) { call = "avg(\(distinct)\(column.name))" }
        }
        if isLucky(5) { call += " FILTER (WHERE \(condition(depth: 1)))" }
        return call
    }

    // MARK: - Joins

    /// Of two parts of the table, small enough that a wild condition does not make millions of rows.
    private mutating func join() -> (sql: String, isOrdered: Bool) {
        let left = "(SELECT * FROM \(table) \(part(200))) l"
        let right = "(SELECT * FROM \(table) \(part(60))) r"
        if isLucky(3) {
            let sql = """
                SELECT l.\(key), l.\(pick(columns).name) FROM \(left) \
                WHERE \(pick(["", "NOT "]))EXISTS (SELECT 1 FROM \(right) WHERE \(match()))
                """
            return (sql, false)
        }
        let joined = "\(left) \(pick(["JOIN", "LEFT JOIN", "RIGHT JOIN"])) \(right) ON \(match())"
        switch Int.random(in: 0..<6, using: &generator) {
        case 0:
            let name = pick(columns).name
            let sql = """
                SELECT r.\(name), count(*), min(l.\(key)), max(r.\(pick(columns).name)) \
                FROM \(joined) GROUP BY r.\(name)
                """
            return (sql, false)
        case 1:
            let sql = """
                SELECT l.\(key), r.\(key) FROM \(joined) \
                ORDER BY \(order("r." + pick(columns).name)), \(order("l." + key)), \
                \(order("r." + key)) LIMIT \(Int.random(in: 0...30, using: &generator))
                """
            return (sql, true)
        case 2:
            let sql = "SELECT l.\(key), r.\(key) FROM \(joined) WHERE r.\(key) IS NULL OR "
            return (sql + comparison(pick(columns), "r."), false)
        default:
            let names = "l.\(pick(columns).name), r.\(pick(columns).name)"
            return ("SELECT l.\(key), r.\(key), \(names) FROM \(joined)", false)
        }
    }

    private mutating func part(_ rowCount: Int) -> String {
        let from = Int.random(in: 0...400, using: &generator)
        let rows = "WHERE \(key) BETWEEN \(from) AND \(from + rowCount)"
        return isLucky(2) ? rows : rows + " AND \(condition(depth: 2))"
    }

    /// A condition on `l` and `r`: of columns alike, or of two that can be compared.
    private mutating func match() -> String {
        let column = pick(columns)
        let others = columns.filter { $0.family == column.family }
        let other = isLucky(3) ? pick(others) : column
        var text = "l.\(column.name) = r.\(other.name)"
        if isLucky(4) {
            let second = pick(columns).name
            text += " AND l.\(second) \(pick(["=", "<>", "<", ">="])) r.\(second)"
        }
        if isLucky(6) { text += " AND " + comparison(pick(columns), pick(["l.", "r."])) }
        return text
    }

    // MARK: - Conditions

    private mutating func filter() -> String {
        isLucky(6) ? "" : "WHERE \(condition(depth: 0))"
    }

    private mutating func condition(depth: Int) -> String {
        if depth < 3 && isLucky(2) {
            let left = condition(depth: depth + 1)
            let right = condition(depth: depth + 1)
            return switch Int.random(in: 0..<5, using: &generator) {
            case 0, 1: "(\(left) AND \(right))"
            case 2, 3: "(\(left) OR \(right))"
            default: "NOT (\(left))"
            }
        }
        return comparison(pick(columns))
    }

    private mutating func comparison(_ column: Column, _ side: String = "") -> String {
        let name = side + column.name
        let literal = pick(column.literals)
        switch Int.random(in: 0..<12, using: &generator) {
        case 0: return "\(name) IS \(pick(["", "NOT "]))NULL"
        case 1:
            let list = [literal, pick(column.literals), pick(column.literals)]
            return "\(name) \(pick(["", "NOT "]))IN (\(list.joined(separator: ", ")))"
        case 2:
            return "\(name) \(pick(["", "NOT "]))BETWEEN \(literal) AND \(pick(column.literals))"
        case 3: return "\(name) IS \(pick(["", "NOT "]))DISTINCT FROM \(literal)"
        case 4 where column.isText:
            return "\(name) \(pick(["", "NOT "]))LIKE \(pick(Self.patterns))"
        case 5 where column.isText: return "starts_with(\(name), \(literal))"
        default: return "\(name) \(pick(["=", "<>", "<", "<=", ">", ">="])) \(literal)"
        }
    }

    private static let patterns = [
        "'a%'", "'%a'", "'%'", "'_'", "'__'", "'%ä%'", "'A%'", "'a\\%%'", "''", "'%\u{1F600}%'",
        "'% '",
        "'%_%'", "'\\_%'",
    ]
}
