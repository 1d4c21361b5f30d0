// SPDX-License-Identifier: MIT

import IglooArrow
import IglooPlan

/// Aggregates of which some take the distinct values of one expression. Grouping by keys and value
/// makes the values distinct, which threads share better than one group's values; it carries partial
/// results of the other calls, which a second grouping by the keys adds up.
struct DistinctGrouping {
    /// What distinct values are taken of, over the input.
    let value: Expression
    /// Of the first grouping, over the input: their results stand behind keys and value.
    private(set) var partials: [AggregateCall] = []
    /// Of the second grouping, over keys, value and partial results.
    private(set) var totals: [AggregateCall] = []
    /// The calls' results, over keys and totals.
    private(set) var results: [Expression] = []
    private let keyCount: Int

    /// - Returns: `nil` where a call is of another kind.
    init?(_ calls: [AggregateColumn], keyCount: Int) {
        let calls = calls.map(\.call)
        guard let value = Self.distinctValue(calls.filter(\.isDistinct)) else { return nil }
        // Without keys and rows, counts would have nothing to add up.
        guard keyCount > 0 || calls.allSatisfy(\.isDistinct) else { return nil }
        self.value = value
        self.keyCount = keyCount
        for call in calls {
            guard let result = call.isDistinct ? distinct(call) : split(call) else { return nil }
            results.append(result)
        }
    }

    /// What all the calls take the distinct values of, and nothing else.
    private static func distinctValue(_ calls: [AggregateCall]) -> Expression? {
        guard let value = calls.first?.arguments.first else { return nil }
        for call in calls {
            guard call.arguments == [value], call.filter == nil, call.order.isEmpty,
                ["count", "sum", "avg", "min", "max"].contains(call.function)
            else { return nil }
        }
        // Anything else might come to another value for each call.
        if case .column = value { return value }
        return calls.count == 1 ? value : nil
    }

    private mutating func distinct(_ call: AggregateCall) -> Expression {
        var call = call
        call.isDistinct = false
        call.arguments = [.input(keyCount, value.type)]
        return total(call)
    }

    private mutating func split(_ call: AggregateCall) -> Expression? {
        guard call.order.isEmpty, call.foreign == nil else { return nil }
        let argument = call.arguments.first?.type
        switch (call.function, argument) {
        case ("count", _):
            return sum(of: call, type: .int64)
        case ("sum", let argument?) where argument.isInteger:
            return sum(of: call, type: call.type)
        case ("avg", let argument?) where argument.isInteger && call.type == .float64:
            // The sum of integers is the same in every order, and so is the mean of it.
            var (sums, counts) = (call, call)
            (sums.function, sums.type) = ("sum", EngineType.hugeInt)
            (counts.function, counts.type) = ("count", .int64)
            let (sum, count) = (sum(of: sums, type: sums.type), sum(of: counts, type: .int64))
            // NULL where nothing was counted: the sum is.
            return .call(
                "/",
                [.cast(sum, .float64, isTry: false), .cast(count, .float64, isTry: false)],
                .float64)
        case ("min", let argument?), ("max", let argument?):
            guard argument.fixedByteWidth != nil, !argument.isFloat else { return nil }
            return total(AggregateCall(call.function, [partial(call)], type: call.type))
        default: return nil
        }
    }

    private mutating func sum(of call: AggregateCall, type: DataType) -> Expression {
        var part = call
        // Sums of 32 bits fit into 64.
        if part.function == "sum", (call.arguments[0].type.fixedByteWidth ?? 8) <= 4 {
            part.type = .int64
        }
        return total(AggregateCall("sum", [partial(part)], type: type))
    }

    private mutating func partial(_ call: AggregateCall) -> Expression {
        let place = partials.firstIndex(of: call) ?? partials.count
        if place == partials.count { partials.append(call) }
        return .input(keyCount + 1 + place, call.type)
    }

    private mutating func total(_ call: AggregateCall) -> Expression {
        let place = totals.firstIndex(of: call) ?? totals.count
        if place == totals.count { totals.append(call) }
        return .input(keyCount + place, call.type)
    }
}
