// SPDX-License-Identifier: MIT

import CIgloo
import IglooArrow

extension TestedKind {
    static let functions = TestedKind(
        number: IGLOO_FUNCTIONS, word: "functions", plural: "function libraries",
        checks: FunctionChecks.all + AggregateChecks.all,
        make: { try FunctionInstance($0, $1, $2) },
        use: { instance, bench in
            let library: FunctionInstance = try instance.expected()
            _ = try library.list()
            for example in bench.configuration.calls {
                try ExampleCall(example, library).requireResults(example.rows.count)
            }
        },
        provoke: { instance, bench in
            let library: FunctionInstance = try instance.expected()
            return try TestedKind.countFailures(
                try library.list().map { function in
                    { _ = try library.bind(function, ExampleCall.impossible) }
                })
        })
}

/// A call of the configuration, bound.
struct ExampleCall {
    let example: FunctionExample
    let bound: BoundFunctionCall

    /// Types that no function takes by accident.
    static let impossible = [DataType](
        repeating: .list(Field("item", .structure([Field("a", .float16)]))), count: 40)

    /// Binds as the host does: the functions of the name in turn.
    init(_ example: FunctionExample, _ library: FunctionInstance) throws {
        self.example = example
        let functions = try library.list().filter { $0.name == example.function }
        try require(!functions.isEmpty, "there is no function \"\(example.function)\"")
        for function in functions {
            do {
                bound = try library.bind(function, example.arguments)
                return
            } catch let failure as CallFailure where failure.status == IGLOO_E_UNSUPPORTED {}
        }
        throw CheckEnd.failed(
            "no function \(example.function) takes "
                + "(\(example.arguments.map(\.description).joined(separator: ", ")))")
    }

    /// All calls of the configuration of one sort of function.
    static func all(
        _ bench: Bench, _ library: FunctionInstance, kind: Int
    ) throws -> [ExampleCall] {
        guard !bench.configuration.calls.isEmpty else {
            throw CheckEnd.skipped("conformance.toml gives no [[call]]")
        }
        let calls = try bench.configuration.calls.map { try ExampleCall($0, library) }
            .filter { $0.bound.function.kind == kind }
        if calls.isEmpty { throw CheckEnd.skipped("no [[call]] is of a function of this sort") }
        return calls
    }

    var name: String { bound.function.name }
    var isStrict: Bool { bound.function.nulls == IGLOO_NULL_STRICT }

    /// The example's rows that the host would hand over.
    var places: [Int] {
        example.rows.indices.filter { row in !isStrict || !example.rows[row].contains(.null) }
    }

    /// Rows of arguments, by their places in the example.
    func batch(_ places: [Int]) throws -> RecordBatch {
        try Rows.batch(places.map { example.rows[$0] }, bound.arguments)
    }

    /// What the configuration says of results; `nil` = nothing.
    func results() throws -> [Scalar]? {
        try example.results?.map { try $0.scalar(bound.result) }
    }

    /// Calls it once with as many rows, whatever its kind, and compares what comes.
    func requireResults(_ count: Int) throws {
        switch bound.function.kind {
        case IGLOO_FN_TABLE:
            let rows = try bound.table(try Rows.batch(example.rows, bound.arguments))
            guard let wanted = example.results else { return }
            let type = DataType.structure(bound.result.childFields)
            let right = try wanted.map { value -> Row in
                guard case .structure(let row) = try value.scalar(type) else { return [] }
                return row
            }
            try Closeness(example.tolerance).requireSame(rows, right, name)
        case IGLOO_FN_AGGREGATE:
            let groups = self.groups(places)
            let state = try bound.state()
            try state.update(try batch(places), groups, groupCount: groupCount)
            try requireSame(try state.results(groupCount: groupCount), try results(), name)
        default:
            let values = try bound.scalar(try batch(places))
            try requireSame(values, try results().map { all in places.map { all[$0] } }, name)
        }
    }

    // MARK: - Aggregates

    var groupCount: Int { (example.groups.max() ?? 0) + 1 }

    func groups(_ places: [Int]) -> [Int] {
        example.groups.isEmpty ? places.map { _ in 0 } : places.map { example.groups[$0] }
    }

    /// Compares value for value; nothing is wrong when nothing is known.
    func requireSame(_ values: [Scalar], _ wanted: [Scalar]?, _ what: String) throws {
        guard let wanted else { return }
        try Closeness(example.tolerance).requireSame(
            values.map { [$0] }, wanted.map { [$0] }, what, isOrdered: true)
    }
}
