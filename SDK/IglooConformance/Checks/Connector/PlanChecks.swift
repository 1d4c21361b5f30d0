// SPDX-License-Identifier: MIT

import CIgloo
import IglooABI
import IglooArrow
import IglooContracts
import IglooPlugins

/// Planning: pure, free of effects, and not to be shaken by what it is given.
enum PlanChecks {
    static let all: [Check] = [
        Check("plan.pure_same_request_same_answer", pure),
        Check("plan.no_side_effects_unused_plans_are_free", limit: 120, unusedPlansAreFree),
        Check("plan.untouched_verdicts_are_unsupported", untouchedVerdicts),
        Check("plan.unknown_op_is_unsupported", unknownOperation),
        Check("plan.truncated_blob_is_invalid_not_crash", truncatedBlob),
        Check("plan.random_trees_10k", limit: 300, randomTrees),
        Check("plan.handle_survives_process_restart", handleSurvives),
        Check("plan.handle_below_1MiB", handleIsSmall),
        Check("plan.stale_table_is_E_STATE", staleTable),
    ]

    private static func pure(_ bench: Bench) throws {
        let instance = try bench.connector()
        let other = try bench.connector()
        let fixture = try bench.hostile(instance)
        var generator = RequestGenerator(fixture, bench.random(10))
        for _ in 0..<100 {
            var request = generator.request()
            request.table = fixture.table.handle
            let first = try instance.plan(request)
            for again in [try instance.plan(request), try other.plan(request)] {
                try require(
                    again.conjuncts == first.conjuncts && again.aggregate == first.aggregate
                        && again.sort == first.sort && again.limit == first.limit,
                    "\(Trial.shown(request)) was answered \(Trial.shown(first)), then "
                        + Trial.shown(again))
                try require(
                    again.schema == first.schema && again.snapshot == first.snapshot
                        && again.remoteText == first.remoteText && again.handle == first.handle,
                    "\(Trial.shown(request)) has another schema, snapshot, text or handle when it "
                        + "is planned again")
            }
        }
    }

    private static func unusedPlansAreFree(_ bench: Bench) throws {
        let instance = try bench.connector()
        let fixture = try bench.hostile(instance)
        let before = try instance.scan(
            ScanRequest(table: fixture.table.handle, columns: fixture.allColumns)
        ).rows
        var generator = RequestGenerator(fixture, bench.random(11))
        let requests = (0..<32).map { _ in
            var request = generator.request()
            request.table = fixture.table.handle
            return request
        }
        try LeakMeter.requireNone("plans that are not used", bench, rounds: 16) {
            for request in requests { _ = try instance.plan(request) }
        }
        let after = try instance.scan(
            ScanRequest(table: fixture.table.handle, columns: fixture.allColumns)
        ).rows
        try RowComparison.requireSame(after, before, "after plans that were not used")
        try RowComparison.requireSame(after, fixture.rows, "after plans that were not used")
    }

    /// What is not asked for is not answered, and nothing is written behind the verdicts.
    private static func untouchedVerdicts(_ bench: Bench) throws {
        let instance = try bench.connector()
        let fixture = try bench.hostile(instance)
        for columns in [fixture.allColumns, [0], []] {
            let answer = try instance.plan(
                ScanRequest(table: fixture.table.handle, columns: columns))
            try require(
                answer.aggregate == .unsupported && answer.sort == .unsupported
                    && answer.limit == .unsupported,
                "nothing was asked for, and the answer is \(Trial.shown(answer))")
        }
        var generator = RequestGenerator(fixture, bench.random(12))
        for _ in 0..<200 {
            let request = generator.request()
            let trial = try Trial(request, fixture, instance)
            try trial.verify()
        }
    }

    private static func unknownOperation(_ bench: Bench) throws {
        let instance = try bench.connector()
        let fixture = try bench.hostile(instance)
        let generator = RequestGenerator(fixture, bench.random(13))
        for index in fixture.allColumns {
            let column = generator.column(index)
            for number in [2, 26, 30, 77, 0x7777, 0xFFFE, 0xFFFF] as [UInt16] {
                let operation = PushdownOperation(rawValue: number)
                let unknown = PushdownExpression.call(operation, [column], .bool)
                for conjunct in [unknown, .call(.not, [unknown], .bool)] {
                    try requireUnsupported(conjunct, fixture, instance)
                }
                let known = PushdownExpression.call(.isNull, [column], .bool)
                try requireUnsupported(.call(.or, [known, unknown], .bool), fixture, instance)
            }
        }
        try unknownAggregate(fixture, instance)
    }

    private static func requireUnsupported(
        _ conjunct: PushdownExpression, _ fixture: Fixture, _ instance: ConnectorInstance
    ) throws {
        let answer = try instance.plan(
            ScanRequest(table: fixture.table.handle, columns: [0], conjuncts: [conjunct]))
        try require(
            answer.conjuncts == [.unsupported],
            "\(Trial.shown(conjunct)) holds an operation that nobody knows: \(answer.conjuncts)")
    }

    /// A function and a mode of a later minor.
    private static func unknownAggregate(_ fixture: Fixture, _ instance: ConnectorInstance) throws {
        var request = ScanRequest(table: fixture.table.handle, columns: [])
        request.aggregates = [PushdownAggregate(.countRows, [], type: .int64)]
        request.aggregateMode = .full
        let encoded = EncodedScan(request)
        for (function, mode) in [(99, 1), (1, 77)] as [(UInt16, UInt32)] {
            var wire = encoded.request
            var aggregate = try require(wire.aggs?.pointee, "the kit encodes no aggregate")
            aggregate.fn = function
            wire.agg_mode = mode
            let answer = try withUnsafePointer(to: aggregate) {
                wire.aggs = $0
                return try instance.plan(wire)
            }
            try require(
                answer.aggregate == .unsupported,
                "the aggregate function \(function) in mode \(mode) is taken over")
        }
        withExtendedLifetime(encoded) {}
    }

    // MARK: - Malformed requests

    private static func encoded(_ fixture: Fixture, _ random: Random) -> EncodedScan {
        var generator = RequestGenerator(fixture, random)
        var request = ScanRequest(table: fixture.table.handle, columns: [0])
        request.conjuncts = (0..<3).map { _ in generator.condition(depth: 3) }
        return EncodedScan(request)
    }

    private static func truncatedBlob(_ bench: Bench) throws {
        let instance = try bench.connector()
        let fixture = try bench.hostile(instance)
        let scan = encoded(fixture, bench.random(14))
        let blob = Array(scan.request.exprs)
        for count in 0..<blob.count {
            let arena = Arena()
            var wire = scan.request
            wire.exprs = arena.bytes(Array(blob[..<count]))
            do {
                _ = try instance.plan(wire)
            } catch is CallFailure {
                continue
            }
            withExtendedLifetime(arena) {}
            throw CheckEnd.failed(
                "the first \(count) of \(blob.count) bytes of the expressions are accepted")
        }
        withExtendedLifetime(scan) {}
    }

    /// Trees of all operations and types, and trees with some bytes that are wrong.
    private static func randomTrees(_ bench: Bench) throws {
        let instance = try bench.connector()
        let fixture = try bench.hostile(instance)
        var trees = RandomTrees(fixture, bench.random(15))
        for number in 0..<5_000 {
            let request = trees.request()
            do {
                _ = try instance.plan(request)
            } catch let failure as CallFailure {
                throw CheckEnd.failed(
                    "tree \(number), \(Trial.shown(request)): \(failure); what is not known is "
                        + "UNSUPPORTED, never an error")
            }
        }
        var random = bench.random(16)
        for _ in 0..<5_000 {
            let scan = EncodedScan(trees.request())
            var blob = Array(scan.request.exprs)
            for _ in 0..<(1 + random.below(4)) where !blob.isEmpty {
                blob[random.below(blob.count)] = UInt8(truncatingIfNeeded: random.next())
            }
            let arena = Arena()
            var wire = scan.request
            wire.exprs = arena.bytes(blob)
            // Refused or planned: what counts is that nothing breaks.
            _ = try? instance.plan(wire)
            withExtendedLifetime((arena, scan)) {}
        }
        CallFailure.all.withLock { $0.removeAll() }
        try bench.use(instance)
    }

    // MARK: - Handles

    private static func handleSurvives(_ bench: Bench) throws {
        let instance = try bench.connector()
        let fixture = try bench.hostile(instance)
        var generator = RequestGenerator(fixture, bench.random(17))
        for number in 0..<3 {
            var request = ScanRequest(table: fixture.table.handle, columns: fixture.allColumns)
            if number > 0 { request.conjuncts = [generator.condition()] }
            let answer = try instance.plan(request)
            let here = try instance.read(answer).rows
            let source = try instance.splits(answer.handle, targetByteCount: 1)
            defer { withExtendedLifetime(source) {} }
            let splits = try source.all()
            let there = try bench.continueElsewhere(
                "read", [answer.handle] + splits.map(\.payload))
            try require(
                there == Continuation.digest(here),
                "another process reads other rows from the same handle and splits")
        }
    }

    private static func handleIsSmall(_ bench: Bench) throws {
        let instance = try bench.connector()
        let fixture = try bench.hostile(instance)
        let index = try require(fixture.index("id"), "the table hostile has no column id")
        let type = fixture.fields[index].type
        let column = PushdownExpression.column(index, type)
        var literals: [PushdownExpression] = []
        for number in 0..<10_000 {
            guard
                let value = Conversion.convert(.int(Int64(number)), from: .int32, to: type)
            else { break }
            literals.append(.literal(value, type))
        }
        let request = ScanRequest(
            table: fixture.table.handle, columns: fixture.allColumns,
            conjuncts: [.call(.isIn, [column] + literals, .bool)])
        let answer = try instance.plan(request)
        try require(
            answer.handle.count <= 1 << 20,
            "the handle of a scan with a list of 10000 numbers has \(answer.handle.count) bytes")
        for split in try instance.splits(answer.handle).all() {
            try require(
                split.payload.count <= 1 << 20, "a split has \(split.payload.count) bytes")
        }
        try require(
            fixture.table.handle.count <= 1 << 20,
            "the bytes of a table are \(fixture.table.handle.count)")
    }

    private static func staleTable(_ bench: Bench) throws {
        guard let command = bench.configuration.alterCommand else {
            throw CheckEnd.skipped("conformance.toml names no command that alters a table")
        }
        let instance = try bench.connector()
        let fixture = try bench.fixture(.stale, instance)
        try bench.workspace.run(command, bench.configuration)
        do {
            _ = try instance.plan(
                ScanRequest(table: fixture.table.handle, columns: fixture.allColumns))
        } catch let failure as CallFailure {
            return try require(
                failure.status == IGLOO_E_STATE,
                "a table that has changed since it was opened: \(failure), not STATE")
        }
        throw CheckEnd.failed("a table that has changed since it was opened is planned")
    }
}
