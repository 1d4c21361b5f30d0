// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// Conditions that are taken over, judged by the rows that come.
enum FilterChecks {
    typealias X = PushdownExpression

    static let all: [Check] = [
        Check("filter.exact_bit_identical", limit: 180) { bench in
            try random(bench, 20, 400) { generator in [generator.condition()] }
        },
        Check("filter.inexact_is_superset", limit: 180) { bench in
            try random(bench, 21, 300) { generator in
                (0..<(1 + generator.random.below(4))).map { _ in generator.condition(depth: 1) }
            }
        },
        Check("filter.three_valued_logic", limit: 120, threeValuedLogic),
        Check("filter.string_padding_case_collation", limit: 180) { bench in
            try everyValue(bench) { $0.isText }
        },
        Check("filter.nan_and_negative_zero") { bench in
            try everyValue(bench) { $0.isFloat }
        },
        Check("filter.timestamp_zones_dst") { bench in
            try everyValue(bench) { type in
                if case .timestamp = type { return true }
                return type == .date32
            }
        },
        Check("filter.decimal_scale") { bench in
            try everyValue(bench) { $0.isDecimal || $0.isInteger }
        },
        Check("filter.like_escapes", limit: 120, likeEscapes),
        Check("filter.in_list_large_and_null", inLists),
        Check("filter.only_columns_rule", onlyColumns),
        Check("project.order_duplicates_nested_fields", project),
    ]

    /// All columns of a table under one condition after another.
    private static func random(
        _ bench: Bench, _ purpose: Int, _ count: Int,
        _ conditions: (inout RequestGenerator) -> [X]
    ) throws {
        let instance = try bench.connector()
        let fixture = try bench.hostile(instance)
        var generator = RequestGenerator(fixture, bench.random(purpose))
        for number in 0..<count {
            let request = ScanRequest(
                table: [], columns: number % 2 == 0 ? fixture.allColumns : generator.columns(),
                conjuncts: conditions(&generator))
            try Trial(request, fixture, instance, targetByteCount: number % 3 == 0 ? 256 : 64 << 20)
                .verify()
        }
    }

    private static func verify(
        _ conjunct: X, _ fixture: Fixture, _ instance: ConnectorInstance
    ) throws {
        let request = ScanRequest(table: [], columns: fixture.allColumns, conjuncts: [conjunct])
        try Trial(request, fixture, instance).verify()
    }

    /// NOT, AND and OR over what is true, false and unknown.
    private static func threeValuedLogic(_ bench: Bench) throws {
        let instance = try bench.connector()
        let fixture = try bench.hostile(instance)
        var generator = RequestGenerator(fixture, bench.random(22))
        var leaves: [X] = []
        for index in generator.comparable {
            let column = generator.column(index)
            let literal = generator.literal(index)
            leaves += [
                .call(.equal, [column, literal], .bool),
                .call(.notEqual, [column, literal], .bool),
                .call(.isNull, [column], .bool), .call(.less, [column, literal], .bool),
                .call(.isDistinct, [column, literal], .bool),
                .call(.equal, [column, .literal(.null, column.type)], .bool),
            ]
            if column.type == .bool { leaves.append(column) }
        }
        for leaf in leaves {
            let other = generator.random.pick(leaves)
            let not = X.call(.not, [leaf], .bool)
            for conjunct in [
                leaf, not, .call(.not, [not], .bool), .call(.and, [leaf, not], .bool),
                .call(.or, [leaf, not], .bool), .call(.or, [not, other], .bool),
                .call(.not, [.call(.and, [leaf, other], .bool)], .bool),
                .call(.not, [.call(.or, [not, other], .bool)], .bool),
            ] { try verify(conjunct, fixture, instance) }
        }
    }

    /// Every comparison of a column with each of its values, both ways, and with its neighbours.
    private static func everyValue(
        _ bench: Bench, _ isMeant: (DataType) -> Bool
    ) throws {
        let instance = try bench.connector()
        let fixture = try bench.hostile(instance)
        var generator = RequestGenerator(fixture, bench.random(23))
        for index in generator.comparable {
            let type = fixture.fields[index].type
            guard isMeant(type.plain) else { continue }
            let column = generator.column(index)
            let known = generator.values(index).shuffled(using: &generator.random)
            for value in known.prefix(40) + neighbours(type.plain) {
                let literal = X.literal(value, type)
                for operation in RequestGenerator.comparisons {
                    let comparison = X.call(operation, [column, literal], .bool)
                    try verify(comparison, fixture, instance)
                    if operation == .equal || operation == .less {
                        try verify(.call(.not, [comparison], .bool), fixture, instance)
                    }
                }
            }
            for other in generator.comparable where fixture.fields[other].type == type {
                for operation in RequestGenerator.comparisons {
                    try verify(
                        .call(operation, [column, generator.column(other)], .bool), fixture,
                        instance)
                }
            }
        }
    }

    /// Values that the table does not hold.
    private static func neighbours(_ type: DataType) -> [Scalar] {
        if type.isText {
            return ["A ", "b", "Å", "ss ", "\u{10FFFF}", "a\u{300}"].map { .text($0) }
        }
        if type.isFloat { return [.float(0.2), .float(-0.0), .float(.nan)] }
        if type.isDecimal { return [.decimal(2), .decimal(-2_000)] }
        if type.isUnsignedInteger { return [.uint(2)] }
        return type == .bool ? [] : [.int(2), .int(-2)]
    }

    private static func likeEscapes(_ bench: Bench) throws {
        let instance = try bench.connector()
        let fixture = try bench.hostile(instance)
        let patterns = [
            "", "%", "%%", "_", "__", "a%", "%a", "%a%", "a_b", "A%", "ä", "a\u{308}", "日_", "%本",
            "😀", "_%", "%_", "\\%", "a\\%b", "a\\\\b", "a\\_b", "%'%", "%\"%", "a\n%", "%\\\\%",
            "NULL", "% ", " %", "%x",
        ]
        for index in fixture.allColumns where fixture.fields[index].type.plain.isText {
            let type = fixture.fields[index].type
            let column = X.column(index, type)
            for pattern in patterns {
                let literal = X.literal(.text(pattern), type)
                let escaped = pattern.contains("\\")
                // Escapes stand before %, _ or themselves.
                let forms: [X] = [
                    .call(.like, [column, literal], .bool),
                    .call(.like, [column, literal, .literal(.text("\\"), type)], .bool),
                    .call(
                        .like,
                        [
                            column,
                            .literal(.text(pattern.replacing("\\", with: "!")), type),
                            .literal(.text("!"), type),
                        ], .bool),
                ]
                for like in escaped ? forms : [forms[0], forms[2]] {
                    try verify(like, fixture, instance)
                    try verify(.call(.not, [like], .bool), fixture, instance)
                }
                try verify(.call(.hasPrefix, [column, literal], .bool), fixture, instance)
            }
        }
    }

    private static func inLists(_ bench: Bench) throws {
        let instance = try bench.connector()
        let fixture = try bench.hostile(instance)
        var generator = RequestGenerator(fixture, bench.random(24))
        for index in generator.comparable {
            let type = fixture.fields[index].type
            let column = generator.column(index)
            let known = generator.values(index).map { X.literal($0, type) }
            guard !known.isEmpty else { continue }
            var lists = [Array(known.prefix(1)), Array(known.prefix(3)), known]
            lists.append((0..<9_000).map { _ in generator.random.pick(known) })
            for list in lists {
                let isIn = X.call(.isIn, [column] + list, .bool)
                try verify(isIn, fixture, instance)
                try verify(.call(.not, [isIn], .bool), fixture, instance)
            }
        }
    }

    /// Columns that only a condition uses come behind the wanted ones, ascending, unless the
    /// condition is taken over exactly.
    private static func onlyColumns(_ bench: Bench) throws {
        let instance = try bench.connector()
        let fixture = try bench.hostile(instance)
        var generator = RequestGenerator(fixture, bench.random(25))
        for _ in 0..<150 {
            let columns = generator.random.pick([[], [0], [1, 0], [0, 0]])
            let request = ScanRequest(
                table: [], columns: columns,
                conjuncts: (0..<3).map { _ in generator.condition(depth: 1) })
            let trial = try Trial(request, fixture, instance)
            let wanted = request.outputColumns(trial.answer.conjuncts).map {
                fixture.fields[$0].name
            }
            try require(
                trial.answer.schema.fields.map(\.name) == wanted,
                "\(Trial.shown(request)) -> \(Trial.shown(trial.answer)): the columns are "
                    + "\(trial.answer.schema.fields.map(\.name)), not \(wanted)")
            try trial.verify()
        }
    }

    private static func project(_ bench: Bench) throws {
        let instance = try bench.connector()
        for set in [DataSet.hostile, .core, .nested] where bench.configuration.lost[set.name] == nil
        {
            let fixture = try bench.fixture(set, instance)
            let all = fixture.allColumns
            var random = bench.random(26)
            var lists = [
                all, Array(all.reversed()), all + all, [], [all.count - 1, 0, all.count - 1],
            ]
            for _ in 0..<20 { lists.append((0..<random.below(6)).map { _ in random.pick(all) }) }
            for columns in lists {
                try Trial(ScanRequest(table: [], columns: columns), fixture, instance).verify()
            }
        }
    }
}
