// SPDX-License-Identifier: MIT

import CIgloo
import IglooArrow
import IglooArrowIPC
import IglooContracts

/// Aggregates: however the rows are dealt out to states, the results are the same.
enum AggregateChecks {
    static let all: [Check] = [
        Check("functions.agg_update_merge_associative", mergeAssociative),
        Check("functions.agg_partial_round_trips_ipc", partialsTravel),
    ]

    /// Rows and their groups.
    private struct Deal {
        var rows: [Row]
        var groups: [Int]
        var groupCount: Int
    }

    private static func mergeAssociative(_ bench: Bench) throws {
        let library = try bench.instance(as: FunctionInstance.self)
        for call in try ExampleCall.all(bench, library, kind: IGLOO_FN_AGGREGATE) {
            try call.requireResults(call.example.rows.count)
            let nothing = try call.bound.state()
            _ = try nothing.emit(isPartial: false, groupCount: 0)
            var random = bench.random(71)
            for round in 0..<24 {
                let deal = deal(call, 1 + random.below(200), &random)
                let wanted = try results(of: deal, call)
                let parts = 2 + round % 4
                var state = try call.bound.state()
                var dealt = (0..<parts).map { _ in Deal(rows: [], groups: [], groupCount: 0) }
                for (row, group) in zip(deal.rows, deal.groups) {
                    let part = random.below(parts)
                    dealt[part].rows.append(row)
                    dealt[part].groups.append(group)
                    dealt[part].groupCount = max(dealt[part].groupCount, group + 1)
                }
                // In any order, and of what was merged already.
                for part in dealt.shuffled(using: &random) {
                    let partials = try partials(of: part, call)
                    try state.merge(
                        partials, Array(0..<part.groupCount), groupCount: deal.groupCount)
                    if random.chance(1, in: 3) { state = try moved(state, deal.groupCount, call) }
                }
                try call.requireSame(
                    try state.results(groupCount: deal.groupCount), wanted,
                    "\(call.name) of \(deal.rows.count) rows in \(parts) states that are merged")
            }
        }
    }

    /// A new state with what another holds.
    private static func moved(
        _ state: AggregateState, _ groupCount: Int, _ call: ExampleCall
    ) throws -> AggregateState {
        let next = try call.bound.state()
        try next.merge(
            try state.emit(isPartial: true, groupCount: groupCount), Array(0..<groupCount),
            groupCount: groupCount)
        return next
    }

    private static func deal(
        _ call: ExampleCall, _ count: Int, _ random: inout Random
    ) -> Deal {
        let groupCount = 1 + random.below(9)
        let places = call.places
        let rows =
            places.isEmpty ? [] : (0..<count).map { _ in call.example.rows[random.pick(places)] }
        return Deal(
            rows: rows, groups: rows.map { _ in random.below(groupCount) }, groupCount: groupCount)
    }

    private static func results(of deal: Deal, _ call: ExampleCall) throws -> [Scalar] {
        let state = try call.bound.state()
        try state.update(
            try Rows.batch(deal.rows, call.bound.arguments), deal.groups,
            groupCount: deal.groupCount)
        return try state.results(groupCount: deal.groupCount)
    }

    /// Rows fed a few at a time, whose groups become known while they come.
    private static func partials(of deal: Deal, _ call: ExampleCall) throws -> ArrayData {
        let state = try call.bound.state()
        var known = 0
        for start in stride(from: 0, to: deal.rows.count, by: 7) {
            let range = start..<min(start + 7, deal.rows.count)
            known = max(known, (deal.groups[range].max() ?? 0) + 1)
            try state.update(
                try Rows.shifted(Array(deal.rows[range]), call.bound.arguments),
                Array(deal.groups[range]), groupCount: known)
        }
        // Groups without a row are groups, too.
        try state.update(try Rows.batch([], call.bound.arguments), [], groupCount: deal.groupCount)
        return try state.emit(isPartial: true, groupCount: deal.groupCount)
    }

    /// Partial values are written, read again and merged: by another instance, and by another
    /// process.
    private static func partialsTravel(_ bench: Bench) throws {
        let library = try bench.instance(as: FunctionInstance.self)
        let other = try bench.instance(as: FunctionInstance.self)
        _ = try ExampleCall.all(bench, library, kind: IGLOO_FN_AGGREGATE)
        for (index, example) in bench.configuration.calls.enumerated() {
            let call = try ExampleCall(example, library)
            guard call.bound.function.kind == IGLOO_FN_AGGREGATE else { continue }
            let places = call.places
            let deal = Deal(
                rows: places.map { example.rows[$0] }, groups: call.groups(places),
                groupCount: call.groupCount)
            let wanted = try results(of: deal, call)
            let partials = try partials(of: deal, call)
            let again = try self.partials(of: deal, call)
            try require(
                partials.type == again.type,
                "\(call.name) gives partial values of \(partials.type), then of \(again.type)")
            let bytes = try write(partials)
            let read = try results(ofPartials: bytes, try ExampleCall(example, other))
            try call.requireSame(read, wanted, "\(call.name), merged by another instance")
            if example.tolerance == 0 {
                let elsewhere = try bench.continueElsewhere(
                    "merge", [Array("\(index)".utf8), bytes])
                try require(
                    elsewhere == Continuation.digest(wanted.map { [$0] }),
                    "\(call.name) has other results when another process merges its partial values")
            }
        }
    }

    private static func write(_ values: ArrayData) throws -> [UInt8] {
        var bytes: [UInt8] = []
        let schema = Schema([Field("partial", values.type)])
        let writer = try IPCStreamWriter(schema) { (part) throws(ArrowError) in bytes += part }
        try writer.write(RecordBatch(schema: schema, columns: [values], rowCount: values.count))
        try writer.finish()
        return bytes
    }

    /// What becomes of partial values as they are written.
    static func results(ofPartials bytes: [UInt8], _ call: ExampleCall) throws -> [Scalar] {
        let reader = try IPCStreamReader(IPCBufferSource(Buffer(copying: bytes)))
        let batch = try require(try reader.next(), "partial values cannot be read again")
        let state = try call.bound.state()
        try state.merge(
            batch.columns[0], Array(0..<batch.rowCount), groupCount: batch.rowCount)
        return try state.results(groupCount: batch.rowCount)
    }
}
