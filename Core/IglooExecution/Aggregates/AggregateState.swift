// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// What an aggregate remembers of each group. Groups are numbered from 0.
///
/// - Threads: one at a time.
class AggregateState {
    /// Whether `update` leaves out the rows whose argument is NULL by itself.
    var passesOverNulls: Bool { false }

    /// Makes room for groups up to `groupCount`.
    func resize(_ groupCount: Int) {}

    /// Takes in rows; `groups` tells the group of each.
    func update(
        _ groups: UnsafePointer<UInt32>, _ arguments: [ArrayData], _ rowCount: Int
    ) throws(IglooError) {}

    /// As `update`, where there are few groups.
    func update(_ few: FewGroups, _ arguments: [ArrayData]) throws(IglooError) {
        try update(few.groups, arguments, few.rowCount)
    }

    /// Called once no more rows come in, before other states' `merge` reads this one.
    func prepareForMerge() throws(IglooError) {}

    /// Whether `merge` touches nothing but the target groups' own memory: then threads may merge
    /// into different groups of one state at the same time, without `prepareForMerge`.
    var mergesInPlace: Bool { false }

    /// Called once no more rows come in, before threads merge into these states in place.
    func prepareToMergeInPlace(with others: [AggregateState]) {}

    /// Takes in some groups of another state: `sources[i]` of it into `targets[i]` of this one.
    func merge(_ other: AggregateState, _ sources: [UInt32], _ targets: [UInt32])
        throws(IglooError)
    {}

    /// The results of the groups of a range.
    func finish(_ range: Range<Int>) throws(IglooError) -> ArrayData {
        preconditionFailure("a state without a result")
    }

    /// - Parameters:
    ///   - context: its memory is where states are accounted.
    ///   - spilling: `nil` where states hold what they are given, or fail.
    static func make(
        _ call: AggregateCall, _ context: CallContext, _ spilling: StateSpilling? = nil
    ) throws(IglooError) -> AggregateState {
        let memory = context.memory
        if let foreign = call.foreign {
            return try DistinctState.wrapping(
                ForeignAggregateState(foreign, context), call, spilling, reserve: memory)
        }
        let types = call.arguments.map(\.storedType)
        if !call.order.isEmpty && FunctionTable.isOrdered(call.function)
            || CollectState.functions.contains(call.function)
        {
            return try DistinctState.wrapping(
                CollectState(call, spilling, reserve: memory), call, spilling, reserve: memory)
        }
        let plain = try plain(call.function, types, call.type, reserve: memory)
        return try DistinctState.wrapping(plain, call, spilling, reserve: memory)
    }

    private static func plain(
        _ function: String, _ types: [DataType], _ result: DataType,
        reserve memory: any MemoryAccount
    ) throws(IglooError) -> AggregateState {
        switch function {
        case "count": return CountState()
        case "sum":
            return result == .interval(.monthDayNano)
                ? IntervalSumState(isAverage: false)
                : result == .float64
                    ? FloatSumState() : IntegerSumState(types[0], result: result)
        case "avg":
            if result == .interval(.monthDayNano) { return IntervalSumState(isAverage: true) }
            return types[0].isFloat
                ? FloatAverageState() : IntegerSumState(types[0], result: nil)
        case "min", "max": return MinMaxState.make(types[0], isMaximum: function == "max")
        case "any_value", "first", "last":
            return PickState(
                types[0], keepsLast: function == "last", takesNull: function != "any_value")
        case "bool_and", "bit_and": return BitState(types[0], .and)
        case "bool_or", "bit_or": return BitState(types[0], .or)
        case "bit_xor": return BitState(types[0], .xor)
        case "arg_min", "arg_max":
            return ArgumentExtremeState(types, isMaximum: function == "arg_max")
        case "approx_count_distinct": return ApproximateCountState(types[0], reserve: memory)
        case "product": return ProductState()
        case "variance", "var_samp", "var_pop", "stddev", "stddev_samp", "stddev_pop":
            return VarianceState(function)
        case "corr", "covar_pop", "covar_samp": return CovarianceState(function)
        case let name where name.hasPrefix("regr_"): return CovarianceState(name)
        case "skewness", "kurtosis", "kurtosis_pop": return ShapeState(function)
        default:
            throw IglooError(.unsupported, "the aggregate \(function) is not supported")
        }
    }
}

/// Reads any integer or decimal column as 128-bit numbers.
struct WideReader {
    private enum Width { case one, two, four, eight, sixteen }

    private let base: UnsafeRawPointer
    private let width: Width
    private let isSigned: Bool

    init(_ array: ArrayData) {
        let byteWidth = array.type.fixedByteWidth ?? 8
        base = array.buffers[0].baseAddress + array.offset * byteWidth
        isSigned = !array.type.isUnsignedInteger
        switch byteWidth {
        case 1: width = .one
        case 2: width = .two
        case 4: width = .four
        case 8: width = .eight
        default: width = .sixteen
        }
    }

    @inline(__always)
    func int64(_ row: Int) -> Int64 {
        switch (width, isSigned) {
        case (.one, true): Int64(base.loadUnaligned(fromByteOffset: row, as: Int8.self))
        case (.two, true): Int64(base.loadUnaligned(fromByteOffset: row * 2, as: Int16.self))
        case (.four, true): Int64(base.loadUnaligned(fromByteOffset: row * 4, as: Int32.self))
        case (.one, false): Int64(base.loadUnaligned(fromByteOffset: row, as: UInt8.self))
        case (.two, false): Int64(base.loadUnaligned(fromByteOffset: row * 2, as: UInt16.self))
        case (.four, false): Int64(base.loadUnaligned(fromByteOffset: row * 4, as: UInt32.self))
        default: base.loadUnaligned(fromByteOffset: row * 8, as: Int64.self)
        }
    }

    @inline(__always)
    func wide(_ row: Int) -> Int128 {
        switch width {
        case .sixteen: base.loadUnaligned(fromByteOffset: row * 16, as: Int128.self)
        case .eight where !isSigned:
            Int128(base.loadUnaligned(fromByteOffset: row * 8, as: UInt64.self))
        default: Int128(int64(row))
        }
    }
}

/// Reads a float column as doubles.
struct FloatReader {
    private let array: ArrayData
    private let isSingle: Bool

    init(_ array: ArrayData) {
        self.array = array
        isSingle = array.type == .float32
    }

    @inline(__always)
    func value(_ row: Int) -> Double {
        isSingle ? Double(array.values(as: Float.self)[row]) : array.values(as: Double.self)[row]
    }
}
