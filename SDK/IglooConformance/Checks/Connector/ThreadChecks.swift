// SPDX-License-Identifier: MIT

import CIgloo
import IglooArrow
import IglooContracts

/// Calls from several threads, and calls that are to end early.
enum ThreadChecks {
    static let all: [Check] = [
        Check("threads.concurrent_instance_calls", limit: 120, concurrentCalls),
        Check("threads.reader_migrates", readerMigrates),
        Check("cancel.before_first_next", cancelBeforeFirstNext),
        Check("cancel.during_next_within_100ms", limit: 120, cancelDuringNext),
        Check("cancel.idempotent_and_after_end", cancelAfterEnd),
        Check("cancel.races_release", limit: 120, cancelRacesRelease),
        Check("deadline.honoured", deadlineHonoured),
        Check("poll.pending_only_with_waker") { bench in
            // Every call that the kit makes without a waker fails on PENDING.
            try bench.use(try bench.connector())
            _ = try Reading.batches(bench)
        },
        Check("poll.wake_always_comes") { bench in try pollingScan(bench) },
        Check("poll.repeat_call_same_args") { bench in
            for _ in 0..<5 { try pollingScan(bench) }
        },
    ]

    private static func concurrentCalls(_ bench: Bench) throws {
        let instance = try bench.connector()
        let fixture = try bench.hostile(instance)
        let threads = (0..<8).map { number in
            HostThread {
                for round in 0..<4 {
                    let table = try bench.open("hostile", instance)
                    _ = try? instance.list(IGLOO_LIST_SCHEMAS).rows()
                    let columns = (number + round) % 2 == 0 ? fixture.allColumns : [0]
                    let rows = try instance.scan(
                        ScanRequest(table: table.handle, columns: columns)
                    ).rows
                    try RowComparison.requireSame(
                        rows, fixture.rows.map { row in columns.map { row[$0] } },
                        "eight threads at once")
                }
            }
        }
        for thread in threads { try thread.join() }
    }

    private static func readerMigrates(_ bench: Bench) throws {
        let instance = try bench.connector()
        let fixture = try bench.hostile(instance)
        let answer = try instance.plan(
            ScanRequest(table: fixture.table.handle, columns: fixture.allColumns))
        var rows: [Row] = []
        for split in try instance.splits(answer.handle).all() {
            var reader: Reader?
            try HostThread { reader = try instance.open(answer.handle, split.payload) }.join()
            let opened = try require(reader, "open gave no reader")
            var isAtEnd = false
            while !isAtEnd {
                try HostThread {
                    if let batch = try opened.next(try opened.schema()) {
                        rows += batch.rows
                    } else {
                        isAtEnd = true
                    }
                }.join()
            }
            reader = nil
            try HostThread { opened.release() }.join()
        }
        try RowComparison.requireSame(rows, fixture.rows, "each call from another thread")
    }

    // MARK: - Cancelling

    /// Whether an error says that the call was cancelled.
    private static func isCancelled(_ error: any Error) -> Bool {
        (error as? CallFailure)?.status == igloo_status(IGLOO_E_CANCELLED)
    }

    /// Reads until the end or an error; an error other than "cancelled" fails the check.
    private static func drain(_ reader: Reader, _ schema: Schema, _ call: Call) throws -> Int {
        var count = 0
        do {
            while let batch = try reader.next(schema, call) { count += batch.rowCount }
        } catch  where isCancelled(error) {}
        return count
    }

    private static func first(_ reader: Reader, _ schema: Schema) throws -> Int {
        do {
            return try reader.next(schema)?.rowCount ?? 0
        } catch  where isCancelled(error) {
            return 0
        }
    }

    private static func cancelBeforeFirstNext(_ bench: Bench) throws {
        let instance = try bench.connector()
        let (answer, split) = try bigSplit(bench, instance)
        for usesFlag in [true, false] {
            let reader = try instance.open(answer.handle, split.payload)
            let schema = try reader.schema()
            let call = Call()
            if usesFlag { call.token.cancel() } else { reader.cancel() }
            let start = MonotonicClock.nanoseconds()
            let count = usesFlag ? try drain(reader, schema, call) : try first(reader, schema)
            let milliseconds = Int((MonotonicClock.nanoseconds() - start) / 1_000_000)
            try require(
                milliseconds <= bench.cancelMilliseconds,
                "cancelled before the first next, it went on for \(milliseconds) ms")
            // After `cancel` alone, calls return soon, be it with rows.
            try require(
                !usesFlag || count < bench.configuration.bigRowCount,
                "cancelled before the first next, it gave all rows")
        }
    }

    /// The large table, planned, and its largest split.
    static func bigSplit(_ bench: Bench, _ instance: ConnectorInstance) throws -> (
        ScanAnswer, Split
    ) {
        let table = try bench.open(BigData.name, instance)
        let answer = try instance.plan(
            ScanRequest(table: table.handle, columns: Array(table.schema.fields.indices)))
        let splits = try instance.splits(answer.handle, targetByteCount: 1 << 40).all()
        return (answer, try require(splits.first, "a plan over rows has no split"))
    }

    private static func cancelDuringNext(_ bench: Bench) throws {
        let instance = try bench.connector()
        let (answer, split) = try bigSplit(bench, instance)
        var random = bench.random(1)
        for _ in 0..<8 {
            let reader = try instance.open(answer.handle, split.payload)
            let schema = try reader.schema()
            let call = Call()
            let thread = HostThread { _ = try drain(reader, schema, call) }
            Clock.sleep(milliseconds: random.below(40))
            call.token.cancel()
            reader.cancel()
            guard thread.waits(milliseconds: max(5_000, bench.cancelMilliseconds)) else {
                throw CheckEnd.failed("a call goes on 5 s after it was cancelled")
            }
            try thread.join()
        }
        try timeCancel(bench, instance, answer, split)
    }

    /// The flag alone, which is all that a call without `cancel` sees.
    private static func timeCancel(
        _ bench: Bench, _ instance: ConnectorInstance, _ answer: ScanAnswer, _ split: Split
    ) throws {
        let reader = try instance.open(answer.handle, split.payload)
        let schema = try reader.schema()
        let call = Call()
        let thread = HostThread { _ = try drain(reader, schema, call) }
        Clock.sleep(milliseconds: 5)
        let start = MonotonicClock.nanoseconds()
        call.token.cancel()
        guard thread.waits(milliseconds: 5_000) else {
            throw CheckEnd.failed("a call goes on 5 s after its flag was raised")
        }
        try thread.join()
        let milliseconds = Int((MonotonicClock.nanoseconds() - start) / 1_000_000)
        try require(
            milliseconds <= bench.cancelMilliseconds,
            "it took \(milliseconds) ms to end once the flag was raised; "
                + "\(bench.cancelMilliseconds) are granted (cancel_within)")
    }

    private static func cancelAfterEnd(_ bench: Bench) throws {
        let instance = try bench.connector()
        let fixture = try bench.hostile(instance)
        let answer = try instance.plan(
            ScanRequest(table: fixture.table.handle, columns: fixture.allColumns))
        let source = try instance.splits(answer.handle)
        let splits = try source.all()
        try require(try source.next(1) == nil, "after END, splits.next gives splits")
        source.cancel()
        source.cancel()
        for split in splits {
            let reader = try instance.open(answer.handle, split.payload)
            let schema = try reader.schema()
            while try reader.next(schema) != nil {}
            try require(try reader.next(schema) == nil, "after END, next gives a batch")
            reader.cancel()
            reader.cancel()
            try require(
                try drain(reader, schema, Call()) == 0, "after END and cancel, next gives a batch")
        }
    }

    private static func cancelRacesRelease(_ bench: Bench) throws {
        let instance = try bench.connector()
        let fixture = try bench.hostile(instance)
        let answer = try instance.plan(
            ScanRequest(table: fixture.table.handle, columns: fixture.allColumns))
        let split = try require(
            try instance.splits(answer.handle).all().first, "a plan over rows has no split")
        var random = bench.random(2)
        for _ in 0..<200 {
            let reader = try instance.open(answer.handle, split.payload)
            let schema = try reader.schema()
            let call = Call()
            let reading = HostThread { _ = try drain(reader, schema, call) }
            let cancelling = HostThread {
                reader.cancel()
                call.token.cancel()
                reader.cancel()
            }
            if random.chance(1, in: 2) { reader.cancel() }
            try cancelling.join()
            try reading.join()
            reader.release()
        }
        let rows = try instance.read(answer).rows
        try RowComparison.requireSame(rows, fixture.rows, "after 200 cancelled reads")
    }

    private static func deadlineHonoured(_ bench: Bench) throws {
        let instance = try bench.connector()
        let (answer, split) = try bigSplit(bench, instance)
        let reader = try instance.open(answer.handle, split.payload)
        let schema = try reader.schema()
        let call = Call()
        let deadline = MonotonicClock.nanoseconds() + 30_000_000
        call.deadlineNanoseconds = deadline
        var longest: Int64 = 0
        while MonotonicClock.nanoseconds() < deadline + 200_000_000 {
            let start = MonotonicClock.nanoseconds()
            do {
                guard try reader.next(schema, call) != nil else { break }
            } catch let failure as CallFailure {
                try require(
                    [igloo_status(IGLOO_E_DEADLINE), igloo_status(IGLOO_E_CANCELLED)]
                        .contains(failure.status),
                    "past its deadline, \(failure): not DEADLINE")
                break
            }
            longest = max(longest, MonotonicClock.nanoseconds() - max(start, deadline))
        }
        try require(
            longest / 1_000_000 <= Int64(bench.cancelMilliseconds),
            "a call returned \(longest / 1_000_000) ms after its deadline")
    }

    // MARK: - Polling

    private static func pollingScan(_ bench: Bench) throws {
        let instance = try bench.connector()
        let fixture = try bench.hostile(instance)
        let answer = try instance.plan(
            ScanRequest(table: fixture.table.handle, columns: fixture.allColumns))
        let call = Call()
        call.waker = Waker()
        var rows: [Row] = []
        for split in try instance.splits(answer.handle).all() {
            rows += try instance.open(answer.handle, split.payload).rows(call)
        }
        try RowComparison.requireSame(rows, fixture.rows, "with a waker")
    }
}
