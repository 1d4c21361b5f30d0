// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// How rows come in the body of a request.
enum RowFormat: String {
    case csv = "text/csv"
    case jsonLines = "application/x-ndjson"
    case arrow = "application/vnd.apache.arrow.stream"

    /// - Throws: status 415. A page in a browser can send none of these unasked.
    init(_ request: HTTPRequest) throws(HTTPFailure) {
        let type = request.headers["content-type"]?.prefix { $0 != ";" && $0 != " " }.lowercased()
        guard let format = type.flatMap({ Self(rawValue: $0) }) else {
            throw HTTPFailure(
                415, "rows are not taken as \(type ?? "they are: there is no Content-Type")",
                hint: "there are \(Self.csv.rawValue), \(Self.jsonLines.rawValue) and "
                    + Self.arrow.rawValue)
        }
        self = format
    }

    func rows(
        _ body: HTTPBody, names: [String]?, byteCountMax: Int
    ) throws(IglooError) -> any RowSource {
        switch self {
        case .csv: try CSVRows(body, names: names, byteCountMax: byteCountMax)
        case .jsonLines: try JSONLineRows(body, names: names, byteCountMax: byteCountMax)
        case .arrow: try ArrowRows(body)
        }
    }
}

/// Rows of a client into a table: all, or, when anything goes wrong, none.
struct HTTPIngest {
    let table: String
    let format: RowFormat
    /// `?columns=a,b`: of CSV without a heading, and of JSON.
    let names: [String]?
    let byteCountMax: Int

    static let path = "/v1/tables/"

    init(_ request: HTTPRequest, _ options: HTTPOptions) throws(HTTPFailure) {
        table = String(request.path.dropFirst(Self.path.count))
        format = try RowFormat(request)
        names = request.query["columns"].map { $0.split(separator: ",").map { String($0) } }
        byteCountMax = options.statementByteCountMax
        guard names != nil ? format != .arrow && names != [] : true else {
            throw HTTPFailure(
                400, "?columns= names the columns of CSV and JSON, and is not empty")
        }
    }

    /// - Returns: how many rows there were.
    func run(
        _ body: HTTPBody, _ session: any QuerySession, _ context: CallContext
    ) throws(HTTPFailure) -> Int64 {
        do throws(IglooError) {
            let rows = try format.rows(body, names: names, byteCountMax: byteCountMax)
            let ingest = try session.ingest(into: table, columns: rows.schema, context)
            // Nothing is known of a cancellation while a slow client is waited for, but by asking.
            body.whileWaiting = { () throws(IglooError) in
                if let nothing = rows.nothing { try ingest.write(nothing, context) }
            }
            defer { body.whileWaiting = {} }
            while let batch = try rows.next() { try ingest.write(batch, context) }
            return try ingest.finish(context)
        } catch {
            throw body.failure ?? HTTPFailure(error)
        }
    }
}
