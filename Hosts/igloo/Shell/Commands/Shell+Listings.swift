// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooEngine

// What there is: catalogs, tables, columns, functions.
extension Shell {
    /// Tables and views whose name, with or without its catalog, fits `pattern`.
    ///
    /// - Parameter kind: `table` or `view`; `nil` = both.
    func listRelations(_ kind: String?, pattern: String) throws(IglooError) {
        var rows: [[String?]] = []
        try interruptible { (token) throws(IglooError) in
            let (entries, failures) = try session.relations(token)
            for notice in failures { warn(notice) }
            for entry in entries where kind == nil || entry.kind == kind {
                let names = [entry.name, "\(entry.catalog).\(entry.name)"]
                if pattern.isEmpty || names.contains(where: { NamePattern.fits(pattern, $0) }) {
                    rows.append([entry.catalog, entry.schema, entry.name, entry.kind])
                }
            }
        }
        try write(columns: ["catalog", "schema", "name", "kind"], rows)
    }

    func describe(_ name: String) throws(IglooError) {
        try interruptible { (token) throws(IglooError) in
            let schema: Schema
            do throws(IglooError) {
                schema = try session.describe(name, cancellation: token)
            } catch {
                var error = error
                error.position = nil
                throw error
            }
            try write(
                columns: ["column", "type"],
                schema.fields.map { [$0.name, Session.typeName($0.type)] })
        }
    }

    func listCatalogs() throws(IglooError) {
        try write(columns: ["catalog"], session.listCatalogs().map { [$0] })
    }

    func listFunctions(pattern: String) throws(IglooError) {
        var rows: [[String?]] = []
        for function in FunctionSummary.all
        where pattern.isEmpty || NamePattern.fits(pattern, function.name) {
            let calls = function.signatures.map { function.name + $0 }
            rows.append([calls.joined(separator: "; "), function.documentation])
        }
        try write(columns: ["function", "what it does"], rows)
    }
}

extension Session {
    /// Views and the tables of all catalogs; a catalog that fails gives a notice instead.
    func relations(
        _ token: CancellationToken
    ) throws(IglooError) -> (entries: [CatalogEntry], failures: [Notice]) {
        let context = CallContext(cancellation: token)
        var entries: [CatalogEntry] = []
        var failures: [Notice] = []
        do throws(IglooError) {
            return (try listTables(catalog: nil, context), [])
        } catch {
            if token.isCancelled { throw error }
        }
        for catalog in ["memory"] + listCatalogs() {
            do throws(IglooError) {
                entries += try listTables(catalog: catalog, context)
            } catch {
                if token.isCancelled { throw error }
                failures.append(
                    Notice("catalog \"\(catalog)\": \(error.message)", hint: error.hint))
            }
        }
        return (entries, failures)
    }
}

/// Names with `*` for any characters and `?` for one; upper and lower case are the same.
enum NamePattern {
    static func fits(_ pattern: String, _ name: String) -> Bool {
        let pattern = Array(pattern.lowercased())
        let name = Array(name.lowercased())
        var (at, place) = (0, 0)
        /// Where the last `*` stands, and what of the name it has taken.
        var star: (at: Int, place: Int)?
        while place < name.count {
            if at < pattern.count, pattern[at] == "*" {
                star = (at, place)
                at += 1
            } else if at < pattern.count, pattern[at] == "?" || pattern[at] == name[place] {
                at += 1
                place += 1
            } else if let last = star {
                star = (last.at, last.place + 1)
                (at, place) = (last.at + 1, last.place + 1)
            } else {
                return false
            }
        }
        return pattern[at...].allSatisfy { $0 == "*" }
    }
}
