// SPDX-License-Identifier: MIT

import IglooArrowTesting

// Values of types of their own: uuid, json, timetz, lists, structures and maps; and windows over
// them.
extension RandomQueries {
    private static let identifiers = [
        "cast(md5(cast(a.k as varchar)) as uuid)", "cast(md5(cast(a.id % 4 as varchar)) as uuid)",
        "uuid '00000000-0000-0000-0000-000000000001'",
    ]
    private static let clocks = [
        "cast('1' || (a.id % 3) || ':00:00+0' || (a.id % 5) as timetz)",
        "timetz '12:00:00+02'", "cast('10:00:00+00' as timetz)",
    ]

    mutating func identified() -> String {
        let (left, right) = (expressions.pick(tables), expressions.pick(tables))
        let values = expressions.chance(1, of: 3) ? Self.clocks : Self.identifiers
        let (x, y) = (expressions.pick(values), expressions.pick(values))
        let sign = expressions.pick(["=", "<", ">=", "<>", "is not distinct from"])
        switch Int.random(in: 0..<6, using: &expressions.generator) {
        case 0: return "select \(x) as x, count(*), max(a.id) from \(left.name) a group by 1"
        case 1: return "select a.id, \(x) \(sign) \(y) as x from \(left.name) a"
        case 2: return "select distinct \(x) as x from \(left.name) a"
        case 3:
            return "select a.id, b.id as x from (select id, \(x) as u from \(left.name) a) a"
                + " join (select id, \(y) as u from \(right.name) a) b on a.u = b.u"
        case 4: return "select min(\(x)), max(\(x)), count(distinct \(x)) from \(left.name) a"
        default:
            return "select a.id, rank() over (order by \(x)) as x from \(left.name) a"
                + " where \(x) in (\(y), \(x))"
        }
    }

    mutating func documents() -> String {
        let table = expressions.pick(tables)
        let document = expressions.pick([
            "to_json({'a': a.id, 'b': [a.k, 2]})", "json_object('a', a.k, 'b', [1, a.id])",
            "cast('{\"a\":' || a.id || ',\"b\":[1,{\"c\":\"x\"}]}' as json)",
            "to_json([a.id, a.k])", "json_array(a.id, 'x', null, a.k)",
        ])
        let item = expressions.pick([
            "\(document) ->> '$.a'", "\(document) -> 'b'", "\(document) ->> '$.b[1]'",
            "json_extract(\(document), '$.b[#-1]')", "json_array_length(\(document), '$.b')",
            "json_type(\(document), '$.a')", "json_keys(\(document))", "\(document) -> 0",
            "json_extract_string(\(document), '$.b[1].c')", "json_exists(\(document), '$.b')",
            "json_valid(cast(\(document) as varchar))", "cast(\(document) ->> '$.a' as integer)",
        ])
        if expressions.chance(1, of: 4) {
            return "select \(item) as x, count(*) from \(table.name) a group by 1"
        }
        return "select a.id, cast(\(item) as varchar) as x from \(table.name) a"
    }

    private mutating func nestedColumn() -> String {
        expressions.pick([
            "[a.k, a.id % 2]", "[a.k]", "{'p': a.k, 'q': a.id % 2}", "{'p': [a.k], 'q': null}",
            "[{'p': a.k}]", "[[a.k], [a.id % 2]]", "[a.k, null]", "[]::integer[]",
            "case when a.k > 1 then [a.k] end", "case when a.k = 2 then {'p': a.k} end",
        ])
    }

    /// Lists and structures as keys of groups, joins, orders and set operations.
    mutating func nestedKeys() -> String {
        let (left, right) = (expressions.pick(tables), expressions.pick(tables))
        let value = nestedColumn()
        switch Int.random(in: 0..<8, using: &expressions.generator) {
        case 0:
            return "select cast(\(value) as varchar) as x, n from (select \(value), count(*)"
                + " from \(left.name) a group by 1) as t(v, n), \(left.name) a where false"
        case 1: return "select count(*), max(a.id) from \(left.name) a group by \(value)"
        case 2: return "select count(*) from (select distinct \(value) from \(left.name) a)"
        case 3:
            return "select a.id, b.id as x from (select id, \(value) as v from \(left.name) a) a"
                + " join (select id, \(value) as v from \(right.name) a) b on a.v = b.v"
        case 4:
            return "select count(*) from (select \(value) from \(left.name) a"
                + " \(expressions.pick(["intersect", "except", "union"]))"
                + " select \(value) from \(right.name) a)"
        case 5:
            return "select a.id, rank() over (order by \(value)) as x,"
                + " count(*) over (partition by \(value)) as y from \(left.name) a"
        case 6:
            return "select a.id, \(value) \(expressions.pick(["<", "=", ">=", "<>"])) \(value) as x"
                + " from \(left.name) a where \(value) is not distinct from \(value)"
        default:
            return "select cast(min(\(value)) as varchar), cast(max(\(value)) as varchar),"
                + " count(distinct \(value)) from \(left.name) a"
        }
    }

    mutating func nestedCalls() -> String {
        let table = expressions.pick(tables)
        let list = expressions.pick([
            "[a.k, a.id, 3]", "range(a.k)", "generate_series(1, a.k)", "[a.k, null, a.k]",
            "(select array_agg(b.k order by b.id) from t1 b where b.id <= a.id)",
            "case when a.k > 1 then [a.id] end", "[]::integer[]",
        ])
        let item = expressions.pick([
            "len(\(list))", "list_sort(\(list), 'desc', 'nulls first')", "list_unique(\(list))",
            "list_position(\(list), 3)", "list_max(\(list))", "list_avg(\(list))",
            "list_has_any(\(list), [3, 4])", "list_has_all(\(list), [3])",
            "list_intersect(\(list), [3])[1]", "list_slice(\(list), 1, 2)", "\(list)[-1]",
            "list_reduce(list_concat([0], \(list)), lambda x, y: x + coalesce(y, 0))",
            "list_transform(\(list), lambda x, i: coalesce(x, 0) * i)", "flatten([\(list), [1]])",
            "list_filter(\(list), lambda x: x is not null)",
            "array_to_string(list_concat([0], \(list)), '-')",
            "map([1, 2], [a.k, a.id])[1]", "map_keys(map([a.id, a.id + 1], ['x', 'y']))",
            "cardinality(map([a.id], [1]))", "{'p': a.k, 'q': {'r': \(list)}}.q.r[1]",
            "struct_pack(p := a.k, q := \(list))",
            "list_bool_and(list_transform(\(list), lambda x: x > 0))",
        ])
        switch Int.random(in: 0..<5, using: &expressions.generator) {
        case 0:
            return "select a.id, u.v from \(table.name) a, unnest(\(list)) as u(v)"
        case 1: return "select a.id, unnest(\(list)) as v from \(table.name) a"
        case 2:
            return "select a.k, cast(array_agg({'p': a.id} order by a.id) as varchar)"
                + " from \(table.name) a group by a.k"
        default: return "select a.id, cast(\(item) as varchar) as x from \(table.name) a"
        }
    }

    /// Frames by distances of values, named windows, NULLs left out, windows over groups.
    mutating func windowsOfAllKinds() -> String {
        let table = expressions.pick(tables)
        let dates = table.columns.filter { $0.type == .timestamp }
        let moment = "a.\(dates.first?.name ?? "id")"
        let numbers = expressions.pick([
            "order by a.k range between 1 preceding and 1 following",
            "order by a.k desc range between 2 preceding and current row",
            "order by a.k range between 1 following and 2 following exclude ties",
            "order by a.k nulls first range between unbounded preceding and 1 following",
            "order by a.id rows between 3 preceding and 1 preceding exclude current row",
            "order by a.k groups between 1 preceding and 1 following exclude group",
            "order by \(moment) range between interval 1 day preceding and current row",
            "order by \(moment) desc range between interval 1 month preceding and "
                + "interval 1 hour following",
        ])
        let call = expressions.pick([
            "count(*)", "sum(a.id)", "min(a.k)", "max(a.id)", "avg(a.id)", "count(a.k)",
            "count(distinct a.k)", "sum(a.id) filter (where a.k > 1)", "bool_and(a.k > 0)",
        ])
        let pick = expressions.pick([
            "lag(a.k ignore nulls) over w", "lead(a.k, 2, -1) over w",
            "first_value(a.k ignore nulls) over w", "last_value(a.k ignore nulls) over w",
            "nth_value(a.k, 2 ignore nulls) over w", "lag(a.k, a.id % 3) over w",
        ])
        switch Int.random(in: 0..<4, using: &expressions.generator) {
        case 0:
            return "select a.id, \(pick) as x, row_number() over w as y from \(table.name) a"
                + " window w as (partition by a.id % 2 order by a.id)"
        case 1:
            return "select a.k, sum(count(*)) over (order by a.k) as x, rank() over"
                + " (order by count(*) desc, a.k) as y from \(table.name) a group by a.k"
        case 2:
            return "select a.id, \(call) over (\(numbers)) as x from \(table.name) a"
                + " where a.id <> 3 qualify count(*) over (partition by a.k order by a.id) > 1"
        default:
            return "select a.id, \(call) over (partition by a.id % 2 \(numbers)) as x"
                + " from \(table.name) a"
        }
    }

    /// Aggregates that pick or collect, decided by the rows' numbers.
    mutating func pickingAggregates() -> String {
        let table = expressions.pick(tables)
        let columns = table.columns.map { "a.\($0.name)" }
        let value = expressions.pick(columns)
        let filter = expressions.pick(["", " filter (where a.k > 1)", " filter (where a.id < 0)"])
        let call = expressions.pick([
            "arg_min(\(value), a.id)", "arg_max(\(value), a.id)", "first(\(value) order by a.id)",
            "last(\(value) order by a.id)", "count(distinct \(value))", "count(\(value))",
            "quantile_disc(a.id, 0.5)", "quantile_cont(a.id, [0.25, 0.5])[1]",
            "array_agg(a.k order by a.id desc)::varchar", "sum(distinct a.k)",
            "array_agg(distinct a.k order by a.k)::varchar", "median(a.id)",
            "mode(a.id % 1)", "string_agg(a.id, ',' order by a.id)", "covar_pop(a.id, a.k)",
            "regr_count(a.id, a.k)", "max(a.id, 2)::varchar", "min(a.k, 3)::varchar",
            "arg_max(a.id, a.id, 2)::varchar", "kurtosis(a.id)",
            "histogram(a.k)::varchar", "product(a.k)", "any_value(a.k order by a.id)",
        ])
        let isGrouped = expressions.chance(2, of: 3)
        let key = expressions.pick(["a.k", "a.id % 3", "a.k > 1"])
        return isGrouped
            ? "select \(key) as g, \(call)\(filter) as x from \(table.name) a group by \(key)"
            : "select \(call)\(filter) as x, count(*) from \(table.name) a"
    }

    /// Columns out of the values of a column, found first.
    mutating func pivotedByValues() -> String {
        let table = expressions.pick(tables)
        let uses = expressions.pick(["count(*)", "sum(id)", "max(id)"])
        let source = "(select id, k, id % 2 as h from \(table.name) where k is not null)"
        return expressions.pick([
            "select * from (pivot \(source) on k using \(uses) group by h)",
            "select count(*) from (unpivot (select id, k from \(table.name))"
                + " on columns(*) into name n value v)",
            "select * from (unpivot \(source) on k, h into name n value v)",
            "select * from (unpivot include nulls (select id, k, id % 2 as h from \(table.name))"
                + " on (k, h))",
        ])
    }
}
