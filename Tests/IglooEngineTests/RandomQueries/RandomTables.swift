// SPDX-License-Identifier: MIT

import IglooArrowTesting

/// The types of random queries.
enum RandomType: String, CaseIterable {
    case integer, bigint, double, decimal, text, bool, date, timestamp

    /// As both engines name it.
    var sqlName: String {
        switch self {
        case .integer: "integer"
        case .bigint: "bigint"
        case .double: "double"
        case .decimal: "decimal(10,2)"
        case .text: "varchar"
        case .bool: "boolean"
        case .date: "date"
        case .timestamp: "timestamp"
        }
    }

    var isNumeric: Bool {
        switch self {
        case .integer, .bigint, .double, .decimal: true
        default: false
        }
    }

    /// Texts of literals, those at the borders among them.
    var literals: [String] {
        switch self {
        case .integer:
            ["0", "1", "-1", "2", "3", "7", "100", "2147483647", "(-2147483648)", "-7"]
        case .bigint:
            [
                "0::bigint", "1::bigint", "(-1)::bigint", "5000000000", "9223372036854775807",
                "(-9223372036854775807)", "12::bigint",
            ]
        case .double:
            [
                "0.0::double", "(-0.0)::double", "1.5::double", "(-2.25)::double", "1e300",
                "1e-300", "'nan'::double", "'inf'::double", "'-inf'::double", "3.0::double",
            ]
        case .decimal:
            ["0.00", "1.50", "-1.50", "99999999.99", "0.01", "-0.01", "12.34", "1.5"]
        case .text:
            [
                "''", "' '", "'a'", "'A'", "'ab'", "'abc'", "'ä'", "'%'", "'_'", "'日本'",
                "'1'", "'-12'", "'\u{1F600}'", "'it''s'", "'b  c'", "'zzzzzzzzzzzzzzzzzzzzz'",
            ]
        case .bool: ["true", "false"]
        case .date:
            [
                "date '1970-01-01'", "date '2024-02-29'", "date '2023-12-31'",
                "date '0001-01-01'", "date '9999-12-31'", "date '1969-07-20'",
            ]
        case .timestamp:
            [
                "timestamp '1970-01-01 00:00:00'", "timestamp '2024-02-29 12:34:56.789'",
                "timestamp '1969-12-31 23:59:59.999999'", "timestamp '2023-12-31 23:59:59'",
                "timestamp '0001-01-01 00:00:00'",
            ]
        }
    }
}

/// A small table with a column of each type, rich in NULLs and in values that are alike.
struct RandomTable {
    struct Column {
        var name: String
        var type: RandomType
    }

    var name: String
    /// `id` first: no NULLs, no duplicates.
    var columns: [Column]
    /// Makes it, in both engines.
    var definition: [String]

    init(_ name: String, rowCountMax: Int, _ generator: inout SeededGenerator) {
        self.name = name
        columns = [Column(name: "id", type: .integer)]
        for type in RandomType.allCases {
            columns.append(
                Column(name: "\(type.rawValue.first ?? "x")\(columns.count)", type: type))
        }
        columns.append(Column(name: "k", type: .integer))
        var rows: [String] = []
        let count = Int.random(in: 0...rowCountMax, using: &generator)
        let nullShare = [0, 3, 3, 2, 10].randomElement(using: &generator) ?? 3
        for id in 0..<count {
            var values = ["\(id)"]
            for column in columns.dropFirst().dropLast() {
                let isNull = nullShare > 0 && Int.random(in: 0..<10, using: &generator) < nullShare
                let literal = column.type.literals.randomElement(using: &generator) ?? "NULL"
                values.append(isNull ? "NULL" : literal)
            }
            let key = Int.random(in: -1...4, using: &generator)
            values.append(key < 0 ? "NULL" : "\(key)")
            rows.append("(\(values.joined(separator: ", ")))")
        }
        let list = columns.map { "\($0.name) \($0.type.sqlName)" }.joined(separator: ", ")
        definition = ["create table \(name) (\(list))"]
        if count > 0 {
            definition.append("insert into \(name) values \(rows.joined(separator: ", "))")
        }
    }
}
