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
///     PluginExport.enter(host, error, kinds: [acmeConnector])
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
        kinds: [any PluginKind]
    ) -> UnsafePointer<igloo_plugin>? {
        guard let note = igloo_own_note() else {
            return refuse(error, "the plugin was built without its note (IGLOO_NOTE)")
        }
        let entries = noteEntries(String(cString: note))
        guard let id = entries["id"], let version = entries["version"] else {
            return refuse(error, "the plugin's note does not state id and version")
        }
        return enter(PluginDescription(id: id, version: version, kinds: kinds), host, error)
    }

    /// As `enter(_:_:kinds:)`, for those who state id and version themselves.
    public static func enter(
        _ description: PluginDescription, _ host: UnsafePointer<igloo_host>?,
        _ error: UnsafeMutablePointer<igloo_error>?
    ) -> UnsafePointer<igloo_plugin>? {
        guard let host, host.pointee.epoch == IGLOO_EPOCH else {
            return refuse(error, "the host speaks another epoch of the ABI than \(IGLOO_EPOCH)")
        }
        if let other = description.kinds.first(where: { !($0 is any ExportableKind) }) {
            return refuse(error, "the ABI knows no kind \(other.word): \(other.name)")
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
        kinds = arena.array(
            description.kinds.compactMap { [arena] kind in
                (kind as? any ExportableKind).map { Self.kind($0, arena: arena) }
            })
        var plugin = igloo_plugin()
        plugin.id = arena.str(description.id)
        plugin.version = arena.str(description.version)
        plugin.needs_minor = IGLOO_MINOR
        plugin.wire_min = 1
        plugin.wire_max = 1
        plugin.n_kinds = UInt32(description.kinds.count)
        plugin.kinds = UnsafePointer(kinds)
        pointer = arena.array([plugin]).map { UnsafePointer($0) }!
    }

    /// The kind that the host points at.
    func kind<Kind: PluginKind>(
        at pointer: UnsafePointer<igloo_kind>?, _ type: Kind.Type
    ) -> Kind? {
        guard let kinds, let pointer else { return nil }
        let index = pointer - UnsafePointer(kinds)
        return description.kinds.indices.contains(index) ? description.kinds[index] as? Kind : nil
    }

    private static func kind(_ exportable: any ExportableKind, arena: Arena) -> igloo_kind {
        let options = exportable.options.map { option($0, arena: arena) }
        let form = exportable.form
        return igloo_kind(
            kind: form.number, rank: 0, name: arena.str(exportable.name),
            options: UnsafePointer(arena.array(options)), n_options: options.count,
            caps: form.capabilities, create: form.create, reload: nil, destroy: form.destroy,
            vtable: form.table.pointer, facet: form.facet)
    }

    private static func option(_ option: OptionSpecification, arena: Arena) -> igloo_option {
        igloo_option(
            name: arena.str(option.name), type: option.type.rawValue, flags: option.flags.rawValue,
            default_text: option.defaultText.map { arena.str($0) } ?? igloo_str(),
            allowed: arena.str(option.allowed.joined(separator: "|")),
            doc: arena.str(option.documentation))
    }
}
