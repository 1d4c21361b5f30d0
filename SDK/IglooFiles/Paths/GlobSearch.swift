// SPDX-License-Identifier: MIT

import IglooContracts

/// Looks for the files a pattern names.
struct GlobSearch {
    /// Deeper folders are taken for a loop of links.
    private static let depthMax = 128

    private let context: CallContext
    private var found: [String: FileReference] = [:]
    /// The folders on the way down, as (device, inode): one that comes again is a loop.
    private var trail: [(device: UInt64, inode: UInt64)] = []

    init(_ context: CallContext) { self.context = context }

    /// The files that `pattern` names, in byte order of their paths. `pattern` is absolute.
    static func files(
        _ pattern: GlobPattern, _ context: CallContext
    ) throws(IglooError) -> [FileReference] {
        var search = GlobSearch(context)
        for alternative in pattern.alternatives {
            try search.descend(into: "/", alternative[...], depth: 0)
        }
        return search.found.values.sorted { PathText.precedes($0.path, $1.path) }
    }

    private mutating func descend(
        into folder: String, _ components: ArraySlice<GlobPattern.Component>, depth: Int
    ) throws(IglooError) {
        guard let first = components.first, depth < Self.depthMax else { return }
        try context.checkCancelled()
        let rest = components.dropFirst()
        switch first {
        case .literal(let name):
            try visit(PathText.join(folder, name), rest, depth: depth)
        case .wildcard(let pattern):
            for name in try names(in: folder)
            where GlobPattern.matches(pattern, Array(name.utf8)) {
                try visit(PathText.join(folder, name), rest, depth: depth)
            }
        case .anyFolders:
            try descend(into: folder, rest, depth: depth + 1)
            for name in try names(in: folder) where !name.hasPrefix(".") {
                try visitFolder(PathText.join(folder, name), components, depth: depth)
            }
        }
    }

    private mutating func visit(
        _ path: String, _ rest: ArraySlice<GlobPattern.Component>, depth: Int
    ) throws(IglooError) {
        if !rest.isEmpty {
            try descend(into: path, rest, depth: depth + 1)
        } else if let status = try PlatformFile.status(path), status.kind == .file {
            found[path] = FileReference(path: path, identity: status.identity)
        }
    }

    private mutating func visitFolder(
        _ path: String, _ components: ArraySlice<GlobPattern.Component>, depth: Int
    ) throws(IglooError) {
        guard let status = try PlatformFile.status(path), status.kind == .directory else { return }
        let here = (status.device, status.identity.inode)
        guard !trail.contains(where: { $0 == here }) else { return }
        trail.append(here)
        defer { trail.removeLast() }
        try descend(into: path, components, depth: depth + 1)
    }

    private func names(in folder: String) throws(IglooError) -> [String] {
        guard let status = try PlatformFile.status(folder), status.kind == .directory else {
            return []
        }
        return try PlatformFile.names(in: folder)
    }
}
