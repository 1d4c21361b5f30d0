// SPDX-License-Identifier: MIT

import IglooArrow
import IglooConnectorTesting
import IglooContracts
import Testing

@testable import CSVConnector

@Suite struct CSVMemoryTests {
    private func read(
        _ path: String, _ memory: CountingMemory, _ options: [String: OptionValue] = [:]
    ) throws -> Int {
        var question = Question()
        question.memory = memory
        return try csvConnector.answer(path, options, question).rows.count
    }

    @Test func readersAccountForWhatTheyHold() throws {
        let folder = try Folder()
        let lines = (0..<100_000).map { "\($0),some text of the row \($0)" }
        let path = try folder.write("t.csv", "a,b\n" + lines.joined(separator: "\n"))
        let memory = CountingMemory()
        #expect(try read(path, memory) == 100_000)
        #expect(memory.held == 0)
        // The file has 3 MB; a reader holds a piece of it.
        #expect(memory.peak > 1 << 20 && memory.peak < 8 << 20)
    }

    @Test func aLongRecordFailsTheQueryAndNotTheProcess() throws {
        let folder = try Folder()
        let path = try folder.write(
            "t.csv", "a,b\n1," + String(repeating: "x", count: 17 << 20) + "\n2,y\n")
        #expect(failure { _ = try readTable(path) }?.hint?.contains("max_line_size") == true)
        let options: [String: OptionValue] = ["max_line_size": .integer(18 << 20)]
        #expect(try read(path, CountingMemory(), options) == 2)
        let small = CountingMemory(limit: 32 << 20)
        let error = failure { _ = try read(path, small, options) }
        #expect(error?.code == .resourceExhausted && small.held == 0)
    }

    @Test func veryManyColumnsMakeShortBatches() throws {
        let folder = try Folder()
        let count = 5000
        let header = (0..<count).map { "c\($0)" }.joined(separator: ",")
        let record = String(repeating: "1,", count: count - 1) + "1"
        let path = try folder.write(
            "t.csv", ([header] + Array(repeating: record, count: 500)).joined(separator: "\n"))
        let context = CallContext()
        let connector = try csvConnector.create(OptionValues(), context)
        let table = try connector.openTable(schema: "", name: path, context)
        let plan = try connector.plan(
            ScanRequest(table: table.handle, columns: Array(0..<count)), context)
        let splits = try connector.splits(
            handle: plan.handle, targetByteCount: 1 << 30, context)
        let split = try #require(try splits.next(countMax: 1, context)?.first)
        let reader = try connector.open(handle: plan.handle, split: split.payload, context)
        var rowCount = 0
        while let batch = try reader.next(context) {
            #expect(batch.rowCount <= 419)
            rowCount += batch.rowCount
        }
        #expect(rowCount == 500)
    }
}
