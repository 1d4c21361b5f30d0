// SPDX-License-Identifier: MIT

import IglooArrowTesting

/// Makes queries over random tables. Their rows are the same in every run, but for their order
/// where nothing is said of it.
struct RandomQueries {
    var expressions: RandomExpressions
    let tables: [RandomTable]

    init(seed: UInt64) {
        expressions = RandomExpressions(seed: seed)
        var tables: [RandomTable] = []
        for (name, rowCountMax) in [("t0", 8), ("t1", 20), ("t2", 3)] {
            tables.append(
                RandomTable(name, rowCountMax: rowCountMax, &expressions.generator))
        }
        self.tables = tables
        expressions.tables = tables
    }

    mutating func query() -> String {
        switch Int.random(in: 0..<36, using: &expressions.generator) {
        case 0..<5: plain()
        case 5..<8: grouped()
        case 8: windowed()
        case 9: setOperation()
        case 10: nested()
        case 11, 12, 13: correlated()
        case 14: lateral()
        case 15: pivoted()
        case 16: groupingSets()
        case 17: framed()
        case 18: nestedValues()
        case 19, 20: subqueryInCondition()
        case 21: nearest()
        case 22: halfJoined()
        case 23: recursive()
        case 24: namedSetOperation()
        case 25: distinctOn()
        case 26: shared()
        case 27: identified()
        case 28: documents()
        case 29: nestedKeys()
        case 30, 31: nestedCalls()
        case 32: windowsOfAllKinds()
        case 33: pickingAggregates()
        case 34: pivotedByValues()
        default: chosen()
        }
    }

    // MARK: - FROM

    /// Tables joined; from here on their columns may be named.
    private mutating func from(tableCountMax: Int = 3) -> String {
        expressions.columns = []
        let count = Int.random(in: 1...tableCountMax, using: &expressions.generator)
        var text = ""
        for place in 0..<count {
            let table = expressions.pick(tables)
            let alias = "\("abc".map(String.init)[place])"
            let source = "\(table.name) \(alias)"
            let joined = expressions.columns
            let own = table.columns.map {
                RandomExpressions.Column(text: "\(alias).\($0.name)", type: $0.type)
            }
            if place == 0 {
                text = source
                expressions.columns = own
                continue
            }
            expressions.columns = joined + own
            switch Int.random(in: 0..<7, using: &expressions.generator) {
            case 0: text += ", \(source)"
            case 1: text += " cross join \(source)"
            case 2, 3: text += " left join \(source) on \(joinCondition(joined, own))"
            case 4: text += " right join \(source) on \(joinCondition(joined, own))"
            case 5: text += " full join \(source) on \(equality(joined, own))"
            default: text += " join \(source) on \(joinCondition(joined, own))"
            }
            // A comma binds less than JOIN: what stands before it is not to be seen behind it.
            if text.contains(",") && place + 1 < count { return text }
        }
        return text
    }

    private mutating func equality(
        _ left: [RandomExpressions.Column], _ right: [RandomExpressions.Column]
    ) -> String {
        let column = expressions.pick(right)
        let others = left.filter { $0.type == column.type }
        return others.isEmpty
            ? "true" : "\(expressions.pick(others).text) = \(column.text)"
    }

    private mutating func joinCondition(
        _ left: [RandomExpressions.Column], _ right: [RandomExpressions.Column]
    ) -> String {
        let condition = equality(left, right)
        guard expressions.chance(1, of: 3) else { return condition }
        let tables = expressions.tables
        expressions.tables = []
        defer { expressions.tables = tables }
        return "\(condition) and \(expressions.condition(1))"
    }

    private mutating func filter() -> String {
        expressions.chance(2, of: 3) ? " where \(expressions.condition(2))" : ""
    }

    // MARK: - Kinds of queries

    private mutating func plain() -> String {
        let source = from()
        let filter = filter()
        let count = Int.random(in: 1...4, using: &expressions.generator)
        var items: [String] = []
        for place in 0..<count {
            items.append("\(expressions.expression(expressions.anyType(), 3)) as x\(place)")
        }
        let distinct = expressions.chance(1, of: 5) ? "distinct " : ""
        return "select \(distinct)\(items.joined(separator: ", ")) from \(source)\(filter)"
            + order(count)
    }

    /// By all columns, so that LIMIT takes the same rows.
    private mutating func order(_ count: Int) -> String {
        guard expressions.chance(1, of: 3) else { return "" }
        var keys: [String] = []
        for place in (1...count).shuffled(using: &expressions.generator) {
            keys.append(
                "\(place)\(expressions.pick(["", " desc", " asc"]))"
                    + expressions.pick(["", " nulls first", " nulls last"]))
        }
        var text = " order by \(keys.joined(separator: ", "))"
        if expressions.chance(1, of: 2) {
            text += " limit \(Int.random(in: 0...10, using: &expressions.generator))"
            if expressions.chance(1, of: 3) {
                text += " offset \(Int.random(in: 0...4, using: &expressions.generator))"
            }
        }
        return text
    }

    private mutating func grouped() -> String {
        let source = from(tableCountMax: 2)
        let filter = filter()
        var keys: [String] = []
        expressions.tables = []
        for _ in 0..<Int.random(in: 0...2, using: &expressions.generator) {
            keys.append(expressions.expression(expressions.anyType(), 2))
        }
        expressions.tables = tables
        // A constant in GROUP BY would be an ordinal.
        let columns = expressions.columns
        keys = keys.filter { key in columns.contains { key.contains($0.text) } }
        var items: [String] = []
        for (place, key) in keys.enumerated() { items.append("\(key) as g\(place)") }
        for place in 0..<Int.random(in: 1...3, using: &expressions.generator) {
            items.append("\(aggregate()) as x\(place)")
        }
        var text = "select \(items.joined(separator: ", ")) from \(source)\(filter)"
        if !keys.isEmpty { text += " group by \(keys.joined(separator: ", "))" }
        if expressions.chance(1, of: 4) {
            text += " having count(*) \(expressions.pick([">", "<="])) 1"
        }
        return text + order(items.count)
    }

    private mutating func aggregate() -> String {
        let tables = expressions.tables
        expressions.tables = []
        defer { expressions.tables = tables }
        let type = expressions.anyType()
        let value = expressions.expression(type, 1)
        let distinct = expressions.chance(1, of: 4) ? "distinct " : ""
        var call: String
        switch Int.random(in: 0..<15, using: &expressions.generator) {
        case 9:
            let name = expressions.pick(["var_pop", "var_samp", "stddev_pop", "stddev_samp"])
            call = "\(name)(\(number()))"
        case 10: call = "median(cast(\(expressions.expression(.decimal, 1)) as double))"
        case 11: call = "\(expressions.pick(["bit_and", "bit_or", "bit_xor"]))(\(number()))"
        case 12: call = "quantile_cont(\(number()), \(expressions.pick(["0", "0.25", "1"])))"
        case 13: call = "coalesce(count_if(\(expressions.condition(1))), 0)"
        case 14:
            let columns = expressions.columns.filter { $0.type == .integer }
            let value = expressions.pick(columns).text
            call = "cast(array_agg(\(distinct)\(value) order by \(value)) as varchar)"
        case 0: call = "count(*)"
        case 1: call = "count(\(distinct)\(value))"
        case 2 where type != .bool: call = "min(\(value))"
        case 3 where type != .bool: call = "max(\(value))"
        case 4: call = "sum(\(distinct)\(expressions.expression(.integer, 1)))"
        case 5: call = "avg(\(expressions.expression(.integer, 1)))"
        case 6: call = "sum(\(expressions.expression(.decimal, 1)))"
        case 7: call = "\(expressions.pick(["bool_and", "bool_or"]))(\(expressions.condition(1)))"
        default:
            // DuckDB refuses to order by a constant.
            let column = expressions.columns.first { $0.type == .text }?.text ?? "'a'"
            let text = "(\(column) || coalesce(\(expressions.expression(.text, 1)), ''))"
            call = "string_agg(\(distinct)\(text), ',' order by \(text))"
        }
        if !call.contains("coalesce(count_if"), expressions.chance(1, of: 5) {
            call += " filter (where \(expressions.condition(1)))"
        }
        return call
    }

    /// An integer that sums and squares of do not overflow.
    private mutating func number() -> String {
        "(\(expressions.expression(.integer, 1)) % 1000)"
    }

    private mutating func windowed() -> String {
        let source = from(tableCountMax: 1)
        let filter = filter()
        let columns = expressions.columns
        var items = ["a.id as x0"]
        for place in 1...Int.random(in: 1...3, using: &expressions.generator) {
            let partition =
                expressions.chance(2, of: 3)
                ? "partition by \(expressions.pick(columns).text) " : ""
            let key = expressions.pick(columns).text
            let direction = expressions.pick(["", " desc", " nulls first"])
            let total = "order by \(key)\(direction), a.id"
            let value = expressions.pick(columns.filter { $0.type == .integer || $0.type == .text })
            let frame = expressions.pick([
                "", " rows between 1 preceding and 1 following",
                " rows between unbounded preceding and current row",
                " rows between current row and unbounded following",
                " rows between 2 preceding and 1 preceding",
            ])
            let call: String
            switch Int.random(in: 0..<8, using: &expressions.generator) {
            case 0: call = "row_number() over (\(partition)\(total))"
            case 1: call = "rank() over (\(partition)order by \(key)\(direction))"
            case 2: call = "dense_rank() over (\(partition)order by \(key)\(direction))"
            case 3:
                call =
                    "\(expressions.pick(["lag", "lead"]))(\(value.text)) over (\(partition)\(total))"
            case 4: call = "count(\(value.text)) over (\(partition)\(total)\(frame))"
            case 5: call = "sum(a.k) over (\(partition)order by \(key)\(direction))"
            case 6:
                call =
                    "\(expressions.pick(["first_value", "last_value"]))(\(value.text)) "
                    + "over (\(partition)\(total)\(frame))"
            default:
                call =
                    "\(expressions.pick(["min", "max"]))(\(value.text)) over (\(partition)\(total)\(frame))"
            }
            items.append("\(call) as x\(place)")
        }
        return "select \(items.joined(separator: ", ")) from \(source)\(filter)"
    }

    private mutating func setOperation() -> String {
        var types: [RandomType] = []
        for _ in 0..<Int.random(in: 1...2, using: &expressions.generator) {
            types.append(expressions.anyType())
        }
        var text = ""
        for place in 0..<Int.random(in: 2...3, using: &expressions.generator) {
            let source = from(tableCountMax: 1)
            let filter = filter()
            var items: [String] = []
            for (index, type) in types.enumerated() {
                items.append("\(expressions.expression(type, 1)) as x\(index)")
            }
            if place > 0 {
                text +=
                    " \(expressions.pick(["union", "union all", "intersect", "except", "except all", "intersect all"])) "
            }
            text += "select \(items.joined(separator: ", ")) from \(source)\(filter)"
        }
        return text
    }

    private mutating func nested() -> String {
        let inner = expressions.chance(1, of: 2) ? plain() : grouped()
        let isCommon = expressions.chance(1, of: 2)
        let body = isCommon ? "q" : "(\(inner)) as q"
        let with = isCommon ? "with q as (\(inner)) " : ""
        switch Int.random(in: 0..<3, using: &expressions.generator) {
        case 0: return "\(with)select * from \(body)"
        case 1: return "\(with)select count(*) as n, count(x0) as m from \(body)"
        default: return "\(with)select q.x0, t.id from \(body) join t0 t on t.k = 1 or q.x0 is null"
        }
    }
}
