// SPDX-License-Identifier: MIT

import IglooArrowTesting

// Joins whose conditions hold subqueries, nearest rows, rows with and without a partner; recursion
// and set operations by name.
extension RandomQueries {
    /// A subquery that sees one side of a join, the other, both or none.
    private mutating func joinedSubquery(_ table: RandomTable) -> String {
        let inner = expressions.pick(tables)
        let link = expressions.pick([
            "c.k = a.k", "c.k = b.k", "c.k = a.k and c.id >= b.id", "c.id = a.id + b.id", "true",
            "c.k is not distinct from b.k", "c.id < a.id or c.k = b.k",
        ])
        let source = "from \(inner.name) c where \(link)"
        switch Int.random(in: 0..<7, using: &expressions.generator) {
        case 0: return "exists (select 1 \(source))"
        case 1: return "not exists (select 1 \(source))"
        case 2: return "a.k in (select c.k \(source))"
        case 3: return "b.id not in (select c.id \(source))"
        case 4: return "(select count(*) \(source)) \(expressions.pick(["=", ">"])) 1"
        case 5: return "b.k < any (select c.k \(source))"
        default: return "a.id >= (select max(c.id) \(source))"
        }
    }

    mutating func subqueryInCondition() -> String {
        let (left, right) = (expressions.pick(tables), expressions.pick(tables))
        let join = expressions.pick(["join", "left join", "right join", "semi join", "anti join"])
        let equality = expressions.pick(["a.k = b.k and ", "a.id = b.id and ", ""])
        let condition = joinedSubquery(right)
        let items = join == "semi join" || join == "anti join" ? "a.id" : "a.id, b.id as x"
        let filter = expressions.chance(1, of: 4) ? " where a.id <> 2" : ""
        return "select \(items) from \(left.name) a \(join) \(right.name) b"
            + " on \(equality)\(condition)\(filter)"
    }

    mutating func nearest() -> String {
        let (left, right) = (expressions.pick(tables), expressions.pick(tables))
        let sign = expressions.pick([">=", ">", "<=", "<"])
        let key = expressions.chance(2, of: 3) ? "a.k = b.k and " : ""
        let join = expressions.pick(["asof join", "asof left join"])
        let filter = expressions.chance(1, of: 4) ? " where b.id > 0 or b.id is null" : ""
        return "select a.id, b.id as x, b.k as y from \(left.name) a \(join) \(right.name) b"
            + " on \(key)a.id \(sign) b.id\(filter)"
    }

    mutating func halfJoined() -> String {
        let (left, right) = (expressions.pick(tables), expressions.pick(tables))
        let join = expressions.pick(["semi join", "anti join"])
        let condition = expressions.pick([
            "using (k)", "on a.k = b.k", "on a.k = b.k and a.id > b.id", "on a.id < b.id",
            "on a.k is not distinct from b.k",
        ])
        let aggregate = expressions.chance(1, of: 3)
        return "select \(aggregate ? "count(*), sum(a.id)" : "a.id, a.k") from \(left.name) a"
            + " \(join) \(right.name) b \(condition)"
    }

    mutating func recursive() -> String {
        let table = expressions.pick(tables)
        let union = expressions.pick(["union", "union all"])
        let first = expressions.pick([
            "select id, 0 from \(table.name) where k = 1", "select 1, 0",
            "select k, 0 from \(table.name) where k > 1", "select distinct k, 1 from t1",
        ])
        let step = expressions.pick([
            "select n + 1, d + 1 from r where d < 4",
            "select b.id, r.d + 1 from r join \(table.name) b on b.k = r.n where r.d < 3",
            "select b.k, r.d + 1 from r left join t1 b on b.id = r.n + 1 where r.d < 3",
            "select n, d + 1 from r where d < 3 and n in (select k from t1)",
            "select max(n) + 1, max(d) + 1 from r having max(d) < 4",
            "select n, d + 1 from r where d < 2 and not exists (select 1 from t2 where id = r.n)",
        ])
        let answer = expressions.pick([
            "select * from r", "select n, count(*), max(d) from r group by n",
            "select count(*) from r x join r y on x.n = y.n",
            "select a.id, (select count(*) from r where r.n = a.id) as c from \(table.name) a",
        ])
        return "with recursive r(n, d) as (\(first) \(union) \(step)) \(answer)"
    }

    mutating func namedSetOperation() -> String {
        let (left, right) = (expressions.pick(tables), expressions.pick(tables))
        let lists = [
            "id, k", "k, id", "id", "k, id * 2 as z", "k as z, id", "id + 1 as id, k",
        ]
        let sign = expressions.pick(["union by name", "union all by name"])
        return "select \(expressions.pick(lists)) from \(left.name) \(sign)"
            + " select \(expressions.pick(lists)) from \(right.name)"
    }

    /// One row a key, by an order that decides.
    mutating func distinctOn() -> String {
        let source = expressions.pick(tables)
        let keys = ["a.k", "a.k % 2", "a.id % 3"]
        let key = expressions.pick(keys)
        let direction = expressions.pick(["", " desc", " nulls first", " desc nulls last"])
        let limit = expressions.pick(["", " limit 3"])
        return "select distinct on (\(key)) \(key) as g, a.id, a.k from \(source.name) a"
            + " order by \(key)\(direction), a.id\(expressions.pick(["", " desc"]))\(limit)"
    }

    /// A common table that is read more than once.
    mutating func shared() -> String {
        let table = expressions.pick(tables)
        let word = expressions.pick(["", "materialized ", "not materialized "])
        let body = expressions.pick([
            "select k, count(*) as n, min(id) as m from \(table.name) group by k",
            "select id as n, k, id as m from \(table.name) where id % 2 = 0",
            "select k, id as n, row_number() over (partition by k order by id) as m"
                + " from \(table.name)",
        ])
        let answer = expressions.pick([
            "select x.k, x.n, y.m from q x join q y on x.k = y.k and x.m <= y.m",
            "select x.k, x.n from q x where x.n > (select avg(n) from q y where y.k = x.k)",
            "select k, n from q where k > 1 union all select k, m from q where k < 3",
            "select count(*) from q x left join q y on x.n = y.m where y.k is null",
            "select k, sum(n) from (select * from q union all select * from q) group by k",
        ])
        return "with q as \(word)(\(body)) \(answer)"
    }
}
