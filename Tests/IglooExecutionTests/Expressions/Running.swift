// SPDX-License-Identifier: MIT

import Glibc
import IglooArrow
import IglooContracts
import IglooPlan
import Testing

@testable import IglooExecution

let text = DataType.utf8View
let timestamp = DataType.timestamp(.microsecond, timeZone: nil)
let interval = DataType.interval(.monthDayNano)

/// The seed of this run's random data, printed by failing tests.
let seed: UInt64 = getenv("IGLOO_SEED").flatMap { UInt64(String(cString: $0)) } ?? 42

/// SplitMix64.
struct Random: RandomNumberGenerator {
    var state = seed
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

func array(_ type: DataType, _ values: [Scalar]) throws -> ArrayData {
    let builder = ArrayBuilder(type)
    for value in values { try builder.append(value) }
    return builder.finish()
}

/// The values behind three others: an array with an offset.
func sliced(_ type: DataType, _ values: [Scalar]) throws -> ArrayData {
    try array(type, [.null, .null, .null] + values + [.null])
        .slice(3, count: values.count)
}

func scalars(_ array: ArrayData) -> [Scalar] { (0..<array.count).map { array.scalar(at: $0) } }

func literal(_ value: Int64) -> Expression { .literal(.int(value), .int64) }
func literal(_ value: String) -> Expression { .literal(.text(value), text) }
@_disfavoredOverload
func literal(_ value: Double) -> Expression { .literal(.float(value), .float64) }

/// Casts a constant's text.
func value(_ string: String, _ type: DataType) -> Expression {
    .cast(literal(string), type, isTry: false)
}

/// A call whose arguments are cast to what the overload asks for.
func call(_ name: String, _ arguments: Expression...) throws -> Expression {
    let resolution = try #require(
        FunctionTable.resolve(name, arguments.map(\.type)), "no overload of \(name)")
    var typed: [Expression] = []
    for (argument, type) in zip(arguments, resolution.parameters) {
        typed.append(
            argument.type == type ? argument : .cast(argument, type, isTry: false))
    }
    return .call(name, typed, resolution.result)
}

func run(_ expression: Expression, _ columns: [ArrayData] = []) throws -> [Scalar] {
    let program = try ExpressionProgram(expression, EvaluationContext())
    let count = columns.first?.count ?? 1
    return scalars(try program.evaluate(Batch(columns: columns, rowCount: count)))
}

/// A constant expression's value as text; "" for null.
func shown(_ expression: Expression) throws -> String {
    let cast = expression.type == text ? expression : .cast(expression, text, isTry: false)
    guard case .text(let result) = try run(cast)[0] else { return "" }
    return result
}

/// The SQLSTATE that an expression fails with.
func state(_ expression: Expression, _ columns: [ArrayData] = []) -> String? {
    do {
        _ = try run(expression, columns)
        return nil
    } catch let error as IglooError {
        return error.sqlState.rawValue
    } catch {
        return "\(error)"
    }
}
