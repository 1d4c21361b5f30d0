// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan
import Testing

@testable import IglooSQL

struct BinderErrorTests {
    static func error(
        _ text: String, _ catalog: FakeCatalog = FakeCatalog()
    ) throws -> IglooError {
        do throws(IglooError) {
            _ = try Binder(catalog: catalog).bind(try SQLParser.query(text))
        } catch { return error }
        throw Failure("no error for \(text)")
    }

    @Test(
        "state, place, message and hint",
        arguments: [
            (
                "select nmae from (select 1 as name) x", "42703", 7,
                "column \"nmae\" does not exist",
                "did you mean \"name\"?"
            ),
            (
                "select t.aa from t", "42703", 9, "column t.aa does not exist",
                "did you mean \"a\"?"
            ),
            ("select zz.a from t", "42P01", 7, "missing FROM-clause entry for table \"zz\"", nil),
            (
                "select * from custmer", "42P01", 14, "table \"custmer\" does not exist",
                "did you mean \"customer\"?"
            ),
            (
                "select a from t, u", "42702", 7, "column reference \"a\" is ambiguous",
                "name its table as well: table.a"
            ),
            (
                "select * from t, t", "42712", 17, "table name \"t\" specified more than once",
                "give one of the two an alias"
            ),
            (
                "select a, sum(b) from t", "42803", 7,
                "column \"a\" must appear in the GROUP BY clause or be used in an aggregate function",
                nil
            ),
            (
                "select b from t group by a", "42803", 7,
                "column \"b\" must appear in the GROUP BY clause or be used in an aggregate function",
                nil
            ),
            (
                "select a from t where sum(b) > 1", "42803", 22,
                "aggregate functions are not allowed in WHERE", nil
            ),
            (
                "select sum(sum(a)) from t", "42803", 11,
                "aggregate function calls cannot be nested", nil
            ),
            (
                "select a from t group by sum(a)", "42803", 25,
                "aggregate functions are not allowed in GROUP BY", nil
            ),
            (
                "select a from t where a", "42804", 22,
                "argument of WHERE must be type boolean, not type integer", nil
            ),
            (
                "select a + c from t", "42883", 9, "operator does not exist: integer + text",
                "an explicit cast may help: CAST(x AS type)"
            ),
            (
                "select uper(c) from t", "42883", 7, "function uper does not exist",
                "did you mean \"upper\"?"
            ),
            (
                "select upper(a, b) from t", "42883", 7,
                "function upper(integer, integer) does not exist",
                "it takes (text) -> text"
            ),
            (
                "select a from t order by 2", "42P10", 25,
                "ORDER BY position 2 is not in select list", nil
            ),
            (
                "select a from t group by 0", "42P10", 25,
                "GROUP BY position 0 is not in select list", nil
            ),
            (
                "select distinct a from t order by b", "42P10", 34,
                "for SELECT DISTINCT, ORDER BY expressions must appear in select list", nil
            ),
            (
                "select date '2024-02-30'", "22007", 7,
                "invalid input syntax for type date: \"2024-02-30\"", nil
            ),
            (
                "select d from t where d < '2024-13-01'", "22007", 26,
                "invalid input syntax for type date: \"2024-13-01\"", nil
            ),
            (
                "select a = 'x' from t", "22P02", 11,
                "invalid input syntax for type integer: \"x\"", nil
            ),
            (
                "select '300'::tinyint", "22003", 7,
                "value \"300\" is out of range for type tinyint", nil
            ),
            (
                "select interval '1 banana'", "22007", 7,
                "invalid input syntax for type interval: \"1 banana\"", nil
            ),
            (
                "select 1 union select 1, 2", "42601", 15,
                "each UNION query must have the same number of columns", nil
            ),
            (
                "select a from t union select d from t", "42804", 0,
                "UNION types integer and date cannot be matched", nil
            ),
            ("values (1), (1, 2)", "42601", 13, "VALUES lists must all be the same length", nil),
            (
                "select case when ok then 1 else d end from t", "42804", 32,
                "CASE types integer and date cannot be matched", nil
            ),
            (
                "select (select a, b from t)", "42601", 7, "subquery must return only one column",
                nil
            ),
            ("select a::date from t", "42846", 7, "cannot cast type integer to date", nil),
            (
                "select a::intger from t", "42704", 10, "type \"intger\" does not exist",
                "did you mean integer?"
            ),
            (
                "select 1::decimal(50, 2)", "22023", 10,
                "decimal needs a precision of 1 to 38 and a scale of 0 to the precision", nil
            ),
            ("select a from t limit -1", "2201W", 22, "LIMIT must not be negative", nil),
            (
                "select * from t join u using (x)", "42703", 30,
                "column \"x\" specified in USING clause does not exist in left table", nil
            ),
            ("select *", "42601", 7, "SELECT * with no tables specified is not valid", nil),
            ("select * exclude (q) from u", "42703", 18, "column \"q\" does not exist", nil),
            ("select $1", "42P02", 7, "there is no parameter $1", nil),
            (
                "select * from odd", "0A000", 7,
                "column \"z\" has type decimal256(60, 2), which is not supported",
                "leave it out: SELECT * EXCLUDE (z)"
            ),
            ("select a from t where x = 1", "42703", 22, "column \"x\" does not exist", nil),
            (
                "select * from u as v(a, b, c, d)", "42P10", 19,
                "table \"v\" has 3 columns available but 4 columns specified", nil
            ),
            (
                "with w as (select 1), w as (select 2) select 1", "42712", 22,
                "WITH query name \"w\" specified more than once", nil
            ),
            (
                "select (select max(k) from u where u.a = t.b) from t group by t.a", "42803", 7,
                "column \"b\" must appear in the GROUP BY clause or be used in an aggregate function",
                nil
            ),
            (
                "select grouping(b) from t group by a", "42803", 16,
                "arguments to GROUPING must be grouping expressions of the associated query level",
                nil
            ),
            (
                "with recursive r as (select n + 1 from r union all select 1) select * from r",
                "42P19", 39,
                "recursive reference to query \"r\" must not appear within its non-recursive term",
                nil
            ),
        ] as [(String, String, Int, String, String?)])
    func errors(
        _ query: String, _ state: String, _ position: Int, _ message: String, _ hint: String?
    ) throws {
        let error = try Self.error(query)
        #expect(error.message == message)
        #expect(error.sqlState.rawValue == state)
        #expect(error.position == position)
        #expect(error.hint == hint)
    }

    @Test("common tables that use each other twice are bound once each")
    func sharing() throws {
        var text = "with w0 as (select 1 as n)"
        for level in 1...40 {
            text += ", w\(level) as (select x.n from w\(level - 1) x, w\(level - 1) y)"
        }
        let plan = try Binder(catalog: FakeCatalog())
            .bind(try SQLParser.query(text + " select * from w40"))
        #expect((1...41).allSatisfy { plan.reads($0) })
    }
}
