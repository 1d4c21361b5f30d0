// SPDX-License-Identifier: MIT

import CIgloo
import IglooABI
import IglooArrow
import IglooContracts

/// The functions of an operator, none of which is missing.
struct OperatorFunctions {
    typealias Object = UnsafeMutableRawPointer?
    typealias Context = UnsafePointer<igloo_ctx>?
    typealias Failure = UnsafeMutablePointer<igloo_error>?

    let bind:
        @convention(c) (
            Object, Context, igloo_bytes, UnsafePointer<ArrowSchema>?, Int,
            UnsafeMutablePointer<UInt32>?, UnsafeMutablePointer<ArrowSchema>?,
            UnsafeMutablePointer<Object>?, Failure
        ) -> igloo_status
    let push:
        @convention(c) (
            Object, Context, UInt32, UnsafeMutablePointer<ArrowDeviceArray>?, Failure
        ) -> igloo_status
    let next:
        @convention(c) (
            Object, Context, UnsafeMutablePointer<ArrowDeviceArray>?, Failure
        ) -> igloo_status
    let spill:
        @convention(c) (Object, Context, Int64, UnsafeMutablePointer<Int64>?, Failure)
            -> igloo_status
    let cancel: @convention(c) (Object) -> Void
    let release: @convention(c) (Object) -> Void

    init?(_ table: igloo_operator) {
        guard let bind = table.bind, let push = table.push, let next = table.next,
            let spill = table.spill, let cancel = table.cancel, let release = table.release
        else { return nil }
        self.bind = bind
        self.push = push
        self.next = next
        self.spill = spill
        self.cancel = cancel
        self.release = release
    }
}

/// An instance of a plugin's operator kind, seen through the contract.
final class ImportedOperatorFactory: OperatorFactory {
    private let instance: PluginInstance
    private let functions: OperatorFunctions

    init(_ instance: PluginInstance, _ functions: OperatorFunctions) {
        self.instance = instance
        self.functions = functions
    }

    var isPoisoned: Bool { instance.health.isPoisoned }

    func bind(
        _ specification: [UInt8], inputs: [Schema], _ context: CallContext
    ) throws(IglooError) -> any QueryOperator {
        let arena = Arena()
        let spec = arena.bytes(specification)
        var schemas = inputs.map { _ in ArrowSchema() }
        for (index, input) in inputs.enumerated() { input.export(to: &schemas[index]) }
        let passed = arena.array(schemas)
        defer {
            if let passed { for index in inputs.indices { passed[index].release?(passed + index) } }
        }
        let needs = arena.array([UInt32](repeating: 0, count: max(1, inputs.count)))
        var out = ArrowSchema()
        var pointer: UnsafeMutableRawPointer?
        let account = MemoryAccounts.open(context.memory)
        var call = instance.call
        call.account = account
        do throws(IglooError) {
            _ = try call.run(context) { ctx, error in
                functions.bind(
                    instance.pointer, ctx, spec, passed, inputs.count, needs, &out, &pointer, error)
            }
            let found = Array(needs.map { UnsafePointer($0) }, count: inputs.count)
            return try ImportedOperator(
                instance, functions, pointer, &out, needs: found, account: account)
        } catch {
            MemoryAccounts.close(account)
            throw error
        }
    }
}

/// An operator in a plugin; released when it is let go.
// SAFETY: one call at a time, by the protocol's contract; `cancel` touches nothing but constants.
final class ImportedOperator: QueryOperator, @unchecked Sendable {
    let schema: Schema
    let needs: [OperatorNeed]
    private let instance: PluginInstance
    private let functions: OperatorFunctions
    private let pointer: UnsafeMutableRawPointer
    private let account: UInt64
    private var isAtEnd = false

    /// Takes over what the plugin bound and, unless it throws, `account`.
    fileprivate init(
        _ instance: PluginInstance, _ functions: OperatorFunctions,
        _ pointer: UnsafeMutableRawPointer?, _ out: inout ArrowSchema, needs: [UInt32],
        account: UInt64
    ) throws(IglooError) {
        let call = instance.call
        do throws(IglooError) {
            do throws(ArrowError) {
                schema = try Schema(importing: &out)
            } catch {
                throw call.broken(error, "the columns of an operator")
            }
            var known: [OperatorNeed] = []
            for need in needs {
                guard let need = OperatorNeed(rawValue: need) else {
                    throw call.broken("bound an operator that needs \(need) of an input")
                }
                known.append(need)
            }
            self.needs = known
            guard let pointer else { throw call.broken("bound an operator that is not there") }
            self.pointer = pointer
        } catch {
            if let pointer { functions.release(pointer) }
            throw error
        }
        self.instance = instance
        self.functions = functions
        self.account = account
    }

    deinit {
        functions.release(pointer)
        MemoryAccounts.close(account)
    }

    private var call: PluginCall {
        var call = instance.call
        call.account = account
        return call
    }

    private var waitingCall: PluginCall {
        var call = self.call
        call.mayPend = true
        return call
    }

    func push(_ batch: RecordBatch?, input: Int, _ context: CallContext) throws(IglooError) {
        let index = UInt32(clamping: input)
        guard let batch else {
            _ = try waitingCall.run(context) { ctx, error in
                functions.push(pointer, ctx, index, nil, error)
            }
            return
        }
        _ = try waitingCall.run(context, moving: batch) { ctx, moved, error in
            functions.push(pointer, ctx, index, moved, error)
        }
    }

    func next(_ context: CallContext) throws(IglooError) -> OperatorOutput {
        if isAtEnd { return .end }
        var array = ArrowDeviceArray()
        var call = waitingCall
        call.mayNeedInput = true
        switch try call.run(context, { functions.next(pointer, $0, &array, $1) }) {
        case .needsInput: return .needsInput
        case .end:
            isAtEnd = true
            return .end
        case .ok:
            do throws(ArrowError) {
                return .batch(
                    try RecordBatch(importing: &array, schema: schema, validation: .full))
            } catch {
                throw call.broken(error, "a batch")
            }
        }
    }

    func spill(byteCount: Int, _ context: CallContext) throws(IglooError) -> Int {
        var freed: Int64 = 0
        _ = try call.run(context) { ctx, error in
            functions.spill(pointer, ctx, Int64(byteCount), &freed, error)
        }
        return Int(max(0, freed))
    }

    func cancel() { functions.cancel(pointer) }
}

extension OperatorKind {
    /// - Throws: `internalError` when the kind lacks something that the ABI demands.
    init(importing pointer: UnsafePointer<igloo_kind>, plugin: String) throws(IglooError) {
        let kind = try ImportedKind(pointer, plugin: plugin)
        guard let functions = kind.functions(igloo_operator.self).flatMap(OperatorFunctions.init)
        else { throw kind.call.broken("offers an operator whose table of functions has holes") }
        self.init(name: kind.name, options: kind.options) { (values, context) throws(IglooError) in
            ImportedOperatorFactory(try PluginInstance(kind, values, context), functions)
        }
    }
}
