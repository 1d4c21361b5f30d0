// SPDX-License-Identifier: MIT

internal import IglooArrow

extension FunctionTable {
    private static let instant = DataType.timestamp(.microsecond, timeZone: "UTC")

    /// Functions of whole numbers, of bits, and of the kinds of doubles.
    static let numbers: [FunctionEntry] =
        [
            FunctionEntry(
                "gcd", [.of([.int64, .int64], .int64), .commonDecimals], canFail: true,
                "The greatest common divisor.", example: ("gcd(12, 18)", "6")),
            FunctionEntry(
                "lcm", [.of([.int64, .int64], .int64), .commonDecimals], canFail: true,
                "The least common multiple.", example: ("lcm(4, 6)", "12")),
            FunctionEntry(
                "factorial", [.of([.int64], EngineType.hugeInt)], canFail: true,
                "The product of the numbers up to it, 33 at most.", example: ("factorial(5)", "120")
            ),
            FunctionEntry(
                "bit_count",
                [
                    .unary("(integer) -> integer", { $0.isInteger }, { _ in .int32 }),
                    .of([.binaryView], .int64),
                ], "How many bits are set.", example: ("bit_count(7)", "3")),
            FunctionEntry(
                "~", [.unary("(integer) -> integer", { $0.isInteger }, { $0 })],
                "All bits the other way.", example: ("~5", "-6")),
            FunctionEntry(
                "width_bucket",
                [
                    .of([.float64, .float64, .float64, .int64], .int32),
                    .of([.float64, .list(of: .float64)], .int32), thresholds,
                ], canFail: true,
                "The number of the part, of so many of a range, that the value is in; or how many of "
                    + "the ascending thresholds it reaches.",
                example: ("width_bucket(5.35, 0.024, 10.06, 5)", "3")),
            FunctionEntry(
                "signbit", [.of([.float64], .bool)], "Whether its sign is minus, also of zero.",
                example: ("signbit(-1.5)", "true")),
            FunctionEntry(
                "isnan", [.of([.float64], .bool)], "Whether it is not a number.",
                example: ("isnan('nan'::double)", "true")),
            FunctionEntry(
                "isinf",
                [
                    .of([.float64], .bool), .of([.date32], .bool),
                    .of([.timestamp(.microsecond, timeZone: nil)], .bool), .of([instant], .bool),
                ], "Whether it is infinite.",
                example: ("isinf(1.0::double)", "false")),
            FunctionEntry(
                "isfinite",
                [
                    .of([.float64], .bool), .of([.date32], .bool),
                    .of([.timestamp(.microsecond, timeZone: nil)], .bool), .of([instant], .bool),
                    .of([.interval(.monthDayNano)], .bool),
                ], "Whether it is neither infinite nor NaN.", example: ("isfinite(1.5)", "true")),
            FunctionEntry(
                "scale", [ofDecimal(.int32)], "How many digits stand behind the point.",
                example: ("scale(8.4100)", "4")),
            FunctionEntry(
                "min_scale", [ofDecimal(.int32)],
                "How many digits behind the point it takes to write the value.",
                example: ("min_scale(8.4100)", "2")),
            FunctionEntry(
                "trim_scale",
                [.unary("(decimal) -> decimal", { $0.isDecimal || $0.isInteger }, { $0 })],
                "The value; a constant without zeros at its end.",
                example: ("trim_scale(8.4100)", "8.41")),
            FunctionEntry(
                "div", [.plainIntegers, .of([.float64, .float64], .float64)], canFail: true,
                "Quotient, truncated towards zero.", example: ("div(7, 2)", "3")),
        ]
        + [
            ("sinh", "Hyperbolic sine.", true), ("cosh", "Hyperbolic cosine.", true),
            ("tanh", "Hyperbolic tangent.", false), ("asinh", "Inverse hyperbolic sine.", false),
            ("acosh", "Inverse hyperbolic cosine.", true),
            ("atanh", "Inverse hyperbolic tangent.", true), ("cot", "Cotangent.", true),
            ("gamma", "The gamma function.", true),
            ("lgamma", "Logarithm of the gamma function.", true),
            ("even", "The next even number away from zero.", false),
        ].map { name, documentation, canFail in
            FunctionEntry(name, [.of([.float64], .float64)], canFail: canFail, documentation)
        }
}

extension FunctionTable {
    private static func ofDecimal(_ result: DataType) -> Overload {
        .unary("(decimal) -> \(result.sqlName)", { $0.isDecimal || $0.isInteger }, { _ in result })
    }

    private static let thresholds = Overload("(any, list) -> integer") { arguments in
        guard arguments.count == 2, let element = arguments[1].listElement,
            let type = Coercion.common(arguments[0], element)
        else { return nil }
        return Overload.Resolution([type, .list(of: type)], .int32)
    }
}

extension Overload {
    fileprivate static let commonDecimals = Overload("(decimal, decimal) -> decimal") { arguments in
        guard arguments.count == 2, arguments.contains(where: \.isDecimal),
            let type = Coercion.common(arguments[0], arguments[1]), type.isDecimal
        else { return nil }
        return Resolution([type, type], type)
    }

    /// Integers only, in their common type.
    fileprivate static let plainIntegers = Overload("(integer, integer) -> integer") { arguments in
        guard arguments.count == 2, arguments.allSatisfy(\.isInteger),
            let type = Coercion.common(arguments[0], arguments[1]), type.isInteger
        else { return nil }
        return Resolution([type, type], type)
    }
}
