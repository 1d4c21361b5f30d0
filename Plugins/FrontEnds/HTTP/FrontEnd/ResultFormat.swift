// SPDX-License-Identifier: MIT

import IglooContracts
import IglooFormats

/// How rows are written.
enum ResultFormat: String, CaseIterable {
    case json, jsonl, csv, arrow

    var type: String {
        switch self {
        case .json: "application/json"
        case .jsonl: "application/x-ndjson"
        case .csv: "text/csv; charset=utf-8"
        case .arrow: "application/vnd.apache.arrow.stream"
        }
    }

    /// What a request asks for: `?format=csv`, or the first type of `Accept` that is known.
    init(_ request: HTTPRequest) throws(IglooError) {
        let names = Self.allCases.map(\.rawValue).joined(separator: ", ")
        if let name = request.query["format"] {
            guard let format = Self(rawValue: name) else {
                throw IglooError(
                    .invalidArgument, "there is no format \"\(name)\"", hint: "there are \(names)")
            }
            self = format
            return
        }
        let accepted = (request.headers["accept"] ?? "").split(separator: ",")
            .map(Self.withoutParameters).filter { !$0.isEmpty }
        // An empty list says as little as none.
        guard let format = accepted.isEmpty ? .json : accepted.lazy.compactMap(Self.known).first
        else {
            throw IglooError(
                .invalidArgument, "none of the types of Accept is known",
                hint: "?format= is one of \(names)")
        }
        self = format
    }

    private static func withoutParameters(_ type: Substring) -> String {
        type.prefix { $0 != ";" }.filter { $0 != " " && $0 != "\t" }.lowercased()
    }

    /// The format of a type, or of a range of types.
    private static func known(_ type: String) -> Self? {
        switch type {
        case "*/*", "application/*": .json
        case "text/*": .csv
        default: allCases.first { withoutParameters($0.type[...]) == type }
        }
    }

    func writer(_ rows: TextRows, _ channel: OutputChannel) -> any ResultWriter {
        switch self {
        case .json: JSONWriter(rows: rows, channel: channel, isLines: false)
        case .jsonl: JSONWriter(rows: rows, channel: channel, isLines: true)
        case .csv: CSVWriter(rows: rows, channel: channel)
        case .arrow: ArrowWriter(channel: channel)
        }
    }
}
