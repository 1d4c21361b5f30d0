// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// Splits: every row in exactly one of them, wherever and however often they are read.
enum SplitChecks {
    static let all: [Check] = [
        Check("splits.partition_rows_exactly_once", limit: 300, exactlyOnce),
        Check("splits.any_order_any_worker_any_times", limit: 120, anyOrder),
        Check("splits.lazy_and_bounded_by_max", bounded),
        Check("splits.cancel_midway", cancelMidway),
        Check("splits.order_claim_true", limit: 120, orderClaims),
        Check("splits.partition_claim_true", limit: 120, groupClaims),
    ]

    private static func exactlyOnce(_ bench: Bench) throws {
        let instance = try bench.connector()
        let fixture = try bench.hostile(instance)
        let request = ScanRequest(table: fixture.table.handle, columns: fixture.allColumns)
        for size in [1, 64, 1_000, 1 << 40] as [Int64] {
            let rows = try instance.scan(request, targetByteCount: size).rows
            try RowComparison.requireSame(rows, fixture.rows, "splits of about \(size) bytes")
        }
        for size in [1 << 16, 1 << 40] as [Int64] {
            try BigScan.requireWhole(bench, instance, targetByteCount: size)
        }
    }

    private static func anyOrder(_ bench: Bench) throws {
        let instance = try bench.connector()
        let fixture = try bench.hostile(instance)
        let request = ScanRequest(table: fixture.table.handle, columns: fixture.allColumns)
        let answer = try instance.plan(request)
        let source = try instance.splits(answer.handle, targetByteCount: 64)
        defer { withExtendedLifetime(source) {} }
        let splits = try source.all()
        let other = try bench.connector()
        var random = bench.random(40)
        for round in 0..<4 {
            let reader = round % 2 == 0 ? instance : other
            var rows: [Row] = []
            for split in splits.shuffled(using: &random) {
                rows += try reader.rows(answer, split.payload)
            }
            try RowComparison.requireSame(
                rows, fixture.rows,
                round % 2 == 0 ? "splits in another order" : "splits read by another instance")
        }
        // Several readers of the same split, by turns.
        for split in splits.prefix(4) {
            let first = try instance.open(answer.handle, split.payload)
            let second = try other.open(answer.handle, split.payload)
            let schema = try first.schema()
            let head = try first.next(schema)
            let rows = try second.rows()
            let rest = try first.rows()
            try RowComparison.requireSame(
                (head?.rows ?? []) + rest, rows, "a split read by two at a time")
        }
        let there = try bench.continueElsewhere(
            "read", [answer.handle] + splits.reversed().map(\.payload))
        try require(
            there == Continuation.digest(fixture.rows),
            "another process reads other rows from the same splits: \(there)")
    }

    private static func bounded(_ bench: Bench) throws {
        let instance = try bench.connector()
        let table = try bench.open(BigData.name, instance)
        let answer = try instance.plan(
            ScanRequest(
                table: table.handle, columns: Array(table.schema.fields.indices)))
        // Splits are made as they are asked for: the first come at once, however many there are.
        let start = MonotonicClock.nanoseconds()
        let source = try instance.splits(answer.handle, targetByteCount: 1 << 12)
        var count = 0
        while count < 8, let page = try source.next(1) { count += max(page.count, 1) }
        let milliseconds = (MonotonicClock.nanoseconds() - start) / 1_000_000
        try require(milliseconds < 5_000, "the first \(count) splits took \(milliseconds) ms")
        source.release()
        for countMax in [1, 2, 7, 1_000] {
            let source = try instance.splits(answer.handle, targetByteCount: 1 << 20)
            while let page = try source.next(countMax) {
                // SplitReader fails on more than were asked for.
                for split in page {
                    try require(
                        (split.rowCount ?? 0) >= 0 && (split.byteCount ?? 0) >= 0,
                        "a split of \(split.rowCount ?? 0) rows")
                }
            }
            try require(try source.next(countMax) == nil, "after END there are splits again")
        }
    }

    private static func cancelMidway(_ bench: Bench) throws {
        let instance = try bench.connector()
        let table = try bench.open(BigData.name, instance)
        let answer = try instance.plan(
            ScanRequest(
                table: table.handle, columns: Array(table.schema.fields.indices)))
        for usesFlag in [true, false] {
            let source = try instance.splits(answer.handle, targetByteCount: 1 << 12)
            let call = Call()
            _ = try source.next(1, call)
            if usesFlag { call.token.cancel() } else { source.cancel() }
            let start = MonotonicClock.nanoseconds()
            do {
                while try source.next(16, call) != nil {}
            } catch is CallFailure {}
            let milliseconds = Int((MonotonicClock.nanoseconds() - start) / 1_000_000)
            try require(
                milliseconds <= max(bench.cancelMilliseconds, 1_000),
                "splits went on for \(milliseconds) ms after they were cancelled")
            source.cancel()
            source.release()
        }
    }

    /// Orders over small splits; `Trial` looks at each split's rows.
    private static func orderClaims(_ bench: Bench) throws {
        let instance = try bench.connector()
        let fixture = try bench.hostile(instance)
        var generator = RequestGenerator(fixture, bench.random(41))
        for number in 0..<120 {
            var request = ScanRequest(table: [], columns: fixture.allColumns)
            request.sort = generator.sort(fixture.fields.map(\.type))
            if number % 2 == 0 { request.limit = 11 }
            try Trial(
                request, fixture, instance, targetByteCount: number % 3 == 0 ? 64 << 20 : 64
            ).verify()
        }
    }

    /// Groups over small splits: `Trial` finds those that come in two of them.
    private static func groupClaims(_ bench: Bench) throws {
        let instance = try bench.connector()
        let fixture = try bench.hostile(instance)
        var generator = RequestGenerator(fixture, bench.random(42))
        for number in 0..<120 {
            var request = ScanRequest(table: [], columns: [])
            generator.addGrouping(to: &request)
            request.aggregateMode = number % 4 == 0 ? .partial : .full
            for index in request.aggregates.indices where request.aggregateMode == .partial {
                request.aggregates[index].isDistinct = false
            }
            try Trial(request, fixture, instance, targetByteCount: number % 3 == 0 ? 64 << 20 : 64)
                .verify()
        }
    }
}
