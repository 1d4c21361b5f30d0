// SPDX-License-Identifier: MIT

import Foundation

/// A sqllogictest file: records in their order, loops expanded.
///
/// - Source: https://sqlite.org/sqllogictest; the additions of DuckDB (`require`, `loop`,
///   `foreach`, tabs between values) and of DataFusion (blanks between values).
public struct LogicFile: Sendable {
    public let path: String
    public let text: String
    public let records: [LogicRecord]

    /// - Parameter canRequire: whether the extension that a file asks for is there; without it the
    ///   rest of the file is left out.
    public init(
        path: String, text: String, canRequire: (String) -> Bool = { _ in false }
    ) {
        self.path = path
        self.text = text
        var parser = LogicParser(text)
        var records: [LogicRecord] = []
        _ = Self.expand(parser.items(), [:], [], canRequire, &records)
        self.records = records
    }

    public init(
        contentsOf path: String, canRequire: (String) -> Bool = { _ in false }
    ) throws {
        self.init(
            path: path,
            text: String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self),
            canRequire: canRequire)
    }

    /// - Returns: whether to go on.
    private static func expand(
        _ items: [LogicItem], _ variables: [String: String], _ iteration: [String],
        _ canRequire: (String) -> Bool, _ records: inout [LogicRecord]
    ) -> Bool {
        for item in items {
            switch item {
            case .halt: return false
            case .require(let name): if !canRequire(name) { return false }
            case .record(var record):
                record.replace(variables)
                record.iteration = iteration.joined(separator: "/")
                records.append(record)
            case .loop(let variable, let values, let body):
                for value in values {
                    var variables = variables
                    // `foreach a,b 1,2 3,4`: several at a time.
                    let names = variable.split(separator: ",")
                    let parts = value.split(separator: ",", maxSplits: names.count - 1)
                    if names.count == parts.count {
                        for (name, part) in zip(names, parts) {
                            variables[String(name)] = String(part)
                        }
                    }
                    variables[variable] = value
                    let goesOn = expand(
                        body, variables, iteration + [value], canRequire, &records)
                    if !goesOn { return false }
                }
            }
        }
        return true
    }
}

extension LogicRecord {
    fileprivate mutating func replace(_ variables: [String: String]) {
        guard !variables.isEmpty else { return }
        func replaced(_ text: String) -> String {
            var text = text
            for (name, value) in variables {
                text = text.replacingOccurrences(of: "${\(name)}", with: value)
                    .replacingOccurrences(of: "{\(name)}", with: value)
            }
            return text
        }
        sql = replaced(sql)
        if case .rows(var rows) = expectation {
            rows.lines = rows.lines.map(replaced)
            expectation = .rows(rows)
        }
    }
}
