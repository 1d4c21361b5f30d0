// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import Testing

@testable import IglooPlugins

/// An operator in Swift, through both halves of the border.
@Suite struct OperatorTests {
    private let factory: any OperatorFactory
    private let schema = Schema([Field("n", .int64)])

    init() throws {
        factory = try PluginFixtures.memoryRegistry()
            .operatorFactory(named: "reversed", CallContext())
    }

    private func batch(_ numbers: [Int64]) -> RecordBatch {
        RecordBatch(
            schema: schema,
            columns: [
                ArrayData(type: .int64, count: numbers.count, buffers: [Buffer(copying: numbers)])
            ], rowCount: numbers.count)
    }

    @Test func takesInputsAndGivesRows() throws {
        let context = CallContext()
        let step = try factory.bind(Array("spec".utf8), inputs: [schema, schema], context)
        #expect(step.schema.fields.map(\.type) == [.int64] && step.needs == [.whole, .whole])
        guard case .needsInput = try step.next(context) else {
            Issue.record("it wanted no input")
            return
        }
        try step.push(batch([1, 2]), input: 0, context)
        try step.push(batch([]), input: 1, context)
        try step.push(nil, input: 0, context)
        try step.push(batch([3]), input: 1, context)
        try step.push(nil, input: 1, context)
        var numbers: [Scalar] = []
        while case .batch(let batch) = try step.next(context) {
            numbers += (0..<batch.rowCount).map { batch.columns[0].scalar(at: $0) }
        }
        #expect(numbers == [.int(3), .int(1), .int(2)])
        guard case .end = try step.next(context) else {
            Issue.record("it goes on after its end")
            return
        }
        step.cancel()
        #expect(try failure { try step.spill(byteCount: 1, context) }.code == .resourceExhausted)
    }

    @Test func errorsComeAcross() throws {
        let error = try failure {
            try factory.bind(Array("hint".utf8), inputs: [], CallContext())
        }
        #expect(error.sqlState == .datatypeMismatch && error.hint == "hint")
        #expect(error.origin == "memory")
        let step = try factory.bind([], inputs: [schema], CallContext())
        #expect(
            try failure { try step.push(nil, input: 7, CallContext()) }.code == .invalidArgument)
    }

    /// What an operator reserves is accounted until it is let go.
    @Test func itsMemoryIsAccounted() throws {
        let memory = CountedMemory()
        let context = CallContext(memory: memory)
        do {
            let step = try factory.bind([], inputs: [schema], context)
            try step.push(batch([1, 2, 3]), input: 0, context)
            #expect(memory.reserved.withLock { $0 } == 24)
            withExtendedLifetime(step) {}
        }
        #expect(memory.reserved.withLock { $0 } == 0)
    }

    private final class CountedMemory: MemoryAccount {
        let reserved = Locked(0)
        func reserve(_ byteCount: Int) throws(IglooError) {
            reserved.withLock { $0 += byteCount }
        }
    }
}
