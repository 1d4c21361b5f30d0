// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// Bound expressions as SQL text, for EXPLAIN.
struct ExpressionPrinter {
    private let names: [ColumnId: String]
    private let positions: [String]

    init(_ columns: [PlanColumn]) {
        names = Dictionary(
            columns.map { ($0.id, $0.name) }, uniquingKeysWith: { first, _ in first })
        positions = columns.map(\.name)
    }

    func text(_ expression: Expression) -> String {
        switch expression {
        case .column(let id, _): return names[id] ?? "\(id)"
        case .input(let index, _):
            return index < positions.count ? positions[index] : "#\(index)"
        case .literal(let value, let type): return Self.literal(value, type)
        case .call(let name, let arguments, _): return call(name, arguments)
        case .foreign(let function, let arguments): return call(function.name, arguments)
        case .cast(let operand, let type, let isTry):
            return "\(isTry ? "TRY_CAST" : "CAST")(\(text(operand)) AS \(type.sqlName))"
        case .conditional(let branches, let otherwise, _):
            let whens = branches.map { "WHEN \(text($0.condition)) THEN \(text($0.result))" }
            return "CASE \(whens.joined(separator: " ")) ELSE \(text(otherwise)) END"
        case .isIn(let value, let list, let isNegated):
            let shown = list.prefix(8).map { text($0) }.joined(separator: ", ")
            let rest = list.count > 8 ? ", ... (\(list.count))" : ""
            return "\(text(value)) \(isNegated ? "NOT " : "")IN (\(shown)\(rest))"
        case .lambda(let variables, let body):
            return "\(variables.map(\.name).joined(separator: ", ")) -> \(text(body))"
        case .variable(let variable): return variable.name
        case .subquery: return "(subquery)"
        }
    }

    private func call(_ name: String, _ arguments: [Expression]) -> String {
        switch (name, arguments.count) {
        case ("and", _), ("or", _):
            return arguments.map { nested($0) }.joined(separator: " \(name.uppercased()) ")
        case ("not", 1): return "NOT \(nested(arguments[0]))"
        case ("is_null", 1): return "\(nested(arguments[0])) IS NULL"
        case ("is_not_null", 1): return "\(nested(arguments[0])) IS NOT NULL"
        case ("like", 2), ("ilike", 2):
            return "\(nested(arguments[0])) \(name.uppercased()) \(nested(arguments[1]))"
        case ("negate", 1): return "-\(nested(arguments[0]))"
        case (_, 2) where !name.contains(where: \.isLetter):
            return "\(nested(arguments[0])) \(name) \(nested(arguments[1]))"
        default:
            return "\(name)(\(arguments.map { text($0) }.joined(separator: ", ")))"
        }
    }

    private func nested(_ expression: Expression) -> String {
        switch expression {
        case .call(let name, let arguments, _)
        where arguments.count > 1
            && (!name.contains(where: \.isLetter) || name == "and"
                || name == "or"):
            "(\(text(expression)))"
        default: text(expression)
        }
    }

    func text(_ call: AggregateCall) -> String {
        let distinct = call.isDistinct ? "DISTINCT " : ""
        let arguments =
            call.arguments.isEmpty
            ? "*" : call.arguments.map { text($0) }.joined(separator: ", ")
        let filter = call.filter.map { " FILTER (WHERE \(text($0)))" } ?? ""
        return "\(call.function)(\(distinct)\(arguments))\(filter)"
    }

    func text(_ keys: [SortKey]) -> String {
        keys.map { key in
            let direction = key.isDescending ? " DESC" : ""
            let nulls =
                key.nullsFirst == key.isDescending
                ? "" : key.nullsFirst ? " NULLS FIRST" : " NULLS LAST"
            return text(key.expression) + direction + nulls
        }.joined(separator: ", ")
    }

    static func literal(_ value: Scalar, _ type: DataType) -> String {
        switch (value, type) {
        case (.null, _): return "NULL"
        case (_, .logical(let type)):
            guard let text = LogicalText.text(value, type) else { return "(\(type))" }
            return "'\(doubled(text))'"
        case (.bool(let value), _): return value ? "TRUE" : "FALSE"
        case (.int(let days), .date32): return "DATE '\(date(days))'"
        case (.int(let ticks), .timestamp(let unit, _)):
            let seconds = ticks / unit.unitsPerSecond - (ticks % unit.unitsPerSecond < 0 ? 1 : 0)
            let days = seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400
            return "TIMESTAMP '\(date(days)) \(time(seconds - days * 86_400))'"
        case (.int(let value), _): return String(value)
        case (.uint(let value), _): return String(value)
        case (.float(let value), _): return "\(value)"
        case (.decimal(let value), _): return decimal(value, type.decimalShape?.scale ?? 0)
        case (.text(let text), _): return "'\(doubled(text))'"
        case (.interval(let months, let days, let nanoseconds), _):
            return "INTERVAL '\(months) months \(days) days \(nanoseconds / 1_000) us'"
        default: return "(\(type.sqlName))"
        }
    }

    private static func doubled(_ text: String) -> String {
        text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''")
    }

    private static func decimal(_ value: Int128, _ scale: Int) -> String {
        guard scale > 0 else { return String(value) }
        var digits = String(value.magnitude)
        if digits.count <= scale {
            digits = String(repeating: "0", count: scale + 1 - digits.count) + digits
        }
        return "\(value < 0 ? "-" : "")\(digits.dropLast(scale)).\(digits.suffix(scale))"
    }

    private static func padded(_ number: Int64, _ count: Int = 2) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, count - digits.count)) + digits
    }

    private static func time(_ seconds: Int64) -> String {
        "\(padded(seconds / 3_600)):\(padded(seconds / 60 % 60)):\(padded(seconds % 60))"
    }

    /// - Source: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days.
    private static func date(_ days: Int64) -> String {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return "\(padded(year, 4))-\(padded(month))-\(padded(day))"
    }
}
