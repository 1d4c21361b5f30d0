// SPDX-License-Identifier: MIT

public import IglooContracts

/// Finds plugins by their notes and loads them when they are first needed.
///
/// Files are looked for where the manifest says (`path`, then `dirs`), then in the host's own
/// folders. The host's folders, and `dirs` with `auto = true`, offer every plugin in them; plugins
/// that the manifest names come first. Nothing is opened before the first question is asked.
///
/// - Threads: any.
public final class PluginRegistry: Sendable {
    public let manifest: Manifest?
    private let hostDirectories: [String]
    private let probe: PluginProbe?
    let providers = NamedInstances<any SecretProvider>()
    let functionLibraries = NamedInstances<any FunctionLibrary>()
    let operatorFactories = NamedInstances<any OperatorFactory>()
    private let found = Locked<[Found]?>(nil)

    /// A candidate and what its note says.
    struct Found {
        var candidate: PluginCandidate
        var note: Result<PluginNote, IglooError>

        var usableNote: PluginNote? { try? note.get() }
    }

    /// - Parameters:
    ///   - directories: the host's own folders of plugins, in order.
    ///   - probe: tries plugins out in another process; `nil` = they are loaded at once.
    public init(
        manifest: Manifest? = nil, directories: [String] = [], probe: PluginProbe? = nil
    ) {
        self.manifest = manifest
        self.probe = probe
        hostDirectories = directories
    }

    // MARK: - Questions

    /// The connector of this name, from a plugin that is loaded now if it was not yet.
    ///
    /// - Throws: `notFound` naming the plugin and all places where it was looked for;
    ///   `invalidData` and others when it is there and cannot be used.
    public func connector(named name: String) throws(IglooError) -> ConnectorKind {
        try connector(
            "no plugin offers the connector \"\(name)\"", likelyId: name, name: name
        ) { $0.connectors.contains(name) }
    }

    /// The connector that reads files of this extension (`csv`, in any case, without the point).
    ///
    /// - Throws: as `connector(named:)`.
    public func connector(
        forFileExtension fileExtension: String
    ) throws(IglooError) -> ConnectorKind {
        let wanted = fileExtension.lowercased()
        return try connector(
            "no plugin reads files that end in .\(wanted)", likelyId: wanted, name: nil
        ) { $0.fileExtensions.contains(wanted) }
    }

    /// The connector that reads this file, by the end of its name: `data/*.csv`, `x.ndjson.gz`.
    ///
    /// - Throws: as `connector(named:)`; `invalidArgument` when the name has no extension.
    public func connector(forFile path: String) throws(IglooError) -> ConnectorKind {
        var parts = path.split(separator: "/").last.map { $0.split(separator: ".") } ?? []
        if parts.count > 2, ["gz", "zst"].contains(parts[parts.count - 1].lowercased()) {
            parts.removeLast()
        }
        guard parts.count > 1, let fileExtension = parts.last else {
            throw IglooError(
                .invalidArgument, "the name of \"\(path)\" does not tell what kind of file it is",
                hint: "use a function that names the kind: read_csv('\(path)')")
        }
        return try connector(forFileExtension: String(fileExtension))
    }

    /// The connector for which this table function stands: `read_csv`.
    ///
    /// - Throws: as `connector(named:)`.
    public func connector(forFunction function: String) throws(IglooError) -> ConnectorKind {
        let wanted = function.lowercased()
        let likelyId = wanted.hasPrefix("read_") ? String(wanted.dropFirst(5)) : wanted
        return try connector(
            "no plugin offers the table function \(wanted)", likelyId: likelyId, name: nil
        ) { $0.functions.contains(wanted) }
    }

    /// Whether a plugin offers this table function; loads nothing.
    public func hasFunction(_ function: String) -> Bool {
        let wanted = function.lowercased()
        return candidates().contains { $0.usableNote?.functions.contains(wanted) == true }
    }

    /// The names of all connectors, sorted; loads nothing.
    public var connectorNames: [String] {
        Set(candidates().flatMap { $0.usableNote?.connectors ?? [] }).sorted()
    }

    /// Every plugin there is, and those that the manifest names and that are missing.
    public func describeAll() -> [PluginListing] {
        candidates(again: true).map { found in
            var problem: String?
            if case .failure(let error) = found.note { problem = error.message }
            let path = found.candidate.path.isEmpty ? "" : Folders.resolved(found.candidate.path)
            return PluginListing(
                id: found.candidate.id, path: path, note: found.usableNote, problem: problem,
                isLoaded: !path.isEmpty && LoadedLibraries.isLoaded(path),
                isDeclared: found.candidate.isDeclared)
        }
    }

    // MARK: - Instances

    /// Makes the instance of a catalog of the manifest.
    public func open(
        _ catalog: Manifest.Catalog, _ context: CallContext
    ) throws(IglooError) -> any Connector {
        do throws(IglooError) {
            let kind = try connector(named: catalog.connector)
            return try makeConnector(kind, options: catalog.options, context)
        } catch {
            throw placed(error, catalog)
        }
    }

    /// An error with the catalog's name and place, unless it says where it is.
    package func placed(_ error: IglooError, _ catalog: Manifest.Catalog) -> IglooError {
        var error = error
        if !error.message.hasPrefix(manifest?.path ?? "\0") {
            error.message = "\(catalog.place): catalog \"\(catalog.name)\": \(error.message)"
        }
        return error
    }

    /// Checks the options of a catalog.
    @discardableResult
    func check(
        _ catalog: Manifest.Catalog, _ kind: ConnectorKind
    ) throws(IglooError) -> OptionValues {
        try values(kind, catalog.options)
    }

    /// Checks `options`, adds what the manifest says for the whole plugin and the defaults, and
    /// makes an instance.
    public func makeConnector(
        _ kind: ConnectorKind, options: [GivenOption], _ context: CallContext
    ) throws(IglooError) -> any Connector {
        try makeInstance(kind, options: options, context)
    }

    /// As `makeConnector`, of any kind.
    func makeInstance<Kind: PluginKind>(
        _ kind: Kind, options: [GivenOption], _ context: CallContext
    ) throws(IglooError) -> Kind.Instance {
        var values = try values(kind, options)
        try fillSecrets(
            of: options + inheritedOptions(of: kind, except: options), into: &values, context)
        return try kind.create(values, context)
    }

    /// Checked values of an instance's options, with what the manifest says for the whole plugin.
    func values(
        _ kind: some PluginKind, _ options: [GivenOption]
    ) throws(IglooError) -> OptionValues {
        let checker = OptionChecker(kind.options, owner: "\(kind.word) \"\(kind.name)\"")
        return try checker.check(options + inheritedOptions(of: kind, except: options))
    }

    /// What the manifest says for the whole plugin and `options` do not.
    func inheritedOptions(
        of kind: some PluginKind, except options: [GivenOption]
    ) -> [GivenOption] {
        guard let manifest, manifest.plugins.contains(where: { !$0.options.isEmpty }) else {
            return []
        }
        let names = Set(options.map(\.name))
        let owner = candidates().first {
            $0.usableNote?.names(of: kind.word).contains(kind.name) == true
        }
        let own = manifest.plugins.first { $0.id == owner?.candidate.id }?.options ?? []
        return own.filter { !names.contains($0.name) }
    }

    /// Has all loaded plugins end their threads: the last call before the process ends.
    public func stop(deadlineNanoseconds: Int64) {
        for library in LoadedLibraries.all {
            library.stop(deadlineNanoseconds: deadlineNanoseconds)
        }
    }

    // MARK: - Finding

    /// What keeps the plugin of this id from being used, as far as its file tells.
    func problem(ofPlugin id: String) -> IglooError? {
        let found = candidates().first { $0.candidate.id == id }
        if case .failure(let error)? = found?.note { return error }
        return nil
    }

    /// The file of a plugin, given by its id or by its path; nothing of it is read.
    package func file(ofPlugin name: String) throws(IglooError) -> (id: String, path: String) {
        if name.contains("/") || name.hasSuffix(".so") {
            return (PluginDirectory.likelyId(of: name), name)
        }
        let candidate = Self.chosen(manifest, hostDirectories).candidates
            .first { $0.id == name && !$0.path.isEmpty }
        if let candidate { return (name, candidate.path) }
        throw missing("there is no plugin \"\(name)\"", likelyId: name)
    }

    /// The id of the plugin that offers a connector, as far as notes tell.
    package func plugin(ofConnector name: String) -> String? {
        candidates().first { $0.usableNote?.connectors.contains(name) == true }?.candidate.id
    }

    /// - Parameter name: the connector wanted; `nil` = the plugin's first.
    private func connector(
        _ failure: String, likelyId: String, name: String?, _ isWanted: (PluginNote) -> Bool
    ) throws(IglooError) -> ConnectorKind {
        try kind(ConnectorKind.self, failure, likelyId: likelyId, name: name, isWanted)
    }

    /// The kind of this name, from a plugin that is loaded now if it was not yet.
    ///
    /// - Throws: as `connector(named:)`.
    func kind<Kind: PluginKind>(_ type: Kind.Type, named name: String) throws(IglooError) -> Kind {
        try kind(
            type, "no plugin offers \(Kind.word):\(name)", likelyId: name, name: name
        ) { $0.names(of: Kind.word).contains(name) }
    }

    private func kind<Kind: PluginKind>(
        _ type: Kind.Type, _ failure: String, likelyId: String, name: String?,
        _ isWanted: (PluginNote) -> Bool
    ) throws(IglooError) -> Kind {
        var fitting = candidates().filter { $0.usableNote.map(isWanted) == true }
        // A plugin may have been put there since.
        if fitting.isEmpty {
            fitting = candidates(again: true).filter { $0.usableNote.map(isWanted) == true }
        }
        guard let chosen = fitting.first else { throw missing(failure, likelyId: likelyId) }
        if !chosen.candidate.isDeclared, let rival = fitting.dropFirst().first {
            throw IglooError(
                .conflict,
                "\(chosen.candidate.path) and \(rival.candidate.path) both offer what was asked "
                    + "for: \(name ?? likelyId)",
                hint: "name one of them in the manifest: [[plugin]] id = \"\(chosen.candidate.id)\""
            )
        }
        let kinds = try library(chosen.candidate).kinds(of: type)
        guard let kind = kinds.first(where: { $0.name == name ?? $0.name }) else {
            throw missing(failure, likelyId: likelyId)
        }
        return kind
    }

    /// What makes secret providers of a plugin that the manifest names.
    func secretProviderKind(ofPlugin id: String) throws(IglooError) -> SecretProviderKind {
        guard let found = candidates().first(where: { $0.candidate.id == id }) else {
            throw missing("there is no plugin \"\(id)\" for secrets", likelyId: id)
        }
        if case .failure(let error) = found.note { throw error }
        guard
            let kind = try library(found.candidate).kinds(of: SecretProviderKind.self)
                .first
        else {
            throw IglooError(.notFound, "the plugin \"\(id)\" offers no secrets")
        }
        return kind
    }

    func library(_ candidate: PluginCandidate) throws(IglooError) -> PluginLibrary {
        try LoadedLibraries.library(
            at: candidate.path, id: candidate.id, TrustDemands(manifest, plugin: candidate.id),
            probe: probe)
    }

    /// What there is to choose from, declared plugins first.
    func candidates(again: Bool = false) -> [Found] {
        found.withLock { found in
            if let found, !again { return found }
            let fresh = Self.candidates(manifest, hostDirectories)
            found = fresh
            return fresh
        }
    }

    /// The files there are to choose from, and the folders in which they were looked for.
    private static func chosen(
        _ manifest: Manifest?, _ hostDirectories: [String]
    ) -> (candidates: [PluginCandidate], folders: [String]) {
        let declared = manifest?.plugins ?? []
        let folders = (manifest?.directories ?? []) + hostDirectories
        var candidates: [PluginCandidate] = declared.filter(\.isEnabled).map { plugin in
            PluginCandidate(
                id: plugin.id,
                path: plugin.path ?? PluginDirectory.find(plugin.id, in: folders) ?? "",
                isDeclared: true)
        }
        let automatic =
            (manifest?.isAutomatic == true ? manifest?.directories ?? [] : []) + hostDirectories
        let named = Set(declared.map(\.id))
        candidates += PluginDirectory.all(in: automatic).filter { !named.contains($0.id) }
        return (candidates, folders)
    }

    private static func candidates(
        _ manifest: Manifest?, _ hostDirectories: [String]
    ) -> [Found] {
        let (candidates, folders) = chosen(manifest, hostDirectories)
        return candidates.map { candidate in
            let demands = TrustDemands(manifest, plugin: candidate.id)
            return Found(
                candidate: candidate, note: note(of: candidate, demands, searched: folders))
        }
    }

    private static func note(
        of candidate: PluginCandidate, _ demands: TrustDemands, searched folders: [String]
    ) -> Result<PluginNote, IglooError> {
        Result { () throws(IglooError) in
            guard !candidate.path.isEmpty else {
                throw IglooError(
                    .notFound,
                    "the plugin \"\(candidate.id)\" is missing: "
                        + lookedFor(candidate.id, in: folders))
            }
            let note = try PluginFile(candidate.id, path: candidate.path, demands).note()
            guard note.id == candidate.id else {
                throw IglooError(
                    .invalidData,
                    "\(candidate.path) is the plugin \"\(note.id)\", "
                        + "not \"\(candidate.id)\"")
            }
            return note
        }
    }

    // MARK: - Errors

    private func missing(_ failure: String, likelyId: String) -> IglooError {
        let all = candidates()
        var hint: String?
        let disabled = manifest?.plugins.first { $0.id == likelyId && !$0.isEnabled }
        if let broken = all.first(where: { $0.candidate.id == likelyId }),
            case .failure(let error) = broken.note
        {
            return IglooError(error.code, "\(failure): \(error.message)", hint: error.hint)
        }
        if disabled != nil {
            hint = "the manifest disables the plugin \"\(likelyId)\""
        } else if let nearest = NearestName.among(connectorNames, to: likelyId) {
            hint = "there is a connector \"\(nearest)\""
        }
        let folders = (manifest?.directories ?? []) + hostDirectories
        let place = Self.lookedFor(likelyId, in: folders)
        return IglooError(
            .notFound, "\(failure): the plugin \"\(likelyId)\" is missing; \(place)", hint: hint)
    }

    private static func lookedFor(_ id: String, in folders: [String]) -> String {
        let names = PluginDirectory.fileNames(ofPlugin: id).joined(separator: " or ")
        if folders.isEmpty { return "no folder of plugins is known in which to look for \(names)" }
        return "looked for \(names) in \(folders.joined(separator: ", "))"
    }
}
