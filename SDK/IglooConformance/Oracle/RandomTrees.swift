// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// Requests with any tree that the format can tell, whether it makes sense or not.
struct RandomTrees {
    private let fixture: Fixture
    private var generator: RequestGenerator
    private var random: Random

    init(_ fixture: Fixture, _ random: Random) {
        self.fixture = fixture
        self.random = random
        generator = RequestGenerator(fixture, random)
    }

    private static let types: [DataType] = [
        .bool, .int8, .int32, .int64, .uint64, .float32, .float64, .utf8, .utf8View, .binary,
        .date32, .timestamp(.nanosecond, timeZone: "UTC"), .decimal128(precision: 38, scale: 2),
        .interval(.monthDayNano), .null, .time64(.microsecond),
    ]

    mutating func request() -> ScanRequest {
        var request = generator.request()
        request.table = fixture.table.handle
        for _ in 0..<random.below(3) { request.conjuncts.append(tree(depth: 5)) }
        return request
    }

    private mutating func tree(depth: Int) -> PushdownExpression {
        if depth == 0 || random.chance(1, in: 4) {
            return random.chance(1, in: 2)
                ? generator.column(random.pick(fixture.allColumns)) : literal()
        }
        let operation = PushdownOperation(rawValue: UInt16(4 + random.below(25)))
        let arguments = (0..<random.below(4)).map { _ in tree(depth: depth - 1) }
        return .call(operation, arguments, random.pick(Self.types))
    }

    private mutating func literal() -> PushdownExpression {
        let type = random.pick(Self.types)
        switch type {
        case .bool: return .literal(.bool(random.chance(1, in: 2)), type)
        case .float32, .float64: return .literal(.float(random.pick([0, -0.0, .nan, 1e300])), type)
        case .utf8, .utf8View: return .literal(.text(random.pick(["", "a", "%", "'"])), type)
        case .binary: return .literal(.binary([0, 255]), type)
        case .uint64: return .literal(.uint(.max), type)
        case .decimal128: return .literal(.decimal(-12), type)
        case .interval: return .literal(.interval(months: 1, days: -1, nanoseconds: 1), type)
        case .null: return .literal(.null, type)
        default: return .literal(.int(Int64(random.below(100))), type)
        }
    }
}
