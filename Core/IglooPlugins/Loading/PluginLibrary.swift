// SPDX-License-Identifier: MIT

import CIgloo
import IglooABI
import IglooContracts

/// A plugin that was loaded and has described itself. It stays for the life of the process.
// SAFETY: immutable; what the pointer leads to is constant by the ABI.
final class PluginLibrary: @unchecked Sendable {
    let path: String
    let note: PluginNote
    /// What it offers of what this host knows.
    let kinds: [any PluginKind]
    private let plugin: igloo_plugin

    /// Calls the entry point of a plugin whose file and note were checked.
    ///
    /// - Parameter entry: of the loaded file.
    /// - Threads: `LoadedLibraries` makes one at a time.
    /// - Throws: why not, naming the plugin's id.
    init(
        _ file: PluginFile, _ note: PluginNote, entry: UnsafeMutableRawPointer
    ) throws(IglooError) {
        self.note = note
        path = file.path
        // The linker knows objects by the paths it was given: one that leads through a descriptor
        // must never lead to another file, so its descriptor stays open.
        if file.loadPath != file.path { _ = Unmanaged.passRetained(file) }
        let enter = unsafeBitCast(entry, to: igloo_plugin_0_fn.self)
        var error = igloo_error()
        guard let pointer = enter(HostTable.pointer, &error) else {
            let status = error.code < 0 ? error.code : IglooError.Code.unknown.rawValue
            throw IglooError(taking: &error, status: status, origin: note.id)
        }
        error.release?(&error)
        plugin = pointer.pointee
        kinds = try Self.kinds(plugin, note)
    }

    /// The kinds of one contract.
    func kinds<Kind: PluginKind>(of type: Kind.Type) -> [Kind] { kinds.compactMap { $0 as? Kind } }

    private static func kinds(
        _ plugin: igloo_plugin, _ note: PluginNote
    ) throws(IglooError) -> [any PluginKind] {
        let call = PluginCall(plugin: note.id)
        guard String(plugin.id) == note.id, String(plugin.version) == note.version else {
            throw call.broken(
                "says it is \(String(plugin.id)) \(String(plugin.version)), its note says "
                    + "\(note.id) \(note.version)")
        }
        guard plugin.needs_minor <= IGLOO_MINOR else {
            throw call.broken("needs minor \(plugin.needs_minor) of the ABI, against its note")
        }
        guard plugin.n_kinds == 0 || plugin.kinds != nil, plugin.n_kinds <= 1024 else {
            throw call.broken("offers \(plugin.n_kinds) kinds at no address")
        }
        var kinds: [any PluginKind] = []
        for index in 0..<Int(plugin.n_kinds) {
            guard let kind = plugin.kinds.map({ $0 + index }) else { continue }
            if let kind = try imported(kind, plugin: note.id) { kinds.append(kind) }
        }
        for word in knownWords {
            let offered = kinds.filter { $0.word == word }.map(\.name)
            let noted = note.names(of: word)
            guard offered.sorted() == noted.sorted() else {
                throw call.broken("offers the kinds \(word) \(offered), its note says \(noted)")
            }
        }
        return kinds
    }

    /// The words of the kinds that this host knows.
    static let knownWords = [
        ConnectorKind.word, SecretProviderKind.word, MetadataStoreKind.word, CacheKind.word,
        TransportKind.word, FrontEndKind.word, FunctionLibraryKind.word, OperatorKind.word,
    ]

    /// `nil` for a kind that this host does not know.
    private static func imported(
        _ kind: UnsafePointer<igloo_kind>, plugin: String
    ) throws(IglooError) -> (any PluginKind)? {
        switch kind.pointee.kind {
        case UInt32(IGLOO_CONNECTOR): try ConnectorKind(importing: kind, plugin: plugin)
        case UInt32(IGLOO_SECRETS): try SecretProviderKind(importing: kind, plugin: plugin)
        case UInt32(IGLOO_OPERATOR): try OperatorKind(importing: kind, plugin: plugin)
        case UInt32(IGLOO_FUNCTIONS):
            try FunctionLibraryKind(importing: kind, plugin: plugin)
        case UInt32(IGLOO_KV): try MetadataStoreKind(importing: kind, plugin: plugin)
        case UInt32(IGLOO_CACHE): try CacheKind(importing: kind, plugin: plugin)
        case UInt32(IGLOO_TRANSPORT): try TransportKind(importing: kind, plugin: plugin)
        case UInt32(IGLOO_FRONTEND): try FrontEndKind(importing: kind, plugin: plugin)
        default: nil
        }
    }

    /// Has the plugin end its threads; the last call into it.
    func stop(deadlineNanoseconds: Int64) { plugin.stop?(deadlineNanoseconds) }
}
