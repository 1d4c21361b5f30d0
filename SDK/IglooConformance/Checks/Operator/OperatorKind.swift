// SPDX-License-Identifier: MIT

import CIgloo
import IglooArrow

extension TestedKind {
    static let queryOperator = TestedKind(
        number: IGLOO_OPERATOR, word: "operator", plural: "operators", checks: OperatorChecks.all,
        make: { try OperatorInstance($0, $1, $2) },
        use: { instance, bench in
            let operators: OperatorInstance = try instance.expected()
            for example in bench.configuration.runs {
                try ExampleRun(example, operators).requireResults("fed whole")
            }
        },
        provoke: { instance, bench in
            let operators: OperatorInstance = try instance.expected()
            let strange = Schema([Field("a", .structure([Field("b", .float16)]))])
            return try TestedKind.countFailures([
                { _ = try operators.bind("\0\u{1}no such specification", [strange, strange]) },
                { _ = try operators.bind("", [strange]) },
            ])
        })
}

/// A run of the configuration.
struct ExampleRun {
    let example: OperatorExample
    private let instance: OperatorInstance

    init(_ example: OperatorExample, _ instance: OperatorInstance) {
        self.example = example
        self.instance = instance
    }

    static func all(_ bench: Bench, _ instance: OperatorInstance) throws -> [ExampleRun] {
        guard !bench.configuration.runs.isEmpty else {
            throw CheckEnd.skipped("conformance.toml gives no [[run]]")
        }
        return bench.configuration.runs.map { ExampleRun($0, instance) }
    }

    func bind(_ call: Call = Call()) throws -> RunningOperator {
        try instance.bind(example.specification, example.inputs.map(\.schema), call)
    }

    /// Rows of an input.
    func batch(_ input: Int, _ range: Range<Int>) throws -> RecordBatch {
        let source = example.inputs[input]
        return try Rows.shifted(Array(source.rows[range]), source.schema)
    }

    /// Pushes the rows of the inputs, the first input's first, in pieces of `cut` rows, and takes
    /// what comes meanwhile.
    ///
    /// - Parameters:
    ///   - ends: the order in which inputs end.
    ///   - between: done after each push.
    func rows(
        cut: (Int) -> Int = { $0 }, ends: [Int]? = nil, _ call: Call = Call(),
        between: (RunningOperator) throws -> Void = { _ in }
    ) throws -> [Row] {
        let running = try bind(call)
        var rows: [Row] = []
        for (index, input) in example.inputs.enumerated() {
            var start = 0
            while start < input.rows.count {
                let end =
                    start + max(0, min(cut(input.rows.count - start), input.rows.count - start))
                try running.push(try batch(index, start..<end), index, call)
                rows += try taken(running, call)
                try between(running)
                start = end
            }
            // Without an order of their own inputs end as they are pushed.
            if ends == nil { try finish(running, index, &rows, call) }
        }
        for index in ends ?? [] { try finish(running, index, &rows, call) }
        rows += try remaining(running, call)
        return rows
    }

    private func finish(
        _ running: RunningOperator, _ input: Int, _ rows: inout [Row], _ call: Call
    ) throws {
        rows += try taken(running, call)
        try running.push(nil, input, call)
    }

    /// What comes before more is needed; END is too early.
    private func taken(_ running: RunningOperator, _ call: Call) throws -> [Row] {
        var rows: [Row] = []
        while true {
            switch try running.next(call) {
            case .batch(let batch): rows += batch.rows
            case .needsInput: return rows
            case .end:
                throw CheckEnd.failed("next answered END before all inputs had ended")
            }
        }
    }

    /// What comes once all inputs have ended.
    private func remaining(_ running: RunningOperator, _ call: Call) throws -> [Row] {
        var rows: [Row] = []
        while true {
            switch try running.next(call) {
            case .batch(let batch): rows += batch.rows
            case .needsInput:
                throw CheckEnd.failed("next answered NEED_INPUT after all inputs had ended")
            case .end:
                guard case .end = try running.next(call) else {
                    throw CheckEnd.failed("after END, next goes on")
                }
                return rows
            }
        }
    }

    /// The results of the configuration, or of another run.
    func requireSame(_ rows: [Row], _ wanted: [Row]?, _ what: String) throws {
        let words = "the operator over \"\(example.specification)\", \(what)"
        guard let right = try wanted ?? known() else { return }
        try Closeness(example.tolerance).requireSame(
            rows, right, words, isOrdered: example.isOrdered)
    }

    private func known() throws -> [Row]? {
        guard let results = example.results else { return nil }
        let type = DataType.structure(try bind().schema.fields)
        return try results.map { value in
            guard case .structure(let row) = try value.scalar(type) else { return [] }
            return row
        }
    }

    func requireResults(_ what: String) throws { try requireSame(try rows(), nil, what) }
}
