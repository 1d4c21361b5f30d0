// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import MemoryConnector
import Testing

@testable import IglooPlugins

/// The facets WRITE and TXN on both sides of the border.
@Suite struct WritingTests {
    private let connector: any Connector

    init() throws { connector = try PluginFixtures.memoryConnector() }

    /// What the plugin was called with.
    private func calls() throws -> [String] {
        let table = try connector.openTable(schema: "", name: "written", CallContext())
        return try #require(table.schema.metadata["calls"]).split(separator: "\n").map(String.init)
    }

    @Test func aConnectorMayOnlyGiveRows() throws {
        let reading = try PluginFixtures.memoryConnector([GivenOption("mode", .text("slow"))])
        #expect(reading.writing == nil)
        #expect(reading.transactions == nil)
    }

    @Test func keysComeAcross() throws {
        let writing = try #require(connector.writing)
        let context = CallContext()
        let types = try connector.openTable(schema: "", name: "types", context)
        #expect(try writing.keys(table: types.handle, context) == [0, 2])
        let others = try connector.openTable(schema: "", name: "torn", context)
        #expect(try writing.keys(table: others.handle, context) == nil)
    }

    @Test func rowsComeAcross() throws {
        let writing = try #require(connector.writing)
        let context = CallContext(transaction: [4, 0, 2])
        let batch = try MemoryConnector.typesBatch()
        let table = try connector.openTable(schema: "", name: "types", context)
        let write = try writing.begin(
            WriteRequest(.upsert, .table(table.handle), schema: batch.schema, keys: [1]), context)
        #expect(write == Array("\0write".utf8))
        let sink = try writing.openSink(
            write: write, attempt: [0, 255], schema: batch.schema, context)
        try sink.write(batch, context)
        #expect(try sink.finish(context) == [100])
        let outcome = try writing.commit(write: write, fragments: [[100], [1]], context)
        #expect(outcome == WriteOutcome(rowCount: 101, snapshot: [7, 0]))
        #expect(
            try writing.commit(write: write, fragments: [], context) == WriteOutcome(rowCount: nil))
        #expect(
            try calls() == [
                "upsert table:types \(batch.schema) [1] in [4, 0, 2]",
                "open [0, 119, 114, 105, 116, 101] [0, 255] \(batch.schema.fields.count)"
                    + " in [4, 0, 2]",
                "types came across in [4, 0, 2]", "commit [[100], [1]] in [4, 0, 2]",
                "commit [] in [4, 0, 2]",
            ])
    }

    @Test func tablesAreMade() throws {
        let writing = try #require(connector.writing)
        let schema = Schema([Field("a", .int32), Field("b", .utf8)])
        let made = WriteRequest(.create, .new(schema: "s", name: "ä\0b"), schema: schema)
        _ = try writing.begin(made, CallContext())
        try writing.abort(write: [1], CallContext())
        #expect(try calls() == ["create s.ä\0b \(schema)", "abort"])
        let error = try #require(throws: IglooError.self) {
            try writing.begin(
                WriteRequest(.create, .new(schema: "", name: "types"), schema: schema),
                CallContext())
        }
        #expect(error.code == .alreadyExists && error.sqlState.rawValue == "42P07")
    }

    @Test func aSinkThatDoesNotFinishIsUndone() throws {
        let writing = try #require(connector.writing)
        let schema = Schema([Field("a", .int32)])
        var sink: (any BatchSink)? = try writing.openSink(
            write: [], attempt: [], schema: schema, CallContext())
        var builder = PrimitiveBuilder<Int32>(.int32, zero: 0)
        for number in 0..<13 { builder.append(Int32(number)) }
        let batch = RecordBatch(schema: schema, columns: [builder.finish()], rowCount: 13)
        let error = try #require(throws: IglooError.self) {
            try sink?.write(batch, CallContext())
        }
        #expect(error.message == "13 rows" && error.sqlState.rawValue == "23505")
        sink?.cancel()
        sink = nil
        #expect(try calls() == ["open [] [] 1", "cancel", "undo"])
    }

    @Test func transactionsComeAcross() throws {
        let transactions = try #require(connector.transactions)
        let context = CallContext()
        #expect(try transactions.begin(.repeatableRead, isReadOnly: true, context) == [0, 9])
        let refused = try #require(throws: IglooError.self) {
            try transactions.begin(.serializable, isReadOnly: false, context)
        }
        #expect(refused.code == .unsupported)
        let conflict = try #require(throws: IglooError.self) {
            try transactions.commit([0, 9], context)
        }
        #expect(conflict.code == .conflict && conflict.isRetryable)
        try transactions.rollback([0, 9], context)
        #expect(
            try calls() == ["begin repeatableRead true", "commit [0, 9]", "rollback [0, 9]"])
    }
}
