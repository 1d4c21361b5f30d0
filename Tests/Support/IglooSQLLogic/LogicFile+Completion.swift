// SPDX-License-Identifier: MIT

extension LogicFile {
    /// The file's text with the results that the session gives, in place of those it states. The
    /// bodies of loops, hashes and records of other engines stay as they are.
    public func completed(by session: any LogicSession, engine: String) -> String {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        var edits: [(range: Range<Int>, lines: [String])] = []
        for record in records where record.concerns(engine) && record.iteration.isEmpty {
            let outcome = session.run(record.sql)
            guard let result = Self.result(of: record, outcome) else { continue }
            edits.append((record.resultLines, (record.hasSeparator ? [] : ["----"]) + result))
            if let heading = Self.heading(of: record, outcome) {
                edits.append((record.line - 1..<record.line, [heading]))
            }
        }
        for edit in edits.sorted(by: { $0.range.lowerBound > $1.range.lowerBound }) {
            lines.replaceSubrange(edit.range, with: edit.lines)
        }
        return lines.joined(separator: "\n")
    }

    /// The types and the SQLSTATE that a file does not state yet.
    private static func heading(of record: LogicRecord, _ outcome: LogicOutcome) -> String? {
        switch (record.expectation, outcome) {
        case (.rows(let expected), .rows(_, let columnCount)) where expected.types.isEmpty:
            return "query " + String(repeating: "T", count: columnCount)
                + (expected.sort == .nosort ? "" : " \(expected.sort.rawValue)")
        case (.failure(nil, _), .failure(let state, _)): return "statement error \(state)"
        default: return nil
        }
    }

    private static func result(of record: LogicRecord, _ outcome: LogicOutcome) -> [String]? {
        switch (record.expectation, outcome) {
        case (.rows(let expected), .rows(let rows, _)):
            return ResultComparison.strict.lines(of: rows, expected)
        case (.failure, .failure(_, let message)):
            return message.split(separator: "\n").map(String.init)
        default: return nil
        }
    }
}
