// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

enum Comparison: String {
    case equal = "="
    case notEqual = "<>"
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
}

/// Kernels that compare two vectors of one type.
enum Comparisons {
    static func kernel(_ comparison: Comparison, _ type: DataType) -> Kernel {
        switch type {
        case .int8: integers(comparison, Int8.self)
        case .int16: integers(comparison, Int16.self)
        case .int32, .date32: integers(comparison, Int32.self)
        case .int64, .decimal64, .time64, .timestamp: integers(comparison, Int64.self)
        case .uint8: integers(comparison, UInt8.self)
        case .uint16: integers(comparison, UInt16.self)
        case .uint32: integers(comparison, UInt32.self)
        case .uint64: integers(comparison, UInt64.self)
        case .decimal128: integers(comparison, Int128.self)
        case .float32: floats(comparison, Float.self)
        case .float64: floats(comparison, Double.self)
        case .utf8View, .binaryView: TextComparison.kernel(comparison)
        default: general(comparison)
        }
    }

    private static func integers<T: IntegerValue>(
        _ comparison: Comparison, _ t: T.Type
    ) -> Kernel {
        switch comparison {
        case .equal: { (call) throws(IglooError) in call.test2(t, t) { $0 == $1 } }
        case .notEqual: { (call) throws(IglooError) in call.test2(t, t) { $0 != $1 } }
        case .less: { (call) throws(IglooError) in call.test2(t, t) { $0 < $1 } }
        case .lessOrEqual: { (call) throws(IglooError) in call.test2(t, t) { $0 <= $1 } }
        case .greater: { (call) throws(IglooError) in call.test2(t, t) { $0 > $1 } }
        case .greaterOrEqual: { (call) throws(IglooError) in call.test2(t, t) { $0 >= $1 } }
        }
    }

    /// NaN equals itself and is greater than all else.
    private static func floats<T: FloatValue>(_ comparison: Comparison, _ t: T.Type) -> Kernel {
        switch comparison {
        case .equal:
            { (call) throws(IglooError) in
                call.test2(t, t) { $0 == $1 || ($0 != $0 && $1 != $1) }
            }
        case .notEqual:
            { (call) throws(IglooError) in
                call.test2(t, t) { !($0 == $1 || ($0 != $0 && $1 != $1)) }
            }
        case .less:
            { (call) throws(IglooError) in
                call.test2(t, t) { $0 < $1 || ($1 != $1 && $0 == $0) }
            }
        case .lessOrEqual:
            { (call) throws(IglooError) in call.test2(t, t) { $0 <= $1 || $1 != $1 } }
        case .greater:
            { (call) throws(IglooError) in
                call.test2(t, t) { $0 > $1 || ($0 != $0 && $1 == $1) }
            }
        case .greaterOrEqual:
            { (call) throws(IglooError) in call.test2(t, t) { $0 >= $1 || $0 != $0 } }
        }
    }

    /// Booleans, intervals and nested types, one element after the other.
    private static func general(_ comparison: Comparison) -> Kernel {
        { (call) throws(IglooError) in
            let (left, right) = (call.arguments[0], call.arguments[1])
            let (a, b) = (left.step, right.step)
            return call.bits(
                Bits.make(call.count) { row in
                    guard call.isValid(row) else { return false }
                    let order = ElementOrder.compare(
                        left.array, row &* a, right.array, row &* b)
                    return switch comparison {
                    case .equal: order == 0
                    case .notEqual: order != 0
                    case .less: order < 0
                    case .lessOrEqual: order <= 0
                    case .greater: order > 0
                    case .greaterOrEqual: order >= 0
                    }
                })
        }
    }
}
