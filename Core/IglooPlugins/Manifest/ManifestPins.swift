// SPDX-License-Identifier: MIT

package import IglooContracts

/// Writes hashes of plugins into the text of a manifest, and leaves all else as it is.
package struct ManifestPins {
    private var lines: [String]
    private let path: String

    /// - Throws: what is wrong with the manifest.
    package init(path: String) throws(IglooError) {
        let file = try FileByteSource(path: path)
        _ = try Manifest.read(path: path)
        let bytes = file.read(offset: 0, count: file.byteCount) ?? []
        lines = String(decoding: bytes, as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: false).map { String($0) }
        self.path = path
    }

    /// States the hash of a plugin: in the place of the old one, below its id, or in a `[[plugin]]` of
    /// its own at the end.
    ///
    /// - Throws: `unsupported` for plugins in an inline list.
    package mutating func set(_ hash: ContentHash, of id: String) throws(IglooError) {
        let line = "sha256 = \"\(hash)\""
        let place = try TOMLPlaces.plugin(id, in: lines.joined(separator: "\n"), path: path)
        switch place {
        case nil:
            while lines.last?.isEmpty == true { lines.removeLast() }
            lines += ["", "[[plugin]]", "id = \"\(id)\"", line, ""]
        case .hash(let number)?: lines[number - 1] = line
        case .id(let number)?: lines.insert(line, at: number)
        }
        // What was written must say what was meant.
        let manifest = try Manifest.parse(lines.joined(separator: "\n"), path: path)
        guard manifest.plugins.first(where: { $0.id == id })?.hash == hash else {
            throw IglooError(
                .unsupported, "\(path): the plugin \"\(id)\" cannot be pinned where it stands",
                hint: "write it as a [[plugin]] of its own, one key a line")
        }
    }

    package func write() throws(IglooError) {
        try Folders.replace(
            Folders.resolved(path), with: Array(lines.joined(separator: "\n").utf8),
            mode: Folders.mode(of: path))
    }
}

/// Where the keys of a plugin stand in a manifest's text.
private enum TOMLPlaces {
    case id(line: Int)
    case hash(line: Int)

    static func plugin(
        _ id: String, in text: String, path: String
    ) throws(IglooError) -> TOMLPlaces? {
        let entries: [TOMLEntry]
        do throws(TOMLError) {
            entries = try TOMLDocument.parse(text)
        } catch {
            throw IglooError(.invalidArgument, "\(path): \(error.message)")
        }
        for case .array(let plugins) in entries.filter({ $0.key == "plugin" }).map(\.value.content)
        {
            for case .table(let keys) in plugins.map(\.content) {
                guard let idKey = keys.first(where: { $0.key == "id" }),
                    case .string(id) = idKey.value.content
                else { continue }
                let hash = keys.first { $0.key == "sha256" }
                return hash.map { .hash(line: Int($0.place.line)) }
                    ?? .id(line: Int(idKey.place.line))
            }
        }
        return nil
    }
}
