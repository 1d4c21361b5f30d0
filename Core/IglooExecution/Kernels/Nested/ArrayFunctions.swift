// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// PostgreSQL's functions of arrays that lists have no other word for.
///
/// - Source: PostgreSQL 16, section 9.19.
enum ArrayFunctions {
    static func kernel(_ call: FunctionCall) -> Kernel? {
        let type = call.result
        switch call.name {
        case "array_positions":
            return { (call) throws(IglooError) in try positions(call, type) }
        case "array_dims": return { (call) throws(IglooError) in dimensions(call) }
        case "array_fill": return { (call) throws(IglooError) in try fill(call, type) }
        case "array_sample", "array_shuffle":
            let random = call.context.random
            return { (call) throws(IglooError) in try sample(call, type, random) }
        case "trim_array": return { (call) throws(IglooError) in try trim(call, type) }
        case "num_nulls", "num_nonnulls":
            let countsNulls = call.name == "num_nulls"
            return { (call) throws(IglooError) in
                var builder = BufferBuilder(byteCapacity: call.count * 4)
                for row in 0..<call.count {
                    var count: Int32 = 0
                    for index in call.arguments.indices
                    where call.isLogicallyNull(index, row) == countsNulls { count += 1 }
                    builder.append(count)
                }
                return call.result(.int32, [builder.finish()], validity: nil)
            }
        case "overlaps": return { (call) throws(IglooError) in overlaps(call) }
        default: return nil
        }
    }

    // MARK: - Search

    /// All places of an item, NULL being one like others.
    private static func positions(
        _ call: KernelCall, _ type: DataType
    ) throws(IglooError) -> ArrayData {
        let lists = ListReader(call.arguments[0])
        let item = call.arguments[1]
        var counts: [Int] = []
        var places = BufferBuilder()
        for row in 0..<call.count {
            var count = 0
            let range = lists[row]
            for place in range
            where ElementOrder.compare(lists.items, place, item.array, row * item.step) == 0 {
                places.append(Int32(truncatingIfNeeded: place - range.lowerBound + 1))
                count += 1
            }
            counts.append(count)
        }
        let items = ArrayData(
            type: .int32, count: counts.reduce(0, +), nullCount: 0, buffers: [places.finish()])
        return try ListLayout.list(
            type, counts: counts, validity: Bits.make(call.count) { !lists.isNull($0) },
            items: items)
    }

    /// `[1:2][1:3]`; NULL of an empty list.
    private static func dimensions(_ call: KernelCall) -> ArrayData {
        let lists = ListReader(call.arguments[0])
        var writer = ViewWriter(count: call.count)
        var known = [Bool](repeating: false, count: call.count)
        for row in 0..<call.count {
            var (items, range) = (lists.items, lists[row])
            while !range.isEmpty {
                known[row] = true
                ClockText.write("[1:\(range.count)]", &writer)
                guard items.type.isList, !items.isNull(range.lowerBound) else { break }
                range = items.listRange(at: range.lowerBound)
                items = items.children[0]
            }
            writer.close()
        }
        return writer.finish(
            .utf8View, count: call.count, validity: Bits.make(call.count) { known[$0] })
    }

    // MARK: - Making

    /// One dimension; the binder nests calls for more.
    private static func fill(_ call: KernelCall, _ type: DataType) throws(IglooError) -> ArrayData {
        let item = call.arguments[0]
        let sizes = ListReader(call.arguments[1])
        let values = sizes.items.values(as: Int64.self)
        var assembly = ListAssembly(rowCount: call.count)
        var total = 0
        for row in 0..<call.count {
            let start = assembly.itemCount
            guard !sizes.isNull(row), sizes[row].allSatisfy({ !sizes.items.isNull($0) }) else {
                throw IglooError(
                    .invalidArgument, "dimension array or low bound array cannot be null",
                    sqlState: SQLState(rawValue: "22004"))
            }
            guard sizes[row].count <= 1 else {
                throw IglooError(
                    .unsupported, "array_fill takes several dimensions as a constant list only")
            }
            if let first = sizes[row].first {
                let size = values[first]
                total = size < 0 ? Int.max : total &+ Int(clamping: size)
                guard size <= 134_217_727, total <= ListLayout.itemCountMax else {
                    throw IglooError(
                        .resourceExhausted,
                        "array size exceeds the maximum allowed (134217727)",
                        sqlState: .programLimitExceeded)
                }
                for _ in 0..<Int(size) { assembly.add(row * item.step) }
            }
            assembly.close(from: start)
        }
        return try assembly.finish(type, flattened(item.array), validity: nil)
    }

    private static func sample(
        _ call: KernelCall, _ type: DataType, _ random: RandomSource
    ) throws(IglooError) -> ArrayData {
        let lists = ListReader(call.arguments[0])
        let wanted = call.arguments.count > 1 ? call.value(1, Int64.self) : nil
        for row in 0..<call.count where call.isValid(row) {
            if let size = wanted?(row), size < 0 || size > Int64(lists[row].count) {
                throw Faults.invalid("sample size must be between 0 and \(lists[row].count)")
            }
        }
        return try call.lists(type, of: lists.items, validity: call.validity) { list, row in
            var places = Array(lists[row])
            let size = wanted.map { Int($0(row)) } ?? places.count
            random.withGenerator { generator in
                for place in 0..<size {
                    places.swapAt(
                        place, Int.random(in: place..<places.count, using: &generator))
                }
            }
            for place in places.prefix(size) { list.add(place) }
        }
    }

    private static func trim(_ call: KernelCall, _ type: DataType) throws(IglooError) -> ArrayData {
        let lists = ListReader(call.arguments[0])
        let sizes = call.value(1, Int64.self)
        for row in 0..<call.count where call.isValid(row) {
            guard sizes(row) >= 0, sizes(row) <= Int64(lists[row].count) else {
                throw IglooError(
                    .outOfRange,
                    "number of elements to trim must be between 0 and \(lists[row].count)",
                    sqlState: SQLState(rawValue: "2202E"))
            }
        }
        return try call.lists(type, of: lists.items, validity: call.validity) { list, row in
            list.add(lists[row].dropLast(Int(sizes(row))))
        }
    }

    // MARK: - Periods

    /// Whether two periods, each from or to an end that may be NULL, have a moment in common.
    ///
    /// - Source: `overlaps_timestamp` in src/backend/utils/adt/timestamp.c of PostgreSQL.
    private static func overlaps(_ call: KernelCall) -> ArrayData {
        let arrays = call.arguments
        func isNull(_ index: Int, _ row: Int) -> Bool { call.isLogicallyNull(index, row) }
        func order(_ x: Int, _ y: Int, _ row: Int) -> Int {
            ElementOrder.compare(
                arrays[x].array, row * arrays[x].step, arrays[y].array, row * arrays[y].step)
        }
        /// The earlier end, and the later if both are known; `nil` where neither is.
        func period(_ start: Int, _ row: Int) -> (Int, Int?)? {
            let end = start + 1
            if isNull(start, row) { return isNull(end, row) ? nil : (end, nil) }
            if isNull(end, row) { return (start, nil) }
            return order(start, end, row) > 0 ? (end, start) : (start, end)
        }
        func result(_ row: Int) -> Bool? {
            guard let first = period(0, row), let second = period(2, row) else { return nil }
            let starts = order(first.0, second.0, row)
            if starts == 0 { return first.1 == nil || second.1 == nil ? nil : true }
            let (early, late) = starts < 0 ? (first, second) : (second, first)
            guard let end = early.1 else { return nil }
            if order(late.0, end, row) < 0 { return true }
            return late.1 == nil ? nil : false
        }
        var (values, known) = (
            [Bool](repeating: false, count: call.count), [Bool](repeating: false, count: call.count)
        )
        for row in 0..<call.count {
            if let value = result(row) { (values[row], known[row]) = (value, true) }
        }
        return call.result(
            .bool, [Bits.make(call.count) { values[$0] }],
            validity: Bits.make(call.count) { known[$0] })
    }
}

extension KernelCall {
    fileprivate func isLogicallyNull(_ index: Int, _ row: Int) -> Bool {
        arguments[index].array.isLogicallyNull(at: row &* arguments[index].step)
    }
}
