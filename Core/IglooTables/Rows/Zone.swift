// SPDX-License-Identifier: MIT

import IglooArrow

/// The bounds of a chunk's column, by which scans skip chunks that cannot match.
struct Zone: Sendable {
    /// Bounds of the values that are not null; `nil` where none are kept for the type, or a NaN is
    /// among them.
    var minimum: Scalar?
    var maximum: Scalar?
    var nullCount: Int

    init(_ array: ArrayData) {
        nullCount = array.nullCount
        switch array.type.storage {
        case .int8: setBounds(array, as: Int8.self) { .int(Int64($0)) }
        case .int16: setBounds(array, as: Int16.self) { .int(Int64($0)) }
        case .int32, .date32: setBounds(array, as: Int32.self) { .int(Int64($0)) }
        case .int64, .timestamp, .time64: setBounds(array, as: Int64.self) { .int($0) }
        case .uint8: setBounds(array, as: UInt8.self) { .uint(UInt64($0)) }
        case .uint16: setBounds(array, as: UInt16.self) { .uint(UInt64($0)) }
        case .uint32: setBounds(array, as: UInt32.self) { .uint(UInt64($0)) }
        case .uint64: setBounds(array, as: UInt64.self) { .uint($0) }
        case .decimal64: setBounds(array, as: Int64.self) { .decimal(Int128($0)) }
        case .decimal128: setBounds(array, as: Int128.self) { .decimal($0) }
        case .float32: setFloatBounds(array, as: Float.self) { Double($0) }
        case .float64: setFloatBounds(array, as: Double.self) { $0 }
        default: break
        }
    }

    @inline(__always)
    private mutating func setBounds<Value: FixedWidthInteger & BitwiseCopyable>(
        _ array: ArrayData, as type: Value.Type, _ scalar: (Value) -> Scalar
    ) {
        if array.nullCount == array.count { return }
        let values = array.values(as: Value.self)
        var (low, high) = (Value.max, Value.min)
        var i = 0
        if array.nullCount == 0 {
            while i < array.count {
                low = min(low, values[i])
                high = max(high, values[i])
                i &+= 1
            }
        } else {
            while i < array.count {
                if !array.isNull(i) {
                    low = min(low, values[i])
                    high = max(high, values[i])
                }
                i &+= 1
            }
        }
        minimum = scalar(low)
        maximum = scalar(high)
    }

    private mutating func setFloatBounds<Value: BinaryFloatingPoint & BitwiseCopyable>(
        _ array: ArrayData, as type: Value.Type, _ convert: (Value) -> Double
    ) {
        let values = array.values(as: Value.self)
        var (low, high) = (Double.infinity, -Double.infinity)
        var i = 0
        while i < array.count {
            let value = convert(values[i])
            if !array.isNull(i) {
                if value.isNaN { return }
                low = min(low, value)
                high = max(high, value)
            }
            i &+= 1
        }
        if array.nullCount == array.count { return }
        minimum = .float(low)
        maximum = .float(high)
    }
}
