// SPDX-License-Identifier: MIT

public import IglooArrow
public import IglooContracts

/// What pushed-down conditions mean by Igloo's own rules, row by row: sources are compared with it.
public enum PushdownOracle {
    /// Whether a condition is true for a row of the table; `nil` = unknown.
    public static func holds(_ x: PushdownExpression, _ row: [Scalar]) -> Bool? {
        switch x {
        case .column(let index, _): return truth(row[index])
        case .literal(let scalar, _): return truth(scalar)
        case .call(let operation, let arguments, _):
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
            case .like: return like(value(arguments[0], row), value(arguments[1], row))
            case .hasPrefix:
                guard case .text(let text) = value(arguments[0], row),
                    case .text(let start) = value(arguments[1], row)
                else { return nil }
                return text.utf8.starts(with: start.utf8)
            default:
                return comparison(operation, value(arguments[0], row), value(arguments[1], row))
            }
        }
    }

    private static func truth(_ scalar: Scalar) -> Bool? {
        if case .bool(let flag) = scalar { flag } else { nil }
    }

    private static func value(_ x: PushdownExpression, _ row: [Scalar]) -> Scalar {
        switch x {
        case .column(let index, _): row[index]
        case .literal(let scalar, _): scalar
        default: .null
        }
    }

    private static func comparison(_ operation: PushdownOperation, _ l: Scalar, _ r: Scalar)
        -> Bool?
    {
        if operation == .isDistinct {
            return l.isNull || r.isNull ? l.isNull != r.isNull : compare(l, r) != 0
        }
        if l.isNull || r.isNull { return nil }
        let order = compare(l, r)
        switch operation {
        case .equal: return order == 0
        case .notEqual: return order != 0
        case .less: return order < 0
        case .lessOrEqual: return order <= 0
        case .greater: return order > 0
        default: return order >= 0
        }
    }

    /// Less than, equal to or greater than 0, as the left value is less, equal or greater.
    public static func compare(_ l: Scalar, _ r: Scalar) -> Int {
        func order<T: Comparable>(_ a: T, _ b: T) -> Int { a < b ? -1 : a == b ? 0 : 1 }
        switch (l, r) {
        case (.int(let a), .int(let b)): return order(a, b)
        case (.float(let a), .float(let b)):
            // NaN equals itself and is greater than all.
            if a.isNaN || b.isNaN { return order(a.isNaN ? 1 : 0, b.isNaN ? 1 : 0) }
            return order(a, b)
        case (.decimal(let a), .decimal(let b)): return order(a, b)
        case (.bool(let a), .bool(let b)): return order(a ? 1 : 0, b ? 1 : 0)
        case (.text(let a), .text(let b)):
            return a.utf8.lexicographicallyPrecedes(b.utf8)
                ? -1 : Array(a.utf8) == Array(b.utf8) ? 0 : 1
        case (.binary(let a), .binary(let b)):
            return a.lexicographicallyPrecedes(b) ? -1 : a == b ? 0 : 1
        default: return 9
        }
    }

    private static func like(_ value: Scalar, _ pattern: Scalar) -> Bool? {
        guard case .text(let text) = value, case .text(let pattern) = pattern else { return nil }
        func match(_ t: ArraySlice<Unicode.Scalar>, _ p: ArraySlice<Unicode.Scalar>) -> Bool {
            guard let first = p.first else { return t.isEmpty }
            if first == "%" {
                return match(t, p.dropFirst()) || (!t.isEmpty && match(t.dropFirst(), p))
            }
            guard let head = t.first, first == "_" || first == head else { return false }
            return match(t.dropFirst(), p.dropFirst())
        }
        return match(Array(text.unicodeScalars)[...], Array(pattern.unicodeScalars)[...])
    }
}
