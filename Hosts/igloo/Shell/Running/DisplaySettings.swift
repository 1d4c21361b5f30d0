// SPDX-License-Identifier: MIT

/// How rows are written.
enum OutputFormat: String, CaseIterable, Sendable {
    case table, csv, json, ndjson, markdown, arrow, parquet

    static var names: [String] { allCases.map(\.rawValue) }
}

/// What a script does after an error.
enum ErrorPolicy: String, CaseIterable, Sendable {
    case stop, `continue`
}

/// How many rows of a result a terminal is shown.
enum RowLimit: Equatable {
    /// As many as are read at a glance, or paged through.
    case automatic
    case all
    case count(Int)

    init?(_ text: String) {
        switch text {
        case "auto": self = .automatic
        case "all": self = .all
        default:
            guard let count = Int(text), count > 0 else { return nil }
            self = .count(count)
        }
    }

    var text: String {
        switch self {
        case .automatic: "auto"
        case .all: "all"
        case .count(let count): String(count)
        }
    }

    /// - Parameter isPaged: the result is shown by a pager.
    func countMax(isPaged: Bool) -> Int? {
        switch self {
        case .automatic: isPaged ? 10_000 : 40
        case .all: nil
        case .count(let count): count
        }
    }
}

/// What `\pset` and its shorthands change.
struct DisplaySettings {
    var format = OutputFormat.table
    /// `nil` = what the format has for it.
    var nullText: String?
    var isExpanded = false
    var usesPager = true
    var rowLimit = RowLimit.automatic
    var showsTiming = false
}
