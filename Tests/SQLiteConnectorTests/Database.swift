// SPDX-License-Identifier: MIT

import CSQLite
import IglooConnectorTesting
import IglooContracts
import Testing

@testable import SQLiteConnector

/// A database for one test, gone with it.
final class Database {
    let folder: Folder
    let path: String
    private var connection: OpaquePointer?

    init(_ statements: String...) throws {
        folder = try Folder()
        path = folder.path + "/t.db"
        #expect(sqlite3_open(path, &connection) == SQLITE_OK)
        for statement in statements { run(statement) }
    }

    deinit {
        sqlite3_close_v2(connection)
    }

    func run(_ sql: String) {
        var message: UnsafeMutablePointer<CChar>?
        let status = sqlite3_exec(connection, sql, nil, nil, &message)
        #expect(status == SQLITE_OK, "\(message.map { String(cString: $0) } ?? "") in \(sql)")
    }
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
    var question = Question()
    question.columns = columns
    question.conjuncts = conjuncts
    question.sort = sort
    question.limit = limit
    question.splitByteCount = splitByteCount
    var values = values
    values["path"] = .string(database.path)
    return try sqliteConnector.answer(name, values, question)
}
