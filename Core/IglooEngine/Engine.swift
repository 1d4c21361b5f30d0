// SPDX-License-Identifier: MIT

public import IglooContracts
import IglooExecution
import IglooPlugins
import IglooTables

/// Igloo in one process: plugins, catalogs, and an executor that all sessions share.
///
/// Nothing is looked for or loaded before a statement needs it.
///
/// - Threads: any.
public final class Engine: Sendable {
    let catalogs: CatalogSet
    let executor: Executor
    /// The tables and views in memory.
    let store: MemoryStore
    /// Where rows of tables are accounted, also those on their way there.
    let memory: any MemoryAccount
    /// Where sessions write temporary files unless they SET another folder.
    let temporaryFolder: String

    /// - Throws: what is wrong with the manifest, with file, line and column.
    public init(_ configuration: EngineConfiguration = EngineConfiguration()) throws(IglooError) {
        let manifest: Manifest? =
            switch configuration.manifest {
            case nil: nil
            case .file(let path): try Manifest.read(path: path)
            case .text(let text, let folder):
                try Manifest.parse(text, path: "\(folder)/<manifest>")
            }
        let registry = PluginRegistry(
            manifest: manifest, directories: configuration.pluginDirectories,
            probe: configuration.probeProgram.map { program in
                PluginProbe(
                    program: program,
                    quarantine: Quarantine(cacheDirectory: configuration.cacheDirectory))
            })
        catalogs = CatalogSet(registry, manifest: manifest)
        executor = Executor(
            threadCount: configuration.threadCount, memoryLimit: configuration.memoryLimit)
        memory = QueryMemory(
            executor.memory, user: "a table in memory", holding: "tables in memory hold")
        store = MemoryStore(memory: memory)
        temporaryFolder = configuration.temporaryFolder ?? TemporaryFolder.standard()
    }

    public func makeSession() -> Session { Session(self) }
}
