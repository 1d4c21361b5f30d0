// SPDX-License-Identifier: MIT

import CIgloo
import IglooABI
import IglooArrow
import IglooContracts

/// A function library of a plugin, seen through the contract.
final class ImportedFunctionLibrary: FunctionLibrary {
    let functions: [FunctionDescription]
    private let instance: PluginInstance
    private let table: FunctionLibraryFunctions

    /// - Throws: `internalError` for functions that cannot be.
    init(_ instance: PluginInstance, _ table: FunctionLibraryFunctions) throws(IglooError) {
        self.instance = instance
        self.table = table
        var items: UnsafePointer<igloo_function_info>?
        var count = 0
        _ = try instance.call.run(CallContext()) { _, error in
            table.list(instance.pointer, &items, &count, error)
        }
        guard count == 0 || items != nil, (0...65_536).contains(count) else {
            throw instance.call.broken("lists \(count) functions at no address")
        }
        var functions: [FunctionDescription] = []
        for item in Array(items, count: count) {
            guard let description = FunctionDescription(item) else {
                throw instance.call.broken(
                    "lists the function \"\(String(item.name))\" of kind \(item.kind), volatility "
                        + "\(item.volatility), NULL treatment \(item.nulls)")
            }
            functions.append(description)
        }
        self.functions = functions
    }

    var isPoisoned: Bool { instance.health.isPoisoned }

    func bind(
        _ index: Int, _ arguments: [DataType], _ context: CallContext
    ) throws(IglooError) -> BoundFunction {
        guard functions.indices.contains(index), let number = UInt32(exactly: index) else {
            throw IglooError(.invalidArgument, "there is no function \(index)")
        }
        let name = functions[index].name
        var types = ArrowSchema()
        Schema(arguments.enumerated().map { Field("\($0)", $1) }).export(to: &types)
        defer { types.release?(&types) }
        var result = ArrowSchema()
        var pointer: UnsafeMutableRawPointer?
        _ = try instance.call.run(context) { ctx, error in
            table.bind(instance.pointer, ctx, number, &types, &result, &pointer, error)
        }
        let type: Field
        do throws(ArrowError) {
            type = try Field(importing: &result)
        } catch {
            if let pointer { table.releaseBound(pointer) }
            throw instance.call.broken(error, "a type of the result of \(name)")
        }
        guard let pointer else {
            throw instance.call.broken("bound the function \(name) to nothing")
        }
        let bound = ImportedBinding(instance, table, pointer, name: name)
        switch functions[index].kind {
        case .scalar: return .scalar(ImportedScalarFunction(bound, type.type))
        case .aggregate: return .aggregate(ImportedAggregateFunction(bound, type.type))
        case .table:
            guard case .structure(let fields) = type.type else {
                throw bound.broken("gives rows of type \(type.type), which is no structure")
            }
            return .table(ImportedTableFunction(bound, Schema(fields)))
        }
    }
}

extension FunctionDescription {
    /// `nil` for what this host does not know.
    fileprivate init?(_ info: igloo_function_info) {
        let name = String(info.name)
        guard !name.isEmpty, name.utf8.count <= 128, let kind = Kind(rawValue: info.kind),
            let volatility = Volatility(rawValue: info.volatility),
            let nulls = NullTreatment(rawValue: info.nulls)
        else { return nil }
        self.init(name, kind, volatility: volatility, nulls: nulls, String(info.doc))
    }
}

extension FunctionLibraryKind {
    /// - Throws: `internalError` when the kind lacks something that the ABI demands.
    init(importing pointer: UnsafePointer<igloo_kind>, plugin: String) throws(IglooError) {
        let kind = try ImportedKind(pointer, plugin: plugin)
        guard
            let table = kind.functions(igloo_functions.self)
                .flatMap(FunctionLibraryFunctions.init)
        else { throw kind.call.broken("offers functions whose table of functions has holes") }
        self.init(name: kind.name, options: kind.options) { (values, context) throws(IglooError) in
            try ImportedFunctionLibrary(try PluginInstance(kind, values, context), table)
        }
    }
}

/// What a plugin bound; released when nothing that came from it is left.
// SAFETY: what is bound serves calls from any threads by the ABI; the pointer is the plugin's own.
final class ImportedBinding: @unchecked Sendable {
    let instance: PluginInstance
    let table: FunctionLibraryFunctions
    let pointer: UnsafeMutableRawPointer
    private let name: String

    init(
        _ instance: PluginInstance, _ table: FunctionLibraryFunctions,
        _ pointer: UnsafeMutableRawPointer, name: String
    ) {
        self.instance = instance
        self.table = table
        self.pointer = pointer
        self.name = name
    }

    deinit { table.releaseBound(pointer) }

    /// A breach of the ABI by the function.
    func broken(_ what: String) -> IglooError {
        IglooError(
            .internalError,
            "the plugin broke its contract: its function \(name) \(what)",
            origin: instance.call.plugin)
    }

    /// Values that the function gave; every offset is checked.
    func values(
        _ array: inout ArrowDeviceArray, _ type: DataType
    ) throws(IglooError) -> ArrayData {
        do throws(ArrowError) {
            return try ArrayData(importing: &array, type: type, validation: .full)
        } catch {
            throw broken("gave values that cannot be: \(error)")
        }
    }
}
