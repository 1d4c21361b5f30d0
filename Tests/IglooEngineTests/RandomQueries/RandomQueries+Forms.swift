// SPDX-License-Identifier: MIT

import IglooArrowTesting

// Queries of forms of their own: LATERAL, correlation around joins, PIVOT, grouping sets, frames,
// lists and structures.
extension RandomQueries {
    private static let joins = ["join", "left join", "right join", "full join"]

    private mutating func column(_ alias: String, _ table: RandomTable) -> String {
        "\(alias).\(expressions.pick(table.columns).name)"
    }

    private mutating func column(
        _ alias: String, _ table: RandomTable, _ type: RandomType
    ) -> String {
        let own = table.columns.filter { $0.type == type }
        return own.isEmpty ? "\(alias).id" : "\(alias).\(expressions.pick(own).name)"
    }

    /// How a subquery depends on the row around it.
    private mutating func correlation(_ inner: String, _ table: RandomTable) -> String {
        switch Int.random(in: 0..<6, using: &expressions.generator) {
        case 0: "\(inner).k > a.k"
        case 1: "\(inner).k is not distinct from a.k"
        case 2: "\(inner).k + 1 = a.k"
        case 3: "(\(inner).k = a.k or \(inner).id = a.id)"
        default: "\(inner).k = a.k"
        }
    }

    /// Two tables joined, one of them or both in sight of the row around, or the condition.
    private mutating func correlatedJoin(_ item: String) -> String {
        let (left, right) = (expressions.pick(tables), expressions.pick(tables))
        let join = expressions.pick(Self.joins)
        func side(_ alias: String, _ table: RandomTable, _ isCorrelated: Bool) -> String {
            guard isCorrelated else { return "\(table.name) \(alias)" }
            return
                "(select * from \(table.name) s where \(correlation("s", table))) \(alias)"
        }
        let place = Int.random(in: 0..<4, using: &expressions.generator)
        let condition =
            place == 3 && join != "full join"
            ? "b.k = c.k and \(correlation("b", left))"
            : "b.k = c.k"
        var text =
            "select \(item) from \(side("b", left, place == 0 || place == 2)) \(join) "
            + "\(side("c", right, place == 1 || place == 2)) on \(condition)"
        if place < 0 || expressions.chance(1, of: 3) { text += " where \(correlation("c", right))" }
        return text
    }

    mutating func correlated() -> String {
        let table = expressions.pick(tables)
        var items = ["a.id as x0"]
        for place in 1...Int.random(in: 1...2, using: &expressions.generator) {
            let item: String
            switch Int.random(in: 0..<7, using: &expressions.generator) {
            case 0: item = "(\(correlatedJoin("count(*)")))"
            case 1: item = "(\(correlatedJoin("count(b.id)")))"
            case 2: item = "(\(correlatedJoin("sum(b.k + c.k)")))"
            case 3: item = "(a.k in (\(correlatedJoin("b.k"))))"
            case 4: item = "(a.k not in (\(correlatedJoin("c.k"))))"
            case 5: item = "exists (\(correlatedJoin("1")))"
            default:
                let sign = expressions.pick(["<", ">=", "<>"])
                item =
                    "(a.k \(sign) \(expressions.pick(["any", "all"])) (\(correlatedJoin("b.k"))))"
            }
            items.append("\(item) as x\(place)")
        }
        let filter =
            expressions.chance(1, of: 3) ? " where a.k not in (\(correlatedJoin("b.k")))" : ""
        return "select \(items.joined(separator: ", ")) from \(table.name) a\(filter)"
    }

    mutating func lateral() -> String {
        let (outer, inner) = (expressions.pick(tables), expressions.pick(tables))
        let body: String
        switch Int.random(in: 0..<5, using: &expressions.generator) {
        case 0:
            body =
                "select count(*) as x, max(b.id) as y from \(inner.name) b"
                + " where \(correlation("b", inner))"
        case 1:
            let count = Int.random(in: 0...3, using: &expressions.generator)
            body =
                "select b.id as x, b.k + a.k as y from \(inner.name) b"
                + " where \(correlation("b", inner)) order by b.id limit \(count)"
        case 2:
            body =
                "select b.k as x, count(*) as y from \(inner.name) b"
                + " where \(correlation("b", inner)) group by b.k"
        case 3:
            body =
                "select distinct b.k as x, a.k as y from \(inner.name) b"
                + " where \(correlation("b", inner))"
        default:
            body =
                "select b.id as x, row_number() over (order by b.id) as y from \(inner.name) b"
                + " where \(correlation("b", inner))"
        }
        switch Int.random(in: 0..<3, using: &expressions.generator) {
        case 0: return "select a.id, q.x, q.y from \(outer.name) a, lateral (\(body)) q"
        case 1:
            return
                "select a.id, q.x, q.y from \(outer.name) a left join lateral (\(body)) q on true"
        default:
            return "select a.id, q.x, q.y from \(outer.name) a left join lateral (\(body)) q"
                + " on q.x = a.k"
        }
    }

    mutating func pivoted() -> String {
        let table = expressions.pick(tables)
        let group = column("a", table)
        let values = expressions.pick(["0, 1, 2", "3", "4, 0, null", "-1, 1"])
        let uses = expressions.pick([
            "count(*)", "sum(v)", "max(v), count(v)", "count(*), min(v) as m",
            "coalesce(sum(v), 0)",
        ])
        let source = "(select \(group) as g, a.k as p, a.id as v from \(table.name) a)"
        if expressions.chance(1, of: 3) {
            return "select * from (unpivot (select id, k, id * 2 as d from \(table.name)) on k, d)"
        }
        let isStatement = expressions.chance(1, of: 2)
        let pivot =
            isStatement
            ? "(pivot \(source) on p in (\(values)) using \(uses) group by g)"
            : "\(source) pivot (\(uses) for p in (\(values)) group by g)"
        return "select * from \(pivot)"
    }

    mutating func groupingSets() -> String {
        let table = expressions.pick(tables)
        let keys = (0..<Int.random(in: 2...3, using: &expressions.generator)).map { _ in
            column("a", table)
        }
        let unique = keys.enumerated().filter { keys.firstIndex(of: $0.element) == $0.offset }
            .map(\.element)
        let sets: String
        switch Int.random(in: 0..<4, using: &expressions.generator) {
        case 0: sets = "rollup (\(unique.joined(separator: ", ")))"
        case 1: sets = "cube (\(unique.joined(separator: ", ")))"
        case 2: sets = "grouping sets ((\(unique[0])), (), (\(unique.joined(separator: ", "))))"
        default: sets = "\(unique[0]), rollup (\(unique.dropFirst().joined(separator: ", ")))"
        }
        guard unique.count > 1 else { return "select count(*) from \(table.name)" }
        let values = expressions.pick([
            "count(*)", "sum(a.id)", "count(distinct a.k)", "min(a.id) filter (where a.k > 0)",
        ])
        let grouping = "grouping(\(unique.joined(separator: ", ")))"
        let having = expressions.chance(1, of: 3) ? " having count(*) > 1" : ""
        return "select \(unique.joined(separator: ", ")), \(grouping) as x, \(values) as y"
            + " from \(table.name) a group by \(sets)\(having)"
    }

    mutating func framed() -> String {
        let table = expressions.pick(tables)
        func bound() -> String {
            expressions.pick([
                "unbounded preceding", "2 preceding", "1 preceding", "current row", "1 following",
                "2 following", "unbounded following",
            ])
        }
        let order = [
            "unbounded preceding", "2 preceding", "1 preceding", "current row",
            "1 following", "2 following", "unbounded following",
        ]
        var items = ["a.id as x0"]
        for place in 1...2 {
            var (start, end) = (bound(), bound())
            let places = (order.firstIndex(of: start) ?? 0, order.firstIndex(of: end) ?? 0)
            if places.0 > places.1 { (start, end) = (end, start) }
            if start == "unbounded following" { start = "current row" }
            if end == "unbounded preceding" { end = "current row" }
            let unit = expressions.pick(["rows", "range", "groups"])
            let exclusion = expressions.pick([
                "", "", " exclude current row", " exclude group", " exclude ties",
            ])
            let key = unit == "rows" ? "a.id" : "a.k\(expressions.pick(["", " desc"]))"
            let partition = expressions.pick(["", "partition by a.id % 2 "])
            let frame = "\(unit) between \(start) and \(end)\(exclusion)"
            let call = expressions.pick([
                "count(*)", "sum(a.id)", "min(a.id)", "max(a.id)", "count(a.k)",
                "count(*) filter (where a.k > 0)",
            ])
            items.append("\(call) over (\(partition)order by \(key) \(frame)) as x\(place)")
        }
        let rank = expressions.pick([
            "ntile(3) over (order by a.id)", "cume_dist() over (order by a.k)",
            "percent_rank() over (order by a.k)", "nth_value(a.id, 2) over (order by a.id)",
        ])
        let qualify =
            expressions.chance(1, of: 3)
            ? " qualify row_number() over (partition by a.k order by a.id) = 1" : ""
        return
            "select \(items.joined(separator: ", ")), \(rank) as r from \(table.name) a\(qualify)"
    }

    /// Lists and structures as texts, of integers, which both engines write alike.
    mutating func nestedValues() -> String {
        let table = expressions.pick(tables)
        let (x, y) = (column("a", table, .integer), column("a", table, .integer))
        let list = expressions.pick([
            "[\(x), \(y), 3]", "[\(x)]", "list_value(\(x), \(y))", "[\(x), null, \(y)]",
        ])
        let item = expressions.pick([
            "len(\(list))", "list_contains(\(list), \(y))", "\(list)[1:2]", "\(list)[2]",
            "list_sort(\(list))", "list_reverse(\(list))", "list_sum(\(list))",
            "list_transform(\(list), lambda v: v % 3)", "list_filter(\(list), lambda v: v > 0)",
            "list_distinct(list_filter(\(list), lambda v: v = \(x)))", "\(list) = [\(y), \(x), 3]",
            "list_concat(\(list), [\(y)])", "{'a': \(x), 'b': \(y)}",
            "{'a': \(x), 'b': \(list)}.b[1]",
            "[v + 1 for v in \(list) if v < 5]",
        ])
        switch Int.random(in: 0..<3, using: &expressions.generator) {
        case 0:
            return "select a.id, u.v from \(table.name) a, unnest(\(list)) as u(v)"
        case 1:
            return "select a.k, cast(array_agg(\(x) order by a.id) as varchar) as x"
                + " from \(table.name) a group by a.k"
        default: return "select a.id, cast(\(item) as varchar) as x from \(table.name) a"
        }
    }

    mutating func chosen() -> String {
        let table = expressions.pick(tables)
        switch Int.random(in: 0..<3, using: &expressions.generator) {
        case 0:
            return "select distinct on (a.k) a.k, a.id from \(table.name) a order by a.k, a.id"
        case 1:
            return "select columns('^(id|k)$') + 1 from \(table.name)"
        default:
            return "with recursive r(n, k) as (select id, k from \(table.name) union "
                + "select r.n, b.id from r join t1 b on b.k = r.k where r.n < 5) select * from r"
        }
    }
}
