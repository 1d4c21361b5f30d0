// SPDX-License-Identifier: MIT

import CIgloo
import IglooABI
import IglooArrow
import IglooContracts

/// A function of values of a plugin.
struct ImportedScalarFunction: ScalarFunction {
    let result: DataType
    private let bound: ImportedBinding

    init(_ bound: ImportedBinding, _ result: DataType) {
        self.bound = bound
        self.result = result
    }

    func evaluate(
        _ arguments: RecordBatch, _ context: CallContext
    ) throws(IglooError) -> ArrayData {
        var moved = ArrowDeviceArray()
        var out = ArrowDeviceArray()
        _ = try bound.instance.call.run(context) { ctx, error in
            arguments.export(to: &moved)
            return bound.table.scalar(
                bound.pointer, ctx, &moved, Int64(arguments.rowCount), &out, error)
        }
        let values = try bound.values(&out, result)
        guard values.count == arguments.rowCount else {
            throw bound.broken("gave \(values.count) values for \(arguments.rowCount) rows")
        }
        return values
    }
}

/// An aggregate of a plugin.
struct ImportedAggregateFunction: AggregateFunction {
    let result: DataType
    private let bound: ImportedBinding

    init(_ bound: ImportedBinding, _ result: DataType) {
        self.bound = bound
        self.result = result
    }

    func makeState(_ context: CallContext) throws(IglooError) -> any AggregateFunctionState {
        try ImportedAggregateState(bound, result, context)
    }
}

/// A state in a plugin; released when it is let go.
final class ImportedAggregateState: AggregateFunctionState {
    private let bound: ImportedBinding
    private let result: DataType
    private let pointer: UnsafeMutableRawPointer
    private let account: UInt64
    private var groupCount = 0

    /// What the state reserves is accounted where `context` says, as long as it lives.
    fileprivate init(
        _ bound: ImportedBinding, _ result: DataType, _ context: CallContext
    ) throws(IglooError) {
        self.bound = bound
        self.result = result
        account = MemoryAccounts.open(context.memory)
        var pointer: UnsafeMutableRawPointer?
        var call = bound.instance.call
        call.account = account
        do throws(IglooError) {
            _ = try call.run(context) { ctx, error in
                bound.table.makeState(bound.pointer, ctx, &pointer, error)
            }
            guard let pointer else { throw bound.broken("made a state that is not there") }
            self.pointer = pointer
        } catch {
            MemoryAccounts.close(account)
            throw error
        }
    }

    deinit {
        bound.table.releaseState(pointer)
        MemoryAccounts.close(account)
    }

    private var call: PluginCall {
        var call = bound.instance.call
        call.account = account
        return call
    }

    func update(
        _ arguments: RecordBatch, groups: [UInt32], groupCount: Int, _ context: CallContext
    ) throws(IglooError) {
        try take(groups, groupCount, context, bound.table.update) { arguments.export(to: $0) }
    }

    func merge(
        _ partials: ArrayData, groups: [UInt32], groupCount: Int, _ context: CallContext
    ) throws(IglooError) {
        try take(groups, groupCount, context, bound.table.merge) { partials.export(to: $0) }
    }

    private func take(
        _ groups: [UInt32], _ groupCount: Int, _ context: CallContext,
        _ function: FunctionLibraryFunctions.Update,
        exporting export: (UnsafeMutablePointer<ArrowDeviceArray>) -> Void
    ) throws(IglooError) {
        guard let number = UInt32(exactly: groupCount) else {
            throw IglooError(.resourceExhausted, "more than 4,294,967,295 groups")
        }
        self.groupCount = groupCount
        let arena = Arena()
        let places = arena.array(groups.isEmpty ? [0] : groups)
        var moved = ArrowDeviceArray()
        _ = try call.run(context) { ctx, error in
            export(&moved)
            return function(pointer, ctx, places, number, &moved, error)
        }
        withExtendedLifetime(arena) {}
    }

    func partials(_ context: CallContext) throws(IglooError) -> ArrayData {
        try emit(isPartial: true, context)
    }

    func results(_ context: CallContext) throws(IglooError) -> ArrayData {
        try emit(isPartial: false, context)
    }

    private func emit(
        isPartial: Bool, _ context: CallContext
    ) throws(IglooError) -> ArrayData {
        var schema = ArrowSchema()
        var array = ArrowDeviceArray()
        _ = try call.run(context) { ctx, error in
            bound.table.emit(pointer, ctx, isPartial ? 1 : 0, &schema, &array, error)
        }
        let type: DataType
        do throws(ArrowError) {
            type = try Field(importing: &schema).type
        } catch {
            array.array.release?(&array.array)
            throw bound.broken("gave a type of values that cannot be: \(error)")
        }
        let values = try bound.values(&array, type)
        guard isPartial || type == result else {
            throw bound.broken("gave values of type \(type), where it had said \(result)")
        }
        guard values.count == groupCount else {
            throw bound.broken("gave \(values.count) values for \(groupCount) groups")
        }
        return values
    }
}

/// A function that gives rows, of a plugin.
struct ImportedTableFunction: TableValuedFunction {
    let schema: Schema
    private let bound: ImportedBinding

    init(_ bound: ImportedBinding, _ schema: Schema) {
        self.bound = bound
        self.schema = schema
    }

    func open(
        _ arguments: RecordBatch, _ context: CallContext
    ) throws(IglooError) -> any BatchReader {
        var moved = ArrowDeviceArray()
        let reader = try bound.instance.openReader(context, keeping: bound) {
            arguments.export(to: &moved)
            return bound.table.table(bound.pointer, $0, &moved, $1, $2)
        }
        let found = reader.schema.fields.map(\.type)
        guard found == schema.fields.map(\.type) else {
            throw bound.broken(
                "gives rows of \(reader.schema), where it had said \(schema)")
        }
        return reader
    }
}
