// SPDX-License-Identifier: MIT

import CIgloo
import IglooABI
import IglooArrow
import IglooContracts

/// A function library behind the host's opaque pointer.
private final class ExportedFunctionLibrary: Sendable {
    let library: any FunctionLibrary
    /// What `list` answers, kept as long as the instance.
    nonisolated(unsafe) let items: UnsafePointer<igloo_function_info>?
    // SAFETY: written by init only.
    nonisolated(unsafe) private let arena = Arena()

    init(_ library: any FunctionLibrary) {
        self.library = library
        let arena = arena
        items = UnsafePointer(
            arena.array(
                library.functions.map { function in
                    igloo_function_info(
                        name: arena.str(function.name), kind: function.kind.rawValue,
                        volatility: function.volatility.rawValue, nulls: function.nulls.rawValue,
                        flags: 0, doc: arena.str(function.documentation))
                }))
    }
}

extension FunctionLibraryKind: ExportableKind {
    private static let table = ConstantTable(
        igloo_functions(
            list: listFunctions, bind: bindFunction, scalar: evaluateScalar, agg_new: makeState,
            agg_update: updateState, agg_merge: mergeState, agg_emit: emitState, table: openRows,
            release_state: releaseState,
            release_bound: { ExportedValue<ExportedBinding>.release($0) }))

    var form: KindForm {
        KindForm(
            number: UInt32(IGLOO_FUNCTIONS), table: Self.table,
            create: {
                createInstance(of: FunctionLibraryKind.self, $0, $1, $2, $3, $4, $5) {
                    ExportedFunctionLibrary($1)
                }
            }, destroy: { ExportedValue<ExportedFunctionLibrary>.release($0) })
    }
}

private func listFunctions(
    _ instance: UnsafeMutableRawPointer?,
    _ items: UnsafeMutablePointer<UnsafePointer<igloo_function_info>?>?,
    _ count: UnsafeMutablePointer<Int>?, _ error: UnsafeMutablePointer<igloo_error>?
) -> igloo_status {
    exported(error) { () throws(IglooError) in
        let exported = try ExportedValue<ExportedFunctionLibrary>.at(instance)
        try required(items).pointee = exported.items
        try required(count).pointee = exported.library.functions.count
    }
}

// MARK: - What is bound

/// A bound function behind the host's opaque pointer.
private struct ExportedBinding: Sendable {
    let function: BoundFunction
    let arguments: Schema

    static func at(_ pointer: UnsafeMutableRawPointer?) throws(IglooError) -> ExportedBinding {
        try ExportedValue<ExportedBinding>.at(pointer)
    }

    /// The arguments of a call, taken over.
    func batch(
        _ moved: UnsafeMutablePointer<ArrowDeviceArray>?
    ) throws(IglooError) -> RecordBatch {
        let moved = try required(moved)
        do throws(ArrowError) {
            return try RecordBatch(importing: moved, schema: arguments)
        } catch {
            throw IglooError(.invalidArgument, "the arguments of a call: \(error)")
        }
    }

    func mismatch() -> IglooError {
        IglooError(.invalidArgument, "the host called a function of another kind")
    }
}

private func bindFunction(
    _ instance: UnsafeMutableRawPointer?, _ context: UnsafePointer<igloo_ctx>?, _ index: UInt32,
    _ arguments: UnsafePointer<ArrowSchema>?, _ out: UnsafeMutablePointer<ArrowSchema>?,
    _ bound: UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
    _ error: UnsafeMutablePointer<igloo_error>?
) -> igloo_status {
    exported(error) { () throws(IglooError) in
        let (out, bound) = (try required(out), try required(bound))
        let library = try ExportedValue<ExportedFunctionLibrary>.at(instance).library
        guard let arguments, library.functions.indices.contains(Int(index)) else {
            throw IglooError(.invalidArgument, "the host binds a function that is not there")
        }
        let schema: Schema
        do throws(ArrowError) {
            schema = try Schema(borrowing: arguments)
        } catch {
            throw IglooError(error)
        }
        let function = try library.bind(
            Int(index), schema.fields.map(\.type), CallContext(context))
        switch function {
        case .scalar(let scalar): Field("", scalar.result).export(to: out)
        case .aggregate(let aggregate): Field("", aggregate.result).export(to: out)
        case .table(let table): table.schema.export(to: out)
        }
        bound.pointee = ExportedValue.retained(
            ExportedBinding(function: function, arguments: schema))
    }
}

private func evaluateScalar(
    _ bound: UnsafeMutableRawPointer?, _ context: UnsafePointer<igloo_ctx>?,
    _ arguments: UnsafeMutablePointer<ArrowDeviceArray>?, _ rowCount: Int64,
    _ out: UnsafeMutablePointer<ArrowDeviceArray>?, _ error: UnsafeMutablePointer<igloo_error>?
) -> igloo_status {
    exported(error) { () throws(IglooError) in
        let binding = try ExportedBinding.at(bound)
        let out = try required(out)
        let batch = try binding.batch(arguments)
        guard case .scalar(let scalar) = binding.function else { throw binding.mismatch() }
        try scalar.evaluate(batch, CallContext(context)).export(to: out)
    }
}

private func openRows(
    _ bound: UnsafeMutableRawPointer?, _ context: UnsafePointer<igloo_ctx>?,
    _ arguments: UnsafeMutablePointer<ArrowDeviceArray>?,
    _ out: UnsafeMutablePointer<igloo_reader>?, _ error: UnsafeMutablePointer<igloo_error>?
) -> igloo_status {
    exported(error) { () throws(IglooError) in
        let binding = try ExportedBinding.at(bound)
        let out = try required(out)
        let batch = try binding.batch(arguments)
        guard case .table(let table) = binding.function else { throw binding.mismatch() }
        out.pointee = ExportedReader.export(try table.open(batch, CallContext(context)))
    }
}

// MARK: - States

/// An aggregate's state behind the host's opaque pointer.
private final class ExportedState {
    let state: any AggregateFunctionState
    let binding: ExportedBinding
    /// The type of partial values, once it is known.
    private var partialType: DataType?

    init(_ state: any AggregateFunctionState, _ binding: ExportedBinding) {
        self.state = state
        self.binding = binding
    }

    static func at(_ pointer: UnsafeMutableRawPointer?) throws(IglooError) -> ExportedState {
        guard let pointer else { throw IglooError(.invalidArgument, "the host passed no state") }
        return Unmanaged<ExportedState>.fromOpaque(pointer).takeUnretainedValue()
    }

    /// Partial values of another state, taken over. Their type is that of this state's own.
    func partials(
        _ moved: UnsafeMutablePointer<ArrowDeviceArray>?, _ context: CallContext
    ) throws(IglooError) -> ArrayData {
        let moved = try required(moved)
        if partialType == nil { partialType = try state.partials(context).type }
        do throws(ArrowError) {
            return try ArrayData(importing: moved, type: partialType ?? .null)
        } catch {
            throw IglooError(.invalidArgument, "partial values of an aggregate: \(error)")
        }
    }
}

private func makeState(
    _ bound: UnsafeMutableRawPointer?, _ context: UnsafePointer<igloo_ctx>?,
    _ out: UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
    _ error: UnsafeMutablePointer<igloo_error>?
) -> igloo_status {
    exported(error) { () throws(IglooError) in
        let binding = try ExportedBinding.at(bound)
        let out = try required(out)
        guard case .aggregate(let aggregate) = binding.function else { throw binding.mismatch() }
        let state = try aggregate.makeState(CallContext(context))
        out.pointee = Unmanaged.passRetained(ExportedState(state, binding)).toOpaque()
    }
}

private func releaseState(_ state: UnsafeMutableRawPointer?) {
    if let state { Unmanaged<ExportedState>.fromOpaque(state).release() }
}

/// The groups of some rows, each of them checked.
private func checkedGroups(
    _ groups: UnsafePointer<UInt32>?, _ groupCount: UInt32, rowCount: Int
) throws(IglooError) -> [UInt32] {
    let places = Array(groups, count: rowCount)
    guard places.count == rowCount, places.allSatisfy({ $0 < groupCount }) else {
        throw IglooError(.invalidArgument, "the host names groups that are not there")
    }
    return places
}

private func updateState(
    _ state: UnsafeMutableRawPointer?, _ context: UnsafePointer<igloo_ctx>?,
    _ groups: UnsafePointer<UInt32>?, _ groupCount: UInt32,
    _ arguments: UnsafeMutablePointer<ArrowDeviceArray>?,
    _ error: UnsafeMutablePointer<igloo_error>?
) -> igloo_status {
    exported(error) { () throws(IglooError) in
        let exported = try ExportedState.at(state)
        let batch = try exported.binding.batch(arguments)
        try exported.state.update(
            batch, groups: try checkedGroups(groups, groupCount, rowCount: batch.rowCount),
            groupCount: Int(groupCount), CallContext(context))
    }
}

private func mergeState(
    _ state: UnsafeMutableRawPointer?, _ context: UnsafePointer<igloo_ctx>?,
    _ groups: UnsafePointer<UInt32>?, _ groupCount: UInt32,
    _ partials: UnsafeMutablePointer<ArrowDeviceArray>?,
    _ error: UnsafeMutablePointer<igloo_error>?
) -> igloo_status {
    exported(error) { () throws(IglooError) in
        let exported = try ExportedState.at(state)
        let context = CallContext(context)
        let values = try exported.partials(partials, context)
        try exported.state.merge(
            values, groups: try checkedGroups(groups, groupCount, rowCount: values.count),
            groupCount: Int(groupCount), context)
    }
}

private func emitState(
    _ state: UnsafeMutableRawPointer?, _ context: UnsafePointer<igloo_ctx>?, _ isPartial: UInt32,
    _ type: UnsafeMutablePointer<ArrowSchema>?, _ out: UnsafeMutablePointer<ArrowDeviceArray>?,
    _ error: UnsafeMutablePointer<igloo_error>?
) -> igloo_status {
    exported(error) { () throws(IglooError) in
        let (type, out) = (try required(type), try required(out))
        let state = try ExportedState.at(state).state
        let context = CallContext(context)
        let values = isPartial != 0 ? try state.partials(context) : try state.results(context)
        Field("", values.type).export(to: type)
        values.export(to: out)
    }
}
