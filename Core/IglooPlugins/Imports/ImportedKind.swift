// SPDX-License-Identifier: MIT

package import CIgloo
package import IglooABI
package import IglooContracts

/// A kind of a loaded plugin, whose instances are made alike whatever they are.
struct ImportedKind: Sendable {
    typealias Destroy = @convention(c) (UnsafeMutableRawPointer?) -> Void

    let name: String
    let options: [OptionSpecification]
    let call: PluginCall
    private let gate: LifecycleGate
    private let destroy: Destroy
    private let create: Create
    // SAFETY: kinds are constant and valid for ever.
    nonisolated(unsafe) private let pointer: UnsafePointer<igloo_kind>

    private typealias Create =
        @convention(c) (
            UnsafePointer<igloo_kind>?, UnsafePointer<igloo_value>?, Int, UnsafePointer<igloo_ctx>?,
            UnsafeMutablePointer<UnsafeMutableRawPointer?>?, UnsafeMutablePointer<igloo_error>?
        ) -> igloo_status

    /// - Throws: `internalError` when the kind lacks something that the ABI demands.
    init(_ pointer: UnsafePointer<igloo_kind>, plugin: String) throws(IglooError) {
        call = PluginCall(plugin: plugin)
        gate = LifecycleGate.of(plugin)
        let kind = pointer.pointee
        guard let create = kind.create, let destroy = kind.destroy, kind.vtable != nil else {
            throw call.broken("offers a kind without create, destroy or functions")
        }
        name = String(kind.name)
        var options: [OptionSpecification] = []
        for option in Array(kind.options, count: kind.n_options) {
            guard let specification = OptionSpecification(option) else {
                throw call.broken("declares an option of unknown type \(option.type)")
            }
            options.append(specification)
        }
        self.options = options
        self.create = create
        self.destroy = destroy
        self.pointer = pointer
    }

    /// The kind's table of functions.
    func functions<Table: BitwiseCopyable>(_ type: Table.Type) -> Table? {
        pointer.pointee.vtable?.assumingMemoryBound(to: Table.self).pointee
    }

    var facet: FacetFunction? { pointer.pointee.facet }
    var capabilities: UInt64 { pointer.pointee.caps }

    /// Makes an instance, which the caller has to destroy.
    func makeInstance(
        _ values: OptionValues, _ context: CallContext
    ) throws(IglooError) -> UnsafeMutableRawPointer {
        let arena = Arena()
        let passed = options.compactMap { specification in
            values[specification.name].map { igloo_value($0, specification, arena: arena) }
        }
        var instance: UnsafeMutableRawPointer?
        var call = call
        let health = InstanceHealth()
        call.health = health
        try gate.pass(health, context) { () throws(IglooError) in
            _ = try call.run(context) { ctx, error in
                create(pointer, arena.array(passed), passed.count, ctx, &instance, error)
            }
        }
        withExtendedLifetime(arena) {}
        guard let instance else { throw call.broken("made an instance that is not there") }
        return instance
    }

    /// Ends an instance that nobody uses any more. One whose plugin hangs stays.
    func end(_ instance: UnsafeMutableRawPointer) {
        try? gate.pass(InstanceHealth(), CallContext()) { () throws(IglooError) in
            destroy(instance)
        }
    }
}

extension ConnectorKind {
    /// A connector of a loaded plugin as the contract's own type.
    ///
    /// - Throws: `internalError` when the kind lacks something that the ABI demands.
    init(importing pointer: UnsafePointer<igloo_kind>, plugin: String) throws(IglooError) {
        let kind = try ImportedKind(pointer, plugin: plugin)
        guard let functions = kind.functions(igloo_connector.self).flatMap(ConnectorFunctions.init)
        else { throw kind.call.broken("offers a connector whose table of functions has holes") }
        self.init(
            name: kind.name, options: kind.options,
            capabilities: ConnectorCapabilities(rawValue: kind.capabilities)
        ) { (values, context) throws(IglooError) in
            try ImportedConnector(PluginInstance(kind, values, context), functions)
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
