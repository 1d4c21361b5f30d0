// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// Groups and aggregates in the language that is offered to sources, and how a query's values come
/// from what the source gives back.
struct GroupingTranslation {
    private let translation: PushdownTranslation
    private(set) var keys: [PushdownExpression] = []
    private(set) var aggregates: [PushdownAggregate] = []
    /// The source's output as engine types: keys, then aggregates.
    private(set) var columns: [PlanColumn] = []
    /// One expression over `columns` for each key and call of the grouping.
    private(set) var values: [Expression] = []

    /// `nil` where a key or a call cannot be offered.
    init?(
        _ grouping: Grouping, _ translation: PushdownTranslation,
        newColumn: (String, DataType) -> PlanColumn
    ) {
        self.translation = translation
        for key in grouping.keys {
            guard let column = translation.column(key.expression),
                EngineType.canonical(column.type) == key.column.type
            else { return nil }
            keys.append(column)
            columns.append(key.column)
            values.append(key.column.reference)
        }
        for column in grouping.calls {
            guard let value = value(of: column, newColumn) else { return nil }
            values.append(value)
        }
    }

    /// The call's value over the source's output; what it needs is asked for.
    private mutating func value(
        of column: AggregateColumn, _ newColumn: (String, DataType) -> PlanColumn
    ) -> Expression? {
        let call = column.call
        if call.function == "avg", call.arguments[0].type.isInteger, call.type == .float64 {
            // The sum of integers is the same in every order, and so is the mean of it.
            guard
                let sum = offer(
                    "sum", call, EngineType.hugeInt, newColumn("sum", EngineType.hugeInt)),
                let count = offer("count", call, .int64, newColumn("count", .int64))
            else { return nil }
            return .call(
                "/",
                [.cast(sum, .float64, isTry: false), .cast(count, .float64, isTry: false)], .float64
            )
        }
        return offer(call.function, call, call.type, column.column)
    }

    private mutating func offer(
        _ name: String, _ call: AggregateCall, _ type: DataType, _ column: PlanColumn
    ) -> Expression? {
        guard let function = Self.function(name, call.arguments.count) else { return nil }
        var arguments: [PushdownExpression] = []
        for argument in call.arguments {
            guard let argument = translation.column(argument) else { return nil }
            arguments.append(argument)
        }
        var filter: PushdownExpression?
        if let condition = call.filter {
            filter = condition.isPinned ? nil : translation.expression(condition)
            if filter == nil { return nil }
        }
        // Extremes come as the column has them.
        let isExtreme = function == .minimum || function == .maximum
        let offered = isExtreme ? PushdownTranslation.valueType(arguments[0].type) : type
        guard EngineType.canonical(offered) == type else { return nil }
        let aggregate = PushdownAggregate(
            function, arguments, isDistinct: call.isDistinct && !isExtreme, filter: filter,
            type: offered)
        if let known = aggregates.firstIndex(of: aggregate) {
            return columns[keys.count + known].reference
        }
        aggregates.append(aggregate)
        columns.append(column)
        return column.reference
    }

    private static func function(
        _ name: String, _ argumentCount: Int
    ) -> PushdownAggregate.Function? {
        switch (name, argumentCount) {
        case ("count", 0): .countRows
        case ("count", 1): .count
        case ("sum", 1): .sum
        case ("min", 1): .minimum
        case ("max", 1): .maximum
        case ("bool_and", 1): .boolAnd
        case ("bool_or", 1): .boolOr
        default: nil
        }
    }
}
