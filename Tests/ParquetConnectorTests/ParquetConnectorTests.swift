// SPDX-License-Identifier: MIT

import Dispatch
import Foundation
import IglooArrow
import IglooConnectorTesting
import IglooContracts
import Testing

@testable import ParquetConnector

struct ParquetConnectorTests {
    private func sorted() throws -> ScannedTable {
        let folder = try Folder()
        try folder.add("sorted", as: "sorted.parquet")
        var table = try ScannedTable(folder.path + "/sorted.parquet")
        table.folder = folder
        return table
    }

    @Test func `a file is a table, in the engine's types`() throws {
        let table = try sorted()
        #expect(
            table.table.schema.fields.map(\.type) == [
                .int64, .utf8View, .float64, .uint32, .decimal64(precision: 12, scale: 2), .int32,
                .utf8View,
            ])
        #expect(try table.rowCount(try table.plan(["t", "n"])) == 4000)
        #expect(try table.rowCount(try table.plan([])) == 4000)
    }

    @Test func `a folder lists its files as tables`() throws {
        let folder = try Folder()
        try folder.add("sorted", as: "a.parquet")
        try folder.add("small", as: "b.pq")
        let connector = try parquetConnector.create(
            OptionValues(["path": .string(folder.path)]), CallContext())
        let names = try connector.listTables(schema: "main", prefix: "", CallContext()).map(\.name)
        #expect(names == ["a", "b"])
        #expect(
            try connector.openTable(schema: "main", name: "b", CallContext()).schema.fields.count
                == 3)
        try connector.ping(CallContext())
    }

    @Test func `conditions are exact where the reader decides them`() throws {
        let table = try sorted()
        let low = table.condition(.less, "n", .int(10))
        let like = PushdownExpression.call(
            .like,
            [.column(table.column("t"), .utf8View), .literal(.text("%_9"), .utf8View)], .bool)
        let answer = try table.plan(["t"], [low, like], limit: 3)
        #expect(answer.conjuncts == [.exact, .unsupported])
        #expect(answer.limit == .unsupported)
        #expect(answer.schema.fields.map(\.name) == ["t"])
        #expect(answer.reasons.count == 2 && answer.reasons[1] != "")
        #expect(answer.remoteText?.contains("1 of 4 row groups") == true)
        #expect(try table.rowCount(answer) == 10)
    }

    @Test func `columns of conditions for the host come along`() throws {
        let table = try sorted()
        let other = PushdownExpression.call(
            .equal, [.column(table.column("n"), .int64), .column(table.column("n"), .int64)], .bool)
        let answer = try table.plan(["t"], [other])
        #expect(answer.schema.fields.map(\.name) == ["t", "n"])
        #expect(try table.read(answer).first?.columns.count == 2)
    }

    @Test func `limits are kept by each split`() throws {
        let table = try sorted()
        let answer = try table.plan(["n"], [table.condition(.less, "n", .int(1500))], limit: 7)
        #expect(answer.limit == .inexact)
        let batches = try table.read(answer, targetByteCount: 1)
        #expect(batches.map(\.rowCount).reduce(0, +) == 14)
    }

    @Test func `row groups are joined to splits of the wanted size`() throws {
        let table = try sorted()
        let answer = try table.plan(["n", "t"])
        #expect(try table.splits(answer, targetByteCount: 1).count == 4)
        let whole = try table.splits(answer, targetByteCount: 1 << 30)
        #expect(whole.count == 1)
        #expect(whole[0].rowCount == 4000)
        #expect(try table.rowCount(answer) == 4000)
    }

    @Test func `dictionaries stay when all of the split has one`() throws {
        let table = try sorted()
        let batches = try table.read(try table.plan(["low", "t"]))
        let encoded = DataType.dictionary(index: .int32, value: .utf8View, isOrdered: false)
        #expect(batches.allSatisfy { $0.schema.fields[0].type == encoded })
        #expect(batches.allSatisfy { $0.schema.fields[1].type == .utf8View })
    }

    @Test func `statistics`() throws {
        let table = try sorted()
        let columns = ["n", "t", "f", "o"].map(table.column)
        let all = try #require(
            try table.connector.statistics(
                handle: try table.plan(["n"]).handle, columns: columns, CallContext()))
        #expect(all.rowCount == 4000 && all.isExact)
        #expect(all.columns[0].minimum == .int(0) && all.columns[0].maximum == .int(3999))
        #expect(all.columns[1].maximum == .text("key-003999"))
        // A least value of 0 stands for -0 as well; NaN may be there, and is greater than all.
        #expect(all.columns[2].minimum == .float(-0.0) && all.columns[2].maximum == nil)
        #expect(all.columns[3].nullFraction == 0.5)
        let some = try table.plan(["n"], [table.condition(.less, "n", .int(10))])
        let few = try #require(
            try table.connector.statistics(
                handle: some.handle, columns: columns, CallContext()))
        #expect(few.rowCount == 1000 && !few.isExact)
    }

    // MARK: - Several files

    @Test func `files of one kind are one table`() throws {
        let folder = try Folder()
        for index in 0..<5 { try folder.add("small", as: "part-\(index).parquet") }
        let table = try ScannedTable(folder.path + "/*.parquet", ["filename": .bool(true)])
        let batches = try table.read(try table.plan(["n", "filename"]))
        #expect(batches.map(\.rowCount) == [5, 5, 5, 5, 5])
        #expect(try ScannedTable(folder.path).table.schema.fields.count == 3)
    }

    @Test func `a thousand small files`() throws {
        let folder = try Folder()
        for index in 0..<1000 { try folder.add("small", as: "part-\(index).parquet") }
        let table = try ScannedTable(folder.path, ["union_by_name": .bool(true)])
        let answer = try table.plan(["n"], [table.condition(.greater, "n", .int(3))])
        #expect(try table.rowCount(answer) == 2000)
    }

    @Test func `files that differ are an error, or NULL where they lack columns`() throws {
        let folder = try Folder()
        try folder.add("small", as: "a.parquet")
        try folder.add("int96", as: "b.parquet")
        let error = #expect(throws: IglooError.self) { _ = try ScannedTable(folder.path) }
        #expect(error?.message.contains("b.parquet") == true)
        #expect(error?.message.contains("'n'") == true)
        #expect(error?.hint?.contains("union_by_name") == true)
        let table = try ScannedTable(folder.path, ["union_by_name": .bool(true)])
        #expect(table.table.schema.fields.map(\.name) == ["n", "t", "l", "ts_ns"])
        #expect(try table.rowCount(try table.plan(["l", "ts_ns"])) == 205)
        let isNull = table.condition(.isNull, "n")
        #expect(try table.rowCount(try table.plan(["t"], [isNull])) == 201)
        let equal = table.condition(.equal, "n", .int(3))
        #expect(try table.rowCount(try table.plan(["ts_ns"], [equal])) == 1)
    }

    @Test func `columns of other types are an error that names them`() throws {
        let folder = try Folder()
        try folder.add("sorted", as: "a.parquet")
        try folder.add("small", as: "b.parquet")
        let error = #expect(throws: IglooError.self) {
            _ = try ScannedTable(folder.path, ["union_by_name": .bool(true)])
        }
        #expect(error?.message.contains("'n' is int32 in") == true)
    }

    // MARK: - What goes wrong

    @Test func `a file that changed is an error that says so`() throws {
        let table = try sorted()
        let folder = try #require(table.folder)
        let answer = try table.plan(["n"])
        let split = try table.splits(answer)[0].payload
        let path = folder.path + "/sorted.parquet"
        try FileManager.default.removeItem(atPath: path)
        try folder.add("small", as: "sorted.parquet")
        let error = #expect(throws: IglooError.self) {
            _ = try table.connector.open(
                handle: answer.handle, split: split, CallContext())
        }
        #expect(error?.code == .invalidState)
        #expect(error?.message.contains(path) == true)
        // Another process has no footer to remember.
        let other = try parquetConnector.create(OptionValues(), CallContext())
        let request = ScanRequest(table: table.table.handle, columns: [0])
        let again = #expect(throws: IglooError.self) { _ = try other.plan(request, CallContext()) }
        #expect(again?.code == .invalidState)
    }

    @Test func `half a file is an error that names it`() throws {
        let folder = try Folder()
        try folder.add("sorted", as: "whole.parquet")
        let bytes = try Data(contentsOf: URL(fileURLWithPath: folder.path + "/whole.parquet"))
        let path = folder.path + "/half.parquet"
        try bytes.prefix(bytes.count / 2).write(to: URL(fileURLWithPath: path))
        let error = #expect(throws: IglooError.self) { _ = try ScannedTable(path) }
        #expect(error?.code == .invalidData)
        #expect(error?.message.contains(path) == true)
        try Data().write(to: URL(fileURLWithPath: path))
        #expect(throws: IglooError.self) { _ = try ScannedTable(path) }
    }

    @Test func `handles are trusted in nothing`() throws {
        let table = try sorted()
        let answer = try table.plan(["n"], [table.condition(.less, "n", .int(10))])
        let split = try table.splits(answer)[0].payload
        for count in 0..<answer.handle.count {
            #expect(throws: IglooError.self) {
                _ = try ParquetPlan(handle: Array(answer.handle[..<count]))
            }
        }
        for index in answer.handle.indices {
            var handle = answer.handle
            handle[index] ^= 0x55
            do {
                let reader = try table.connector.open(
                    handle: handle, split: split, CallContext())
                while try reader.next(CallContext()) != nil {}
            } catch {
                #expect(error.code != .internalError)
            }
        }
        for index in split.indices {
            var payload = split
            payload[index] ^= 0x55
            #expect(throws: (any Error).self) {
                let reader = try table.connector.open(
                    handle: answer.handle, split: payload, CallContext())
                while try reader.next(CallContext()) != nil {}
                if payload[index] != split[index] { throw CancellationError() }
            }
        }
        #expect(throws: IglooError.self) {
            _ = try table.connector.plan(
                ScanRequest(table: table.table.handle, columns: [99]), CallContext())
        }
    }

    @Test func `a cancelled scan stops`() throws {
        let table = try sorted()
        let answer = try table.plan(["n"])
        let split = try table.splits(answer)[0].payload
        let reader = try table.connector.open(handle: answer.handle, split: split, CallContext())
        let context = CallContext()
        context.cancellation.cancel()
        let error = #expect(throws: IglooError.self) { _ = try reader.next(context) }
        #expect(error?.code == .cancelled)
    }

    @Test func `many threads read splits of one plan`() throws {
        let table = try sorted()
        let answer = try table.plan(["n", "t", "low"], [table.condition(.less, "n", .int(3500))])
        let splits = try table.splits(answer, targetByteCount: 1)
        let counts = Counter()
        let connector = table.connector
        DispatchQueue.concurrentPerform(iterations: 16) { index in
            do {
                let split = splits[index % splits.count]
                let reader = try connector.open(
                    handle: answer.handle, split: split.payload, CallContext())
                while let batch = try reader.next(CallContext()) { counts.add(batch.rowCount) }
            } catch {
                Issue.record(error)
            }
        }
        #expect(counts.total == 4 * 3500)
    }
}

private final class Counter: @unchecked Sendable {
    private let lock = NSLock()
    private var sum = 0
    func add(_ count: Int) { lock.withLock { sum += count } }
    var total: Int { lock.withLock { sum } }

    @Test func `the pool's memory is on the query's account`() throws {
        let folder = try Folder()
        try folder.add("sorted", as: "k=1/sorted.parquet")
        let path = folder.path + "/k=1/sorted.parquet"
        var question = Question()
        let memory = CountingMemory()
        question.memory = memory
        #expect(try parquetConnector.answer(path, [:], question).rows.count == 4000)
        #expect(memory.held == 0 && memory.peak > 0)
        question.memory = CountingMemory(limit: 100)
        let error = failure { _ = try parquetConnector.answer(path, [:], question) }
        #expect(error?.code == .resourceExhausted)
    }

    @Test func `folders with keys are columns, and leave files out`() throws {
        let folder = try Folder()
        for year in [2023, 2024] { try folder.add("sorted", as: "year=\(year)/x.parquet") }
        let table = try ScannedTable(folder.path)
        #expect(table.table.schema.fields.last?.name == "year")
        let rows = try table.plan(["year"], [table.condition(.equal, "year", .int(2024))])
        #expect(rows.conjuncts == [.exact])
        #expect(rows.remoteText?.hasPrefix(folder.path + "/year=2024/x.parquet") == true)
        let batches = try table.read(rows)
        #expect(batches.map(\.rowCount).reduce(0, +) == 4000)
        #expect(batches.allSatisfy { $0.columns[0].scalar(at: 0) == .int(2024) })
        let both = try table.plan(
            ["n"],
            [table.condition(.less, "year", .int(2024)), table.condition(.less, "n", .int(10))])
        #expect(both.conjuncts == [.exact, .exact])
        #expect(try table.rowCount(both) < 4000)
        let nothing = try table.plan(["n"], [table.condition(.equal, "year", .int(1))])
        #expect(try table.rowCount(nothing) == 0)
        #expect(nothing.remoteText?.hasPrefix("no files") == true)
    }
}
