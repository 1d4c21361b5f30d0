// SPDX-License-Identifier: MIT

internal import IglooArrow
internal import IglooContracts
internal import IglooPlan

// OVER: window functions, their windows and frames.
extension Binder {
    func bindWindow(
        _ subject: AggregateSubject, _ syntax: FunctionCall, _ reference: WindowReference,
        _ range: SourceRange, _ context: ExpressionContext
    ) throws(IglooError) -> Expression {
        try requireWindowPlace(range, context)
        guard let windows = context.windows else { return .null(.null) }
        context.isInWindow = true
        defer { context.isInWindow = false }
        let definition = try resolved(reference, windows, range)
        var function = try aggregateCall(subject, syntax, range, context)
        if subject.isWindowOnly {
            try requirePlain(function, subject.name, range)
            if !syntax.orderBy.isEmpty, subject.name != "fill" {
                throw unsupported(
                    "ORDER BY in \(subject.name), which is no aggregate, is", range,
                    hint: "the ORDER BY of OVER orders its rows")
            }
        } else {
            try requireAggregateForm(function, subject.name, syntax, range)
        }
        var partition: [Expression] = []
        for expression in definition.partitionBy {
            partition.append(try bind(expression, context).expression)
        }
        let isFill = subject.name == "fill"
        var order: [SortKey] = []
        for item in isFill && !syntax.orderBy.isEmpty ? syntax.orderBy : definition.orderBy {
            order.append(
                sortKey(
                    try bind(item.expression, context).expression,
                    isDescending: item.isDescending, nullsFirst: item.nullsFirst))
        }
        if isFill {
            guard order.count == 1, order[0].expression.type.isOnLine else {
                throw error(
                    .windowingError, "fill needs an order by one number, date or timestamp", range)
            }
            function.arguments.append(order[0].expression)
        }
        let frame = try bindFrame(definition, order, context)
        let call = WindowCall(
            function, ignoresNulls: syntax.nullTreatment == .ignore, frame: frame)
        return windows.column(call, partition: partition, order: order) {
            newColumn(subject.name, function.type)
        }.reference
    }

    private func requireWindowPlace(
        _ range: SourceRange, _ context: ExpressionContext
    ) throws(IglooError) {
        if context.isInAggregate {
            throw error(
                .groupingError, "aggregate function calls cannot contain window function calls",
                range)
        }
        if context.isInWindow {
            throw error(.windowingError, "window function calls cannot be nested", range)
        }
        if context.windows == nil {
            throw error(
                .windowingError, "window functions are not allowed in \(context.clause)", range,
                hint: context.clause == "WHERE"
                    ? "filter on them with QUALIFY, or around a subquery" : nil)
        }
    }

    private func requirePlain(
        _ function: AggregateCall, _ name: String, _ range: SourceRange
    ) throws(IglooError) {
        if function.isDistinct {
            throw unsupported("DISTINCT in \(name), which is no aggregate, is", range)
        }
        if function.filter != nil {
            throw unsupported("FILTER of \(name), which is no aggregate, is", range)
        }
        if !function.order.isEmpty {
            throw unsupported("ORDER BY in \(name), which is no aggregate, is", range)
        }
    }

    private func requireAggregateForm(
        _ function: AggregateCall, _ name: String, _ syntax: FunctionCall, _ range: SourceRange
    ) throws(IglooError) {
        let picks = ["first", "last", "any_value"].contains(name)
        if syntax.nullTreatment == .ignore, !picks {
            throw unsupported("IGNORE NULLS of \(name) is", range)
        }
    }

    // MARK: - Windows

    private func resolved(
        _ reference: WindowReference, _ windows: WindowCalls, _ range: SourceRange
    ) throws(IglooError) -> WindowDefinition {
        switch reference {
        case .named(let name): try named(name, windows, depth: 0)
        case .inline(let definition): try completed(definition, windows, depth: 0)
        }
    }

    private func named(
        _ name: Identifier, _ windows: WindowCalls, depth: Int
    ) throws(IglooError) -> WindowDefinition {
        guard let definition = windows.definition(name), depth < Self.nestingMax else {
            let nearest = NearestName.among(windows.names, to: name.written)
            throw error(
                .undefinedObject, "window \"\(name)\" does not exist", name.range,
                hint: nearest.map { "did you mean \"\($0)\"?" })
        }
        return try completed(definition, windows, depth: depth + 1)
    }

    /// The definition with what it takes over from the window it names.
    private func completed(
        _ definition: WindowDefinition, _ windows: WindowCalls, depth: Int
    ) throws(IglooError) -> WindowDefinition {
        guard let name = definition.base else { return definition }
        let base = try named(name, windows, depth: depth)
        guard definition.partitionBy.isEmpty else {
            throw error(
                .windowingError, "cannot override PARTITION BY clause of window \"\(name)\"",
                name.range)
        }
        guard definition.orderBy.isEmpty || base.orderBy.isEmpty else {
            throw error(
                .windowingError, "cannot override ORDER BY clause of window \"\(name)\"",
                name.range)
        }
        guard base.frame == nil else {
            throw error(
                .windowingError,
                "cannot copy window \"\(name)\" because it has a frame clause", name.range,
                hint: "OVER \(name), without parentheses, takes the window as it is")
        }
        var result = definition
        result.base = nil
        result.partitionBy = base.partitionBy
        if result.orderBy.isEmpty { result.orderBy = base.orderBy }
        return result
    }

    // MARK: - Frames

    private func bindFrame(
        _ definition: WindowDefinition, _ order: [SortKey], _ context: ExpressionContext
    ) throws(IglooError) -> IglooPlan.WindowFrame {
        guard let syntax = definition.frame else {
            return IglooPlan.WindowFrame(.range, from: .unboundedPreceding, to: .currentRow)
        }
        let end = syntax.end ?? .currentRow
        try checkBounds(syntax.start, end, definition.range)
        let exclusion: IglooPlan.WindowFrame.Exclusion =
            switch syntax.exclusion {
            case .currentRow?: .currentRow
            case .group?: .group
            case .ties?: .ties
            case .noOthers?, nil: .none
            }
        guard syntax.unit == .range else {
            let unit: IglooPlan.WindowFrame.Unit = syntax.unit == .rows ? .rows : .groups
            if unit == .groups, order.isEmpty {
                throw error(
                    .windowingError, "GROUPS mode requires an ORDER BY clause", definition.range)
            }
            return IglooPlan.WindowFrame(
                unit, from: try counted(syntax.start, unit, context),
                to: try counted(end, unit, context), exclusion: exclusion)
        }
        guard syntax.start.distance != nil || end.distance != nil else {
            return IglooPlan.WindowFrame(
                .range, from: Self.plain(syntax.start), to: Self.plain(end), exclusion: exclusion)
        }
        guard order.count == 1 else {
            throw error(
                .windowingError,
                "RANGE with offset PRECEDING/FOLLOWING requires exactly one ORDER BY column",
                definition.range)
        }
        return try rangeFrame(syntax, end, order[0], exclusion, context)
    }

    private func checkBounds(
        _ start: WindowFrame.Bound, _ end: WindowFrame.Bound, _ range: SourceRange
    ) throws(IglooError) {
        func fail(_ message: String) throws(IglooError) {
            throw error(.windowingError, message, range)
        }
        switch (start, end) {
        case (.unboundedFollowing, _): try fail("frame start cannot be UNBOUNDED FOLLOWING")
        case (_, .unboundedPreceding): try fail("frame end cannot be UNBOUNDED PRECEDING")
        case (.currentRow, .preceding):
            try fail("frame starting from current row cannot have preceding rows")
        case (.following, .preceding), (.following, .currentRow):
            try fail("frame starting from following row cannot have preceding rows")
        default: break
        }
    }

    private static func plain(_ bound: WindowFrame.Bound) -> IglooPlan.WindowFrame.Bound {
        switch bound {
        case .unboundedPreceding: .unboundedPreceding
        case .unboundedFollowing: .unboundedFollowing
        default: .currentRow
        }
    }

    /// A bound of ROWS or GROUPS.
    private func counted(
        _ bound: WindowFrame.Bound, _ unit: IglooPlan.WindowFrame.Unit,
        _ context: ExpressionContext
    ) throws(IglooError) -> IglooPlan.WindowFrame.Bound {
        guard let syntax = bound.distance else { return Self.plain(bound) }
        let clause = unit == .rows ? "ROWS" : "GROUPS"
        let value = try implicitlyCast(try bind(syntax, context), to: .int64, clause)
        if case .literal(.int(let count), _) = value, count < 0 {
            throw negativeDistance("offset must not be negative", syntax.range)
        }
        if case .preceding = bound { return .preceding(value) }
        return .following(value)
    }

    private func negativeDistance(_ message: String, _ range: SourceRange) -> IglooError {
        error(SQLState(rawValue: "22013"), "frame \(message)", range)
    }

    private func rangeFrame(
        _ syntax: WindowFrame, _ end: WindowFrame.Bound, _ key: SortKey,
        _ exclusion: IglooPlan.WindowFrame.Exclusion, _ context: ExpressionContext
    ) throws(IglooError) -> IglooPlan.WindowFrame {
        let start = try value(of: syntax.start, key, context)
        let stop = try value(of: end, key, context)
        var type = key.expression.type
        for bound in [start, stop] {
            guard let other = bound.distance?.type else { continue }
            guard let wider = Coercion.common(type, other) else {
                throw error(
                    .windowingError,
                    "RANGE with offset is not supported for column type "
                        + key.expression.type.sqlName,
                    syntax.start.distance?.range
                        ?? end.distance?.range ?? SourceRange(0, 0))
            }
            type = wider
        }
        func cast(_ expression: Expression) -> Expression {
            expression.type == type ? expression : .cast(expression, type, isTry: false)
        }
        var rangeKey = key
        rangeKey.expression = cast(key.expression)
        let frame = IglooPlan.WindowFrame(
            .range, from: start, to: stop, exclusion: exclusion, rangeKey: rangeKey)
        return frame.mapExpressions { $0 == rangeKey.expression ? $0 : cast($0) }
    }

    /// A bound of RANGE: the order's key, moved by the distance.
    private func value(
        of bound: WindowFrame.Bound, _ key: SortKey, _ context: ExpressionContext
    ) throws(IglooError) -> IglooPlan.WindowFrame.Bound {
        guard let syntax = bound.distance else { return Self.plain(bound) }
        var distance = try bind(syntax, context)
        var value = BoundExpression(key.expression, syntax.range)
        if distance.isOpen, case .date32 = value.type {
            distance = BoundExpression(
                try retyped(distance, as: .interval(.monthDayNano)), syntax.range)
        } else if distance.isOpen, case .timestamp = value.type {
            distance = BoundExpression(
                try retyped(distance, as: .interval(.monthDayNano)), syntax.range)
        }
        if Self.isNegative(distance.expression) {
            throw error(
                SQLState(rawValue: "22013"),
                "invalid preceding or following size in window function", syntax.range)
        }
        // Sums beyond bigint are bounds like any other.
        if value.type.isInteger, distance.type.isInteger {
            value.expression = .cast(value.expression, EngineType.hugeInt, isTry: false)
            distance.expression = .cast(distance.expression, EngineType.hugeInt, isTry: false)
        }
        var isPreceding = false
        if case .preceding = bound { isPreceding = true }
        let sign = Operator(isPreceding != key.isDescending ? "-" : "+", range: syntax.range)
        let moved = try call(sign.symbol, [value, distance], syntax.range, sign)
        return isPreceding ? .preceding(moved) : .following(moved)
    }

    private static func isNegative(_ expression: Expression) -> Bool {
        guard case .literal(let value, _) = expression else { return false }
        switch value {
        case .int(let number): return number < 0
        case .decimal(let number): return number < 0
        case .float(let number): return number < 0
        case .interval(let months, let days, let nanoseconds):
            return months < 0 || days < 0 || nanoseconds < 0
        default: return false
        }
    }
}

extension WindowFrame.Bound {
    var distance: ExpressionSyntax? {
        switch self {
        case .preceding(let distance), .following(let distance): distance
        case .unboundedPreceding, .currentRow, .unboundedFollowing: nil
        }
    }
}
