// SPDX-License-Identifier: MIT

import CIgloo
import IglooABI
import IglooArrow
import IglooContracts
import IglooPlugins

/// An instance of an operator kind under test.
final class OperatorInstance: Instance {
    fileprivate let functions: igloo_operator

    override init(
        _ kind: UnsafePointer<igloo_kind>, _ values: OptionValues, _ call: Call = Call()
    ) throws {
        functions = try Self.functions(kind, as: igloo_operator.self)
        try require(
            functions.bind != nil && functions.push != nil && functions.next != nil
                && functions.spill != nil && functions.cancel != nil && functions.release != nil,
            "the operator's table of functions has holes")
        try super.init(kind, values, call)
    }

    func bind(
        _ specification: String, _ inputs: [Schema], _ call: Call = Call()
    ) throws -> RunningOperator {
        let arena = Arena()
        let spec = arena.bytes(Array(specification.utf8))
        var schemas = inputs.map { _ in ArrowSchema() }
        for (index, input) in inputs.enumerated() { input.export(to: &schemas[index]) }
        defer { for index in schemas.indices { schemas[index].release?(&schemas[index]) } }
        let noNeed = UInt32.max
        var needs = [UInt32](repeating: noNeed, count: inputs.count + 1)
        var (out, pointer) = (ArrowSchema(), UnsafeMutableRawPointer?.none)
        try call.run(
            "bind",
            leftovers: {
                (out.release == nil ? [] : ["columns"]) + (pointer == nil ? [] : ["an operator"])
            }
        ) {
            functions.bind(
                self.pointer, $0, spec, &schemas, inputs.count, &needs, &out, &pointer, $1)
        }
        withExtendedLifetime(arena) {}
        let schema = try Schema(importing: &out)
        let running = RunningOperator(
            self, try require(pointer, "bind answered OK and made no operator"), schema,
            needsWhole: needs.prefix(inputs.count).map { $0 == UInt32(IGLOO_NEEDS_WHOLE) })
        try require(
            needs.removeLast() == noNeed && needs.allSatisfy { $0 <= UInt32(IGLOO_NEEDS_WHOLE) },
            "bind says of its inputs that it needs \(needs)")
        return running
    }
}

/// A running operator; released once.
final class RunningOperator {
    enum Answer {
        case batch(RecordBatch)
        case needsInput
        case end
    }

    let schema: Schema
    /// Of each input.
    let needsWhole: [Bool]
    private let instance: OperatorInstance
    private let pointer: UnsafeMutableRawPointer
    private var functions: igloo_operator { instance.functions }

    fileprivate init(
        _ instance: OperatorInstance, _ pointer: UnsafeMutableRawPointer, _ schema: Schema,
        needsWhole: [Bool]
    ) {
        self.instance = instance
        self.pointer = pointer
        self.schema = schema
        self.needsWhole = needsWhole
    }

    deinit { functions.release(pointer) }

    /// - Parameter batch: `nil`: the input has ended.
    func push(_ batch: RecordBatch?, _ input: Int, _ call: Call = Call()) throws {
        guard let batch else {
            try call.run("push") { functions.push(pointer, $0, UInt32(input), nil, $1) }
            return
        }
        var moved = ArrowDeviceArray()
        batch.export(to: &moved)
        try call.run("push") { functions.push(pointer, $0, UInt32(input), &moved, $1) }
    }

    func next(_ call: Call = Call()) throws -> Answer {
        var out = ArrowDeviceArray()
        let answer = try call.run(
            "next", mayEnd: true, mayNeedInput: true,
            leftovers: { out.array.release == nil ? [] : ["a batch"] }
        ) { functions.next(pointer, $0, &out, $1) }
        switch answer {
        case .end: return .end
        case .needsInput: return .needsInput
        case .ok, .pending:
            try require(out.array.release != nil, "next answered OK and gave no batch")
            return .batch(try RecordBatch(importing: &out, schema: schema, validation: .full))
        }
    }

    /// - Returns: how many bytes were freed.
    func spill(_ byteCount: Int64, _ call: Call = Call()) throws -> Int64 {
        var freed: Int64 = 0
        try call.run("spill") { functions.spill(pointer, $0, byteCount, &freed, $1) }
        try require(freed >= 0, "spill freed \(freed) bytes")
        return freed
    }

    func cancel() { functions.cancel(pointer) }
}
