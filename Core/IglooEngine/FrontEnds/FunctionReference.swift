// SPDX-License-Identifier: MIT

import IglooContracts
import IglooPlan

/// What the table of functions says of itself: as a table of SQL, and as a page.
public enum FunctionReference {
    /// The rows of `igloo_functions()`, one a signature; of plugins' functions, whose signatures
    /// only their plugins know, one a function.
    static func query(
        _ libraries: [(name: String, library: any FunctionLibrary)]
    ) -> String {
        var rows = own
        for (name, library) in libraries {
            for function in library.functions {
                rows.append(
                    row([
                        function.name, "Plugin \(name)", "\(function.kind)", nil,
                        "\(function.volatility)", function.documentation, nil, nil,
                    ]))
            }
        }
        return """
            SELECT * FROM (VALUES \(rows.joined(separator: ",\n"))) AS f(name, subject, kind, \
            signature, volatility, description, example, result) ORDER BY name, signature
            """
    }

    private static let own: [String] = {
        var rows: [String] = []
        for (section, entry) in FunctionTable.sections.flatMap({ section in
            section.entries.map { (section.title, $0) }
        }) {
            for overload in entry.overloads {
                rows.append(
                    row([
                        entry.name, section, "\(entry.kind)", overload.signature,
                        "\(entry.volatility)", entry.documentation, entry.example?.call,
                        entry.example?.result,
                    ]))
            }
        }
        return rows
    }()

    private static func row(_ values: [String?]) -> String {
        "(" + values.map { $0.map(quoted) ?? "NULL" }.joined(separator: ", ") + ")"
    }

    private static func quoted(_ text: String) -> String {
        "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''")
            + "'"
    }

    /// The reference in Markdown: docs/sql/functions.md.
    public static let page: String = {
        var lines = [
            "# Functions and operators", "",
            "Made from the engine's own table of functions, which `SELECT * FROM igloo_functions()`",
            "shows as well. Each example is a test. Where PostgreSQL and DuckDB part ways, see",
            "[differences.md](differences.md).",
        ]
        for section in FunctionTable.sections {
            lines += ["", "## \(section.title)", "", "| Call | What it gives | Example |"]
            lines.append("|---|---|---|")
            for entry in section.entries.sorted(by: { $0.name < $1.name }) {
                lines.append(row(entry))
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }()

    private static func row(_ entry: FunctionEntry) -> String {
        let isOperator = entry.name.first?.isLetter != true
        var calls: [String] = []
        for overload in entry.overloads {
            let call =
                isOperator
                ? "\(entry.name) \(overload.signature)" : "\(entry.name)\(overload.signature)"
            let shown = "`\(escaped(call))`"
            if !calls.contains(shown) { calls.append(shown) }
        }
        var example = ""
        if let (call, result) = entry.example {
            example = "`\(escaped(call))` = " + (result.isEmpty ? "NULL" : "`\(escaped(result))`")
        }
        return
            "| \(calls.joined(separator: "<br>")) | \(escaped(entry.documentation)) | \(example) |"
    }

    private static func escaped(_ text: String) -> String {
        text.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
    }
}
