// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// Whether values are among those that a running query still needs, for one reader.
///
/// A test that lets most rows pass is given up.
///
/// - Threads: one at a time.
public final class MembershipTest: @unchecked Sendable {
    // SAFETY: a reader has tests of its own and is used by one thread at a time.
    private enum Form {
        /// A bit a number from `least` on.
        case bitmap(NumberBitmap)
        /// Hashed by multiplication, in a table that is half empty at least.
        case table([Int64], isUsed: [Bool], shift: Int)
        case texts([FilterValue])
        case bloom(SplitBlockFilter)
        /// Bounds alone, looked at row by row.
        case range
        /// Bounds alone, for statistics.
        case all
    }

    private let form: Form
    let minimum: FilterValue?
    let maximum: FilterValue?
    /// Ascending; `nil` when they are not known.
    let values: [FilterValue]?
    private var seenCount = 0
    private var keptCount = 0

    /// Few: a file is read by many readers, and each tries anew.
    private static let trialRowCount = 1 << 13
    private static let bitCountMax: Int64 = 1 << 20

    /// - Parameter type: the column's.
    /// - Returns: `nil` for literals that are not of that type.
    init?(_ filter: RuntimeFilter, _ type: DataType) {
        func value(_ scalar: Scalar) -> FilterValue? { FilterValue(scalar, type) }
        guard filter.minimum == nil || filter.minimum.flatMap(value) != nil,
            filter.maximum == nil || filter.maximum.flatMap(value) != nil
        else { return nil }
        minimum = filter.minimum.flatMap(value)
        maximum = filter.maximum.flatMap(value)
        var known: [FilterValue]?
        if let scalars = filter.values {
            let values = scalars.compactMap(value)
            guard values.count == scalars.count else { return nil }
            known = values.sorted { $0.compared($1) < 0 }
        }
        values = known
        let isWord = Self.isWord(type)
        if let known, isWord {
            form = Self.numbers(known)
        } else if let bitmap = filter.bitmap, isWord {
            form = .bitmap(bitmap)
        } else if let known, type.isText || type.isBinary {
            form = .texts(known)
        } else if let bloom = filter.bloom, isWord || type.isText || type.isBinary {
            form = .bloom(bloom)
        } else if isWord || type.isFloat, minimum != nil || maximum != nil {
            form = .range
        } else {
            form = .all
        }
    }

    private static func isWord(_ type: DataType) -> Bool {
        switch type {
        case .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .date32, .timestamp, .time32,
            .time64:
            true
        default: false
        }
    }

    private static func numbers(_ values: [FilterValue]) -> Form {
        var numbers: [Int64] = []
        for value in values {
            if case .integer(let wide) = value, let number = Int64(exactly: wide) {
                numbers.append(number)
            }
        }
        guard let first = numbers.first, let last = numbers.last else {
            return .bitmap(NumberBitmap(first: 0, bits: Buffer(copying: [UInt64(0)])))
        }
        let (width, overflow) = last.subtractingReportingOverflow(first)
        if !overflow && width < bitCountMax {
            var words = [UInt64](repeating: 0, count: Int(width / 64) + 1)
            for number in numbers {
                let bit = Int(number - first)
                words[bit / 64] |= 1 << UInt64(bit % 64)
            }
            return .bitmap(NumberBitmap(first: first, bits: Buffer(copying: words)))
        }
        var bits = 4
        while 1 << bits < numbers.count * 2 { bits += 1 }
        var table = [Int64](repeating: 0, count: 1 << bits)
        var isUsed = [Bool](repeating: false, count: 1 << bits)
        for number in numbers {
            var place = slot(number, shift: 64 - bits)
            while isUsed[place] { place = (place + 1) & (table.count - 1) }
            (table[place], isUsed[place]) = (number, true)
        }
        return .table(table, isUsed: isUsed, shift: 64 - bits)
    }

    @inline(__always)
    private static func slot(_ number: Int64, shift: Int) -> Int {
        let hash = UInt64(bitPattern: number) &* 0x9E37_79B9_7F4A_7C15
        return Int(truncatingIfNeeded: hash &>> UInt64(truncatingIfNeeded: shift))
    }

    /// Whether it says all that the other one does.
    func covers(_ other: MembershipTest) -> Bool {
        guard case .range = form, case .range = other.form else { return false }
        func isWithin(_ own: FilterValue?, _ bound: FilterValue?, _ sign: Int) -> Bool {
            guard let bound else { return true }
            return own.map { $0.compared(bound) * sign >= 0 } ?? false
        }
        return isWithin(minimum, other.minimum, 1) && isWithin(maximum, other.maximum, -1)
    }

    // MARK: - Statistics

    /// Worth the look when it leaves out a quarter of the rows.
    var isUseful: Bool { seenCount < Self.trialRowCount || keptCount < seenCount / 4 * 3 }

    /// Whether a needed value may be within the bounds.
    func mayMatch(_ bounds: ColumnBounds) -> Bool {
        if let minimum, !bounds.mayHold(.greaterOrEqual, minimum) { return false }
        if let maximum, !bounds.mayHold(.lessOrEqual, maximum) { return false }
        guard let values else { return !bounds.isAllNull }
        guard let low = bounds.minimum, let high = bounds.maximum else {
            return !values.isEmpty && !bounds.isAllNull
        }
        // The first that is not below the least.
        var (first, end) = (0, values.count)
        while first < end {
            let middle = (first + end) / 2
            if values[middle].compared(low) < 0 { first = middle + 1 } else { end = middle }
        }
        return first < values.count && values[first].compared(high) <= 0
    }

    // MARK: - Rows

    /// A byte a row: 1 where the value may be needed. Nulls are not looked at.
    func evaluate(
        _ array: ArrayData, _ count: Int, _ mask: UnsafeMutablePointer<UInt8>
    ) throws(IglooError) {
        guard isUseful else {
            mask.update(repeating: 1, count: count)
            return
        }
        switch form {
        case .all: mask.update(repeating: 1, count: count)
        case .range: try testRange(array, count, mask)
        case .texts(let values): try Comparison.isIn(array, count, values, false, mask)
        case .bloom(let bloom): test(array, count, bloom, mask)
        case .bitmap, .table: test(array, count, mask)
        }
        var kept = 0
        var row = 0
        while row < count {
            kept &+= Int(mask[row])
            row &+= 1
        }
        seenCount += count
        keptCount += kept
    }

    private func testRange(
        _ array: ArrayData, _ count: Int, _ mask: UnsafeMutablePointer<UInt8>
    ) throws(IglooError) {
        guard let minimum else {
            return try Comparison.compare(array, count, .lessOrEqual, maximum!, mask)
        }
        try Comparison.compare(array, count, .greaterOrEqual, minimum, mask)
        guard let maximum else { return }
        let scratch = try PooledMemory(byteCapacity: count)
        let other = scratch.base.assumingMemoryBound(to: UInt8.self)
        try Comparison.compare(array, count, .lessOrEqual, maximum, other)
        var row = 0
        while row < count {
            mask[row] &= other[row]
            row &+= 1
        }
    }

    private func test(_ array: ArrayData, _ count: Int, _ mask: UnsafeMutablePointer<UInt8>) {
        switch array.type.fixedByteWidth {
        case 1 where array.type == .uint8: numbers(UInt8.self, array, count, mask)
        case 2 where array.type == .uint16: numbers(UInt16.self, array, count, mask)
        case 4 where array.type == .uint32: numbers(UInt32.self, array, count, mask)
        case 1: numbers(Int8.self, array, count, mask)
        case 2: numbers(Int16.self, array, count, mask)
        case 4: numbers(Int32.self, array, count, mask)
        default: numbers(Int64.self, array, count, mask)
        }
    }

    @inline(__always)
    private func numbers<Element: FixedWidthInteger & BitwiseCopyable>(
        _ type: Element.Type, _ array: ArrayData, _ count: Int, _ mask: UnsafeMutablePointer<UInt8>
    ) {
        let values = array.values(as: Element.self)
        var row = 0
        switch form {
        case .bitmap(let bitmap):
            let (first, words) = (bitmap.first, bitmap.bits.pointer(as: UInt64.self))
            let bitCount = UInt64(bitmap.bits.byteCount) &* 8
            while row < count {
                let bit = UInt64(bitPattern: Int64(truncatingIfNeeded: values[row]) &- first)
                mask[row] =
                    bit < bitCount
                    ? UInt8(
                        truncatingIfNeeded: words[Int(truncatingIfNeeded: bit &>> 6)]
                            &>> (bit & 63) & 1) : 0
                row &+= 1
            }
            withExtendedLifetime(bitmap) {}
        case .table(let table, let isUsed, let shift):
            table.withUnsafeBufferPointer { table in
                isUsed.withUnsafeBufferPointer { isUsed in
                    while row < count {
                        let number = Int64(truncatingIfNeeded: values[row])
                        var place = Self.slot(number, shift: shift)
                        while isUsed[place] && table[place] != number {
                            place = (place &+ 1) & (table.count &- 1)
                        }
                        mask[row] = isUsed[place] ? 1 : 0
                        row &+= 1
                    }
                }
            }
        case .texts, .bloom, .range, .all: mask.update(repeating: 1, count: count)
        }
    }

    private func test(
        _ array: ArrayData, _ count: Int, _ bloom: SplitBlockFilter,
        _ mask: UnsafeMutablePointer<UInt8>
    ) {
        if array.type.isText || array.type.isBinary {
            ViewComparison(array).test(count, mask) { bloom.mayContain(hash: XXHash64.hash($0)) }
            return
        }
        switch array.type {
        case .uint8: narrow(UInt8.self, array, count, bloom, mask)
        case .uint16: narrow(UInt16.self, array, count, bloom, mask)
        case .int8: narrow(Int8.self, array, count, bloom, mask)
        case .int16: narrow(Int16.self, array, count, bloom, mask)
        case .int32, .uint32, .date32, .time32: narrow(Int32.self, array, count, bloom, mask)
        default:
            let values = array.values(as: UInt64.self)
            var row = 0
            while row < count {
                mask[row] = bloom.mayContain(hash: XXHash64.hash(values[row])) ? 1 : 0
                row &+= 1
            }
        }
    }

    @inline(__always)
    private func narrow<Element: FixedWidthInteger & BitwiseCopyable>(
        _ type: Element.Type, _ array: ArrayData, _ count: Int, _ bloom: SplitBlockFilter,
        _ mask: UnsafeMutablePointer<UInt8>
    ) {
        let values = array.values(as: Element.self)
        var row = 0
        while row < count {
            let word = UInt32(truncatingIfNeeded: values[row])
            mask[row] = bloom.mayContain(hash: XXHash64.hash(word)) ? 1 : 0
            row &+= 1
        }
    }
}

extension MembershipTest: Hashable {
    public static func == (left: MembershipTest, right: MembershipTest) -> Bool { left === right }
    public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
