// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// Conditions on columns whose values may be stored in several forms: true for more rows than are
/// meant, never for fewer.
extension SQLiteConditionWriter {
    func boolean(_ index: Int, _ wanted: Bool) throws(SQLiteRefusal) -> SQLiteCondition {
        guard index >= 0, index < table.columns.count else {
            throw SQLiteRefusal("no such column")
        }
        let name = SQLiteText.identifier(table.columns[index].name)
        return SQLiteCondition(
            sql: "(\(name) = \(wanted ? 1 : 0) OR typeof(\(name)) = 'text')", values: [],
            verdict: .inexact)
    }

    func booleanComparison(
        _ operation: PushdownOperation, _ arguments: [PushdownExpression]
    ) throws(SQLiteRefusal) -> SQLiteCondition {
        guard case .column(let index, _) = arguments[0],
            case .literal(.bool(let flag), _) = arguments[1],
            operation == .equal || operation == .notEqual
        else { throw SQLiteRefusal("an order of truth values") }
        return try boolean(index, operation == .equal ? flag : !flag)
    }

    func widened(
        _ operation: PushdownOperation, _ column: SQLiteColumn, _ literal: PushdownExpression
    ) throws(SQLiteRefusal) -> SQLiteCondition {
        guard case .literal(let scalar, let type) = literal, type == column.type else {
            throw SQLiteRefusal("a comparison of two types")
        }
        let bounds = try bounds(scalar, column)
        let name = SQLiteText.identifier(column.name)
        var parts: [String] = []
        var values: [SQLiteValue] = []
        if [.equal, .greater, .greaterOrEqual].contains(operation) {
            parts.append("\(name) >= ?")
            values.append(bounds.low)
        }
        if [.equal, .less, .lessOrEqual].contains(operation) {
            parts.append("\(name) <= ?")
            values.append(bounds.high)
        }
        guard !parts.isEmpty else {
            throw SQLiteRefusal("\(column.declared) may be stored in several forms")
        }
        var sql = parts.joined(separator: " AND ")
        // Decimals of many digits stay text, which is greater than every number.
        if column.type.isDecimal { sql = "((\(sql)) OR typeof(\(name)) = 'text')" }
        return SQLiteCondition(sql: sql, values: values, verdict: .inexact)
    }

    /// Bounds, in stored form, of all forms in which a value may be stored.
    private func bounds(
        _ scalar: Scalar, _ column: SQLiteColumn
    ) throws(SQLiteRefusal) -> (low: SQLiteValue, high: SQLiteValue) {
        if let (_, scale) = column.type.decimalShape {
            var value: Double
            switch scalar {
            case .decimal(let unscaled): value = Double(unscaled)
            case .int(let unscaled): value = Double(unscaled)
            default: throw SQLiteRefusal("not a decimal literal")
            }
            for _ in 0..<scale { value /= 10 }
            let margin = 4 * SQLiteColumnBuilder.tolerance(value)
            return (.double(value - margin), .double(value + margin))
        }
        guard case .int(let microseconds) = scalar else {
            throw SQLiteRefusal("not a timestamp literal")
        }
        let (day, rest) = microseconds.quotientAndRemainder(dividingBy: 86_400_000_000)
        let days = rest < 0 ? day - 1 : day
        // A stored text begins with its date; with a zone that date may be the day before or after.
        let slack: Int64 = column.type == .timestamp(.microsecond, timeZone: nil) ? 0 : 1
        guard let low = SQLiteDate.text(days: days - slack),
            let high = SQLiteDate.text(days: days + slack + 1)
        else { throw SQLiteRefusal("a time outside of the years 0000 to 9999") }
        return (.text(low), .text(high))
    }
}

/// Dates as SQLite's own functions write them.
enum SQLiteDate {
    /// `YYYY-MM-DD` of a day since 1970-01-01, for the years 0000 to 9999.
    ///
    /// - Source: Howard Hinnant, "chrono-compatible low-level date algorithms", civil_from_days.
    static func text(days: Int64) -> String? {
        guard days >= -719_528, days <= 2_932_896 else { return nil }
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * month + 2) / 5 + 1
        let civilMonth = month < 10 ? month + 3 : month - 9
        let year = yearOfEra + era * 400 + (civilMonth <= 2 ? 1 : 0)
        return padded(year, 4) + "-" + padded(civilMonth, 2) + "-" + padded(day, 2)
    }

    private static func padded(_ number: Int64, _ width: Int) -> String {
        let digits = "\(number)"
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
