// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// Tells from the bounds of a chunk's columns that none of its rows can meet a condition.
enum ZoneFilter {
    /// Whether bounds can ever tell something about the condition.
    static func canUse(_ condition: PushdownExpression) -> Bool {
        guard case .call(let operation, let arguments, _) = condition else { return false }
        switch operation {
        case .and, .or: return !arguments.isEmpty && arguments.allSatisfy { canUse($0) }
        case .equal, .less, .lessOrEqual, .greater, .greaterOrEqual, .isIn:
            guard case .column(_, let type)? = arguments.first, hasBounds(type.storage) else {
                return false
            }
            return arguments.dropFirst().allSatisfy {
                if case .literal(_, type) = $0 { true } else { false }
            }
        case .isNull:
            if case .column? = arguments.first { return true }
            return false
        default: return false
        }
    }

    private static func hasBounds(_ type: DataType) -> Bool {
        switch type {
        case .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64, .float32, .float64,
            .decimal64, .decimal128, .date32, .time64, .timestamp:
            true
        default: false
        }
    }

    static func mayMatch(_ chunk: Chunk, _ conditions: [PushdownExpression]) -> Bool {
        conditions.allSatisfy { mayMatch(chunk, $0) }
    }

    private static func mayMatch(_ chunk: Chunk, _ condition: PushdownExpression) -> Bool {
        guard case .call(let operation, let arguments, _) = condition else { return true }
        switch operation {
        case .and: return arguments.allSatisfy { mayMatch(chunk, $0) }
        case .or: return arguments.contains { mayMatch(chunk, $0) }
        default: break
        }
        guard case .column(let index, _)? = arguments.first, chunk.zones.indices.contains(index)
        else { return true }
        let zone = chunk.zones[index]
        if operation == .isNull { return zone.nullCount > 0 }
        if zone.nullCount == chunk.rowCount { return false }
        guard let minimum = zone.minimum, let maximum = zone.maximum else { return true }
        return arguments.dropFirst().contains { argument in
            guard case .literal(let value, _) = argument else { return true }
            return mayMatch(operation, minimum, maximum, value)
        }
    }

    private static func mayMatch(
        _ operation: PushdownOperation, _ minimum: Scalar, _ maximum: Scalar, _ value: Scalar
    ) -> Bool {
        guard let low = order(minimum, value), let high = order(maximum, value) else {
            return !value.isNull
        }
        switch operation {
        case .equal, .isIn: return low <= 0 && high >= 0
        case .less: return low < 0
        case .lessOrEqual: return low <= 0
        case .greater: return high > 0
        case .greaterOrEqual: return high >= 0
        default: return true
        }
    }

    /// Negative, zero or positive; `nil` for values that cannot be compared here.
    private static func order(_ left: Scalar, _ right: Scalar) -> Int? {
        switch (left, right) {
        case (.int(let a), .int(let b)): a < b ? -1 : a > b ? 1 : 0
        case (.uint(let a), .uint(let b)): a < b ? -1 : a > b ? 1 : 0
        case (.decimal(let a), .decimal(let b)): a < b ? -1 : a > b ? 1 : 0
        case (.float(let a), .float(let b)): b.isNaN ? nil : a < b ? -1 : a > b ? 1 : 0
        default: nil
        }
    }
}
