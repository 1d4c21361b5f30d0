// SPDX-License-Identifier: MIT

internal import IglooArrow

extension FunctionTable {
    static let mathematics: [FunctionEntry] =
        [
            FunctionEntry(
                "abs", [.unary("(number) -> number", { $0.isNumeric }, { $0 })], canFail: true,
                "The value without its sign.", example: ("abs(-2)", "2")),
            FunctionEntry(
                "sign",
                [
                    .unary("(number) -> integer", { $0.isNumeric && !$0.isFloat }, { _ in .int32 }),
                    .of([.float64], .float64),
                ],
                "-1, 0 or 1.", example: ("sign(-2)", "-1")),
            rounding("ceil", "The least whole number that is not less.", ("ceil(1.2)", "2")),
            rounding(
                "floor", "The greatest whole number that is not greater.", ("floor(1.8)", "1")),
            FunctionEntry(
                "round", roundOverloads + digitOverloads, canFail: true,
                "The nearest value with so many digits after the point; halves away from zero.",
                example: ("round(2.345, 2)", "2.35")),
            FunctionEntry(
                "trunc", roundOverloads + digitOverloads, canFail: true,
                "The value without the digits after the given one.",
                example: ("trunc(2.349, 2)", "2.34")),
            FunctionEntry(
                "mod", [.plainArithmetic] + modOfDecimals, canFail: true,
                "Remainder, with the sign of the dividend.", example: ("mod(7, 3)", "1")),
            FunctionEntry(
                "power", [.of([.float64, .float64], .float64)], canFail: true, "Power.",
                example: ("power(2, 10)", "1024")),
            FunctionEntry(
                "atan2", [.of([.float64, .float64], .float64)], "The angle of a point (y, x).",
                example: ("atan2(0, 1)", "0")),
            FunctionEntry(
                "log",
                [.of([.float64], .float64), .of([.float64, .float64], .float64)], canFail: true,
                "Logarithm to the base 10, or to the first of two arguments.",
                example: ("log(100)", "2")),
            FunctionEntry(
                "atan2d", [.of([.float64, .float64], .float64)],
                "The angle of a point (y, x) in degrees.", example: ("atan2d(1, 0)", "90")),
            FunctionEntry("pi", [.of([], .float64)], "The ratio of circumference to diameter."),
            FunctionEntry(
                "random", [.of([], .float64)], volatility: .volatile,
                "A random number, at least 0 and less than 1."),
            FunctionEntry(
                "random_normal",
                [
                    .of([], .float64), .of([.float64], .float64),
                    .of([.float64, .float64], .float64),
                ], volatility: .volatile,
                "A random number of the normal distribution of a mean (0) and standard deviation (1)."
            ),
            FunctionEntry(
                "setseed", [.of([.float64], .utf8View)], volatility: .volatile, canFail: true,
                "Lets random() and random_normal() begin anew, from a number between -1 and 1 on.",
                example: ("setseed(0.5)", "")),
        ] + degrees
        + [
            ("sqrt", "Square root.", true), ("cbrt", "Cube root.", false),
            ("exp", "e to the power of the argument.", true),
            ("ln", "Natural logarithm.", true), ("log10", "Logarithm to the base 10.", true),
            ("log2", "Logarithm to the base 2.", true),
            ("sin", "Sine.", true), ("cos", "Cosine.", true), ("tan", "Tangent.", true),
            ("asin", "Inverse sine.", true), ("acos", "Inverse cosine.", true),
            ("atan", "Inverse tangent.", false), ("degrees", "Radians to degrees.", false),
            ("radians", "Degrees to radians.", false),
        ].map { name, documentation, canFail in
            FunctionEntry(
                name, [.of([.float64], .float64)], canFail: canFail, documentation)
        }

    private static let degrees: [FunctionEntry] = [
        ("sind", "Sine of degrees.", true, "sind(30)", "0.5"),
        ("cosd", "Cosine of degrees.", true, "cosd(60)", "0.5"),
        ("tand", "Tangent of degrees.", true, "tand(45)", "1"),
        ("cotd", "Cotangent of degrees.", true, "cotd(45)", "1"),
        ("asind", "Inverse sine in degrees.", true, "asind(0.5)", "30"),
        ("acosd", "Inverse cosine in degrees.", true, "acosd(0.5)", "60"),
        ("atand", "Inverse tangent in degrees.", false, "atand(1)", "45"),
        ("erf", "The error function.", false, "erf(0)", "0"),
        ("erfc", "1 less the error function.", false, "erfc(0)", "1"),
    ].map { name, documentation, canFail, call, result in
        FunctionEntry(
            name, [.of([.float64], .float64)], canFail: canFail, documentation,
            example: (call, result))
    }

    private static func rounding(
        _ name: String, _ documentation: String, _ example: (call: String, result: String)
    ) -> FunctionEntry {
        FunctionEntry(name, roundOverloads, documentation, example: example)
    }

    private static let roundOverloads: [Overload] = [
        .unary("(integer) -> integer", { $0.isInteger }, { $0 }),
        .unary("(double) -> double", { $0.isFloat }, { $0 }),
        .unary(
            "(decimal) -> decimal", { $0.isDecimal },
            { type in
                guard let (precision, scale) = type.decimalShape else { return type }
                let digits = min(
                    max(precision - scale, 0) + (scale > 0 ? 1 : 0), EngineType.decimalPrecisionMax)
                return EngineType.decimal(max(digits, 1), 0)
            }),
    ]

    /// With a number of digits: the type stays, digits beyond are zero.
    private static let digitOverloads: [Overload] = [
        Overload("(decimal, integer) -> decimal") { arguments in
            guard arguments.count == 2, let (precision, scale) = arguments[0].decimalShape,
                Coercion.isImplicit(from: arguments[1], to: .int32)
            else { return nil }
            let wider = min(precision + 1, EngineType.decimalPrecisionMax)
            return Overload.Resolution(
                [arguments[0], .int32], EngineType.decimal(wider, scale))
        },
        Overload("(integer, integer) -> integer") { arguments in
            guard arguments.count == 2, arguments[0].isInteger,
                Coercion.isImplicit(from: arguments[1], to: .int32)
            else { return nil }
            return Overload.Resolution([arguments[0], .int32], arguments[0])
        },
        .of([.float64, .int32], .float64),
    ]

    private static let modOfDecimals: [Overload] = [
        Overload("(decimal, decimal) -> decimal") { arguments in
            guard arguments.count == 2, arguments.contains(where: \.isDecimal),
                let type = Coercion.common(arguments[0], arguments[1]), type.isDecimal
            else { return nil }
            return Overload.Resolution([type, type], type)
        }
    ]
}
