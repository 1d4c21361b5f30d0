// SPDX-License-Identifier: MIT

import IglooArrow
import IglooArrowTesting
import IglooContracts
import Testing

/// Expressions written as IGX1 and read again.
@Suite struct ExpressionFormatTests {
    private func roundTrip(_ expression: PushdownExpression) throws -> PushdownExpression {
        var encoder = ExpressionEncoder()
        let root = encoder.append(expression)
        return try ExpressionDecoder(encoder.finish()).expression(at: root)
    }

    @Test(arguments: ArrowSamples.flatTypes)
    func everyFlatTypeComesBack(_ type: DataType) throws {
        #expect(ExpressionEncoder.canTell(type))
        var generator = SeededGenerator(seed: 11)
        for _ in 0..<50 {
            let value = ArrowSamples.scalar(type, nullShare: 0.1, using: &generator)
            let literal = PushdownExpression.literal(value, type)
            #expect(try roundTrip(literal) == literal)
        }
        #expect(try roundTrip(.column(7, type)) == .column(7, type))
    }

    @Test(arguments: [
        DataType.timestamp(.microsecond, timeZone: "Europe/Berlin"),
        .timestamp(.second, timeZone: ""),
        .decimal128(precision: 38, scale: -5), .fixedSizeBinary(byteCount: 0),
        .dictionary(index: .uint16, value: .utf8, isOrdered: true),
        .dictionary(
            index: .int8, value: .timestamp(.nanosecond, timeZone: "+01:00"), isOrdered: false),
    ])
    func parametersComeBack(_ type: DataType) throws {
        let expression = PushdownExpression.call(
            .or,
            [
                .call(.isNull, [.column(0, type)], .bool),
                .call(.equal, [.column(1, type), .literal(.null, type)], .bool),
            ], .bool)
        #expect(try roundTrip(expression) == expression)
    }

    @Test func extremesComeBack() throws {
        let literals: [(Scalar, DataType)] = [
            (.int(.min), .int64), (.uint(.max), .uint64), (.float(-0.0), .float64),
            (.float(.infinity), .float32), (.decimal(.min), .decimal128(precision: 38, scale: 0)),
            (.decimal(-1), .decimal256(precision: 76, scale: 3)),
            (.wideDecimal(high: .min, low: .max), .decimal256(precision: 76, scale: 3)),
            (.text(""), .utf8), (.text(String(repeating: "ä\0", count: 5000)), .utf8View),
            (.binary([]), .binary),
            (.interval(months: .min, days: .max, nanoseconds: .min), .interval(.monthDayNano)),
            (.text("x"), .dictionary(index: .int32, value: .largeUtf8, isOrdered: false)),
        ]
        for (value, type) in literals {
            let literal = PushdownExpression.literal(value, type)
            #expect(try roundTrip(literal) == literal)
        }
        let nan = try roundTrip(.literal(.float(.nan), .float64))
        guard case .literal(.float(let value), .float64) = nan else {
            Issue.record("\(nan)")
            return
        }
        #expect(value.isNaN)
    }

    @Test func whatCannotBeToldIsOpaque() throws {
        let list = DataType.list(Field("item", .int32))
        let literal = PushdownExpression.literal(.list([.int(1)]), list)
        let comparison = PushdownExpression.call(.equal, [.column(3, list), literal], .bool)
        guard case .call(.equal, let arguments, .bool) = try roundTrip(comparison) else {
            Issue.record("not a comparison")
            return
        }
        #expect(arguments == [.column(3, .null), .call(.opaque, [], .bool)])
        // Values that are not of their type, and calls whose type cannot be told.
        #expect(try roundTrip(.literal(.int(300), .int8)) == .call(.opaque, [], .bool))
        #expect(
            try roundTrip(.call(.cast, [.column(2, .utf8)], list))
                == .call(.opaque, [.column(2, .null)], .bool))
        #expect(!ExpressionEncoder.canTell(list))
    }

    @Test func deepTreesAreOpaque() throws {
        var deep = PushdownExpression.column(4, .bool)
        for _ in 0..<200 { deep = .call(.not, [deep], .bool) }
        #expect(try roundTrip(deep) == deep)
        deep = .call(.not, [deep], .bool)
        #expect(try roundTrip(deep) == .call(.opaque, [.column(4, .null)], .bool))
    }

    @Test func malformedBlobsAreErrors() throws {
        #expect(try ExpressionDecoder([]).count == 0)
        #expect(ExpressionEncoder().finish().isEmpty)
        #expect(throws: IglooError.self) { try ExpressionDecoder([]).expression(at: 0) }
        let bytes = try sample()
        for count in 1..<bytes.count {
            #expect(throws: IglooError.self) { try ExpressionDecoder(Array(bytes[0..<count])) }
        }
    }

    /// A node that stands in two places would make a small blob an exponentially large tree.
    @Test func sharedNodesAreRefused() throws {
        var encoder = ExpressionEncoder()
        _ = encoder.append(
            .call(.and, [.column(0, .bool), .column(1, .bool)], .bool))
        var bytes = encoder.finish()
        // The arguments stand first in the pool, behind its reserved word.
        let pool = 16 + 3 * 32 + 4
        #expect(bytes[pool] == 0 && bytes[pool + 4] == 1)
        bytes[pool + 4] = 0
        let error = #expect(throws: IglooError.self) { try ExpressionDecoder(bytes) }
        #expect(error?.message.contains("no tree") == true)
        bytes[pool + 4] = 2
        #expect(throws: IglooError.self) { try ExpressionDecoder(bytes) }
    }

    @Test func flippedBytesNeverTrap() throws {
        let bytes = try sample()
        var generator = SeededGenerator(seed: 5)
        for _ in 0..<10_000 {
            var broken = bytes
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                broken[Int.random(in: broken.indices, using: &generator)] =
                    UInt8.random(in: 0...255, using: &generator)
            }
            guard let decoder = try? ExpressionDecoder(broken) else { continue }
            // What was read can be written again.
            var encoder = ExpressionEncoder()
            for index in 0..<decoder.count {
                _ = encoder.append(try decoder.expression(at: UInt32(index)))
            }
        }
    }

    private func sample() throws -> [UInt8] {
        var encoder = ExpressionEncoder()
        var generator = SeededGenerator(seed: 6)
        for (index, type) in ArrowSamples.flatTypes.enumerated() {
            let value = ArrowSamples.scalar(type, nullShare: 0, using: &generator)
            _ = encoder.append(
                .call(
                    .isIn, [.column(index, type), .literal(value, type), .literal(.null, type)],
                    .bool))
        }
        return encoder.finish()
    }
}
