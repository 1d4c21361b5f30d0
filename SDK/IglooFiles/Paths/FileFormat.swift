// SPDX-License-Identifier: MIT

/// A kind of files, as its names tell it.
public struct FileFormat: Sendable {
    /// As in errors: "csv".
    public var name: String
    /// Without a dot, lower case, the usual one first: ["csv", "tsv"].
    public var extensions: [String]
    /// Whether a whole file may be compressed and called `.gz` or `.zst`.
    public var isCompressible: Bool

    public init(name: String, extensions: [String], isCompressible: Bool) {
        self.name = name
        self.extensions = extensions
        self.isCompressible = isCompressible
    }

    /// The file's name without the extension of this format (and of the compression), or `nil`
    /// when it has another.
    public func stem(_ fileName: String) -> String? {
        for suffix in suffixes {
            let cut = fileName.utf8.count - suffix.utf8.count
            guard cut > 0, fileName.lowercased().hasSuffix(suffix) else { continue }
            return String(fileName.dropLast(suffix.count))
        }
        return nil
    }

    /// Every end a file's name may have: ".csv", ".csv.gz", ...
    var suffixes: [String] {
        var all = extensions.map { "." + $0 }
        if isCompressible {
            for packed in [".gz", ".zst"] { all += extensions.map { "." + $0 + packed } }
        }
        return all
    }

    /// The pattern of all such files below a folder.
    var pattern: String {
        let ends = suffixes.map { $0.dropFirst() }.joined(separator: ",")
        return "**/*.{\(ends)}"
    }
}
