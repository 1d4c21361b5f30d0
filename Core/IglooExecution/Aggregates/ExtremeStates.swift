// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// The least or greatest value of each group.
enum MinMaxState {
    static func make(_ type: DataType, isMaximum: Bool) -> AggregateState {
        switch type {
        case .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64, .date32, .time64,
            .timestamp, .decimal64, .decimal128:
            IntegerExtremeState(type, isMaximum: isMaximum)
        case .float32, .float64: FloatExtremeState(type, isMaximum: isMaximum)
        default: KeyExtremeState(type, isMaximum: isMaximum)
        }
    }
}

/// Numbers, dates and times: all of them compare as 128-bit integers.
final class IntegerExtremeState: AggregateState {
    private struct Extreme: BitwiseCopyable {
        var value: Int128
        var isSet: Bool
    }

    private var extremes = GroupValues<Extreme>()
    private let type: DataType
    private let isMaximum: Bool

    init(_ type: DataType, isMaximum: Bool) {
        self.type = type
        self.isMaximum = isMaximum
    }

    override var passesOverNulls: Bool { true }
    override var mergesInPlace: Bool { true }

    /// Every value is at least as extreme as the first one.
    override func resize(_ groupCount: Int) {
        extremes.resize(
            groupCount, filling: Extreme(value: isMaximum ? .min : .max, isSet: false))
    }

    override func update(
        _ groups: UnsafePointer<UInt32>, _ arguments: [ArrayData], _ rowCount: Int
    ) throws(IglooError) {
        let array = arguments[0]
        switch (type.fixedByteWidth ?? 8, type.isUnsignedInteger) {
        case (1, false): take(array, Int8.self, groups)
        case (2, false): take(array, Int16.self, groups)
        case (4, false): take(array, Int32.self, groups)
        case (1, true): take(array, UInt8.self, groups)
        case (2, true): take(array, UInt16.self, groups)
        case (4, true): take(array, UInt32.self, groups)
        case (8, true): take(array, UInt64.self, groups)
        case (16, _): take(array, Int128.self, groups)
        default: take(array, Int64.self, groups)
        }
    }

    @inline(__always)
    private func take<Value: FixedWidthInteger & BitwiseCopyable>(
        _ array: ArrayData, _: Value.Type, _ groups: UnsafePointer<UInt32>
    ) {
        let (extremes, values) = (extremes.base, array.values(as: Value.self))
        if isMaximum {
            array.eachValid { row in
                let extreme = extremes + Int(groups[row])
                let value = Int128(truncatingIfNeeded: values[row])
                if value > extreme.pointee.value { extreme.pointee.value = value }
                extreme.pointee.isSet = true
            }
        } else {
            array.eachValid { row in
                let extreme = extremes + Int(groups[row])
                let value = Int128(truncatingIfNeeded: values[row])
                if value < extreme.pointee.value { extreme.pointee.value = value }
                extreme.pointee.isSet = true
            }
        }
    }

    override func merge(
        _ other: AggregateState, _ sources: [UInt32], _ targets: [UInt32]
    ) throws(IglooError) {
        guard let other = other as? IntegerExtremeState else { return }
        for index in sources.indices {
            let from = other.extremes[Int(sources[index])]
            let extreme = extremes.base + Int(targets[index])
            let current = extreme.pointee.value
            extreme.pointee.value = isMaximum ? max(current, from.value) : min(current, from.value)
            extreme.pointee.isSet = extreme.pointee.isSet || from.isSet
        }
    }

    override func finish(_ range: Range<Int>) throws(IglooError) -> ArrayData {
        switch type.fixedByteWidth ?? 8 {
        case 1: array(range, UInt8.self)
        case 2: array(range, UInt16.self)
        case 4: array(range, UInt32.self)
        case 8: array(range, UInt64.self)
        default: array(range, UInt128.self)
        }
    }

    /// The bits of the values in their type's width; signed and unsigned alike.
    @inline(__always)
    private func array<Word: FixedWidthInteger & BitwiseCopyable>(
        _ range: Range<Int>, _: Word.Type
    ) -> ArrayData {
        var builder = PrimitiveBuilder<Word>(type, zero: 0)
        for group in range {
            if extremes[group].isSet {
                builder.append(Word(truncatingIfNeeded: extremes[group].value))
            } else {
                builder.appendNull()
            }
        }
        return builder.finish()
    }
}

/// Floats: NaN is greater than everything.
final class FloatExtremeState: AggregateState {
    private struct Extreme: BitwiseCopyable {
        var value = 0.0
        var isSet = false
    }

    private var extremes = GroupValues<Extreme>()
    private let type: DataType
    private let isMaximum: Bool

    init(_ type: DataType, isMaximum: Bool) {
        self.type = type
        self.isMaximum = isMaximum
    }

    override var passesOverNulls: Bool { true }
    override var mergesInPlace: Bool { true }

    override func resize(_ groupCount: Int) { extremes.resize(groupCount, filling: Extreme()) }

    @inline(__always)
    private static func isLess(_ left: Double, _ right: Double) -> Bool {
        left < right || (!left.isNaN && right.isNaN)
    }

    @inline(__always)
    private func take(_ value: Double, _ extreme: UnsafeMutablePointer<Extreme>) {
        let current = extreme.pointee.value
        if !extreme.pointee.isSet
            || (isMaximum ? Self.isLess(current, value) : Self.isLess(value, current))
        {
            extreme.pointee = Extreme(value: value, isSet: true)
        }
    }

    override func update(
        _ groups: UnsafePointer<UInt32>, _ arguments: [ArrayData], _ rowCount: Int
    ) throws(IglooError) {
        let (extremes, array) = (extremes.base, arguments[0])
        if type == .float32 {
            let values = array.values(as: Float.self)
            array.eachValid { take(Double(values[$0]), extremes + Int(groups[$0])) }
        } else {
            let values = array.values(as: Double.self)
            array.eachValid { take(values[$0], extremes + Int(groups[$0])) }
        }
    }

    override func merge(
        _ other: AggregateState, _ sources: [UInt32], _ targets: [UInt32]
    ) throws(IglooError) {
        guard let other = other as? FloatExtremeState else { return }
        for index in sources.indices {
            let from = other.extremes[Int(sources[index])]
            if from.isSet { take(from.value, extremes.base + Int(targets[index])) }
        }
    }

    override func finish(_ range: Range<Int>) throws(IglooError) -> ArrayData {
        try Vectors.array(
            range.map { extremes[$0].isSet ? .float(extremes[$0].value) : .null }, type)
    }
}

/// Text and all else that has an order: compares normalised keys.
final class KeyExtremeState: AggregateState {
    private var keys: [[UInt8]?] = []
    private var values: [Scalar] = []
    private let type: DataType
    private let isMaximum: Bool

    init(_ type: DataType, isMaximum: Bool) {
        self.type = type
        self.isMaximum = isMaximum
    }

    override func resize(_ groupCount: Int) {
        guard groupCount > keys.count else { return }
        values.append(contentsOf: repeatElement(.null, count: groupCount - keys.count))
        keys.append(contentsOf: repeatElement(nil, count: groupCount - keys.count))
    }

    /// Whether the key is to take the group's place.
    private func isBetter(_ key: UnsafeRawBufferPointer, _ group: Int) -> Bool {
        guard let current = keys[group] else { return true }
        let order = current.withUnsafeBytes { SortRun.compare(key, $0) }
        return isMaximum ? order > 0 : order < 0
    }

    override func update(
        _ groups: UnsafePointer<UInt32>, _ arguments: [ArrayData], _ rowCount: Int
    ) throws(IglooError) {
        let array = arguments[0]
        var batch = NormalizedKeys([SortOrder(type: type)])
        try batch.append([array], rowCount: rowCount)
        for row in 0..<rowCount where !array.isNull(row) {
            let group = Int(groups[row])
            guard isBetter(batch.key(row), group) else { continue }
            keys[group] = Array(batch.key(row))
            values[group] = array.scalar(at: row)
        }
    }

    override func merge(
        _ other: AggregateState, _ sources: [UInt32], _ targets: [UInt32]
    ) throws(IglooError) {
        guard let other = other as? KeyExtremeState else { return }
        for (source, target) in zip(sources, targets) {
            guard let key = other.keys[Int(source)] else { continue }
            if key.withUnsafeBytes({ isBetter($0, Int(target)) }) {
                keys[Int(target)] = key
                values[Int(target)] = other.values[Int(source)]
            }
        }
    }

    override func finish(_ range: Range<Int>) throws(IglooError) -> ArrayData {
        try Vectors.array(Array(values[range]), type)
    }
}

/// any_value, first, last.
final class PickState: AggregateState {
    private var values: [Scalar?] = []
    private let type: DataType
    private let keepsLast: Bool
    private let takesNull: Bool

    init(_ type: DataType, keepsLast: Bool, takesNull: Bool) {
        self.type = type
        self.keepsLast = keepsLast
        self.takesNull = takesNull
    }

    override func resize(_ groupCount: Int) {
        while values.count < groupCount { values.append(nil) }
    }

    override func update(
        _ groups: UnsafePointer<UInt32>, _ arguments: [ArrayData], _ rowCount: Int
    ) throws(IglooError) {
        for row in 0..<rowCount {
            let group = Int(groups[row])
            guard keepsLast || values[group] == nil else { continue }
            if takesNull || !arguments[0].isNull(row) {
                values[group] = arguments[0].scalar(at: row)
            }
        }
    }

    override func merge(
        _ other: AggregateState, _ sources: [UInt32], _ targets: [UInt32]
    ) throws(IglooError) {
        guard let other = other as? PickState else { return }
        for (source, target) in zip(sources, targets) {
            if let value = other.values[Int(source)], keepsLast || values[Int(target)] == nil {
                values[Int(target)] = value
            }
        }
    }

    override func finish(_ range: Range<Int>) throws(IglooError) -> ArrayData {
        try Vectors.array(values[range].map { $0 ?? .null }, type)
    }
}

/// bool_and, bool_or, bit_and, bit_or, bit_xor.
final class BitState: AggregateState {
    enum Operation { case and, or, xor }

    private var values: [Int128] = []
    private var isSet: [Bool] = []
    private let type: DataType
    private let operation: Operation

    init(_ type: DataType, _ operation: Operation) {
        self.type = type
        self.operation = operation
    }

    override func resize(_ groupCount: Int) {
        guard groupCount > values.count else { return }
        isSet.append(contentsOf: repeatElement(false, count: groupCount - values.count))
        values.append(contentsOf: repeatElement(0, count: groupCount - values.count))
    }

    private func take(_ value: Int128, _ group: Int) {
        if isSet[group] {
            switch operation {
            case .and: values[group] &= value
            case .or: values[group] |= value
            case .xor: values[group] ^= value
            }
        } else {
            values[group] = value
            isSet[group] = true
        }
    }

    override func update(
        _ groups: UnsafePointer<UInt32>, _ arguments: [ArrayData], _ rowCount: Int
    ) throws(IglooError) {
        let array = arguments[0]
        if type == .bool {
            let bits = array.buffers[0].pointer(as: UInt8.self)
            for row in 0..<rowCount where !array.isNull(row) {
                take(Bitmap.isSet(bits, array.offset + row) ? 1 : 0, Int(groups[row]))
            }
            return
        }
        let reader = WideReader(array)
        for row in 0..<rowCount where !array.isNull(row) {
            take(reader.wide(row), Int(groups[row]))
        }
    }

    override func merge(
        _ other: AggregateState, _ sources: [UInt32], _ targets: [UInt32]
    ) throws(IglooError) {
        guard let other = other as? BitState else { return }
        for (source, target) in zip(sources, targets) where other.isSet[Int(source)] {
            take(other.values[Int(source)], Int(target))
        }
    }

    override func finish(_ range: Range<Int>) throws(IglooError) -> ArrayData {
        var results: [Scalar] = []
        for group in range {
            if !isSet[group] {
                results.append(.null)
            } else if type == .bool {
                results.append(.bool(values[group] != 0))
            } else if type.isUnsignedInteger {
                results.append(.uint(UInt64(truncatingIfNeeded: values[group])))
            } else {
                results.append(.int(Int64(truncatingIfNeeded: values[group])))
            }
        }
        return try Vectors.array(results, type)
    }
}
