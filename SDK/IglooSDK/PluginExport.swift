// SPDX-License-Identifier: MIT

public import CIgloo
import IglooABI
public import IglooContracts

/// Exports a Swift plugin through the C ABI. A plugin is one Swift file,
///
/// ```swift
/// @c(igloo_plugin_0)
/// public func enter(
///     host: UnsafePointer<igloo_host>?, error: UnsafeMutablePointer<igloo_error>?
/// ) -> UnsafePointer<igloo_plugin>? {
///     PluginExport.enter(host, error, connectors: [acmeConnector])
/// }
/// ```
///
/// and one C file with its note, from which its id and version are taken:
///
/// ```c
/// #include "igloo.h"
/// IGLOO_NOTE("id=acme\nversion=1.0\nkinds=connector:acme\nruntime=swift-static\n");
/// ```
public enum PluginExport {
    /// What the entry point does: remembers the host, describes the plugin.
    ///
    /// - Threads: called by the host's loader, once; again, it answers the same.
    public static func enter(
        _ host: UnsafePointer<igloo_host>?, _ error: UnsafeMutablePointer<igloo_error>?,
        connectors: [ConnectorKind], secretProviders: [SecretProviderKind] = []
    ) -> UnsafePointer<igloo_plugin>? {
        guard let note = igloo_own_note() else {
            return refuse(error, "the plugin was built without its note (IGLOO_NOTE)")
        }
        let entries = noteEntries(String(cString: note))
        guard let id = entries["id"], let version = entries["version"] else {
            return refuse(error, "the plugin's note does not state id and version")
        }
        return enter(
            PluginDescription(
                id: id, version: version, connectors: connectors, secretProviders: secretProviders),
            host, error)
    }

    /// As `enter(_:_:connectors:)`, for those who state id and version themselves.
    public static func enter(
        _ description: PluginDescription, _ host: UnsafePointer<igloo_host>?,
        _ error: UnsafeMutablePointer<igloo_error>?
    ) -> UnsafePointer<igloo_plugin>? {
        guard let host, host.pointee.epoch == IGLOO_EPOCH else {
            return refuse(error, "the host speaks another epoch of the ABI than \(IGLOO_EPOCH)")
        }
        return Exported.shared.withLock { shared in
            if let plugin = shared { return plugin.pointer }
            let plugin = ExportedPlugin(description, host: host)
            shared = plugin
            return plugin.pointer
        }
    }

    private static func refuse(
        _ error: UnsafeMutablePointer<igloo_error>?, _ message: String
    ) -> UnsafePointer<igloo_plugin>? {
        _ = IglooError(.invalidState, message).write(to: error)
        return nil
    }

    private static func noteEntries(_ text: String) -> [String: String] {
        var entries: [String: String] = [:]
        for line in text.split(separator: "\n") {
            let pair = line.split(separator: "=", maxSplits: 1)
            if pair.count == 2 { entries[String(pair[0])] = String(pair[1]) }
        }
        return entries
    }
}

/// The one plugin that this shared object is.
enum Exported {
    static let shared = Locked<ExportedPlugin?>(nil)

    static var plugin: ExportedPlugin? { shared.withLock { $0 } }
}

/// The C structs that describe the plugin, made once and never freed.
// SAFETY: everything is written by init and only read after it.
final class ExportedPlugin: @unchecked Sendable {
    let description: PluginDescription
    let host: UnsafePointer<igloo_host>
    let pointer: UnsafePointer<igloo_plugin>
    private let kinds: UnsafeMutablePointer<igloo_kind>?
    private let arena = Arena()

    init(_ description: PluginDescription, host: UnsafePointer<igloo_host>) {
        self.description = description
        self.host = host
        let vtable = UnsafeMutablePointer<igloo_connector>.allocate(capacity: 1)
        vtable.initialize(to: exportedConnectorTable)
        let secrets = UnsafeMutablePointer<igloo_secrets>.allocate(capacity: 1)
        secrets.initialize(to: exportedSecretsTable)
        let connectorKinds = description.connectors.map { [arena] in
            Self.kind($0, vtable: vtable, arena: arena)
        }
        let secretKinds = description.secretProviders.map { [arena] in
            Self.kind($0, vtable: secrets, arena: arena)
        }
        kinds = arena.array(connectorKinds + secretKinds)
        var plugin = igloo_plugin()
        plugin.id = arena.str(description.id)
        plugin.version = arena.str(description.version)
        plugin.needs_minor = IGLOO_MINOR
        plugin.wire_min = 1
        plugin.wire_max = 1
        plugin.n_kinds = UInt32(connectorKinds.count + secretKinds.count)
        plugin.kinds = UnsafePointer(kinds)
        pointer = arena.array([plugin]).map { UnsafePointer($0) }!
    }

    /// The kind that the host points at.
    func connectorKind(at pointer: UnsafePointer<igloo_kind>?) -> ConnectorKind? {
        guard let index = index(of: pointer), description.connectors.indices.contains(index) else {
            return nil
        }
        return description.connectors[index]
    }

    /// The kind that the host points at.
    func secretProviderKind(at pointer: UnsafePointer<igloo_kind>?) -> SecretProviderKind? {
        guard let place = index(of: pointer) else { return nil }
        let index = place - description.connectors.count
        guard description.secretProviders.indices.contains(index) else { return nil }
        return description.secretProviders[index]
    }

    private func index(of pointer: UnsafePointer<igloo_kind>?) -> Int? {
        guard let kinds, let pointer else { return nil }
        return pointer - UnsafePointer(kinds)
    }

    private static func kind(
        _ connector: ConnectorKind, vtable: UnsafePointer<igloo_connector>, arena: Arena
    ) -> igloo_kind {
        var kind = Self.kind(connector.name, connector.options, arena: arena)
        kind.kind = UInt32(IGLOO_CONNECTOR)
        kind.caps = connector.capabilities.rawValue
        kind.create = createConnector
        kind.destroy = destroyConnector
        kind.vtable = UnsafeRawPointer(vtable)
        kind.facet = connectorFacet
        return kind
    }

    private static func kind(
        _ provider: SecretProviderKind, vtable: UnsafePointer<igloo_secrets>, arena: Arena
    ) -> igloo_kind {
        var kind = Self.kind(provider.name, provider.options, arena: arena)
        kind.kind = UInt32(IGLOO_SECRETS)
        kind.create = createSecretProvider
        kind.destroy = destroySecretProvider
        kind.vtable = UnsafeRawPointer(vtable)
        return kind
    }

    private static func kind(
        _ name: String, _ options: [OptionSpecification], arena: Arena
    ) -> igloo_kind {
        var kind = igloo_kind()
        kind.name = arena.str(name)
        kind.options = UnsafePointer(arena.array(options.map { option($0, arena: arena) }))
        kind.n_options = options.count
        return kind
    }

    private static func option(_ option: OptionSpecification, arena: Arena) -> igloo_option {
        igloo_option(
            name: arena.str(option.name), type: option.type.rawValue, flags: option.flags.rawValue,
            default_text: option.defaultText.map { arena.str($0) } ?? igloo_str(),
            allowed: arena.str(option.allowed.joined(separator: "|")),
            doc: arena.str(option.documentation))
    }
}
