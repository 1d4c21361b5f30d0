// SPDX-License-Identifier: MIT

internal import IglooArrow

/// The usual shapes of overloads, so that tables of functions read like tables.
extension Overload {
    /// Exactly these parameters, to which arguments are implicitly cast.
    static func of(_ parameters: [DataType], _ result: DataType) -> Overload {
        let names = parameters.map(\.sqlName).joined(separator: ", ")
        return Overload("(\(names)) -> \(result.sqlName)") { arguments in
            guard arguments.count == parameters.count,
                zip(arguments, parameters).allSatisfy({ Coercion.isImplicit(from: $0, to: $1) })
            else { return nil }
            return Resolution(parameters, result)
        }
    }

    /// One argument that `accepts` takes as it is.
    static func unary(
        _ signature: String, _ accepts: @escaping @Sendable (DataType) -> Bool,
        _ result: @escaping @Sendable (DataType) -> DataType
    ) -> Overload {
        Overload(signature) { arguments in
            guard arguments.count == 1, accepts(arguments[0]) else { return nil }
            return Resolution(arguments, result(arguments[0]))
        }
    }

    /// Any number of arguments (at least `countMin`) of one common type, which is the result's.
    static func common(_ signature: String, countMin: Int) -> Overload {
        Overload(signature) { arguments in
            guard arguments.count >= countMin, let type = commonType(arguments) else { return nil }
            return Resolution(Array(repeating: type, count: arguments.count), type)
        }
    }

    static func commonType(_ types: [DataType]) -> DataType? {
        guard var type = types.first else { return nil }
        for other in types.dropFirst() {
            guard let wider = Coercion.common(type, other) else { return nil }
            type = wider
        }
        return type
    }

    /// Two arguments compared in their common type.
    static let comparison = Overload("(any, any) -> boolean") { arguments in
        guard arguments.count == 2, let type = Coercion.common(arguments[0], arguments[1])
        else { return nil }
        return Resolution([type, type], .bool)
    }

    /// Integers and floats: both arguments and the result in the common type.
    static let plainArithmetic = Overload("(number, number) -> number") { arguments in
        guard arguments.count == 2, arguments.allSatisfy({ $0.isNumeric || $0 == .null }),
            let type = Coercion.common(arguments[0], arguments[1]), !type.isDecimal
        else { return nil }
        let concrete = type == .null ? .int64 : type
        return Resolution([concrete, concrete], concrete)
    }

    /// Decimals, at least one, or whole numbers that no other type holds both of: the result's
    /// shape by `shape` of both arguments'. The kernel
    /// takes the arguments in their own scales, in the layout of the result's width.
    static func decimalArithmetic(
        _ signature: String,
        _ shape:
            @escaping @Sendable (
                _ left: (precision: Int, scale: Int), _ right: (precision: Int, scale: Int)
            ) -> (precision: Int, scale: Int)?
    ) -> Overload {
        Overload(signature) { arguments in
            guard arguments.count == 2, arguments.allSatisfy(\.isNumeric),
                Coercion.common(arguments[0], arguments[1])?.isDecimal ?? false,
                let left = Coercion.asDecimal(arguments[0]),
                let right = Coercion.asDecimal(arguments[1]),
                let result = shape(left, right)
            else { return nil }
            return Resolution(
                [
                    EngineType.decimal(left.precision, left.scale),
                    EngineType.decimal(right.precision, right.scale),
                ], EngineType.decimal(result.precision, result.scale))
        }
    }
}
