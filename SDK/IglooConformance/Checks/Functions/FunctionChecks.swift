// SPDX-License-Identifier: MIT

import CIgloo
import IglooArrow
import IglooContracts

/// Functions of values and of rows, over the calls that the configuration gives.
enum FunctionChecks {
    static let all: [Check] = [
        Check("functions.bind_rejects_wrong_types", rejectsWrongTypes),
        Check("functions.scalar_equals_oracle_batch_sizes_0_1_n", scalarEqualsOracle),
        Check("functions.table_equals_oracle", tableEqualsOracle),
        Check("functions.null_behaviour_as_declared", nullBehaviour),
        Check("functions.volatility_as_declared", volatility),
    ]

    /// How many rows make a large batch: the host's own number.
    private static let rowCountMax = 4_096

    private static func rejectsWrongTypes(_ bench: Bench) throws {
        let library = try bench.instance(as: FunctionInstance.self)
        for function in try library.list() {
            for types in [ExampleCall.impossible, [.structure([]), .duration(.second)]] {
                _ = try binds(library, function, types)
            }
        }
        for example in bench.configuration.calls {
            let functions = try library.list().filter { $0.name == example.function }
            for types in example.refuses {
                for function in functions {
                    try require(
                        !(try binds(library, function, types)),
                        "\(example.function) takes (\(shown(types))), which it is to refuse")
                }
            }
            // One more and one fewer: refused, or of use.
            for types in [example.arguments + [.date32], Array(example.arguments.dropLast())] {
                for function in functions where try binds(library, function, types) {
                    let bound = try library.bind(function, types)
                    if function.kind == IGLOO_FN_SCALAR {
                        _ = try bound.scalar(try Rows.batch([], bound.arguments))
                    }
                }
            }
        }
        try Breaches.requireNone(.outHandle)
    }

    private static func shown(_ types: [DataType]) -> String {
        types.map(\.description).joined(separator: ", ")
    }

    /// Whether it is bound; an error other than UNSUPPORTED fails the check.
    private static func binds(
        _ library: FunctionInstance, _ function: FunctionInstance.Function, _ types: [DataType]
    ) throws -> Bool {
        do {
            _ = try library.bind(function, types)
            return true
        } catch let failure as CallFailure {
            try require(
                failure.status == IGLOO_E_UNSUPPORTED,
                "for types that \(function.name) does not take, \(failure): not UNSUPPORTED, so "
                    + "that the host tries no other function of the name")
            return false
        }
    }

    private static func scalarEqualsOracle(_ bench: Bench) throws {
        let library = try bench.instance(as: FunctionInstance.self)
        for call in try ExampleCall.all(bench, library, kind: IGLOO_FN_SCALAR) {
            let (places, results) = (call.places, try call.results())
            try require(
                results == nil || results?.count == call.example.rows.count,
                "\(call.name): the configuration gives \(results?.count ?? 0) results of "
                    + "\(call.example.rows.count) rows")
            try require(try call.bound.scalar(try call.batch([])).isEmpty, "values of no rows")
            var single: [Scalar] = []
            for place in places { single += try call.bound.scalar(try call.batch([place])) }
            try call.requireSame(
                single, results.map { all in places.map { all[$0] } }, "\(call.name), row by row")
            guard !places.isEmpty, call.bound.function.volatility != IGLOO_VOLATILE else {
                continue
            }
            var random = bench.random(70)
            for count in [places.count, 65, 1_000, rowCountMax] {
                let chosen = (0..<count).map { row in
                    count == places.count ? row : random.below(places.count)
                }
                let rows = chosen.map { call.example.rows[places[$0]] }
                for batch in [
                    try Rows.batch(rows, call.bound.arguments),
                    try Rows.shifted(rows, call.bound.arguments),
                ] {
                    try call.requireSame(
                        try call.bound.scalar(batch), chosen.map { single[$0] },
                        "\(call.name) over \(count) rows at once")
                }
            }
        }
    }

    private static func tableEqualsOracle(_ bench: Bench) throws {
        let library = try bench.instance(as: FunctionInstance.self)
        for call in try ExampleCall.all(bench, library, kind: IGLOO_FN_TABLE) {
            try require(
                call.example.rows.count == 1,
                "\(call.name): a table function is called with one row, not with "
                    + "\(call.example.rows.count)")
            for _ in 0..<3 { try call.requireResults(1) }
            let cancelled = Call()
            cancelled.token.cancel()
            _ = try? call.bound.table(try call.batch([0]), cancelled)
            try call.requireResults(1)
        }
    }

    /// What lies beneath a NULL means nothing, and a bitmap without a NULL changes nothing.
    private static func nullBehaviour(_ bench: Bench) throws {
        let library = try bench.instance(as: FunctionInstance.self)
        var wasTested = false
        for call in try ExampleCall.all(bench, library, kind: IGLOO_FN_SCALAR)
        where call.bound.function.volatility != IGLOO_VOLATILE {
            let rows = call.places.map { call.example.rows[$0] }
            guard !rows.isEmpty else { continue }
            wasTested = true
            let wanted = try call.bound.scalar(try Rows.batch(rows, call.bound.arguments))
            if call.isStrict {
                for value in wanted where value.isNull && call.example.results == nil {
                    throw CheckEnd.failed("\(call.name) is NULL of arguments that are not")
                }
                continue
            }
            let withNulls = rows + nulled(rows)
            let first = try call.bound.scalar(
                try Rows.littered(withNulls, call.bound.arguments, 0))
            let second = try call.bound.scalar(
                try Rows.littered(withNulls, call.bound.arguments, 1))
            try call.requireSame(
                second, first, "\(call.name) with other values beneath its NULLs")
            try call.requireSame(
                Array(first.prefix(rows.count)), wanted, "\(call.name) beside rows with NULLs")
        }
        if !wasTested { throw CheckEnd.skipped("no [[call]] has rows for it") }
    }

    /// Each row again, with each of its arguments in turn NULL.
    private static func nulled(_ rows: [Row]) -> [Row] {
        rows.prefix(16).flatMap { row in
            row.indices.map { index in
                var row = row
                row[index] = .null
                return row
            }
        }
    }

    private static func volatility(_ bench: Bench) throws {
        let library = try bench.instance(as: FunctionInstance.self)
        var wasTested = false
        for (index, example) in bench.configuration.calls.enumerated() {
            let call = try ExampleCall(example, library)
            guard call.bound.function.kind == IGLOO_FN_SCALAR,
                call.bound.function.volatility != IGLOO_VOLATILE
            else { continue }
            wasTested = true
            let first = try call.bound.scalar(try call.batch(call.places))
            for _ in 0..<3 {
                let again = try call.bound.scalar(try call.batch(call.places))
                try call.requireSame(again, first, "\(call.name), called again")
            }
            guard call.bound.function.volatility == IGLOO_IMMUTABLE else { continue }
            let other = try ExampleCall(example, try bench.instance(as: FunctionInstance.self))
            try call.requireSame(
                try other.bound.scalar(try other.batch(other.places)), first,
                "\(call.name) of another instance")
            let elsewhere = try bench.continueElsewhere("call", [Array("\(index)".utf8)])
            try require(
                elsewhere == Continuation.digest([first]),
                "\(call.name) is declared immutable and gives something else in another process")
        }
        if !wasTested {
            throw CheckEnd.skipped("no [[call]] is of a function that is not volatile")
        }
    }
}
