// SPDX-License-Identifier: MIT

import CIgloo
import IglooABI
import IglooContracts
import IglooPlugins

/// An instance under test of whatever kind, called through the ABI and nothing else.
class Instance {
    let kind: UnsafePointer<igloo_kind>
    let pointer: UnsafeMutableRawPointer
    private var isDestroyed = false
    /// What has to end before the instance is destroyed.
    var beforeDestruction: (() -> Void)?

    init(
        _ kind: UnsafePointer<igloo_kind>, _ values: OptionValues, _ call: Call = Call()
    ) throws {
        self.kind = kind
        let create = try require(kind.pointee.create, "the kind has no create")
        try require(kind.pointee.destroy != nil, "the kind has no destroy")
        let arena = Arena()
        let passed = KindOptions.passed(kind, values, arena)
        var instance: UnsafeMutableRawPointer?
        try call.run("create", leftovers: { instance == nil ? [] : ["an instance"] }) {
            create(kind, arena.array(passed), passed.count, $0, &instance, $1)
        }
        withExtendedLifetime(arena) {}
        pointer = try require(instance, "create answered OK and made no instance")
    }

    deinit { destroy() }

    func destroy() {
        if isDestroyed { return }
        isDestroyed = true
        beforeDestruction?()
        kind.pointee.destroy?(pointer)
    }

    func facet(_ id: UInt32) -> UnsafeRawPointer? { kind.pointee.facet?(pointer, id) }

    /// This instance as one of its own kind.
    func expected<Kind: Instance>() throws -> Kind {
        try require(self as? Kind, "this check is not one of this kind")
    }

    /// The kind's table of functions.
    static func functions<Table>(
        _ kind: UnsafePointer<igloo_kind>, as type: Table.Type
    ) throws -> Table {
        try require(kind.pointee.vtable, "the kind has no table of functions")
            .assumingMemoryBound(to: Table.self).pointee
    }
}

/// The options of a kind, as the host hands them over.
enum KindOptions {
    static func specifications(_ kind: UnsafePointer<igloo_kind>) -> [OptionSpecification] {
        Array(kind.pointee.options, count: kind.pointee.n_options)
            .compactMap { OptionSpecification($0) }
    }

    static func passed(
        _ kind: UnsafePointer<igloo_kind>, _ values: OptionValues, _ arena: Arena
    ) -> [igloo_value] {
        specifications(kind).compactMap { specification in
            values[specification.name].map { igloo_value($0, specification, arena: arena) }
        }
    }
}
