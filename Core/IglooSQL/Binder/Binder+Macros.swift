// SPDX-License-Identifier: MIT

internal import IglooContracts
internal import IglooPlan

// Calls that are short for other expressions.
extension Binder {
    /// What the call is short for; `nil` for a call of its own.
    func macro(
        _ name: String, _ syntax: FunctionCall, _ range: SourceRange
    ) throws(IglooError) -> ExpressionSyntax? {
        let arguments = syntax.arguments
        func text(_ text: String) -> ExpressionSyntax {
            ExpressionSyntax(.literal(.string(text)), range)
        }
        func call(_ name: String, _ arguments: [ExpressionSyntax]) -> ExpressionSyntax {
            var call = FunctionCall(
                name: QualifiedName([Identifier(name, range: range)], range: range))
            call.arguments = arguments
            return ExpressionSyntax(.call(call), range)
        }
        func cast(_ value: ExpressionSyntax, _ type: String) -> ExpressionSyntax {
            ExpressionSyntax(
                .cast(value, .named(type, modifiers: [], range), isTry: false), range)
        }
        func infix(_ sign: String, _ left: ExpressionSyntax, _ right: ExpressionSyntax)
            -> ExpressionSyntax
        {
            ExpressionSyntax(.infix(Operator(sign, range: range), left, right), range)
        }
        func times(_ count: ExpressionSyntax, _ unit: String) -> ExpressionSyntax {
            infix("*", count, ExpressionSyntax(.literal(.interval("1 \(unit)", unit: nil)), range))
        }
        if arguments.isEmpty, let value = settings.sessionValues[name] {
            return cast(text(value), "text")
        }
        if let field = Self.fieldFunctions[name], arguments.count == 1 {
            return call("date_part", [text(field), arguments[0]])
        }
        if let unit = Self.unitFunctions[name], arguments.count == 1 {
            return times(arguments[0], unit)
        }
        if ["normalize", "is_normalized"].contains(name), arguments.count == 2,
            case .column(let form) = arguments[1].kind, form.parts.count == 1,
            ["nfc", "nfd", "nfkc", "nfkd"].contains(Identifier.folded(form.parts[0].name))
        {
            return call(name, [arguments[0], text(form.parts[0].name.uppercased())])
        }
        switch (name, arguments.count) {
        case ("date_part", 2):
            if case .array(let fields) = arguments[0].kind {
                return ExpressionSyntax(.structure(try parts(fields, arguments[1], call)), range)
            }
            guard case .literal(.string(let field)) = arguments[0].kind,
                ["epoch", "julian"].contains(Identifier.folded(field))
            else { return nil }
            return call(Identifier.folded(field), [arguments[1]])
        case ("add", 2): return infix("+", arguments[0], arguments[1])
        case ("subtract", 2): return infix("-", arguments[0], arguments[1])
        case ("multiply", 2): return infix("*", arguments[0], arguments[1])
        case ("divide", 2): return infix("//", arguments[0], arguments[1])
        case ("fdiv", 2): return infix("/", cast(arguments[0], "double"), arguments[1])
        case ("sem", 1):
            let count = call("sqrt", [cast(call("count", [arguments[0]]), "double")])
            return infix("/", call("stddev_pop", [arguments[0]]), count)
        case ("list_select", 2):
            let place = Identifier("list_select place", range: range)
            let item = ExpressionSyntax(
                .element(arguments[0], index: Self.column(place)), range)
            return call(
                "list_transform", [arguments[1], ExpressionSyntax(.lambda([place], item), range)])
        case ("list_where", 2):
            let (item, place) = (
                Identifier("list_where item", range: range),
                Identifier("list_where place", range: range)
            )
            let isKept = ExpressionSyntax(
                .element(arguments[1], index: Self.column(place)), range)
            return call(
                "list_filter",
                [arguments[0], ExpressionSyntax(.lambda([item, place], isKept), range)])
        case ("_pg_expandarray", 1):
            // PostgreSQL's rows of items and their places, which JDBC's drivers ask for.
            let (item, place) = (
                Identifier("expanded item", range: range),
                Identifier("expanded place", range: range)
            )
            let row = ExpressionSyntax(
                .structure([
                    .init(name: Identifier("x", range: range), value: Self.column(item)),
                    .init(name: Identifier("n", range: range), value: Self.column(place)),
                ]), range)
            return call(
                "unnest",
                [
                    call(
                        "list_transform",
                        [arguments[0], ExpressionSyntax(.lambda([item, place], row), range)])
                ])
        case ("list_resize", 2), ("list_resize", 3):
            return resized(syntax, range, call)
        case ("list_slice", 4): return stepped(arguments, range, call, infix)
        case ("strptime", 2), ("try_strptime", 2):
            // Of several patterns the first that fits; the last one's error.
            guard case .array(let patterns) = arguments[1].kind, let last = patterns.last else {
                return nil
            }
            let tries = patterns.dropLast().map { call("try_strptime", [arguments[0], $0]) }
            return call("coalesce", tries + [call(name, [arguments[0], last])])
        case ("nfc_normalize", 1): return call("normalize", [arguments[0], text("NFC")])
        case ("json_type", 2), ("json_array_length", 2), ("json_keys", 2):
            return call(name, [call("json_extract", arguments)])
        case ("json_exists", 2): return call("is_not_null", [call("json_extract", arguments)])
        case ("uuid", 0): return call("gen_random_uuid", [])
        case ("dayname", 1): return call("strftime", [arguments[0], text("%A")])
        case ("monthname", 1): return call("strftime", [arguments[0], text("%B")])
        case ("ago", 1): return infix("-", call("now", []), cast(arguments[0], "interval"))
        case ("date_add", 2): return infix("+", arguments[0], arguments[1])
        case ("date_subtract", 2): return infix("-", arguments[0], arguments[1])
        case ("date_add", 3), ("date_subtract", 3):
            // As the zone's clocks show it: days may have 23 or 25 hours.
            let local = call("timezone", [arguments[2], cast(arguments[0], "timestamptz")])
            let moved = infix(name == "date_add" ? "+" : "-", local, arguments[1])
            return call("timezone", [arguments[2], moved])
        case ("date_trunc", 3):
            let local = call("timezone", [arguments[2], cast(arguments[1], "timestamptz")])
            return call("timezone", [arguments[2], call("date_trunc", [arguments[0], local])])
        case ("date", 1), ("text", 1), ("int2", 1), ("int4", 1), ("int8", 1), ("float4", 1),
            ("float8", 1), ("bool", 1):
            return cast(arguments[0], name)
        case ("now", 1): return rounded(arguments[0], call)
        case ("quote_nullable", 1):
            return call("coalesce", [call("quote_literal", arguments), text("NULL")])
        case ("age", 1): return call("age", [call("current_date", []), arguments[0]])
        case ("localtimestamp", _):
            return cast(arguments.first.map { rounded($0, call) } ?? call("now", []), "timestamp")
        case ("localtime", _), ("current_time", _):
            return cast(arguments.first.map { rounded($0, call) } ?? call("now", []), "time")
        case ("make_timestamptz", 6):
            return cast(call("make_timestamp", arguments), "timestamptz")
        case ("make_timestamptz", 7):
            return call(
                "timezone", [arguments[6], call("make_timestamp", Array(arguments.prefix(6)))])
        case ("make_timestamptz", 1):
            return call("timezone", [text("UTC"), call("make_timestamp_us", arguments)])
        case ("make_timestamp", 1): return call("make_timestamp_us", arguments)
        case ("make_interval", _): return try interval(syntax, range, times, infix)
        default: return nil
        }
    }

    private static func column(_ name: Identifier) -> ExpressionSyntax {
        ExpressionSyntax(.column(QualifiedName([name], range: name.range)), name.range)
    }

    /// `list_slice(list, first, last, step)`: each so many-th item; a negative step goes down from
    /// the first to the last.
    private func stepped(
        _ arguments: [ExpressionSyntax], _ range: SourceRange,
        _ call: (String, [ExpressionSyntax]) -> ExpressionSyntax,
        _ infix: (String, ExpressionSyntax, ExpressionSyntax) -> ExpressionSyntax
    ) -> ExpressionSyntax {
        func number(_ text: String) -> ExpressionSyntax {
            ExpressionSyntax(.literal(.integer(text)), range)
        }
        func bound(_ place: Int) -> ExpressionSyntax? {
            arguments[place].kind == .literal(.null) ? nil : arguments[place]
        }
        let (list, step, zero, one) = (arguments[0], arguments[3], number("0"), number("1"))
        let count = call("length", [list])
        func placed(_ bound: ExpressionSyntax) -> ExpressionSyntax {
            call("if", [infix("<", bound, zero), infix("+", infix("+", bound, count), one), bound])
        }
        let part = ExpressionSyntax(.slice(list, lower: bound(1), upper: bound(2)), range)
        let end = infix("+", call("length", [part]), one)
        let upwards = call("list_select", [part, call("range", [one, end, step])])
        let first = call("least", [count, bound(1).map(placed) ?? count])
        let last = call("greatest", [one, bound(2).map(placed) ?? one])
        let downwards = call(
            "list_select", [list, call("range", [first, infix("-", last, one), step])])
        return call("if", [infix("<", zero, step), upwards, downwards])
    }

    /// `list_resize(list, count, value)`: cut, or filled up with the value.
    private func resized(
        _ syntax: FunctionCall, _ range: SourceRange,
        _ call: (String, [ExpressionSyntax]) -> ExpressionSyntax
    ) -> ExpressionSyntax {
        let (list, place) = (syntax.arguments[0], Identifier("list_resize place", range: range))
        func number(_ text: String) -> ExpressionSyntax {
            ExpressionSyntax(.literal(.integer(text)), range)
        }
        let null = ExpressionSyntax(.literal(.null), range)
        let fill = syntax.arguments.count == 3 ? syntax.arguments[2] : null
        let isOld = ExpressionSyntax(
            .infix(Operator("<=", range: range), Self.column(place), call("length", [list])),
            range)
        let item = ExpressionSyntax(.element(list, index: Self.column(place)), range)
        let body = call("if", [isOld, item, fill])
        let count = call("coalesce", [syntax.arguments[1], number("0")])
        let places = call("generate_series", [number("1"), count])
        let whole = call(
            "list_transform", [places, ExpressionSyntax(.lambda([place], body), range)])
        return call("if", [call("is_null", [list]), null, whole])
    }

    /// `now()` with so many digits of its seconds.
    private func rounded(
        _ digits: ExpressionSyntax, _ call: (String, [ExpressionSyntax]) -> ExpressionSyntax
    ) -> ExpressionSyntax {
        call("to_timestamp", [call("round", [call("epoch", [call("now", [])]), digits])])
    }

    /// `date_part(['year', 'month'], x)`: a structure of the fields.
    private func parts(
        _ fields: [ExpressionSyntax], _ value: ExpressionSyntax,
        _ call: (String, [ExpressionSyntax]) -> ExpressionSyntax
    ) throws(IglooError) -> [ExpressionSyntax.NamedValue] {
        var parts: [ExpressionSyntax.NamedValue] = []
        for field in fields {
            guard case .literal(.string(let name)) = field.kind else {
                throw error(
                    .datatypeMismatch, "the list of fields must be constant texts", field.range)
            }
            let label = Identifier(Identifier.folded(name), isQuoted: true, range: field.range)
            parts.append(.init(name: label, value: call("date_part", [field, value])))
        }
        return parts
    }

    /// `make_interval(years => 1, days => 2)`, or by place.
    private func interval(
        _ syntax: FunctionCall, _ range: SourceRange,
        _ times: (ExpressionSyntax, String) -> ExpressionSyntax,
        _ infix: (String, ExpressionSyntax, ExpressionSyntax) -> ExpressionSyntax
    ) throws(IglooError) -> ExpressionSyntax {
        let units = ["years", "months", "weeks", "days", "hours", "mins", "secs"]
        var parts: [ExpressionSyntax] = []
        for (unit, value) in zip(units, syntax.arguments) { parts.append(times(value, unit)) }
        for argument in syntax.namedArguments {
            let name = Identifier.folded(argument.name.name)
            guard units.contains(name), syntax.arguments.count <= units.count else {
                throw error(
                    .undefinedFunction, "make_interval has no argument \(name)",
                    argument.name.range, hint: "it takes " + units.joined(separator: ", "))
            }
            parts.append(times(argument.value, name))
        }
        let zero = ExpressionSyntax(.literal(.interval("0 days", unit: nil)), range)
        return parts.reduce(zero) { infix("+", $0, $1) }
    }

    private static let fieldFunctions: [String: String] = [
        "dayofweek": "dow", "weekday": "dow", "isodow": "isodow", "dayofyear": "doy",
        "isoyear": "isoyear", "century": "century", "decade": "decade",
        "millennium": "millennium", "millisecond": "millisecond", "microsecond": "microsecond",
        "nanosecond": "nanosecond", "yearweek": "yearweek", "era": "era", "timezone": "timezone",
        "timezone_hour": "timezone_hour", "timezone_minute": "timezone_minute",
    ]

    private static let unitFunctions: [String: String] = [
        "to_years": "year", "to_quarters": "quarter", "to_months": "month", "to_weeks": "week",
        "to_days": "day", "to_hours": "hour", "to_minutes": "minute", "to_seconds": "second",
        "to_milliseconds": "millisecond", "to_microseconds": "microsecond",
    ]
}
