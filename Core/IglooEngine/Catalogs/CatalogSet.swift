// SPDX-License-Identifier: MIT

import IglooContracts
import IglooPlan
import IglooPlugins

/// All catalogs of the process: those of the manifest, those made by SQL, and connectors for files
/// that were named by their paths.
///
/// - Threads: any.
final class CatalogSet: Sendable {
    let registry: PluginRegistry
    private let state: Locked<State>

    private struct State {
        var instances: [CatalogInstance]
        /// Instances for files, by connector and options.
        var forFiles: [FileKey: CatalogInstance] = [:]
    }

    private struct FileKey: Hashable {
        var connector: String
        var options: [GivenOption]
    }

    init(_ registry: PluginRegistry, manifest: Manifest?) {
        self.registry = registry
        let instances = (manifest?.catalogs ?? []).map { catalog in
            CatalogInstance(catalog.name) { (context) throws(IglooError) in
                CatalogInstance.Opened(
                    kind: try registry.connector(named: catalog.connector),
                    connector: try registry.open(catalog, context))
            }
        }
        state = Locked(State(instances: instances))
    }

    // MARK: - Catalogs

    var names: [String] { state.withLock { $0.instances.map(\.name) } }

    func instance(_ name: String) -> CatalogInstance? {
        state.withLock { state in state.instances.first { $0.name == name } }
    }

    /// - Throws: `alreadyExists`, or whatever the connector says to its options.
    func create(
        _ name: String, connector: String, options: [GivenOption], orReplace: Bool,
        _ context: CallContext
    ) throws(IglooError) {
        guard !MemoryCatalog.isOwn(name) else {
            throw IglooError(
                .alreadyExists, "catalog \"\(name)\" is that of the tables in memory",
                hint: "choose another name")
        }
        if !orReplace && instance(name) != nil {
            throw IglooError(
                .alreadyExists, "catalog \"\(name)\" already exists",
                hint: "DROP CATALOG \(name), or say CREATE OR REPLACE CATALOG")
        }
        let new = made(name, connector, options)
        // Bad options are to be heard of now, not at the first query.
        _ = try new.open(context)
        state.withLock { state in
            state.instances.removeAll { $0.name == name }
            state.instances.append(new)
        }
    }

    /// False when there is none of this name.
    func drop(_ name: String) -> Bool {
        state.withLock { state in
            let count = state.instances.count
            state.instances.removeAll { $0.name == name }
            return state.instances.count < count
        }
    }

    private func made(
        _ name: String, _ connector: String, _ options: [GivenOption]
    ) -> CatalogInstance {
        let registry = registry
        return CatalogInstance(name) { (context) throws(IglooError) in
            let kind = try registry.connector(named: connector)
            return CatalogInstance.Opened(
                kind: kind,
                connector: try registry.makeConnector(kind, options: options, context))
        }
    }

    // MARK: - Files

    /// The instance that reads files with these options: one for all files alike.
    func forFiles(_ connector: String, options: [GivenOption]) -> CatalogInstance {
        let key = FileKey(connector: connector, options: options)
        if let known = state.withLock({ $0.forFiles[key] }) { return known }
        let new = made(connector, connector, options)
        return state.withLock { state in
            if let known = state.forFiles[key] { return known }
            state.forFiles[key] = new
            return new
        }
    }
}
