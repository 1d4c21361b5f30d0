// SPDX-License-Identifier: MIT

internal import IglooArrow
internal import IglooPlan

/// Finds the overload for arguments some of which are text literals whose type is open.
enum OverloadSearch {
    /// - Returns: the resolution, and the types that the arguments were taken for.
    static func resolve(
        _ name: String, _ arguments: [BoundExpression]
    ) -> (Overload.Resolution, chosen: [DataType])? {
        let types = isOperator(name) ? plainTypes(arguments) : arguments.map(\.type)
        let open = arguments.indices.filter { arguments[$0].isOpen }
        // As PostgreSQL does: a literal beside an operand of known type has that type.
        if arguments.count == 2, open.count == 1, isOperator(name) {
            var assumed = types
            assumed[open[0]] = types[1 - open[0]]
            if types[1 - open[0]] != .null, !takesText(name, beside: types[1 - open[0]]),
                let found = FunctionTable.resolve(name, assumed)
            {
                return (found, assumed)
            }
        }
        if let found = FunctionTable.resolve(name, types) { return (found, types) }
        // A bare NULL is open as well, once its own type finds nothing.
        let untyped = types.indices.filter { arguments[$0].isOpen || types[$0] == .null }
        guard !untyped.isEmpty, untyped.count <= 3 else { return nil }
        return search(name, types, untyped[...], candidates(types, untyped))
    }

    /// Whether a literal beside JSON is text: a key, or what PostgreSQL would not compare.
    private static func takesText(_ name: String, beside type: DataType) -> Bool {
        type == .json || type == .jsonb && name.hasPrefix("-")
    }

    private static func isOperator(_ name: String) -> Bool {
        guard let first = name.first else { return false }
        // `||` takes any type as it is.
        return name != "||" && (!first.isLetter || name.hasSuffix("distinct_from"))
    }

    /// Types as they are; but an integer literal beside a decimal has its own digits' precision,
    /// which keeps results narrow.
    private static func plainTypes(_ arguments: [BoundExpression]) -> [DataType] {
        guard arguments.contains(where: { $0.type.isDecimal }) else {
            return arguments.map(\.type)
        }
        return arguments.map { argument in
            guard case .literal(.int(let value), let type) = argument.expression, type.isInteger
            else { return argument.type }
            return EngineType.decimal(max(1, String(value.magnitude).utf8.count), 0)
        }
    }

    private static func candidates(_ types: [DataType], _ open: [Int]) -> [DataType] {
        var candidates: [DataType] = []
        for index in types.indices where !open.contains(index) { candidates.append(types[index]) }
        candidates += [
            .timestamp(.microsecond, timeZone: nil), .date32, .interval(.monthDayNano), .float64,
            .int64, .bool, .binaryView, .logical(.inet),
        ]
        return candidates
    }

    private static func search(
        _ name: String, _ types: [DataType], _ open: ArraySlice<Int>, _ candidates: [DataType]
    ) -> (Overload.Resolution, chosen: [DataType])? {
        guard let index = open.first else {
            return FunctionTable.resolve(name, types).map { ($0, types) }
        }
        for candidate in [.utf8View] + candidates {
            var assumed = types
            assumed[index] = candidate
            if let found = search(name, assumed, open.dropFirst(), candidates) { return found }
        }
        return nil
    }
}
