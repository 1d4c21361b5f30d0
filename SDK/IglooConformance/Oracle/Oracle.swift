// SPDX-License-Identifier: MIT

public import IglooArrow
public import IglooContracts

/// What pushed-down conditions mean by Igloo's rules, row by row: the reference that sources are
/// compared with. It knows nothing of the engine's own evaluator.
public enum Oracle {
    /// Whether a condition is true for a row of the table; `nil` = unknown.
    public static func holds(_ x: PushdownExpression, _ row: [Scalar]) -> Bool? {
        guard case .call(let operation, let arguments, _) = x else { return truth(value(x, row)) }
        switch operation {
        case .and:
            let all = arguments.map { holds($0, row) }
            return all.contains(false) ? false : all.contains(nil) ? nil : true
        case .or:
            let all = arguments.map { holds($0, row) }
            return all.contains(true) ? true : all.contains(nil) ? nil : false
        case .not: return holds(arguments[0], row).map { !$0 }
        case .isNull: return value(arguments[0], row).isNull
        case .isIn:
            let left = value(arguments[0], row)
            if left.isNull { return nil }
            return arguments.dropFirst().contains { compare(left, value($0, row)) == 0 }
        case .like:
            // Without a word on it, a backslash escapes; "" means that nothing does.
            let escape = arguments.count > 2 ? value(arguments[2], row) : .text("\\")
            return like(value(arguments[0], row), value(arguments[1], row), escape)
        case .hasPrefix:
            guard case .text(let text) = value(arguments[0], row),
                case .text(let start) = value(arguments[1], row)
            else { return nil }
            return text.utf8.starts(with: start.utf8)
        default:
            return comparison(operation, value(arguments[0], row), value(arguments[1], row))
        }
    }

    private static func truth(_ scalar: Scalar) -> Bool? {
        if case .bool(let flag) = scalar { flag } else { nil }
    }

    /// A column's or a literal's value; a condition's truth.
    static func value(_ x: PushdownExpression, _ row: [Scalar]) -> Scalar {
        switch x {
        case .column(let index, _): row[index]
        case .literal(let scalar, _): scalar
        case .call: holds(x, row).map { .bool($0) } ?? .null
        }
    }

    private static func comparison(
        _ operation: PushdownOperation, _ left: Scalar, _ right: Scalar
    ) -> Bool? {
        if operation == .isDistinct {
            return left.isNull || right.isNull
                ? left.isNull != right.isNull : compare(left, right) != 0
        }
        if left.isNull || right.isNull { return nil }
        let order = compare(left, right)
        switch operation {
        case .equal: return order == 0
        case .notEqual: return order != 0
        case .less: return order < 0
        case .lessOrEqual: return order <= 0
        case .greater: return order > 0
        default: return order >= 0
        }
    }

    /// Less than, equal to or greater than 0, as the left value is less, equal or greater. Text
    /// compares by its bytes; NaN equals NaN and is above all; -0 = 0.
    public static func compare(_ left: Scalar, _ right: Scalar) -> Int {
        switch (left, right) {
        case (.float(let a), .float(let b)):
            if a.isNaN || b.isNaN { return order(a.isNaN ? 1 : 0, b.isNaN ? 1 : 0) }
            return order(a, b)
        case (.bool(let a), .bool(let b)): return order(a ? 1 : 0, b ? 1 : 0)
        case (.text(let a), .text(let b)): return compare(Array(a.utf8), Array(b.utf8))
        case (.binary(let a), .binary(let b)): return compare(a, b)
        default:
            guard let a = left.wholeNumber, let b = right.wholeNumber else { return 9 }
            return order(a, b)
        }
    }

    private static func order<Value: Comparable>(_ a: Value, _ b: Value) -> Int {
        a < b ? -1 : a == b ? 0 : 1
    }

    private static func compare(_ a: [UInt8], _ b: [UInt8]) -> Int {
        a == b ? 0 : a.lexicographicallyPrecedes(b) ? -1 : 1
    }

    /// By code points; what follows the escape stands for itself.
    private static func like(_ value: Scalar, _ pattern: Scalar, _ escape: Scalar) -> Bool? {
        guard case .text(let text) = value, case .text(let pattern) = pattern else { return nil }
        var mark: Unicode.Scalar?
        if case .text(let text) = escape { mark = text.unicodeScalars.first }
        func match(_ t: ArraySlice<Unicode.Scalar>, _ p: ArraySlice<Unicode.Scalar>) -> Bool {
            guard let first = p.first else { return t.isEmpty }
            if first == mark, let literal = p.dropFirst().first {
                return t.first == literal && match(t.dropFirst(), p.dropFirst(2))
            }
            if first == "%" {
                return match(t, p.dropFirst()) || (!t.isEmpty && match(t.dropFirst(), p))
            }
            guard let head = t.first, first == "_" || first == head else { return false }
            return match(t.dropFirst(), p.dropFirst())
        }
        return match(Array(text.unicodeScalars)[...], Array(pattern.unicodeScalars)[...])
    }
}
