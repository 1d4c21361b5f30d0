// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan
import Testing

@testable import IglooSQL

struct BinderTests {
    static func bind(_ text: String, _ catalog: FakeCatalog = FakeCatalog()) throws -> LogicalPlan {
        let plan = try Binder(catalog: catalog).bind(SQLParser.query(text))
        let violations = PlanInvariants.violations(of: plan)
        #expect(violations.isEmpty, "\(text): \(violations)")
        return plan
    }

    /// `name type, name type`
    static func columns(_ text: String, _ catalog: FakeCatalog = FakeCatalog()) throws -> String {
        try bind(text, catalog).columns.map { "\($0.name) \($0.type.sqlName)" }
            .joined(separator: ", ")
    }

    @Test(
        "types of expressions",
        arguments: [
            ("1", "integer"), ("3000000000", "bigint"), ("-2147483648", "integer"),
            ("-9223372036854775808", "bigint"), ("9223372036854775808", "hugeint"),
            ("1.50", "decimal(3,2)"), ("0.0001", "decimal(4,4)"), ("1e3", "double"),
            ("'x'", "text"),
            ("null", "null"), ("true", "boolean"), ("X'00'", "bytea"),
            ("date '2024-01-31'", "date"),
            ("timestamp '2024-01-31 10:00'", "timestamp"), ("interval '1 day'", "interval"),
            ("a + b", "integer"), ("a + k", "bigint"), ("a + 1.5", "decimal(12,1)"),
            ("1 - m", "decimal(16,2)"), ("m * (1 - m)", "decimal(31,4)"),
            ("m * 2", "decimal(16,2)"),
            ("a / b", "integer"), ("m / 2", "double"), ("f * m", "double"), ("a // 2", "integer"),
            ("2 ^ 3", "double"), ("-a", "integer"), ("+m", "decimal(15,2)"),
            ("d + 1", "date"), ("d - d", "bigint"), ("d + interval '1 month'", "timestamp"),
            ("ts - interval '1 day'", "timestamp"), ("ts - ts", "interval"),
            ("d - '2024-01-01'", "bigint"),
            ("ts + '1 day'", "timestamp"), ("2 * interval '1 day'", "interval"),
            ("a = '5'", "boolean"), ("d < '2024-01-01'", "boolean"),
            ("'2024-01-01' <= d", "boolean"),
            ("c || 'x'", "text"), ("c || a", "text"), ("c like 'x%'", "boolean"),
            ("c not ilike 'x' escape '!'", "boolean"), ("a in (1, 2.5)", "boolean"),
            ("d in ('2024-01-01', '2024-01-02')", "boolean"),
            ("d between '2024-01-01' and '2024-02-01'", "boolean"),
            ("(a, b) = (1, 2)", "boolean"), ("(a, c) in ((1, 'x'), (2, 'y'))", "boolean"),
            ("case when ok then 1 else m end", "decimal(15,2)"),
            ("case a when 1 then 'x' end", "text"),
            ("case when ok then null end", "null"), ("coalesce(a, 1.5)", "decimal(11,1)"),
            ("coalesce(null, d, '2024-01-01')", "date"), ("nullif(a, 0)", "integer"),
            ("greatest(a, k)", "bigint"), ("if(ok, 1, 2.5)", "decimal(11,1)"),
            ("cast(a as decimal(10, 2))", "decimal(10,2)"), ("'1.5'::numeric", "decimal(2,1)"),
            ("m::numeric", "decimal(15,2)"), ("'x'::varchar(3)", "text"),
            ("try_cast(c as int)", "integer"),
            ("try_cast('x' as int)", "integer"), ("a::text", "text"), ("c::int[]", "integer[]"),
            ("null::int", "integer"), ("ts::date", "date"), ("'12:30'::time", "time"),
            ("'2024-01-01 10:00+02'::timestamptz", "timestamptz"),
            ("extract(year from d)", "bigint"), ("extract(epoch from ts)", "double"),
            ("date_part('year', d)", "bigint"), ("date_trunc('month', d)", "timestamp"),
            ("date_trunc('hour', '2022-08-15 07:52:55')", "timestamp"), ("year(d)", "bigint"),
            ("substring(c from 1 for 2)", "text"), ("substr(c, 2)", "text"),
            ("position('a' in c)", "bigint"),
            ("trim(both 'x' from c)", "text"), ("left(c, 2)", "text"), ("upper(c)", "text"),
            ("round(f, 1)", "double"), ("abs(a)", "integer"), ("sqrt(a)", "double"),
            ("mod(a, 2)", "integer"), ("abs(null)", "double"), ("floor(null)", "double"),
            ("c ^@ 'x'", "boolean"), ("a # 1", "integer"), ("c ~~ 'x%'", "boolean"),
            ("pow(a, 2)", "double"), ("length(c)", "bigint"),
            ("concat(c, a, 1)", "text"), ("typeof(m)", "text"), ("current_date", "date"),
            ("current_timestamp", "timestamptz"), ("a is null", "boolean"),
            ("ok is not true", "boolean"),
            ("ok is unknown", "boolean"), ("a is distinct from null", "boolean"),
            ("not ok", "boolean"),
            ("ok and a = 1 or null", "boolean"), ("(select max(k) from u)", "bigint"),
            ("exists (select 1 from u)", "boolean"), ("a in (select k from u)", "boolean"),
            ("a not in (select a from u)", "boolean"), ("a > all (select k from u)", "boolean"),
            ("a + (select a from u where u.k = t.k)", "integer"),
        ])
    func types(_ expression: String, _ type: String) throws {
        #expect(try Self.columns("select \(expression) as x from t") == "x \(type)")
    }

    @Test(
        "types of aggregates",
        arguments: [
            ("count(*)", "bigint"), ("count(distinct a)", "bigint"), ("sum(a)", "bigint"),
            ("sum(k)", "hugeint"), ("sum(m)", "decimal(38,2)"), ("sum(f)", "double"),
            ("avg(a)", "double"), ("min(c)", "text"), ("max(d)", "date"),
            ("bool_or(ok)", "boolean"),
            ("string_agg(c, ',' order by a desc)", "text"), ("array_agg(a)", "integer[]"),
            ("sum(a) filter (where ok)", "bigint"), ("count_if(ok)", "bigint"),
            ("stddev(a)", "double"),
            ("percentile_cont(0.5) within group (order by a)", "double"),
            ("sum(a) + count(*)", "bigint"),
            ("100.00 * sum(m) / sum(m)", "double"), ("mean(a)", "double"), ("every(ok)", "boolean"),
        ])
    func aggregates(_ expression: String, _ type: String) throws {
        #expect(try Self.columns("select \(expression) as x from t") == "x \(type)")
    }

    @Test(
        "names of output columns",
        arguments: [
            (
                "select a, t.b, c as Name, sum(k), 1, a + 1, d::text, cast(1 as bigint), case when ok then 1 end, extract(year from d) from t group by all",
                "a,b,Name,sum,?column?,?column?,d,bigint,case,extract"
            ),
            ("select * from u", "a,x,k"), ("from u", "a,x,k"),
            ("select u.* exclude (x) from u", "a,k"),
            ("select * replace (a + 1 as a) from u", "a,x,k"),
            ("select * rename (a as z) from u", "z,x,k"),
            ("select * from u as v(p, q)", "p,q,k"), ("select p from u as v(p, q)", "p"),
            ("select * from t join u using (a, k)", "a,k,b,c,d,m,f,ts,ok,x"),
            ("select * from u natural join (select 1 as a, 2 as y)", "a,x,k,y"),
            ("select * from u u1, u u2", "a,x,k,a,x,k"), ("select u2.* from u u1, u u2", "a,x,k"),
            ("select * from u semi join t using (a)", "a,x,k"),
            ("values (1, 'a'), (2, null)", "column1,column2"),
            ("select * from (values (1)) v(n)", "n"),
            ("with w(p) as (select a, x from u) select * from w", "p,x"),
            ("select 1 as a union select 2 as b", "a"),
            ("select eventtime, EVENTTIME from hits", "EventTime,EventTime"),
            ("select \"userId\", UserID from hits", "userId,UserID"),
            ("select * from 'd/x.parquet'", "x,y"),
            ("select x.y from 'd/x.parquet'", "y"),
            ("select x from read_csv('f.csv', delim = '|')", "x"),
            ("select (select x from u limit 1), exists (select 1)", "x,exists"),
            ("select s.t.a, c.s.t.b from c.s.t", "a,b"), ("select a as a from t order by a", "a"),
        ])
    func names(_ query: String, _ names: String) throws {
        #expect(try Self.bind(query).columns.map(\.name).joined(separator: ",") == names)
    }

    @Test("queries that must bind", arguments: queries)
    func binds(_ query: String) throws { _ = try Self.bind(query) }

    static let queries: [String] = [
        "select a, count(*) from t group by a having count(*) > 1 order by count(*) desc, a",
        "select a + 1, sum(b) from t group by a + 1 order by a + 1",
        "select a as x, sum(b) from t group by x having x > 1", "select a, b from t group by 1, 2",
        "select a, sum(b) from t group by all order by all", "select a x from t where x > 1",
        "select a + 1 as x, x * 2 as y from t", "select distinct a, b from t order by b",
        "select distinct on (a) a, b from t order by a, b desc", "select a from t order by b, 1",
        "select a from t order by -a limit 10 offset 5", "select a from t limit null offset '3'",
        "select a from t limit 2 * 3 + 1 offset 5 - 1",
        "select sum(a) from t having sum(a) > 0", "select 1 from t having true",
        "select (select max(u.k) from u where u.a = t.a) from t group by t.a",
        "select a from t where exists (select 1 from u where u.a = t.a and u.k > t.k)",
        "select a from t where k = (select max(k) from u where u.a = t.a)",
        "select a, (select count(*) from u where u.a = t.a and u.k > sum_b) from (select a, sum(b) sum_b from t group by a) t",
        "select * from t left join u on t.a = u.a and u.k in (select k from t)",
        "select * from t full join u using (a) where a = 1",
        "select * from t, lateral (select u.x from u where u.a = t.a) l",
        "select * from (t join u using (a)) join u v using (a)",
        "with w as (select a from t) select * from w w1 join w w2 using (a)",
        "with w as (select 1 as n), v as (select n + 1 as n from w) select * from v, w",
        "with t as (select 1 as z) select z from t",
        "with recursive w as (select 1 as n) select * from w",
        "select a from t union all select k from u", "select 'x' union select c from t order by 1",
        "select null union select 1", "select d from t union select '2024-01-01'",
        "select a from t union select 1.5 union select k from u except select 2 intersect select 3",
        "select 1 as a, 'x' as b union by name select 2.5 as c, 3 as a",
        "values (1, 'a', null), (2.5, null, date '2024-01-01')", "select count(*) from t where ok",
        "select t.a from t group by t.a order by t.a", "select max(a) m2 from t order by m2",
        "select case when a > 1 then sum(b) else 0 end from t group by a",
        "select sum(case when c = 'x' then m * (1 - m) else 0 end) / sum(m) from t",
        "select * from t where a = any (select a from u)", "select c from t where c like '%x%'",
        "select count(distinct a) filter (where b > 1) from t",
        "select x from (select a as x from t) where x > 1",
        "select T.A from T", "select hits.eventtime from hits where UserID = 3",
        "select a from odd", "select t.a from t cross join u group by t.a",
        "select ts from t where ts > '2024-01-01'",
        "select 1 where null", "select (select max(k) from u) between 1 and 2",
        "select case (select max(k) from u) when 1 then 2 when 3 then 4 end",
        "select (select 1) between symmetric (select 2) and (select 3)",
        "select (select max(k) from u) as s, count(*) from t group by 1 order by 1",
        "select (select max(k) from u) as s from t group by s having s > 1 order by s",
        "select a from t order by 1 + 1", "select -(-a), - -1 from t",
        "select date '2024-02-29' + interval '1' year",
        "select sum(a) s from t group by b order by s + 1",
    ]

    @Test("views are bound in place, their errors name them")
    func views() throws {
        let catalog = FakeCatalog(views: [
            "v": ("select a, k as z from t", []), "w": ("select * from v", ["p"]),
            "broken": ("select nope from t", []), "loop": ("select * from loop", []),
        ])
        #expect(try Self.columns("select * from w where p > 1", catalog) == "p integer, z bigint")
        let broken = try BinderErrorTests.error("select 1, * from broken", catalog)
        #expect(broken.message == "in view \"broken\": column \"nope\" does not exist")
        #expect(broken.position == 17)
        let loop = try BinderErrorTests.error("select * from loop", catalog)
        #expect(loop.sqlState == .statementTooComplex)
    }

    @Test("literals are typed and checked at once")
    func literals() throws {
        func value(_ text: String) throws -> Scalar {
            guard
                case .literal(let scalar, _) = try Binder(catalog: FakeCatalog())
                    .constant(SQLParser.expression(text))
            else { throw Failure("no literal") }
            return scalar
        }
        #expect(try value("date '1970-01-02'") == .int(1))
        #expect(try value("date '1969-12-31'") == .int(-1))
        #expect(try value("'0001-01-01'::date") == .int(-719_162))
        #expect(try value("timestamp '1970-01-01 00:00:01.5'") == .int(1_500_000))
        #expect(try value("timestamptz '1970-01-01 02:00:00+02'") == .int(0))
        #expect(
            try value("interval '1 year 2 months -3 days 04:05:06.7'")
                == .interval(months: 14, days: -3, nanoseconds: 14_706_700_000_000))
        #expect(
            try value("interval '1.5 days'")
                == .interval(months: 0, days: 1, nanoseconds: 43_200_000_000_000))
        #expect(
            try value("interval '1.5 months'") == .interval(months: 1, days: 15, nanoseconds: 0))
        #expect(
            try value("interval '-1.5 years'") == .interval(months: -18, days: 0, nanoseconds: 0))
        #expect(try value("interval '1-2'") == .interval(months: 14, days: 0, nanoseconds: 0))
        #expect(
            try value("interval 'P1Y2M3DT4H5M6S'")
                == .interval(months: 14, days: 3, nanoseconds: 14_706_000_000_000))
        #expect(try value("interval '3' quarter") == .interval(months: 9, days: 0, nanoseconds: 0))
        #expect(
            try value("interval '2 days ago'") == .interval(months: 0, days: -2, nanoseconds: 0))
        #expect(try value("'2.345'::decimal(4, 2)") == .decimal(235))
        #expect(try value("1.5::decimal(4, 2)") == .decimal(150))
        #expect(try value("'-7'::bigint") == .int(-7))
        #expect(try value("'yes'::bool") == .bool(true))
        #expect(try value("try_cast('x' as date)") == .null)
        #expect(try value("interval '2 yrs'") == .interval(months: 24, days: 0, nanoseconds: 0))
        #expect(try value("0x1F") == .int(31))
    }

    @Test("long chains make shallow plans")
    func longChains() throws {
        let unions = Array(repeating: "select 1", count: 4_000).joined(separator: " union all ")
        #expect(try Self.bind(unions).columns.count == 1)
        let sum = "select a" + String(repeating: " + 1", count: Parser.heightMax - 20) + " from t"
        #expect(try Self.columns(sum).hasSuffix("integer"))
        let ors = Array(repeating: "a = 1", count: 20_000).joined(separator: " or ")
        _ = try Self.bind("select a from t where \(ors)")
    }

    @Test(
        "what the parser lets through does not overflow the binder's stack",
        arguments: [
            ("select * from (", "select a from t", ")", 2), ("select (", "select 1", ")", 2),
            ("select a from t where a in (", "select a from u", ")", 2),
            ("select abs(", "1", ")", 2),
            ("select 1 union (", "select 1", ")", 1),
        ])
    func deepNesting(_ open: String, _ inner: String, _ close: String, _ enters: Int) throws {
        let depth = (Parser.depthMax - 10) / enters
        let isCall = open == "select abs("
        let text =
            isCall
            ? "select " + String(repeating: "abs(", count: depth) + inner
                + String(repeating: close, count: depth)
            : String(repeating: open, count: depth) + inner + String(repeating: close, count: depth)
        _ = try Self.bind(text)
    }
}
