// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// Making lists, and reading single items and sizes of them.
enum ListAccess {
    static func kernel(_ call: FunctionCall) -> Kernel? {
        let isList = call.parameters.first?.isList ?? false
        switch call.name {
        case "list_value":
            let type = call.result
            return { (call) throws(IglooError) in try make(call, type) }
        case "list_element" where isList:
            return { (call) throws(IglooError) in try element(call) }
        case "list_slice" where isList:
            let type = call.result
            return { (call) throws(IglooError) in try slice(call, type) }
        case "list_contains":
            return { (call) throws(IglooError) in try contains(call) }
        case "list_position":
            return { (call) throws(IglooError) in try position(call) }
        case "cardinality" where isList && call.parameters[0].listElement?.isList ?? false:
            return { (call) throws(IglooError) in
                let lists = ListReader(call.arguments[0])
                return TextFunctions.numbers(call, .int64) {
                    Int64(leafCount(lists.items, lists[$0]))
                }
            }
        case "length" where isList, "cardinality":
            return { (call) throws(IglooError) in
                let lists = ListReader(call.arguments[0])
                return TextFunctions.numbers(call, .int64) { Int64(lists[$0].count) }
            }
        case "array_length", "array_upper", "array_lower": return dimension(call)
        case "array_ndims":
            var depth: Int64 = 0
            var type = call.parameters[0]
            while let element = type.listElement { (type, depth) = (element, depth + 1) }
            let known = depth
            return { (call) throws(IglooError) in
                let lists = ListReader(call.arguments[0])
                let depths = TextFunctions.numbers(call, .int64) { _ in known }
                return depths.withValidity(
                    Bits.and(
                        call.validity, Bits.make(call.count) { !lists[$0].isEmpty },
                        count: call.count))
            }
        case "array_to_string":
            return { (call) throws(IglooError) in try joined(call) }
        default: return nil
        }
    }

    private static func make(_ call: KernelCall, _ type: DataType) throws(IglooError) -> ArrayData {
        if call.arguments.isEmpty {
            return try ListLayout.list(
                type, counts: [Int](repeating: 0, count: call.count), validity: nil,
                items: ArrayData(type: .null, count: 0))
        }
        var columns: [ArrayData] = []
        for argument in call.arguments {
            columns.append(try flattened(argument.expanded(to: call.count)))
        }
        let width = columns.count
        return try call.lists(type, of: concatenate(columns), validity: nil) { list, row in
            var column = 0
            while column < width {
                list.add(column &* call.count &+ row)
                column &+= 1
            }
        }
    }

    /// The place that an index from 1, or from the end, means.
    @inline(__always)
    static func place(_ index: Int64, _ range: Range<Int>) -> Int? {
        if index > 0 && index <= Int64(range.count) { return range.lowerBound &+ Int(index) &- 1 }
        if index < 0 && index >= -Int64(range.count) { return range.upperBound &+ Int(index) }
        return nil
    }

    private static func element(_ call: KernelCall) throws(IglooError) -> ArrayData {
        let lists = ListReader(call.arguments[0])
        let indexes = call.value(1, Int64.self)
        var places = [UInt32](repeating: missingIndex, count: call.count)
        for row in 0..<call.count where call.isValid(row) {
            if let place = place(indexes(row), lists[row]) { places[row] = UInt32(place) }
        }
        return try gatherOrNull(lists.items, indexes: places, count: call.count)
    }

    private static func slice(
        _ call: KernelCall, _ type: DataType
    ) throws(IglooError) -> ArrayData {
        let lists = ListReader(call.arguments[0])
        let (lows, highs) = (call.value(1, Int64.self), call.value(2, Int64.self))
        let validity = Bits.make(call.count) { !lists.isNull($0) }
        return try call.lists(type, of: lists.items, validity: validity) { list, row in
            let range = lists[row]
            let low = call.isNull(1, row) ? 1 : lows(row)
            let high = call.isNull(2, row) ? Int64(range.count) : highs(row)
            if let found = part(range.count, low, high) {
                list.add(range.lowerBound + found.lowerBound..<range.lowerBound + found.upperBound)
            }
        }
    }

    /// The places from 0 on that the bounds, from 1 or from the end, leave of `count`.
    static func part(_ count: Int, _ low: Int64, _ high: Int64) -> Range<Int>? {
        let size = Int64(count)
        let first = max(low < 0 ? max(size &+ low &+ 1, 1) : low, 1)
        let last = min(high < 0 ? (high < -size ? 0 : size &+ high &+ 1) : high, size)
        return first <= last ? Int(first - 1)..<Int(last) : nil
    }

    /// The items of all lists within the items, at any depth.
    private static func leafCount(_ items: ArrayData, _ range: Range<Int>) -> Int {
        guard items.type.isList else { return range.count }
        var count = 0
        for place in range where !items.isNull(place) {
            count += leafCount(items.children[0], items.listRange(at: place))
        }
        return count
    }

    // MARK: - Search

    /// Where the row's second argument first stands among its items, from 0.
    static func find(
        _ lists: ListReader, _ row: Int, _ item: ArrayData, _ itemRow: Int, skipping count: Int = 0
    ) -> Int? {
        let range = lists[row]
        var place = range.lowerBound &+ min(count, range.count)
        while place < range.upperBound {
            if ElementOrder.compare(lists.items, place, item, itemRow) == 0 {
                return place &- range.lowerBound
            }
            place &+= 1
        }
        return nil
    }

    private static func contains(_ call: KernelCall) throws(IglooError) -> ArrayData {
        let lists = ListReader(call.arguments[0])
        let item = call.arguments[1]
        return call.bits(
            Bits.make(call.count) { row in
                call.isValid(row) && find(lists, row, item.array, row * item.step) != nil
            })
    }

    private static func position(_ call: KernelCall) throws(IglooError) -> ArrayData {
        let lists = ListReader(call.arguments[0])
        let item = call.arguments[1]
        let starts = call.arguments.count > 2 ? call.value(2, Int64.self) : { _ in 1 }
        var builder = PrimitiveBuilder<Int32>(.int32, zero: 0)
        for row in 0..<call.count {
            if call.arguments.count > 2 && call.isNull(2, row) {
                throw IglooError(
                    .invalidArgument, "initial position must not be null",
                    sqlState: SQLState(rawValue: "22004"))
            }
            let skipped = Int(clamping: max(starts(row), 1) - 1)
            if let place = find(lists, row, item.array, row * item.step, skipping: skipped) {
                builder.append(Int32(truncatingIfNeeded: place + 1))
            } else {
                builder.appendNull()
            }
        }
        return builder.finish()
    }

    // MARK: - Dimensions

    private static func dimension(_ call: FunctionCall) -> Kernel {
        let name = call.name
        return { (call) throws(IglooError) in
            let lists = ListReader(call.arguments[0])
            let wanted = call.arguments.count > 1 ? call.value(1, Int64.self) : { _ in 1 }
            var builder = PrimitiveBuilder<Int64>(.int64, zero: 0)
            for row in 0..<call.count {
                guard call.isValid(row),
                    let count = size(lists.items, lists[row], wanted(row)),
                    count > 0 || name == "array_length" && call.arguments.count == 1
                else {
                    builder.appendNull()
                    continue
                }
                builder.append(name == "array_lower" ? 1 : Int64(count))
            }
            return builder.finish()
        }
    }

    /// How many items lists have in dimension `depth`, as the first of them says.
    private static func size(_ items: ArrayData, _ range: Range<Int>, _ depth: Int64) -> Int? {
        if depth <= 1 { return depth == 1 ? range.count : nil }
        guard let first = range.first, items.type.isList, !items.isNull(first) else { return nil }
        return size(items.children[0], items.listRange(at: first), depth - 1)
    }

    private static func joined(_ call: KernelCall) throws(IglooError) -> ArrayData {
        let lists = ListReader(call.arguments[0])
        let items = try flattened(lists.items)
        let texts = ViewReader(Vector(items))
        let separators = ViewReader(call.arguments[1])
        let nulls = call.arguments.count > 2 ? ViewReader(call.arguments[2]) : nil
        let validity = Bits.make(call.count) { !call.isNull(0, $0) && !call.isNull(1, $0) }
        var writer = ViewWriter(count: call.count)
        for row in 0..<call.count {
            guard Bitmap.isSet(validity.pointer(), row) else {
                writer.appendEmpty()
                continue
            }
            var isFirst = true
            for place in lists[row] {
                let isNull = items.isNull(place)
                if isNull && (nulls == nil || call.isNull(2, row)) { continue }
                let text = isNull ? nulls?[row] ?? texts[place] : texts[place]
                try writer.plan(text.count + separators[row].count)
                if !isFirst { writer.write(separators[row]) }
                writer.write(text)
                isFirst = false
            }
            writer.close()
        }
        return writer.finish(.utf8View, count: call.count, validity: validity)
    }
}
