// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import Synchronization
import Testing

@testable import IglooPlugins

/// A plugin in C, written from the header alone, is as good as any.
@Suite struct CPluginTests {
    private let folder: TemporaryFolder
    private let connector: any Connector

    init() throws {
        folder = try TemporaryFolder()
        _ = try PluginFixtures.compile(into: folder)
        let registry = PluginRegistry(directories: [folder.path])
        connector = try registry.makeConnector(
            try registry.connector(forFileExtension: "NUM"), options: [], CallContext())
    }

    @Test func servesItsTable() throws {
        let context = CallContext()
        #expect(try connector.listSchemas(context) == ["main"])
        let tables = try connector.listTables(schema: "main", prefix: "", context)
        #expect(
            tables == [TableListing(name: "numbers", comment: "from C", estimatedRowCount: 100)])
        let table = try connector.openTable(schema: "", name: "numbers", context)
        #expect(table.schema.fields.map(\.type) == [.int64, .utf8])
        let condition = PushdownExpression.call(
            .equal, [.column(1, .utf8), .literal(.text("word"), .utf8)], .bool)
        let answer = try connector.plan(
            ScanRequest(table: table.handle, columns: [0], conjuncts: [condition], limit: 5),
            context)
        #expect(answer.conjuncts == [.unsupported])
        #expect(answer.schema.fields.map(\.name) == ["n", "word"])
        #expect(answer.remoteText == "all numbers")
        #expect(answer.estimatedRowCount == 100)
        #expect(answer.estimatedByteCount == nil)
        #expect(try rows(answer, context) == (0..<100).map { .int(Int64($0)) })
        try connector.ping(context)
        #expect(try connector.statistics(handle: answer.handle, columns: [0], context) == nil)
    }

    private func rows(_ answer: ScanAnswer, _ context: CallContext) throws -> [Scalar] {
        var rows: [Scalar] = []
        let splits = try connector.splits(handle: answer.handle, targetByteCount: 1, context)
        while let page = try splits.next(countMax: 1, context) {
            for split in page {
                #expect(split.rowCount == 50 && split.byteCount == nil)
                let reader = try connector.open(
                    handle: answer.handle, split: split.payload, context)
                while let batch = try reader.next(context) {
                    try batch.validate(.full)
                    rows += (0..<batch.rowCount).map { batch.columns[0].scalar(at: $0) }
                }
            }
        }
        return rows
    }

    @Test func itsErrorsArriveWhole() throws {
        let error = try failure {
            try connector.openTable(schema: "", name: "letters", CallContext())
        }
        #expect(error.code == .notFound)
        #expect(error.sqlState == .undefinedTable)
        #expect(error.message == "there are only numbers here")
        #expect(error.origin == "numbers")
    }

    @Test func aCancelledCallEnds() throws {
        let context = CallContext()
        let reader = try connector.open(handle: [0], split: [1], context)
        context.cancellation.cancel()
        #expect(try failure { try reader.next(context) }.code == .cancelled)
    }

    @Test func aBatchOutlivesItsReader() throws {
        var reader: (any BatchReader)? = try connector.open(
            handle: [1, 0], split: [1], CallContext())
        let batch = try #require(try reader?.next(CallContext()))
        reader = nil
        #expect(batch.columns[0].scalar(at: 49) == .text("word"))
        #expect(batch.columns[1].scalar(at: 49) == .int(99))
    }
}
