// SPDX-License-Identifier: MIT

import CIgloo
import IglooABI
import IglooArrow
import IglooContracts
import IglooPlugins

/// An instance of a function library under test.
final class FunctionInstance: Instance {
    fileprivate let functions: igloo_functions

    struct Function {
        var index: Int
        var name: String
        var kind: Int
        var volatility: Int
        var nulls: Int
    }

    override init(
        _ kind: UnsafePointer<igloo_kind>, _ values: OptionValues, _ call: Call = Call()
    ) throws {
        functions = try Self.functions(kind, as: igloo_functions.self)
        try require(
            functions.list != nil && functions.bind != nil && functions.scalar != nil
                && functions.agg_new != nil && functions.agg_update != nil
                && functions.agg_merge != nil && functions.agg_emit != nil
                && functions.table != nil && functions.release_state != nil
                && functions.release_bound != nil, "the functions' table of functions has holes")
        try super.init(kind, values, call)
    }

    func list() throws -> [Function] {
        var items: UnsafePointer<igloo_function_info>?
        var count = 0
        try Call().run("list") { _, error in functions.list(pointer, &items, &count, error) }
        try require(count == 0 || items != nil, "list gave \(count) functions at no address")
        try require(count <= 65_536, "list gave \(count) functions")
        return try Array(items, count: count).enumerated().map { index, info in
            let name = String(info.name)
            try require(
                !name.isEmpty && name == name.lowercased(), "a function is named \"\(name)\"")
            try require(
                (IGLOO_FN_SCALAR...IGLOO_FN_TABLE).contains(Int(info.kind))
                    && (IGLOO_IMMUTABLE...IGLOO_VOLATILE).contains(Int(info.volatility))
                    && (IGLOO_NULL_CALLS...IGLOO_NULL_STRICT).contains(Int(info.nulls))
                    && info.flags == 0,
                "\(name) is of kind \(info.kind), volatility \(info.volatility), NULL treatment "
                    + "\(info.nulls), flags \(info.flags)")
            return Function(
                index: index, name: name, kind: Int(info.kind), volatility: Int(info.volatility),
                nulls: Int(info.nulls))
        }
    }

    func bind(
        _ function: Function, _ arguments: [DataType], _ call: Call = Call()
    ) throws -> BoundFunctionCall {
        let schema = Schema(arguments.enumerated().map { Field("\($0)", $1) })
        var types = ArrowSchema()
        schema.export(to: &types)
        defer { types.release?(&types) }
        var (out, bound) = (ArrowSchema(), UnsafeMutableRawPointer?.none)
        try call.run(
            "bind of \(function.name)",
            leftovers: {
                (out.release == nil ? [] : ["a type"]) + (bound == nil ? [] : ["what it bound"])
            }
        ) { functions.bind(pointer, $0, UInt32(function.index), &types, &out, &bound, $1) }
        let result = try Field(importing: &out).type
        return BoundFunctionCall(
            self, function, schema, result,
            try require(bound, "\(function.name) is bound to nothing"))
    }
}

/// A function bound for types of arguments; released once.
final class BoundFunctionCall {
    let library: FunctionInstance
    let function: FunctionInstance.Function
    let arguments: Schema
    let result: DataType
    fileprivate let pointer: UnsafeMutableRawPointer
    fileprivate var functions: igloo_functions { library.functions }

    fileprivate init(
        _ library: FunctionInstance, _ function: FunctionInstance.Function, _ arguments: Schema,
        _ result: DataType, _ pointer: UnsafeMutableRawPointer
    ) {
        self.library = library
        self.function = function
        self.arguments = arguments
        self.result = result
        self.pointer = pointer
    }

    deinit { functions.release_bound(pointer) }

    /// A value a row.
    func scalar(_ batch: RecordBatch, _ call: Call = Call()) throws -> [Scalar] {
        var (moved, out) = (ArrowDeviceArray(), ArrowDeviceArray())
        batch.export(to: &moved)
        try call.run(
            function.name, leftovers: { out.array.release == nil ? [] : ["values"] }
        ) { functions.scalar(pointer, $0, &moved, Int64(batch.rowCount), &out, $1) }
        let values = try ArrayData(importing: &out, type: result, validation: .full)
        try require(
            values.count == batch.rowCount,
            "\(function.name) gave \(values.count) values for \(batch.rowCount) rows")
        return (0..<values.count).map { values.scalar(at: $0) }
    }

    /// The rows of a table function.
    func table(_ batch: RecordBatch, _ call: Call = Call()) throws -> [Row] {
        var (moved, out) = (ArrowDeviceArray(), igloo_reader())
        batch.export(to: &moved)
        try call.run(
            function.name, leftovers: { out.release == nil ? [] : ["a reader"] }
        ) { functions.table(pointer, $0, &moved, &out, $1) }
        let reader = try Reader(taking: out, of: library, function.name)
        defer { withExtendedLifetime(self) {} }
        let schema = try reader.schema()
        try require(
            schema.fields.map(\.type) == result.childFields.map(\.type),
            "\(function.name) gives rows of \(schema), where it had said \(result)")
        return try reader.rows(call)
    }

    func state(_ call: Call = Call()) throws -> AggregateState {
        var state: UnsafeMutableRawPointer?
        try call.run(function.name, leftovers: { state == nil ? [] : ["a state"] }) {
            functions.agg_new(pointer, $0, &state, $1)
        }
        return AggregateState(self, try require(state, "\(function.name) made no state"))
    }
}

/// A state of an aggregate; released once.
final class AggregateState {
    private let bound: BoundFunctionCall
    private let pointer: UnsafeMutableRawPointer

    fileprivate init(_ bound: BoundFunctionCall, _ pointer: UnsafeMutableRawPointer) {
        self.bound = bound
        self.pointer = pointer
    }

    deinit { bound.functions.release_state(pointer) }

    func update(
        _ batch: RecordBatch, _ groups: [Int], groupCount: Int, _ call: Call = Call()
    ) throws {
        var moved = ArrowDeviceArray()
        batch.export(to: &moved)
        let places = groups.map { UInt32($0) } + [0]
        try call.run(bound.function.name) {
            bound.functions.agg_update(pointer, $0, places, UInt32(groupCount), &moved, $1)
        }
    }

    func merge(
        _ partials: ArrayData, _ groups: [Int], groupCount: Int, _ call: Call = Call()
    ) throws {
        var moved = ArrowDeviceArray()
        partials.export(to: &moved)
        let places = groups.map { UInt32($0) } + [0]
        try call.run(bound.function.name) {
            bound.functions.agg_merge(pointer, $0, places, UInt32(groupCount), &moved, $1)
        }
    }

    /// What the state holds: for another state to merge, or as results.
    func emit(isPartial: Bool, groupCount: Int, _ call: Call = Call()) throws -> ArrayData {
        var (type, out) = (ArrowSchema(), ArrowDeviceArray())
        try call.run(
            bound.function.name,
            leftovers: {
                (type.release == nil ? [] : ["a type"])
                    + (out.array.release == nil ? [] : ["values"])
            }
        ) { bound.functions.agg_emit(pointer, $0, isPartial ? 1 : 0, &type, &out, $1) }
        let told = try Field(importing: &type).type
        try require(
            isPartial || told == bound.result,
            "\(bound.function.name) gave values of \(told), where it had said \(bound.result)")
        let values = try ArrayData(importing: &out, type: told, validation: .full)
        try require(
            values.count == groupCount,
            "\(bound.function.name) gave \(values.count) values for \(groupCount) groups")
        return values
    }

    func results(groupCount: Int) throws -> [Scalar] {
        let values = try emit(isPartial: false, groupCount: groupCount)
        return (0..<groupCount).map { values.scalar(at: $0) }
    }
}
