// SPDX-License-Identifier: MIT

import IglooContracts

/// What is said when nothing was found: what was looked for, where, and what is there instead.
extension FileCatalog {
    func noTable(
        _ name: String, in root: String, _ context: CallContext
    ) throws(IglooError) -> IglooError {
        let tables = try listTables(prefix: "", context).map(\.name)
        let ends = format.suffixes.joined(separator: ", ")
        var hint: String?
        if let nearest = NearestName.among(tables, to: name) {
            hint = "did you mean '\(nearest)'?"
        } else if !tables.isEmpty {
            hint =
                "there are: \(tables.prefix(5).joined(separator: ", "))"
                + (tables.count > 5 ? " and \(tables.count - 5) more" : "")
        }
        return IglooError(
            .notFound, "there is no table '\(name)' in '\(root)': no such file (\(ends)) or folder",
            hint: hint, sqlState: .undefinedTable)
    }

    func noFile(_ place: String) -> IglooError {
        let folder = deepestFolder(place)
        let missing = PathText.join(folder, firstMissing(place, below: folder))
        let names = (try? PlatformFile.names(in: folder)) ?? []
        let nearest = NearestName.among(names, to: PathText.name(missing))
        return IglooError(
            .notFound, "there is no file '\(place)'",
            hint: nearest.map { "did you mean '\(PathText.join(folder, $0))'?" }
                ?? (missing == place ? nil : "there is no '\(missing)'"),
            sqlState: .undefinedFile)
    }

    func noMatch(_ pattern: String) -> IglooError {
        let folder = deepestFolder(pattern)
        let names = ((try? PlatformFile.names(in: folder)) ?? []).filter { !$0.hasPrefix(".") }
        let rest = firstMissing(pattern, below: folder)
        let nearest = NearestName.among(names, to: rest.filter { !"*?[]{}".contains($0) })
        return IglooError(
            .notFound,
            "no file matches '\(pattern)': looked in '\(folder)', which has \(names.count) entries",
            hint: nearest.map { "did you mean '\(PathText.join(folder, $0))'?" },
            sqlState: .undefinedFile)
    }

    /// The deepest folder of the path that exists.
    private func deepestFolder(_ path: String) -> String {
        var folder = PathText.parent(path)
        while folder.utf8.count > 1 {
            let status = try? PlatformFile.status(folder)
            if status?.kind == .directory { return folder }
            folder = PathText.parent(folder)
        }
        return "/"
    }

    private func firstMissing(_ path: String, below folder: String) -> String {
        let rest = path.dropFirst(folder.utf8.count == 1 ? 1 : folder.count + 1)
        return rest.split(separator: "/").first.map(String.init) ?? String(rest)
    }
}
