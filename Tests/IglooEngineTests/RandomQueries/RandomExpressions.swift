// SPDX-License-Identifier: MIT

import IglooArrowTesting

/// Makes expressions of a type over columns that may be named.
struct RandomExpressions {
    struct Column {
        var text: String
        var type: RandomType
    }

    var generator: SeededGenerator
    /// What may be named where the expression stands.
    var columns: [Column] = []
    /// Tables for subqueries.
    var tables: [RandomTable] = []

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[Int.random(in: 0..<elements.count, using: &generator)]
    }

    mutating func chance(_ share: Int, of whole: Int) -> Bool {
        Int.random(in: 0..<whole, using: &generator) < share
    }

    mutating func anyType() -> RandomType { pick(RandomType.allCases) }

    mutating func expression(_ type: RandomType, _ depth: Int) -> String {
        let own = columns.filter { $0.type == type }
        if depth <= 0 || chance(1, of: 4) {
            if !own.isEmpty, !chance(1, of: 4) { return pick(own).text }
            if chance(1, of: 8) { return "cast(NULL as \(type.sqlName))" }
            return pick(type.literals)
        }
        switch Int.random(in: 0..<10, using: &generator) {
        case 0:
            let condition = self.condition(depth - 1)
            return
                "case when \(condition) then \(expression(type, depth - 1)) "
                + "else \(expression(type, depth - 1)) end"
        case 1: return "coalesce(\(expression(type, depth - 1)), \(expression(type, depth - 1)))"
        // Of texts, DuckDB 2.0 takes the wrong rows: WHERE starts_with(nullif(x, 'a'), 'a').
        case 2 where type != .text:
            return "nullif(\(expression(type, depth - 1)), \(expression(type, depth - 1)))"
        case 3 where type != .bool:
            let name = pick(["greatest", "least"])
            return "\(name)(\(expression(type, depth - 1)), \(expression(type, depth - 1)))"
        case 4 where !tables.isEmpty && depth > 1: return scalarQuery(type)
        default: return specific(type, depth)
        }
    }

    // MARK: - Conditions

    mutating func condition(_ depth: Int) -> String {
        if depth > 0, chance(2, of: 5) {
            switch Int.random(in: 0..<5, using: &generator) {
            case 0, 1: return "(\(condition(depth - 1)) and \(condition(depth - 1)))"
            case 2, 3: return "(\(condition(depth - 1)) or \(condition(depth - 1)))"
            default: return "(not \(condition(depth - 1)))"
            }
        }
        return comparison(depth)
    }

    private mutating func comparison(_ depth: Int) -> String {
        let type = anyType()
        let left = expression(type, depth - 1)
        let negation = pick(["", "not "])
        switch Int.random(in: 0..<13, using: &generator) {
        case 0: return "(\(left) is \(negation)null)"
        case 1:
            let list = (0..<Int.random(in: 1...4, using: &generator)).map { _ in
                expression(type, depth - 2)
            }
            return "(\(left) \(negation)in (\(list.joined(separator: ", "))))"
        case 2:
            return
                "(\(left) \(negation)between \(expression(type, depth - 1)) "
                + "and \(expression(type, depth - 1)))"
        case 3: return "(\(left) is \(negation)distinct from \(expression(type, depth - 1)))"
        case 4:
            let pattern = pick(["'a%'", "'%a'", "'_'", "'%b%'", "'%'", "''", "'a_c'", "'%日%'"])
            return "(\(expression(.text, depth - 1)) \(negation)like \(pattern))"
        case 5: return "(\(condition(depth - 1)) is \(negation)true)"
        case 6 where !tables.isEmpty && depth > 0: return subqueryTest(type, left)
        case 7:
            let function = pick(["starts_with", "contains", "ends_with"])
            return "\(function)(\(expression(.text, depth - 1)), \(pick(["'a'", "'b'", "'ä'"])))"
        case 8 where depth > 0:
            // To DuckDB, rows with NULLs are values like any other.
            let row =
                "(coalesce(\(expression(.integer, depth - 1)), 1), "
                + "coalesce(\(expression(.text, depth - 1)), 'a'))"
            return "(\(row) \(pick(["=", "<>", "<", ">="])) (1, 'a'))"
        default:
            let sign = pick(["=", "<>", "<", "<=", ">", ">="])
            // Numbers of several types meet.
            let other =
                type.isNumeric && chance(1, of: 4)
                ? pick([.integer, .bigint, .decimal, .double]) : type
            return "(\(left) \(sign) \(expression(other, depth - 1)))"
        }
    }

    // MARK: - Subqueries

    private mutating func outer(_ type: RandomType) -> String? {
        let own = columns.filter { $0.type == type }
        return own.isEmpty ? nil : pick(own).text
    }

    /// A condition over a table of its own, perhaps with a column of the query around.
    private mutating func innerFilter(_ table: RandomTable, _ alias: String) -> String {
        var conditions: [String] = []
        if let key = outer(.integer), chance(2, of: 3) { conditions.append("\(alias).k = \(key)") }
        if chance(1, of: 3) {
            let column = pick(table.columns)
            conditions.append("\(alias).\(column.name) is not null")
        }
        return conditions.isEmpty ? "" : " where " + conditions.joined(separator: " and ")
    }

    private mutating func scalarQuery(_ type: RandomType) -> String {
        let table = pick(tables)
        let own = table.columns.filter { $0.type == type }
        let filter = innerFilter(table, "s")
        guard type != .bool, let column = own.first else {
            return "(select cast(NULL as \(type.sqlName)))"
        }
        return "(select \(pick(["min", "max"]))(s.\(column.name)) from \(table.name) s\(filter))"
    }

    private mutating func subqueryTest(_ type: RandomType, _ left: String) -> String {
        let table = pick(tables)
        let filter = innerFilter(table, "s")
        let negation = pick(["", "not "])
        guard let column = table.columns.first(where: { $0.type == type }), chance(2, of: 3) else {
            return "(\(negation)exists (select 1 from \(table.name) s\(filter)))"
        }
        if chance(1, of: 4) {
            let sign = pick(["=", "<>", "<", ">="])
            return
                "(\(left) \(sign) \(pick(["any", "all"])) "
                + "(select s.\(column.name) from \(table.name) s\(filter)))"
        }
        return "(\(left) \(negation)in (select s.\(column.name) from \(table.name) s\(filter)))"
    }
}
