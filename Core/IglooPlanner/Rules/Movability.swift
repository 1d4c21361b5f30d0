// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

// What an expression may do to rows that it was not written for.
extension Expression {
    /// May raise an error for some row, or give another result each time.
    var isPinned: Bool { contains { $0.pinsWhatItIsPartOf } }

    /// May stand where it sees other rows: has one result for each row, and fails for none, but
    /// for numbers too large for their type. Whoever meets those wants an error anyway, while
    /// `a.n = b.n + 1` has to be a condition of its join.
    var isMovable: Bool {
        !contains { $0.pinsWhatItIsPartOf && !$0.failsByOverflowOnly }
    }

    private var pinsWhatItIsPartOf: Bool {
        switch self {
        case .call(let name, let arguments, _):
            if Self.cannotFail(name, arguments) { return false }
            guard let entry = FunctionTable.entry(name) else { return true }
            return entry.volatility == .volatile || entry.canFail
        case .foreign: return true
        case .cast(let operand, let type, isTry: false):
            return !Coercion.isImplicit(from: operand.type, to: type)
        case .subquery: return true
        default: return false
        }
    }

    private var failsByOverflowOnly: Bool {
        guard case .call(let name, let arguments, let type) = self, type.isNumeric,
            arguments.allSatisfy(\.type.isNumeric)
        else { return false }
        switch name {
        case "+", "-", "*", "negate", "abs": return true
        case "/", "//", "%":
            guard arguments.count == 2, case .literal(let divisor, _) = arguments[1] else {
                return false
            }
            return divisor.isPositiveNumber
        default: return false
        }
    }

    /// Calls of functions that fail for some arguments only, with arguments that are none of them.
    private static func cannotFail(_ name: String, _ arguments: [Expression]) -> Bool {
        switch name {
        case "like", "ilike":
            guard arguments.count == 2, case .literal(.text(let pattern), _) = arguments[1] else {
                return false
            }
            return !pattern.contains("\\")
        case "substring":
            guard arguments.count == 3 else { return true }
            guard case .literal(.int(let count), _) = arguments[2] else { return false }
            return count >= 0
        case "date_part":
            if case .literal = arguments[0] { return true }
            return false
        default: return false
        }
    }
}

extension Scalar {
    fileprivate var isPositiveNumber: Bool {
        switch self {
        case .int(let value): value > 0
        case .uint(let value): value > 0
        case .float(let value): value > 0
        case .decimal(let value): value > 0
        default: false
        }
    }
}
