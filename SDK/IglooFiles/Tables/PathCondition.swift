// SPDX-License-Identifier: MIT

public import IglooArrow
public import IglooContracts

/// A condition that the path of a file decides, for all of its rows at once.
public struct PathCondition: Sendable {
    private let expression: PushdownExpression
    private let columns: PathColumns

    /// `nil` when the condition is about other columns, or more than this can tell.
    public init?(_ expression: PushdownExpression, _ columns: PathColumns) {
        var used: Set<Int> = []
        expression.collectColumns(into: &used)
        guard !used.isEmpty, Self.canDecide(expression),
            used.allSatisfy({ columns.origins.indices.contains($0) && !columns.isFromFile($0) })
        else { return nil }
        self.expression = expression
        self.columns = columns
    }

    /// Whether it is TRUE of the rows of the file at `path`.
    public func isTrue(_ path: String) throws(IglooError) -> Bool {
        try truth(expression, path) == true
    }

    private static func canDecide(_ expression: PushdownExpression) -> Bool {
        guard case .call(let operation, let arguments, _) = expression else { return false }
        switch operation {
        case .and, .or, .not: return arguments.allSatisfy(canDecide)
        case .isNull: return arguments.allSatisfy(isPlain)
        case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual, .isDistinct, .isIn,
            .hasPrefix:
            return arguments.count >= 2 && arguments.allSatisfy(isPlain)
                && arguments.allSatisfy { $0.type == arguments[0].type }
        default: return false
        }
    }

    private static func isPlain(_ expression: PushdownExpression) -> Bool {
        if case .call = expression { false } else { true }
    }

    /// - Returns: `nil` for NULL.
    private func truth(
        _ expression: PushdownExpression, _ path: String
    ) throws(IglooError) -> Bool? {
        guard case .call(let operation, let arguments, _) = expression else { return nil }
        switch operation {
        case .and, .or:
            let deciding = operation == .or
            var isUnknown = false
            for argument in arguments {
                guard let part = try truth(argument, path) else {
                    isUnknown = true
                    continue
                }
                if part == deciding { return deciding }
            }
            return isUnknown ? nil : !deciding
        case .not: return try truth(arguments[0], path).map { !$0 }
        default: break
        }
        var values: [Scalar] = []
        for argument in arguments { values.append(try value(argument, path)) }
        return Self.compared(operation, values)
    }

    private func value(
        _ expression: PushdownExpression, _ path: String
    ) throws(IglooError) -> Scalar {
        switch expression {
        case .column(let index, let type): try columns.value(index, type, of: path)
        case .literal(let value, _): value
        case .call: .null
        }
    }

    private static func compared(_ operation: PushdownOperation, _ values: [Scalar]) -> Bool? {
        let left = values[0]
        if operation == .isNull { return left.isNull }
        let right = values[1]
        if operation == .isDistinct {
            return left.isNull || right.isNull ? left != right : !left.isSame(right)
        }
        if left.isNull { return nil }
        if operation == .isIn { return values.dropFirst().contains { left.isSame($0) } }
        if right.isNull { return nil }
        switch operation {
        case .equal: return left.isSame(right)
        case .notEqual: return !left.isSame(right)
        case .less: return left.precedes(right)
        case .lessOrEqual: return !right.precedes(left)
        case .greater: return right.precedes(left)
        case .greaterOrEqual: return !left.precedes(right)
        case .hasPrefix:
            if case .text(let text) = left, case .text(let start) = right {
                return text.utf8.starts(with: start.utf8)
            }
            return nil
        default: return nil
        }
    }
}

extension [FileReference] {
    /// Those whose paths fulfil all conditions.
    public func matching(_ conditions: [PathCondition]) throws(IglooError) -> [FileReference] {
        if conditions.isEmpty { return self }
        var kept: [FileReference] = []
        for file in self {
            var fits = true
            for condition in conditions where fits { fits = try condition.isTrue(file.path) }
            if fits { kept.append(file) }
        }
        return kept
    }
}

extension Scalar {
    /// Igloo's order of two values of the same type; texts and bytes go by their bytes, NaN is
    /// above all numbers.
    public func precedes(_ other: Scalar) -> Bool {
        switch (self, other) {
        case (.bool(let left), .bool(let right)): !left && right
        case (.int(let left), .int(let right)): left < right
        case (.uint(let left), .uint(let right)): left < right
        case (.float(let left), .float(let right)): left < right || (right.isNaN && !left.isNaN)
        case (.decimal(let left), .decimal(let right)): left < right
        case (.text(let left), .text(let right)): left.utf8.lexicographicallyPrecedes(right.utf8)
        case (.binary(let left), .binary(let right)): left.lexicographicallyPrecedes(right)
        default: false
        }
    }

    /// Neither precedes the other: texts are the same bytes, which Swift's `==` does not ask.
    fileprivate func isSame(_ other: Scalar) -> Bool { !precedes(other) && !other.precedes(self) }
}
