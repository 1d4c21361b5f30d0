// SPDX-License-Identifier: MIT

import CIgloo
import IglooABI
import IglooContracts

/// A front end of a plugin, seen through the contract.
// SAFETY: one call at a time, by the protocol's contract; the engine's table is written by `start`.
final class ImportedFrontEnd: FrontEnd, @unchecked Sendable {
    private let instance: PluginInstance
    private let functions: igloo_frontend
    private var engine: ExportedEngine?

    /// - Throws: `internalError` when a function is missing.
    init(_ instance: PluginInstance, _ functions: igloo_frontend) throws(IglooError) {
        guard functions.start != nil, functions.drain != nil else {
            throw instance.call.broken("offers a front end whose table of functions has holes")
        }
        self.instance = instance
        self.functions = functions
    }

    func start(
        _ engine: any QueryEngine, _ context: CallContext
    ) throws(IglooError) -> [String: String] {
        let exported = ExportedEngine(engine, plugin: instance.call.plugin)
        self.engine = exported
        var bound = igloo_blob()
        _ = try instance.call.run(context) { ctx, error in
            functions.start(instance.pointer, ctx, exported.table, &bound, error)
        }
        let text = String(decoding: [UInt8](taking: &bound), as: UTF8.self)
        guard let addresses = BoundAddresses.parse(text) else {
            throw instance.call.broken("told its addresses as \(text.prefix(100))")
        }
        return addresses
    }

    func drain(_ context: CallContext) throws(IglooError) {
        _ = try instance.call.run(context) { ctx, error in
            functions.drain(instance.pointer, ctx, error)
        }
    }
}

/// The addresses of a front end: JSON of one object of texts, without escapes.
enum BoundAddresses {
    /// `nil` for anything else.
    static func parse(_ text: String) -> [String: String]? {
        var rest = text.filter { $0 != " " && $0 != "\n" }[...]
        guard rest.first == "{", rest.last == "}" else { return nil }
        rest = rest.dropFirst().dropLast()
        var addresses: [String: String] = [:]
        while !rest.isEmpty {
            guard let name = string(&rest), rest.popFirst() == ":", let address = string(&rest)
            else { return nil }
            addresses[name] = address
            if rest.isEmpty { break }
            guard rest.popFirst() == ",", !rest.isEmpty else { return nil }
        }
        return addresses
    }

    private static func string(_ rest: inout Substring) -> String? {
        guard rest.popFirst() == "\"", let end = rest.firstIndex(of: "\"") else { return nil }
        let text = rest[..<end]
        guard !text.contains("\\") else { return nil }
        rest = rest[rest.index(after: end)...]
        return String(text)
    }
}

extension FrontEndKind {
    /// - Throws: `internalError` when the kind lacks something that the ABI demands.
    init(importing pointer: UnsafePointer<igloo_kind>, plugin: String) throws(IglooError) {
        let kind = try ImportedKind(pointer, plugin: plugin)
        guard let functions = kind.functions(igloo_frontend.self) else {
            throw kind.call.broken("offers a front end without functions")
        }
        self.init(name: kind.name, options: kind.options) { (values, context) throws(IglooError) in
            try ImportedFrontEnd(PluginInstance(kind, values, context), functions)
        }
    }
}
