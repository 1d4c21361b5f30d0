// SPDX-License-Identifier: MIT

import Foundation
import IglooContracts
import Testing

@testable import SQLiteMetadataStore

/// Files that are no stores, or no longer.
@Suite struct StoreFileTests {
    private let folder: StoreFolder

    init() throws { folder = try StoreFolder() }

    private func connection(_ name: String) throws -> StoreConnection {
        try StoreConnection(
            StoreOptions(
                OptionValues([
                    "path": .string("\(folder.path)/\(name)"), "history": .integer(10),
                    "durability": .string("normal"), "busy_timeout": .integer(1_000_000_000),
                    "poll_interval": .integer(20_000_000),
                ])))
    }

    @Test(arguments: [
        (Int64.max, Int64(0)), (Int64(5), Int64(6)), (Int64(5), Int64(-1)), (Int64(-1), Int64.min),
    ])
    func damagedNumbersAreErrors(revision: Int64, compacted: Int64) throws {
        let store = try folder.open(.linked)
        try store.put("a", "1")
        try connection("store.db").run(
            "UPDATE store SET revision = ?, compacted = ?",
            [.integer(revision), .integer(compacted)])
        let context = CallContext()
        for error in [
            try failure { try store.put("b", "2") },
            try failure { try store.watch(.all, from: nil, context) },
        ] {
            #expect(error.code == .invalidData, "\(error)")
            #expect(error.message.contains("damaged"), "\(error)")
        }
    }

    /// Nothing of somebody else's database is changed, not even the way it keeps its journal.
    @Test func foreignDatabasesStayAsTheyAre() throws {
        let path = "\(folder.path)/foreign.db"
        try connection("foreign.db").run("CREATE TABLE theirs (a INTEGER)")
        let before = try Data(contentsOf: URL(fileURLWithPath: path))
        let error = try failure { try folder.open(.linked, "foreign.db") }
        #expect(error.code == .invalidArgument && error.message.contains("something else"))
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
    }
}
