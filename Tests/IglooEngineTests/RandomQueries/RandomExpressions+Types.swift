// SPDX-License-Identifier: MIT

// Calls and operators, by the type of their result.
extension RandomExpressions {
    /// A number small enough to be computed with.
    private mutating func small(_ depth: Int) -> String {
        switch Int.random(in: 0..<9, using: &generator) {
        case 0: return "length(\(expression(.text, depth - 1)))"
        case 1: return "(\(expression(.integer, depth - 1)) % \(pick(["2", "3", "7", "-5"])))"
        case 2: return "cast(\(condition(depth - 1)) as integer)"
        case 3:
            let field = pick(["year", "month", "day", "dow", "isodow", "doy", "quarter", "week"])
            return "cast(extract(\(field) from \(expression(.date, depth - 1))) as integer)"
        case 4:
            let field = pick(["hour", "minute", "second", "year", "month"])
            return "cast(date_part('\(field)', \(expression(.timestamp, depth - 1))) as integer)"
        case 5: return "position('a' in \(expression(.text, depth - 1)))"
        case 6: return "len(\(list(depth)))"
        case 7: return "sign(\(expression(.integer, depth - 1)))"
        default: return pick(["0", "1", "2", "-3", "10"])
        }
    }

    /// A list of integers.
    private mutating func list(_ depth: Int) -> String {
        let items = (0..<Int.random(in: 1...3, using: &generator)).map { _ in
            expression(.integer, depth - 2)
        }
        let list = "[\(items.joined(separator: ", "))]"
        return switch Int.random(in: 0..<5, using: &generator) {
        case 0: "list_sort(\(list))"
        case 1: "list_sort(list_distinct(\(list)))"
        case 2: "list_concat(\(list), \(list))"
        default: list
        }
    }

    mutating func specific(_ type: RandomType, _ depth: Int) -> String {
        switch type {
        case .integer: integer(depth)
        case .bigint: bigint(depth)
        case .double: double(depth)
        case .decimal: decimal(depth)
        case .text: text(depth)
        case .bool: condition(depth)
        case .date: date(depth)
        case .timestamp: timestamp(depth)
        }
    }

    private mutating func integer(_ depth: Int) -> String {
        switch Int.random(in: 0..<11, using: &generator) {
        case 0: "cast(\(small(depth)) as integer)"
        case 1, 2: "cast(\(small(depth)) \(pick(["+", "-", "*"])) \(small(depth)) as integer)"
        case 3: "cast(abs(\(small(depth))) as integer)"
        case 4: "cast(\(small(depth)) / \(pick(["2", "-3", "7"])) as integer)"
        case 5: "\(list(depth))[\(pick(["1", "2", "9", "-1"]))]"
        case 6: "(cast(\(small(depth)) as integer) \(pick(["&", "|"])) \(pick(["5", "12"])))"
        case 7: "cast(\(expression(.decimal, depth - 1)) as integer)"
        case 8: "cast(\(pick(["'12'", "' -7 '", "'+3'", "'007'"])) as integer)"
        case 9: "cast(ascii(\(expression(.text, depth - 1))) as integer)"
        default: "(- cast(\(small(depth)) as integer))"
        }
    }

    private mutating func bigint(_ depth: Int) -> String {
        let days = "\(expression(.date, depth - 1)), \(expression(.date, depth - 1))"
        switch Int.random(in: 0..<8, using: &generator) {
        case 0: return "cast(\(expression(.integer, depth - 1)) as bigint)"
        case 1:
            let sign = pick(["+", "-", "*"])
            return
                "(cast(\(expression(.integer, depth - 1)) as bigint) \(sign) "
                + "\(expression(.integer, depth - 1)))"
        case 2: return "date_diff('\(pick(["day", "month", "year", "week"]))', \(days))"
        case 3: return "date_sub('\(pick(["day", "month", "year"]))', \(days))"
        case 4: return "(\(expression(.date, depth - 1)) - \(expression(.date, depth - 1)))"
        case 5:
            let times = "\(expression(.timestamp, depth - 1)), \(expression(.timestamp, depth - 1))"
            return "date_diff('\(pick(["hour", "minute", "day"]))', \(times))"
        case 6: return "cast(\(pick(["2.5", "-2.5", "3.5", "0.49"]))::double as bigint)"
        default: return "(\(expression(.bigint, depth - 1)) % 1000)"
        }
    }

    private mutating func double(_ depth: Int) -> String {
        switch Int.random(in: 0..<10, using: &generator) {
        case 0: "cast(\(expression(.integer, depth - 1)) as double)"
        case 1: "(cast(\(small(depth)) as double) \(pick(["+", "-", "*"])) 0.5::double)"
        case 2: "(cast(\(small(depth)) as double) / 4.0::double)"
        case 3: "abs(\(expression(.double, depth - 1)))"
        case 4: "sqrt(abs(cast(\(small(depth)) as double)))"
        case 5: "round(cast(\(expression(.decimal, depth - 1)) as double) / 4.0::double, 2)"
        case 6: "ceil(cast(\(expression(.decimal, depth - 1)) as double))"
        case 7: "trunc(cast(\(expression(.decimal, depth - 1)) as double))"
        case 8: "epoch(\(expression(.timestamp, depth - 1)))"
        default: "floor(cast(\(expression(.decimal, depth - 1)) as double))"
        }
    }

    private mutating func decimal(_ depth: Int) -> String {
        switch Int.random(in: 0..<7, using: &generator) {
        case 0: "cast(\(small(depth)) as decimal(10,2))"
        case 1:
            "cast(cast(\(small(depth)) as decimal(10,2)) \(pick(["+", "-", "*"])) 1.25 "
                + "as decimal(12,2))"
        case 2: "abs(\(expression(.decimal, depth - 1)))"
        case 3: "round(\(expression(.decimal, depth - 1)), 1)"
        case 4: "cast(\(pick(["1.004", "-0.126", "2.5", "0.375"]))::double as decimal(10,2))"
        case 5: "(\(expression(.decimal, depth - 1)) % 7.5)"
        default: "cast(\(pick(["'1.005'", "'-0.995'", "'12'", "'1e2'"])) as decimal(10,2))"
        }
    }

    private mutating func text(_ depth: Int) -> String {
        let inner = expression(.text, depth - 1)
        let count = pick(["0", "1", "2", "5"])
        switch Int.random(in: 0..<22, using: &generator) {
        case 0: return "(\(inner) || \(expression(.text, depth - 1)))"
        case 1: return "upper(\(inner))"
        case 2: return "lower(\(inner))"
        case 3:
            return "substring(\(inner), \(pick(["1", "2", "3"])), \(pick(["0", "1", "2", "9"])))"
        case 4: return "\(pick(["trim", "ltrim", "rtrim"]))(\(inner))"
        case 5: return "replace(\(inner), 'a', \(pick(["''", "'xy'", "'ä'"])))"
        case 6:
            return
                "cast(\(expression(pick([.integer, .bigint, .bool, .date]), depth - 1)) as varchar)"
        case 7: return "concat(\(inner), \(expression(.text, depth - 1)))"
        case 8: return "reverse(\(pick(["'abc'", inner])))"
        case 9: return "left(\(inner), \(pick(["1", "2", "-1"])))"
        case 10: return "right(\(inner), \(pick(["1", "2", "-1"])))"
        case 11: return "\(pick(["lpad", "rpad"]))(\(inner), \(count), '*-')"
        case 12: return "repeat(\(inner), \(count))"
        case 13: return "split_part(\(inner), \(pick(["'a'", "' '", "'b'"])), \(pick(["1", "2"])))"
        case 14: return "translate(\(inner), 'ab', \(pick(["'x'", "'xy'", "''"])))"
        case 15: return "md5(\(inner))"
        case 16: return "regexp_replace(\(inner), '[a-b]+', '<\\0>')"
        case 17: return "concat_ws('-', \(inner), \(expression(.text, depth - 1)))"
        case 18: return "strftime(\(expression(.timestamp, depth - 1)), '%Y-%m-%d %H:%M')"
        case 19: return "cast(\(list(depth)) as varchar)"
        case 20: return "chr(\(pick(["65", "228", "26085"])))"
        default: return "trim(\(inner), \(pick(["'a'", "' a'", "'z'"])))"
        }
    }

    private mutating func date(_ depth: Int) -> String {
        switch Int.random(in: 0..<6, using: &generator) {
        case 0: "(date '2024-02-29' + cast(\(small(depth)) as integer))"
        case 1: "cast(\(expression(.timestamp, depth - 1)) as date)"
        case 2:
            "cast(date_trunc('\(pick(["month", "year", "quarter", "week", "decade"]))', "
                + "\(pick(RandomType.date.literals.filter { !$0.contains("0001") }))) as date)"
        case 3: "last_day(\(pick(["date '2024-02-11'", "date '1999-12-31'"])))"
        case 4: "cast(date '2024-01-31' + interval '\(pick(["1", "13", "-2"])) month' as date)"
        default: "(\(pick(["date '2024-03-31'", "date '2000-01-01'"])) - 30)"
        }
    }

    private mutating func timestamp(_ depth: Int) -> String {
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: "cast(\(expression(.date, depth - 1)) as timestamp)"
        case 1:
            "(timestamp '2024-01-31 10:00:00' + interval "
                + "'\(pick(["1 month", "1 day", "36 hours", "-90 minutes", "1 year 1 day"]))')"
        case 2:
            "time_bucket(interval '\(pick(["7 minutes", "3 hours", "2 days"]))', "
                + "timestamp '2024-02-29 12:34:56.789')"
        default:
            "date_trunc('\(pick(["hour", "minute", "second", "day", "month"]))', "
                + "timestamp '2024-02-29 12:34:56.789')"
        }
    }
}
