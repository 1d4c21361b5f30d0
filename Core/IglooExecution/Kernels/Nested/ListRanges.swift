// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// `range` and `generate_series` as lists.
enum ListRanges {
    /// Items that all lists of one batch may have together.
    private static let itemCountMax = 1 << 24

    private static let tooMany = IglooError(
        .resourceExhausted, "the ranges of one batch have more than \(itemCountMax) items",
        hint: "generate_series in FROM gives rows instead", sqlState: .statementTooComplex)

    static func kernel(_ call: FunctionCall) throws(IglooError) -> Kernel? {
        guard call.name == "range" || call.name == "generate_series" else { return nil }
        let includesEnd = call.name == "generate_series"
        let type = call.result
        if case .timestamp(_, let zone)? = call.parameters.first {
            let rules = try DateParts.zoneRules(zone, call.context)
            return { (call) throws(IglooError) in try times(call, type, includesEnd, rules) }
        }
        return { (call) throws(IglooError) in try numbers(call, type, includesEnd) }
    }

    private static func numbers(
        _ call: KernelCall, _ type: DataType, _ includesEnd: Bool
    ) throws(IglooError) -> ArrayData {
        let isSingle = call.arguments.count == 1
        let starts = isSingle ? { _ in Int64(0) } : call.value(0, Int64.self)
        let ends = call.value(isSingle ? 0 : 1, Int64.self)
        let steps = call.arguments.count > 2 ? call.value(2, Int64.self) : { _ in Int64(1) }
        var values: [Int64] = []
        var counts: [Int] = []
        for row in 0..<call.count {
            let before = values.count
            if call.isValid(row) {
                let (step, end) = (steps(row), ends(row))
                guard step != 0 else { throw Faults.invalid("step size cannot equal zero") }
                var value = starts(row)
                while step > 0 ? value < end : value > end {
                    values.append(value)
                    let (next, overflow) = value.addingReportingOverflow(step)
                    if overflow { break }
                    value = next
                    guard values.count <= itemCountMax else { throw tooMany }
                }
                if includesEnd && value == end { values.append(value) }
            }
            counts.append(values.count - before)
        }
        let items = ArrayData(
            type: .int64, count: values.count, nullCount: 0, buffers: [Buffer(copying: values)])
        return try ListLayout.list(type, counts: counts, validity: call.validity, items: items)
    }

    private static func times(
        _ call: KernelCall, _ type: DataType, _ includesEnd: Bool, _ rules: ZoneRules?
    ) throws(IglooError) -> ArrayData {
        let (starts, ends) = (call.value(0, Int64.self), call.value(1, Int64.self))
        let steps = call.value(2, MonthDayNanoInterval.self)
        var values: [Int64] = []
        var counts: [Int] = []
        for row in 0..<call.count {
            let before = values.count
            if call.isValid(row) {
                let (step, end) = (steps(row), ends(row))
                let length = IntervalValue.length(step)
                guard length != 0 else { throw Faults.invalid("step size cannot equal zero") }
                let isRising = length > 0
                var value = starts(row)
                while isRising ? value < end : value > end {
                    values.append(value)
                    let (next, overflow) = DateArithmetic.moved(
                        value, step, 1_000_000, false, rules)
                    if overflow || next == value { break }
                    value = next
                    guard values.count <= itemCountMax else { throw tooMany }
                }
                if includesEnd && value == end { values.append(value) }
            }
            counts.append(values.count - before)
        }
        let items = ArrayData(
            type: type.listElement ?? type, count: values.count, nullCount: 0,
            buffers: [Buffer(copying: values)])
        return try ListLayout.list(type, counts: counts, validity: call.validity, items: items)
    }
}
