// SPDX-License-Identifier: MIT

public import IglooContracts
import IglooArrow

/// An operator that gives the batches of all its inputs again, the last first. Told to be "pending", it
/// answers so to every other call that brings a waker.
public let memoryOperator = OperatorKind(name: "reversed") { (_, _) throws(IglooError) in
    ReversedFactory()
}

private final class ReversedFactory: OperatorFactory {
    func bind(
        _ specification: [UInt8], inputs: [Schema], _ context: CallContext
    ) throws(IglooError) -> any QueryOperator {
        guard let first = inputs.first, inputs.allSatisfy({ $0.fields == first.fields }) else {
            throw IglooError(
                .invalidArgument, "reversed wants inputs of the same columns",
                hint: String(decoding: specification, as: UTF8.self), sqlState: .datatypeMismatch)
        }
        return Reversed(
            first, inputCount: inputs.count, pends: specification == Array("pending".utf8))
    }
}

private final class Reversed: QueryOperator, @unchecked Sendable {
    // SAFETY: one call at a time, by the protocol's contract.
    let schema: Schema
    let needs: [OperatorNeed]
    private var openCount: Int
    private var batches: [RecordBatch] = []
    private let pends: Bool
    private var hasPended = false

    init(_ schema: Schema, inputCount: Int, pends: Bool) {
        self.pends = pends
        self.schema = schema
        needs = Array(repeating: .whole, count: inputCount)
        openCount = inputCount
    }

    func push(_ batch: RecordBatch?, input: Int, _ context: CallContext) throws(IglooError) {
        try pend(context)
        guard let batch else {
            openCount -= 1
            return
        }
        try context.memory.reserve(batch.rowCount * 8)
        batches.append(batch)
    }

    func next(_ context: CallContext) throws(IglooError) -> OperatorOutput {
        if openCount > 0 { return .needsInput }
        try pend(context)
        return batches.popLast().map { .batch($0) } ?? .end
    }

    private func pend(_ context: CallContext) throws(IglooError) {
        guard pends, let waker = context.waker else { return }
        hasPended.toggle()
        guard hasPended else { return }
        waker.wake()
        throw .pending()
    }

    func spill(byteCount: Int, _ context: CallContext) throws(IglooError) -> Int {
        throw IglooError(.resourceExhausted, "reversed keeps what it has")
    }
}
