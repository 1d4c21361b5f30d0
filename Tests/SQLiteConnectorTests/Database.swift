// SPDX-License-Identifier: MIT

import CSQLite
import Foundation
import IglooArrow
import IglooContracts
import Testing

@testable import SQLiteConnector

/// A database for one test, gone with it.
final class Database {
    let folder: String
    let path: String
    private var connection: OpaquePointer?

    init(_ statements: String...) throws {
        let url = FileManager.default.temporaryDirectory
            .appendingPathComponent("igloo-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        folder = url.path
        path = folder + "/t.db"
        #expect(sqlite3_open(path, &connection) == SQLITE_OK)
        for statement in statements { run(statement) }
    }

    deinit {
        sqlite3_close_v2(connection)
        try? FileManager.default.removeItem(atPath: folder)
    }

    func run(_ sql: String) {
        var message: UnsafeMutablePointer<CChar>?
        let status = sqlite3_exec(connection, sql, nil, nil, &message)
        #expect(status == SQLITE_OK, "\(message.map { String(cString: $0) } ?? "") in \(sql)")
    }
}

struct Answer {
    var schema: Schema
    /// Values as texts, `nil` = NULL.
    var rows: [[String?]]
    var plan: ScanAnswer
    var splitCount: Int
    var notices: [Notice]
}

final class NoticeList: NoticeSink, @unchecked Sendable {
    private let lock = NSLock()
    private var list: [Notice] = []
    func add(_ notice: Notice) { lock.withLock { list.append(notice) } }
    var all: [Notice] { lock.withLock { list } }
}

func makeConnector(
    _ path: String, _ values: [String: OptionValue] = [:]
) throws -> any Connector {
    var values = values
    values["path"] = .string(path)
    return try sqliteConnector.create(OptionValues(values), CallContext())
}

/// Opens, plans, splits and reads a table, as the engine does.
func readTable(
    _ database: Database, _ name: String, _ values: [String: OptionValue] = [:],
    columns: [Int]? = nil, conjuncts: [PushdownExpression] = [], sort: [PushdownSort] = [],
    limit: Int64? = nil, splitByteCount: Int = 1 << 30
) throws -> Answer {
    let notices = NoticeList()
    let context = CallContext(notices: notices)
    let connector = try makeConnector(database.path, values)
    let table = try connector.openTable(schema: "", name: name, context)
    let request = ScanRequest(
        table: table.handle, columns: columns ?? Array(table.schema.fields.indices),
        conjuncts: conjuncts, sort: sort, limit: limit)
    let plan = try connector.plan(request, context)
    let source = try connector.splits(
        handle: plan.handle, targetByteCount: splitByteCount, context)
    var rows: [[String?]] = []
    var splitCount = 0
    while let splits = try source.next(countMax: 3, context) {
        for split in splits {
            splitCount += 1
            let reader = try connector.open(handle: plan.handle, split: split.payload, context)
            #expect(reader.schema == plan.schema)
            while let batch = try reader.next(context) {
                for row in 0..<batch.rowCount {
                    rows.append(batch.columns.map { text($0, row) })
                }
            }
            #expect(try reader.next(context) == nil)
        }
    }
    return Answer(
        schema: plan.schema, rows: rows, plan: plan, splitCount: splitCount,
        notices: notices.all)
}

func text(_ array: ArrayData, _ index: Int) -> String? {
    switch array.scalar(at: index) {
    case .null: nil
    case .bool(let flag): "\(flag)"
    case .int(let number): "\(number)"
    case .float(let number): "\(number)"
    case .text(let text): text
    case .decimal(let number): "\(number)"
    case .binary(let bytes): bytes.map { "\($0)" }.joined(separator: " ")
    case let other: "\(other)"
    }
}

func failure(_ body: () throws -> Void) -> IglooError? {
    do { try body() } catch { return error as? IglooError }
    return nil
}
