// SPDX-License-Identifier: MIT

import IglooArrow

/// The groups of keys that have few possible values (codes of small dictionaries, booleans,
/// integers of a narrow range), by the number that a key's values make together.
///
/// A shortcut in front of a table, which knows all groups: what is missing here is asked for there.
///
/// - Threads: one at a time.
final class DirectGroups {
    enum Outcome {
        case found
        /// These rows' groups are not known yet.
        case missing([UInt32])
        /// Not these rows.
        case unfit
        /// Neither these rows nor later ones.
        case never
    }

    /// The values of a column of numbers so far.
    private struct Domain {
        var least = Int64.max
        var greatest = Int64.min

        /// One value more, for NULL; `nil` when there are too many.
        var count: Int? {
            if least > greatest { return 1 }
            let (width, overflow) = greatest.subtractingReportingOverflow(least)
            return overflow || width >= Int64(slotCountMax) ? nil : Int(width) + 2
        }
    }

    /// Group + 1 of each combination, 0 = not known, for these dictionaries.
    private final class Slots {
        let dictionaries: [ArrayData?]
        let base: UnsafeMutablePointer<UInt32>

        init(_ dictionaries: [ArrayData?], count: Int) {
            self.dictionaries = dictionaries
            base = .allocate(capacity: count)
            base.initialize(repeating: 0, count: count)
        }

        deinit { base.deallocate() }

        func fits(_ keys: [ArrayData]) -> Bool {
            for (key, dictionary) in zip(keys, dictionaries) where key.dictionary !== dictionary {
                return false
            }
            return true
        }
    }

    private let columns: [KeyLayout.Column]
    private var domains: [Domain]
    private var counts: [Int]
    /// For the row groups that are read in turn; the last used one is the last.
    private var slots: [Slots] = []
    private let codes: UnsafeMutablePointer<UInt32>
    private var seenCount = 0
    private var missedCount = 0

    private static let slotCountMax = 1 << 16
    private static let slotsCountMax = 4
    private static let rowCountMin = 64

    /// `nil` for keys that have too many values by their types.
    init?(_ layout: KeyLayout) {
        for column in layout.columns {
            switch column.form {
            case .bool, .text: break
            case .word where column.type != .uint64: break
            default: return nil
            }
        }
        if layout.columns.isEmpty || layout.columns.count > 8 { return nil }
        columns = layout.columns
        domains = Array(repeating: Domain(), count: columns.count)
        counts = Array(repeating: 0, count: columns.count)
        codes = .allocate(capacity: KeyBatch.rowCountMax)
    }

    deinit { codes.deallocate() }

    /// Writes the groups of the rows from `start` on.
    func find(
        _ keys: [ArrayData], _ start: Int, _ count: Int, _ groups: UnsafeMutablePointer<UInt32>
    ) -> Outcome {
        if count < Self.rowCountMin { return .unfit }
        for (key, column) in zip(keys, columns) where column.form == .text {
            if key.dictionary == nil { return .unfit }
        }
        guard let slotCount = measure(keys, start, count) else { return .never }
        if slotCount > min(Self.slotCountMax, 16 * count) { return .unfit }
        for index in keys.indices { addCodes(keys[index], index, start, count) }
        let base = slots(for: keys, slotCount).base
        var isMissing = false
        var row = 0
        while row < count {
            let group = base[Int(truncatingIfNeeded: codes[row])]
            groups[row] = group &- 1
            isMissing = isMissing || group == 0
            row &+= 1
        }
        seenCount += count
        return isMissing ? missing(count, groups) : .found
    }

    private func missing(_ count: Int, _ groups: UnsafePointer<UInt32>) -> Outcome {
        let rows = (0..<UInt32(count)).filter { groups[Int($0)] == .max }
        missedCount += rows.count
        // Keys that rarely come again are better looked up at once.
        let isFutile = seenCount >= Self.slotCountMax && missedCount > seenCount / 2
        return isFutile ? .never : .missing(rows)
    }

    /// Takes in what the table says of the missing rows of the last batch.
    func learn(
        _ rows: [UInt32], _ found: [UInt32], _ groups: UnsafeMutablePointer<UInt32>
    ) {
        guard let base = slots.last?.base else { return }
        for (row, group) in zip(rows, found) {
            groups[Int(row)] = group
            base[Int(codes[Int(row)])] = group + 1
        }
    }

    private func slots(for keys: [ArrayData], _ count: Int) -> Slots {
        if let last = slots.last, last.fits(keys) { return last }
        if let place = slots.firstIndex(where: { $0.fits(keys) }) {
            slots.append(slots.remove(at: place))
        } else {
            if slots.count == Self.slotsCountMax { slots.removeFirst() }
            slots.append(Slots(keys.map(\.dictionary), count: count))
        }
        return slots[slots.count - 1]
    }

    // MARK: - Codes

    /// How many combinations there are; `nil` when numbers are spread too far.
    private func measure(_ keys: [ArrayData], _ start: Int, _ count: Int) -> Int? {
        var product = 1
        for index in keys.indices {
            switch columns[index].form {
            case .text: counts[index] = (keys[index].dictionary?.count ?? 0) + 1
            case .bool: counts[index] = 3
            default:
                widen(index, keys[index], start, count)
                guard let known = domains[index].count else { return nil }
                counts[index] = known
            }
            let (next, overflow) = product.multipliedReportingOverflow(by: counts[index])
            product = overflow ? .max : next
        }
        return product
    }

    private func widen(_ index: Int, _ key: ArrayData, _ start: Int, _ count: Int) {
        switch key.type {
        case .int8: widen(index, key, Int8.self, start, count)
        case .int16: widen(index, key, Int16.self, start, count)
        case .int32, .date32: widen(index, key, Int32.self, start, count)
        case .uint8: widen(index, key, UInt8.self, start, count)
        case .uint16: widen(index, key, UInt16.self, start, count)
        case .uint32: widen(index, key, UInt32.self, start, count)
        default: widen(index, key, Int64.self, start, count)
        }
    }

    @inline(__always)
    private func widen<Value: FixedWidthInteger & BitwiseCopyable>(
        _ index: Int, _ key: ArrayData, _: Value.Type, _ start: Int, _ count: Int
    ) {
        let values = key.values(as: Value.self) + start
        var (least, greatest) = (Value.max, Value.min)
        var row = 0
        if key.nullCount == 0 {
            while row < count {
                least = min(least, values[row])
                greatest = max(greatest, values[row])
                row &+= 1
            }
        } else {
            while row < count {
                if !key.isNull(start &+ row) {
                    least = min(least, values[row])
                    greatest = max(greatest, values[row])
                }
                row &+= 1
            }
        }
        if least > greatest { return }
        let domain = domains[index]
        if Int64(least) < domain.least || Int64(greatest) > domain.greatest {
            domains[index].least = min(domain.least, Int64(least))
            domains[index].greatest = max(domain.greatest, Int64(greatest))
            slots = []
        }
    }

    /// Joins a column's codes, 0 for NULL, to those of the columns before.
    private func addCodes(_ key: ArrayData, _ index: Int, _ start: Int, _ count: Int) {
        switch columns[index].form {
        case .text:
            let values = key.values(as: UInt32.self) + start
            add(key, index, start, count) { values[$0] &+ 1 }
        case .bool:
            let bits = key.buffers[0].pointer(as: UInt8.self)
            let first = key.offset + start
            add(key, index, start, count) { Bitmap.isSet(bits, first &+ $0) ? 2 : 1 }
        default: addNumbers(key, index, start, count)
        }
    }

    private func addNumbers(_ key: ArrayData, _ index: Int, _ start: Int, _ count: Int) {
        switch key.type {
        case .int8: addNumbers(key, Int8.self, index, start, count)
        case .int16: addNumbers(key, Int16.self, index, start, count)
        case .int32, .date32: addNumbers(key, Int32.self, index, start, count)
        case .uint8: addNumbers(key, UInt8.self, index, start, count)
        case .uint16: addNumbers(key, UInt16.self, index, start, count)
        case .uint32: addNumbers(key, UInt32.self, index, start, count)
        default: addNumbers(key, Int64.self, index, start, count)
        }
    }

    @inline(__always)
    private func addNumbers<Value: FixedWidthInteger & BitwiseCopyable>(
        _ key: ArrayData, _: Value.Type, _ index: Int, _ start: Int, _ count: Int
    ) {
        let values = key.values(as: Value.self) + start
        let base = UInt32(truncatingIfNeeded: domains[index].least) &- 1
        add(key, index, start, count) { UInt32(truncatingIfNeeded: values[$0]) &- base }
    }

    @inline(__always)
    private func add(
        _ key: ArrayData, _ index: Int, _ start: Int, _ count: Int, _ code: (Int) -> UInt32
    ) {
        let codes = codes
        let factor = index == 0 ? 0 : UInt32(counts[index])
        if index == 0 { codes.initialize(repeating: 0, count: count) }
        var row = 0
        if let validity = key.validity {
            let bits = validity.pointer(as: UInt8.self)
            let first = key.offset + start
            while row < count {
                let isValid = Bitmap.isSet(bits, first &+ row)
                codes[row] = codes[row] &* factor &+ (isValid ? code(row) : 0)
                row &+= 1
            }
        } else {
            while row < count {
                codes[row] = codes[row] &* factor &+ code(row)
                row &+= 1
            }
        }
    }
}
