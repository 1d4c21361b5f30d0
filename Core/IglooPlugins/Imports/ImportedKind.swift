// SPDX-License-Identifier: MIT

package import CIgloo
package import IglooABI
package import IglooContracts

extension ConnectorKind {
    /// A connector of a loaded plugin as the contract's own type.
    ///
    /// - Throws: `internalError` when the kind lacks something that the ABI demands.
    init(importing pointer: UnsafePointer<igloo_kind>, plugin: String) throws(IglooError) {
        let call = PluginCall(plugin: plugin)
        let kind = pointer.pointee
        guard let create = kind.create, let destroy = kind.destroy, let vtable = kind.vtable else {
            throw call.broken("offers a connector without create, destroy or functions")
        }
        let table = vtable.assumingMemoryBound(to: igloo_connector.self).pointee
        guard let functions = ConnectorFunctions(table) else {
            throw call.broken("offers a connector whose table of functions has holes")
        }
        let name = String(kind.name)
        var options: [OptionSpecification] = []
        for option in Array(kind.options, count: kind.n_options) {
            guard let specification = OptionSpecification(option) else {
                throw call.broken("declares an option of unknown type \(option.type)")
            }
            options.append(specification)
        }
        let specifications = options
        // SAFETY: kinds are constant and valid for ever.
        nonisolated(unsafe) let stable = pointer
        let facet = kind.facet
        self.init(
            name: name, options: options,
            capabilities: ConnectorCapabilities(rawValue: kind.caps)
        ) { (values, context) throws(IglooError) in
            let arena = Arena()
            let passed = specifications.compactMap { specification in
                values[specification.name].map {
                    igloo_value($0, specification, arena: arena)
                }
            }
            var instance: UnsafeMutableRawPointer?
            _ = try call.run(context) { ctx, error in
                create(stable, arena.array(passed), passed.count, ctx, &instance, error)
            }
            withExtendedLifetime(arena) {}
            guard let instance else { throw call.broken("made an instance that is not there") }
            return try ImportedConnector(
                PluginInstance(
                    plugin: plugin, pointer: instance, functions: functions, destroy: destroy,
                    facet: facet))
        }
    }
}

extension OptionSpecification {
    /// `nil` for an option of a type that there is none of.
    package init?(_ option: igloo_option) {
        guard let type = ValueType(rawValue: option.type) else { return nil }
        self.init(
            String(option.name), type, flags: Flags(rawValue: option.flags),
            defaultText: option.default_text.p == nil ? nil : String(option.default_text),
            allowed: String(option.allowed).split(separator: "|").map { String($0) },
            documentation: String(option.doc))
    }
}

extension igloo_value {
    /// A value as a plugin is given it; its texts live in the arena.
    package init(_ value: OptionValue, _ specification: OptionSpecification, arena: Arena) {
        self.init()
        name = arena.str(specification.name)
        type = specification.type.rawValue
        switch value {
        case .string(let text): s = arena.str(text)
        case .bool(let bool): i = bool ? 1 : 0
        case .integer(let integer): i = integer
        case .double(let double): d = double
        case .list(let texts):
            list = arena.array(texts.map { arena.str($0) }).map { UnsafePointer($0) }
            n_list = UInt32(clamping: texts.count)
        }
    }
}
