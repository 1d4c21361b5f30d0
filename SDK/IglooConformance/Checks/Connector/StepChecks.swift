// SPDX-License-Identifier: MIT

import CIgloo
import IglooArrow
import IglooContracts

/// Limits, orders, groups, and all of them together.
enum StepChecks {
    typealias X = PushdownExpression

    static let all: [Check] = [
        Check("limit.exact_and_inexact", limit: 120, limits),
        Check("limit.zero") { bench in
            let instance = try bench.connector()
            let fixture = try bench.hostile(instance)
            var generator = RequestGenerator(fixture, bench.random(30))
            for number in 0..<40 {
                var request = generator.request()
                if number == 0 { request = ScanRequest(table: [], columns: fixture.allColumns) }
                request.limit = 0
                try Trial(request, fixture, instance).verify()
            }
        },
        Check("topn.ties_nulls_order", limit: 180, topN),
        Check("aggregate.full_equals_oracle", limit: 180) { bench in
            try aggregates(bench, 32, 300, .full)
        },
        Check("aggregate.partial_merges", limit: 120) { bench in
            try aggregates(bench, 33, 200, .partial)
        },
        Check("aggregate.empty_input_and_all_null", limit: 120, emptyInput),
        Check("aggregate.overflow_is_error", overflow),
        Check("aggregate.distinct_filter", limit: 120, distinctAndFilter),
        Check("combo.every_subset_of_accepted_steps", limit: 300, combinations),
    ]

    private static let sizes: [Int64] = [64 << 20, 512, 64]

    /// With conditions of any verdict before it.
    private static func limits(_ bench: Bench) throws {
        let instance = try bench.connector()
        let fixture = try bench.hostile(instance)
        var generator = RequestGenerator(fixture, bench.random(31))
        for number in 0..<240 {
            let request = ScanRequest(
                table: [], columns: number % 2 == 0 ? fixture.allColumns : generator.columns(),
                conjuncts: (0..<(number % 3)).map { _ in generator.condition(depth: 1) },
                limit: Int64([1, 2, 5, 20, 95, 96, 97, 100_000][number % 8]))
            try Trial(
                request, fixture, instance, targetByteCount: sizes[number % sizes.count]
            ).verify()
        }
    }

    /// Every column, both ways, NULLs at both ends, with limits that fall among equal values.
    private static func topN(_ bench: Bench) throws {
        let instance = try bench.connector()
        let fixture = try bench.hostile(instance)
        var generator = RequestGenerator(fixture, bench.random(34))
        for index in generator.comparable {
            let type = fixture.fields[index].type
            for number in 0..<8 {
                var request = ScanRequest(table: [], columns: [index, 0])
                request.sort = [
                    PushdownSort(
                        .column(0, type), isDescending: number & 1 != 0,
                        nullsFirst: number & 2 != 0)
                ]
                if number & 4 != 0 {
                    request.conjuncts = [generator.condition(depth: 1)]
                    request.sort.append(
                        PushdownSort(
                            .column(1, fixture.fields[0].type), isDescending: true,
                            nullsFirst: false))
                }
                for limit in [nil, 1, 7, 30, 500] as [Int64?] {
                    request.limit = limit
                    try Trial(
                        request, fixture, instance, targetByteCount: sizes[number % sizes.count]
                    ).verify()
                }
            }
        }
    }

    private static func aggregates(
        _ bench: Bench, _ purpose: Int, _ count: Int, _ mode: ScanRequest.AggregateMode
    ) throws {
        let instance = try bench.connector()
        let fixture = try bench.hostile(instance)
        var generator = RequestGenerator(fixture, bench.random(purpose))
        for number in 0..<count {
            var request = ScanRequest(table: [], columns: [])
            generator.addGrouping(to: &request)
            request.aggregateMode = mode
            // Distinct values of parts cannot be merged.
            if mode == .partial {
                for index in request.aggregates.indices {
                    request.aggregates[index].isDistinct = false
                }
            }
            if number % 3 == 0 { request.conjuncts = [generator.condition(depth: 1)] }
            try Trial(
                request, fixture, instance, targetByteCount: sizes[number % sizes.count]
            ).verify()
        }
    }

    private static func emptyInput(_ bench: Bench) throws {
        let instance = try bench.connector()
        let fixture = try bench.hostile(instance)
        let generator = RequestGenerator(fixture, bench.random(35))
        for index in generator.comparable {
            let column = generator.column(index)
            let never = X.call(
                .and,
                [
                    .call(.isNull, [column], .bool),
                    .call(.not, [.call(.isNull, [column], .bool)], .bool),
                ],
                .bool)
            // No rows at all, and rows whose values are all NULL.
            for condition in [never, .call(.isNull, [column], .bool)] {
                for keys in [[], [column]] {
                    // All at once, and each by itself: a source may know some of them only.
                    for aggregates in [allAggregates(column)] + allAggregates(column).map({ [$0] })
                    {
                        var request = ScanRequest(table: [], columns: [], conjuncts: [condition])
                        request.groupBy = keys
                        request.aggregates = aggregates
                        request.aggregateMode = .full
                        try Trial(request, fixture, instance).verify()
                    }
                }
            }
        }
        guard bench.configuration.lost["empty"] == nil else { return }
        let empty = try bench.fixture(.empty, instance)
        for index in empty.allColumns {
            var request = ScanRequest(table: [], columns: [])
            request.aggregates = allAggregates(.column(index, empty.fields[index].type))
            request.aggregateMode = .full
            try Trial(request, empty, instance).verify()
        }
    }

    private static func allAggregates(_ column: X) -> [PushdownAggregate] {
        var aggregates = [
            PushdownAggregate(.countRows, [], type: .int64),
            PushdownAggregate(.count, [column], type: .int64),
            PushdownAggregate(.minimum, [column], type: column.type),
            PushdownAggregate(.maximum, [column], type: column.type),
        ]
        if let type = RequestGenerator.sumType(column.type) {
            aggregates.append(PushdownAggregate(.sum, [column], type: type))
        }
        if column.type == .bool {
            aggregates.append(PushdownAggregate(.boolAnd, [column], type: .bool))
            aggregates.append(PushdownAggregate(.boolOr, [column], type: .bool))
        }
        return aggregates
    }

    /// A sum that 64 bits do not hold is an error, or not taken over.
    private static func overflow(_ bench: Bench) throws {
        let instance = try bench.connector()
        let fixture = try bench.hostile(instance)
        let index = try require(fixture.index("i"), "the table hostile has no column i")
        let column = X.column(index, fixture.fields[index].type)
        let zero = try require(
            Conversion.convert(.int(0), from: .int64, to: column.type), "the column i has no 0")
        var request = ScanRequest(
            table: fixture.table.handle, columns: [],
            conjuncts: [.call(.greater, [column, .literal(zero, column.type)], .bool)])
        request.aggregates = [PushdownAggregate(.sum, [column], type: .int64)]
        request.aggregateMode = .full
        let answer = try instance.plan(request)
        guard answer.aggregate != .unsupported else { return }
        do {
            let rows = try instance.read(answer).rows
            throw CheckEnd.failed(
                "a sum beyond 64 bits is \(rows.map { RowComparison.shown($0) }), not an error")
        } catch let failure as CallFailure {
            try require(
                failure.status == IGLOO_E_RANGE,
                "a sum beyond 64 bits: \(failure), not RANGE")
        }
    }

    private static func distinctAndFilter(_ bench: Bench) throws {
        let instance = try bench.connector()
        let fixture = try bench.hostile(instance)
        var generator = RequestGenerator(fixture, bench.random(36))
        for index in generator.comparable {
            for number in 0..<6 {
                var request = ScanRequest(table: [], columns: [])
                request.groupBy =
                    number % 3 == 0
                    ? [] : [generator.column(generator.random.pick(generator.comparable))]
                request.aggregates = allAggregates(generator.column(index)).map { aggregate in
                    var aggregate = aggregate
                    aggregate.isDistinct = number % 2 == 0 && !aggregate.arguments.isEmpty
                    if number > 2 { aggregate.filter = generator.condition(depth: 1) }
                    return aggregate
                }
                request.aggregateMode = .full
                try Trial(request, fixture, instance).verify()
            }
        }
    }

    /// Each request as it is answered, with nothing to take over, and with each step alone.
    private static func combinations(_ bench: Bench) throws {
        let instance = try bench.connector()
        let fixture = try bench.hostile(instance)
        var generator = RequestGenerator(fixture, bench.random(37))
        for number in 0..<250 {
            let request = generator.request()
            let size = sizes[number % sizes.count]
            let trial = try Trial(request, fixture, instance, targetByteCount: size)
            guard try trial.verify() else { continue }
            for alone in subsets(request, trial.answer) {
                try Trial(alone, fixture, instance, targetByteCount: size).verify()
            }
        }
    }

    private static func subsets(_ request: ScanRequest, _ answer: ScanAnswer) -> [ScanRequest] {
        var bare = ScanRequest(table: [], columns: request.columns)
        var subsets = [bare]
        for (conjunct, verdict) in zip(request.conjuncts, answer.conjuncts)
        where verdict != .unsupported {
            subsets.append(
                ScanRequest(table: [], columns: request.columns, conjuncts: [conjunct]))
        }
        if answer.limit != .unsupported {
            var limited = bare
            limited.limit = request.limit
            subsets.append(limited)
        }
        if answer.aggregate != .unsupported {
            bare.groupBy = request.groupBy
            bare.aggregates = request.aggregates
            bare.aggregateMode = request.aggregateMode
            subsets.append(bare)
        }
        if answer.sort != .unsupported {
            bare.sort = request.sort
            subsets.append(bare)
            bare.limit = request.limit
            subsets.append(bare)
        }
        return subsets
    }
}
