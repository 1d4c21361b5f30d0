// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan
import Testing

@testable import IglooTables

/// Snapshots, conflicts and merges of transactions, without SQL.
@Suite struct TransactionTests {
    private let store = MemoryStore(memory: UnlimitedMemory())
    private let name = RelationName("main", "t")

    private func makeTable(keys: [TableDefinition.Key] = []) throws -> Int {
        let transaction = store.begin()
        let table = try transaction.createTable(
            name,
            TableDefinition(
                columns: [.init("id", .int64), .init("text", .utf8View)], keys: keys))
        try transaction.commit()
        return table.id
    }

    private func rows(_ ids: [Int64]) throws -> NewRows {
        let numbers = ArrayBuilder(.int64)
        let texts = ArrayBuilder(.utf8View)
        for id in ids {
            try numbers.append(.int(id))
            try texts.append(.text("a text of row \(id)"))
        }
        return NewRows(columns: [numbers.finish(), texts.finish()], count: ids.count)
    }

    private func write(_ ids: [Int64], _ table: Int) throws {
        let transaction = store.begin()
        try transaction.write(table, deleting: [], inserting: [try rows(ids)])
        try transaction.commit()
    }

    /// `id: rowid` of what a database holds.
    private func content(_ database: Database) throws -> [Int64: Int64] {
        let tables = MemoryTables(database)
        let context = CallContext()
        let opened = try tables.openTable(schema: "main", name: "t", context)
        let answer = try tables.plan(ScanRequest(table: opened.handle, columns: [0, 2]), context)
        let splits = try tables.splits(handle: answer.handle, targetByteCount: 1, context)
        var found: [Int64: Int64] = [:]
        while let page = try splits.next(countMax: 10, context) {
            for split in page {
                let reader = try tables.open(
                    handle: answer.handle, split: split.payload, context)
                while let batch = try reader.next(context) {
                    for row in 0..<batch.rowCount {
                        guard case .int(let id) = batch.columns[0].scalar(at: row),
                            case .int(let number) = batch.columns[1].scalar(at: row)
                        else { continue }
                        #expect(found[id] == nil)
                        found[id] = number
                    }
                }
            }
        }
        return found
    }

    @Test func readersSeeTheirSnapshot() throws {
        let table = try makeTable()
        try write([1, 2, 3], table)
        let reader = store.begin()
        try write([4], table)
        #expect(try content(reader.database).keys.sorted() == [1, 2, 3])
        #expect(try content(store.latest).keys.sorted() == [1, 2, 3, 4])
    }

    @Test func theFirstUpdaterWins() throws {
        let table = try makeTable()
        try write([1, 2, 3], table)
        let place = try #require(try content(store.latest)[2])
        let (first, second) = (store.begin(), store.begin())
        try first.write(table, deleting: [place], inserting: [])
        let early = #expect(throws: IglooError.self) {
            try second.write(table, deleting: [place], inserting: [])
        }
        #expect(early?.sqlState == .serializationFailure)
        try first.commit()
        let late = #expect(throws: IglooError.self) {
            try second.write(table, deleting: [place], inserting: [])
        }
        #expect(late?.sqlState == .serializationFailure)
    }

    @Test func aRollbackFreesRows() throws {
        let table = try makeTable()
        try write([1, 2], table)
        let place = try #require(try content(store.latest)[2])
        let (first, second) = (store.begin(), store.begin())
        try first.write(table, deleting: [place], inserting: [try rows([9])])
        first.rollback()
        try second.write(table, deleting: [place], inserting: [])
        try second.commit()
        #expect(try content(store.latest).keys.sorted() == [1])
    }

    @Test func changesOfOtherRowsMerge() throws {
        let table = try makeTable()
        try write(Array(1...100), table)
        let places = try content(store.latest)
        let transactions = (0..<10).map { _ in store.begin() }
        for (index, transaction) in transactions.enumerated() {
            let id = Int64(index * 10 + 1)
            let place = try #require(places[id])
            try transaction.write(table, deleting: [place], inserting: [try rows([1000 + id])])
            // Own rows that go again leave nothing behind.
            let own = try #require(try content(transaction.database)[1000 + id])
            try transaction.write(table, deleting: [own], inserting: [try rows([2000 + id])])
        }
        for transaction in transactions { try transaction.commit() }
        let left = try content(store.latest).keys.sorted()
        let gone = Set((0..<10).map { Int64($0 * 10 + 1) })
        #expect(left == ((1...100).filter { !gone.contains($0) } + gone.map { $0 + 2000 }).sorted())
    }

    @Test func keysAreUniqueAmongTransactions() throws {
        let table = try makeTable(keys: [.init("t_pkey", columns: [0], kind: .primary)])
        try write([1, 2], table)
        func state(_ body: () throws -> Void) -> SQLState? {
            do { try body() } catch let error as IglooError { return error.sqlState } catch {}
            return nil
        }
        #expect(state { try write([2], table) } == .uniqueViolation)
        #expect(state { try write([5, 6, 5], table) } == .uniqueViolation)
        let (first, second) = (store.begin(), store.begin())
        try first.write(table, deleting: [], inserting: [try rows([3])])
        try second.write(table, deleting: [], inserting: [try rows([3])])
        try first.commit()
        #expect(state { try second.commit() } == .uniqueViolation)
        #expect(try content(store.latest).keys.sorted() == [1, 2, 3])
        let third = store.begin()
        let place = try #require(try content(third.database)[3])
        try third.write(table, deleting: [place], inserting: [try rows([3])])
        try third.commit()
        #expect(state { try write([3], table) } == .uniqueViolation)
    }

    @Test func savepointsBringRowsBack() throws {
        let table = try makeTable(keys: [.init("t_pkey", columns: [0], kind: .primary)])
        let transaction = store.begin()
        try transaction.write(table, deleting: [], inserting: [try rows([1])])
        let point = transaction.savepoint()
        let place = try #require(try content(transaction.database)[1])
        try transaction.write(table, deleting: [place], inserting: [try rows([1])])
        transaction.restore(point)
        #expect(throws: IglooError.self) {
            try transaction.write(table, deleting: [], inserting: [try rows([1])])
        }
    }

    @Test func smallInsertsMakeFewChunks() throws {
        let table = try makeTable()
        for id in 0..<3000 { try write([Int64(id)], table) }
        let data = try #require(store.latest.table(id: table)?.data)
        #expect(data.chunks.count < 20)
        #expect(data.rowCount == 3000)
        let numbers = try content(store.latest)
        #expect(numbers.allSatisfy { $0.key == $0.value })
    }

    @Test func memoryIsGivenBack() throws {
        let budget = Counted()
        do {
            let store = MemoryStore(memory: budget)
            let transaction = store.begin()
            let table = try transaction.createTable(
                name, TableDefinition(columns: [.init("id", .int64), .init("text", .utf8View)]))
            try transaction.write(table.id, deleting: [], inserting: [try rows(Array(0..<1000))])
            try transaction.commit()
            #expect(budget.used.withLock { $0 } > 24_000)
            let second = store.begin()
            second.drop(name)
            try second.commit()
        }
        #expect(budget.used.withLock { $0 } == 0)
    }

    private final class Counted: MemoryAccount {
        let used = Locked(0)
        func reserve(_ byteCount: Int) throws(IglooError) { used.withLock { $0 += byteCount } }
    }
}
