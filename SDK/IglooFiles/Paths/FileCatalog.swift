// SPDX-License-Identifier: MIT

public import IglooContracts

/// The tables that a file connector offers: which files belong to which name.
///
/// With a folder as `path`, a table is a file `NAME.csv` (`.gz`, `.zst`) in it, a subfolder with
/// such files, or a path or pattern relative to it; nothing outside the folder can be named. With
/// a file or a pattern as `path`, there is one table, called after it. Without `path`, tables are
/// paths and patterns, relative ones from the current directory.
///
/// Files come in byte order of their paths, so that every process sees the same order.
///
/// - Threads: any; it holds no state.
public struct FileCatalog: Sendable {
    /// The one schema of a file catalog.
    public static let schemaName = "main"

    public let format: FileFormat
    /// The option `path`; `nil` when not given.
    public let path: String?

    public init(format: FileFormat, path: String?) {
        self.format = format
        self.path = path.map(Self.withoutScheme)
    }

    /// The option every file connector has.
    public static func pathOption(_ format: FileFormat) -> OptionSpecification {
        OptionSpecification(
            "path", .path,
            documentation:
                "A \(format.name) file, a pattern such as 'data/*.\(format.extensions[0])',"
                + " or a folder whose files are the tables.")
    }

    /// The files of the table `name`; never none.
    ///
    /// - Throws: `notFound` with what was looked for and the nearest name; `invalidArgument` for
    ///   malformed patterns, ambiguous names and paths out of the catalog's folder;
    ///   `permissionDenied`.
    public func files(
        schema: String = "", name: String, _ context: CallContext
    ) throws(IglooError) -> [FileReference] {
        guard schema.isEmpty || schema == Self.schemaName else {
            throw IglooError(
                .notFound, "there is no schema '\(schema)'",
                hint: "files have the schema '\(Self.schemaName)' only", sqlState: .undefinedSchema)
        }
        guard let path else {
            return try files(at: try Self.absolute(Self.withoutScheme(name)), context)
        }
        let root = try Self.absolute(path)
        guard try PlatformFile.status(root)?.kind == .directory else {
            return try onlyTable(root, name, context)
        }
        return try files(in: root, name, context)
    }

    /// The tables of the catalog whose names begin with `prefix`.
    public func listTables(
        prefix: String, _ context: CallContext
    ) throws(IglooError) -> [TableListing] {
        guard let path else { return [] }
        let root = try Self.absolute(path)
        guard try PlatformFile.status(root)?.kind == .directory else {
            let name = tableName(root)
            return name.hasPrefix(prefix) ? [TableListing(name: name, comment: root)] : []
        }
        var listings: [String: TableListing] = [:]
        for entry in try PlatformFile.names(in: root) where !entry.hasPrefix(".") {
            try context.checkCancelled()
            let place = PathText.join(root, entry)
            if let stem = format.stem(entry), stem.hasPrefix(prefix) {
                listings[stem] = TableListing(name: stem, comment: place)
            } else if entry.hasPrefix(prefix), try isTableFolder(place, context) {
                listings[entry] = TableListing(name: entry, comment: place + "/")
            }
        }
        return listings.values.sorted { PathText.precedes($0.name, $1.name) }
    }

    // MARK: - Names in a folder

    private func files(
        in root: String, _ name: String, _ context: CallContext
    ) throws(IglooError) -> [FileReference] {
        let candidates = try candidates(in: root, name)
        if candidates.count > 1 {
            let names = candidates.map { "'\(PathText.name($0))'" }.joined(separator: ", ")
            throw IglooError(
                .invalidArgument, "table '\(name)' of '\(root)' may be any of \(names)",
                hint: "name the file: FROM '\(PathText.name(candidates[0]))'",
                sqlState: .undefinedTable)
        }
        if let only = candidates.first { return try files(at: only, context) }
        guard isPath(name) else { throw try noTable(name, in: root, context) }
        let relative = PathText.isAbsolute(name) ? stripped(root, from: name) : name
        guard let relative, !PathText.climbs(relative) else {
            throw IglooError(
                .invalidArgument, "path '\(name)' leads out of the catalog's folder '\(root)'")
        }
        return try files(at: PathText.join(root, relative), context)
    }

    /// What in `root` may be meant by a bare name: exactly, else without regard to case.
    private func candidates(in root: String, _ name: String) throws(IglooError) -> [String] {
        guard !name.isEmpty, !name.contains("/"), name != ".", name != ".." else { return [] }
        let entries = try PlatformFile.names(in: root).filter { !$0.hasPrefix(".") }
        for fold in [false, true] {
            let wanted = fold ? name.lowercased() : name
            var matching: [String] = []
            for entry in entries {
                let folded = fold ? entry.lowercased() : entry
                let place = PathText.join(root, entry)
                if folded == wanted {
                    guard let kind = try PlatformFile.status(place)?.kind else { continue }
                    if kind == .file && format.stem(entry) != nil { return [place] }
                    if kind == .directory { matching.append(place) }
                } else if format.stem(folded) == wanted {
                    matching.append(place)
                }
            }
            if !matching.isEmpty { return matching }
        }
        return []
    }

    private func isPath(_ name: String) -> Bool {
        name.contains("/") || GlobPattern.hasWildcard(name) || format.stem(name) != nil
    }

    private func stripped(_ root: String, from path: String) -> String? {
        let folder = root.hasSuffix("/") ? root : root + "/"
        return path.hasPrefix(folder) ? String(path.dropFirst(folder.count)) : nil
    }

    private func isTableFolder(
        _ place: String, _ context: CallContext
    ) throws(IglooError) -> Bool {
        guard try PlatformFile.status(place)?.kind == .directory else { return false }
        do throws(IglooError) {
            return try !filesBelow(place, context).isEmpty
        } catch {
            if error.code == .permissionDenied { return false }
            throw error
        }
    }

    // MARK: - One table

    /// The name of the only table of a catalog over a file or pattern.
    private func tableName(_ path: String) -> String {
        let name = PathText.name(path)
        let stem = format.stem(name) ?? name
        let plain = stem.filter { !"*?[]{},!".contains($0) }
        let trimmed = plain.drop { "-_.".contains($0) }
        if !trimmed.isEmpty { return String(trimmed).trimmedEnd("-_.") }
        let parent = PathText.parent(path)
        return parent.isEmpty || parent == "/" ? format.name : tableName(parent)
    }

    private func onlyTable(
        _ root: String, _ name: String, _ context: CallContext
    ) throws(IglooError) -> [FileReference] {
        let own = tableName(root)
        guard
            name == own || name == path || name == root || name == PathText.name(root)
                || name.lowercased() == own.lowercased()
        else {
            throw IglooError(
                .notFound, "there is no table '\(name)': the catalog's only table is '\(own)'",
                hint: "its path is '\(root)'", sqlState: .undefinedTable)
        }
        return try files(at: root, context)
    }

    // MARK: - Paths

    /// The files at an absolute path: a file, all of a folder, or those of a pattern.
    private func files(
        at place: String, _ context: CallContext
    ) throws(IglooError) -> [FileReference] {
        if let status = try PlatformFile.status(place) {
            switch status.kind {
            case .file: return [FileReference(path: place, identity: status.identity)]
            case .directory:
                let files = try filesBelow(place, context)
                guard files.isEmpty else { return files }
                let ends = format.suffixes.joined(separator: ", ")
                throw IglooError(
                    .notFound, "folder '\(place)' has no \(format.name) files (\(ends))",
                    sqlState: .undefinedFile)
            case .other(let kind):
                throw IglooError(.invalidArgument, "'\(place)' is \(kind), not a file")
            }
        }
        guard GlobPattern.hasWildcard(place) else { throw noFile(place) }
        let files = try GlobSearch.files(try GlobPattern(place), context)
        guard !files.isEmpty else { throw noMatch(place) }
        return files
    }

    /// The files of this format below a folder; folders and files that begin with `_` hold
    /// others' notes (`_SUCCESS`, `_delta_log`) and are left out.
    private func filesBelow(
        _ folder: String, _ context: CallContext
    ) throws(IglooError) -> [FileReference] {
        let pattern = try GlobPattern(PathText.join(escaped(folder), format.pattern))
        let prefix = folder.hasSuffix("/") ? folder : folder + "/"
        return try GlobSearch.files(pattern, context).filter { file in
            !file.path.dropFirst(prefix.count).split(separator: "/").contains { $0.hasPrefix("_") }
        }
    }

    private func escaped(_ path: String) -> String {
        var text = ""
        for character in path {
            if "*?[{}\\,".contains(character) { text.append("\\") }
            text.append(character)
        }
        return text
    }

    private static func absolute(_ path: String) throws(IglooError) -> String {
        if path.utf8.contains(0) {
            throw IglooError(.invalidArgument, "a path cannot hold a zero byte")
        }
        if PathText.isAbsolute(path) { return PathText.tidied(path) }
        return PathText.tidied(PathText.join(try PlatformFile.currentDirectory(), path))
    }

    private static func withoutScheme(_ path: String) -> String {
        path.hasPrefix("file://") ? String(path.dropFirst(7)) : path
    }
}

extension String {
    fileprivate func trimmedEnd(_ characters: String) -> String {
        var text = self[...]
        while let last = text.last, characters.contains(last) { text = text.dropLast() }
        return String(text)
    }
}
