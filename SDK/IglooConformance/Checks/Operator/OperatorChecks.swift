// SPDX-License-Identifier: MIT

import CIgloo
import IglooArrow
import IglooContracts

/// Operators: whatever pieces the rows come in, the result is the same.
enum OperatorChecks {
    static let all: [Check] = [
        Check("operator.bind_rejects_wrong_types", rejectsWrongTypes),
        Check("operator.any_batch_boundaries", anyBoundaries),
        Check("operator.spill_frees", spillFrees),
        Check("operator.input_end_order", inputEndOrder),
        Check("operator.cancel_midway", limit: 120, cancelMidway),
    ]

    private static func rejectsWrongTypes(_ bench: Bench) throws {
        let instance = try bench.instance(as: OperatorInstance.self)
        let runs = try ExampleRun.all(bench, instance)
        guard runs.contains(where: { !$0.example.refuses.isEmpty }) else {
            throw CheckEnd.skipped("no [[run]] says what is to be refused")
        }
        for run in runs {
            for inputs in run.example.refuses {
                let schemas = inputs.map { types in
                    Schema(types.enumerated().map { Field("c\($0 + 1)", $1) })
                }
                do {
                    _ = try instance.bind(run.example.specification, schemas)
                } catch let failure as CallFailure {
                    try require(!failure.message.isEmpty, "bind refuses without saying why")
                    continue
                }
                throw CheckEnd.failed(
                    "inputs of \(inputs) are taken, which are to be refused")
            }
        }
        try Breaches.requireNone(.outHandle)
    }

    private static func anyBoundaries(_ bench: Bench) throws {
        let instance = try bench.instance(as: OperatorInstance.self)
        var random = bench.random(72)
        for run in try ExampleRun.all(bench, instance) {
            let whole = try run.rows()
            try run.requireSame(whole, nil, "fed whole")
            try run.requireSame(try run.rows(cut: { _ in 1 }), whole, "fed row by row")
            for _ in 0..<10 {
                var emptyCount = 0
                let rows = try run.rows(cut: { left in
                    // Empty batches, too, but not for ever.
                    let count = random.below(left + 1)
                    emptyCount = count == 0 ? emptyCount + 1 : 0
                    return emptyCount > 2 ? 1 : count
                })
                try run.requireSame(rows, whole, "fed in random pieces")
            }
            try requireParts(run, whole)
        }
    }

    /// Inputs of which an operator need not see all rows are dealt out to three of them.
    private static func requireParts(_ run: ExampleRun, _ whole: [Row]) throws {
        let needs = try run.bind().needsWhole
        guard needs.contains(false), !run.example.isOrdered else { return }
        let partCount = 3
        var rows: [Row] = []
        for part in 0..<partCount {
            let running = try run.bind()
            for (index, input) in run.example.inputs.enumerated() {
                for row in input.rows.indices where needs[index] || row % partCount == part {
                    try running.push(try run.batch(index, row..<row + 1), index)
                }
                try running.push(nil, index)
            }
            while case .batch(let batch) = try running.next() { rows += batch.rows }
        }
        try run.requireSame(rows, whole, "whose rows are dealt out to \(partCount) of it")
    }

    /// What was spilled is not reserved any more, and comes back in the result.
    private static func spillFrees(_ bench: Bench) throws {
        let instance = try bench.instance(as: OperatorInstance.self)
        var freedCount: Int64 = 0
        for (index, run) in try ExampleRun.all(bench, instance).enumerated() {
            let whole = try run.rows()
            let call = Call()
            call.account = UInt64(5_000 + index)
            func balance() -> Int64 {
                TestHost.record.withLock { $0.balances[call.account, default: 0] }
            }
            let rows = try run.rows(cut: { _ in 3 }, call) { running in
                let before = balance()
                do {
                    let freed = try running.spill(1 << 20, call)
                    freedCount += freed
                    try require(
                        before == 0 || freed == 0 || balance() < before,
                        "spill says it freed \(freed) bytes, and all \(before) stay reserved")
                    try require(
                        balance() <= before, "spill reserved \(balance() - before) bytes more")
                } catch let failure as CallFailure {
                    try require(
                        [IGLOO_E_EXHAUSTED, IGLOO_E_UNSUPPORTED].contains(Int(failure.status)),
                        "an operator that cannot spill says so by EXHAUSTED: \(failure)")
                }
            }
            try run.requireSame(rows, whole, "spilled after each push")
        }
        let overdrafts = TestHost.record.withLock { $0.overdrafts }
        try require(
            overdrafts.isEmpty, "more is given back than was reserved: \(overdrafts.prefix(3))")
        if freedCount == 0 { throw CheckEnd.skipped("it frees nothing when it is asked to") }
    }

    private static func inputEndOrder(_ bench: Bench) throws {
        let instance = try bench.instance(as: OperatorInstance.self)
        for run in try ExampleRun.all(bench, instance) {
            let whole = try run.rows()
            for order in permutations(Array(run.example.inputs.indices)).prefix(24) {
                try run.requireSame(
                    try run.rows(ends: order), whole, "whose inputs end in the order \(order)")
            }
            // Nothing at all comes.
            let empty = try run.bind()
            for index in run.example.inputs.indices { try empty.push(nil, index) }
            while case .batch = try empty.next() {}
        }
    }

    static func permutations<Element>(_ elements: [Element]) -> [[Element]] {
        guard elements.count > 1 else { return [elements] }
        return elements.indices.flatMap { index -> [[Element]] in
            var rest = elements
            let first = rest.remove(at: index)
            return permutations(rest).map { [first] + $0 }
        }
    }

    /// Cancelled at any moment, by the flag or the function, it ends; others go on.
    private static func cancelMidway(_ bench: Bench) throws {
        let instance = try bench.instance(as: OperatorInstance.self)
        var random = bench.random(73)
        for run in try ExampleRun.all(bench, instance) {
            let whole = try run.rows()
            for round in 0..<40 {
                let call = Call()
                let thread = HostThread {
                    do {
                        _ = try run.rows(cut: { _ in 1 }, call) { running in
                            guard random.chance(1, in: 4) else { return }
                            if round % 2 == 0 { running.cancel() } else { call.token.cancel() }
                            running.cancel()
                        }
                    } catch let failure as CallFailure where failure.status == IGLOO_E_CANCELLED {}
                }
                try require(
                    thread.waits(milliseconds: max(5_000, bench.cancelMilliseconds)),
                    "an operator goes on 5 s after it was cancelled")
                try thread.join()
            }
            try run.requireSame(try run.rows(), whole, "after forty that were cancelled")
        }
        try LeakMeter.requireNone("operators that are cancelled", bench) {
            for run in try ExampleRun.all(bench, instance) {
                let running = try run.bind()
                if let input = run.example.inputs.first, !input.rows.isEmpty {
                    try running.push(try run.batch(0, 0..<input.rows.count), 0)
                }
                running.cancel()
            }
        }
    }
}
