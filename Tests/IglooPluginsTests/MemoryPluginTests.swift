// SPDX-License-Identifier: MIT

import Dispatch
import Foundation
import IglooArrow
import IglooArrowTesting
import IglooContracts
import MemoryConnector
import Synchronization
import Testing

@testable import IglooPlugins

/// The contract on this side of the border and on the other, method by method.
@Suite struct MemoryPluginTests {
    private let connector: any Connector

    init() throws { connector = try PluginFixtures.memoryConnector() }

    @Test func theKindComesAcross() throws {
        let kind = try PluginFixtures.memoryRegistry().connector(forFunction: "READ_memory")
        #expect(kind.name == "memory")
        #expect(kind.options == memoryConnector.options)
        #expect(kind.capabilities == memoryConnector.capabilities)
    }

    @Test func optionsComeAcross() throws {
        let connector = try PluginFixtures.memoryConnector([
            GivenOption("text", .string("ä\0b")), GivenOption("flag", .text("off")),
            GivenOption("count", .integer(.min)), GivenOption("ratio", .text("0.5")),
            GivenOption("wait", .text("1h30m")), GivenOption("budget", .string("8MiB")),
            GivenOption("mode", .text("SLOW")), GivenOption("names", .list(["a", "", "ü"])),
            GivenOption("path", .text("x.db"), folder: "/data"),
            GivenOption("token", .text("s3cret")),
        ])
        #expect(
            try connector.listSchemas(CallContext()) == [
                "budget=integer(8388608)", "count=integer(-9223372036854775808)",
                "flag=bool(false)", "mode=string(\"slow\")", "names=list([\"a\", \"\", \"ü\"])",
                "path=string(\"/data/x.db\")", "ratio=double(0.5)", "text=string(\"ä\\0b\")",
                "token=string(\"s3cret\")", "wait=integer(5400000000000)",
            ])
        #expect(
            try self.connector.listSchemas(CallContext()) == [
                "count=integer(-7)", "flag=bool(true)", "mode=string(\"fast\")",
                "text=string(\"hello\")", "wait=integer(1500000000)",
            ])
    }

    @Test func creationMayFail() throws {
        let error = try failure {
            try PluginFixtures.memoryConnector([GivenOption("text", .string("refuse"))])
        }
        #expect(error.code == .unauthenticated)
        #expect(error.message == "the source refused the token")
        #expect(error.hint == "ask for another one")
        #expect(error.sqlState.rawValue == "28P01")
        #expect(error.isRetryable)
        #expect(error.origin == "memory")
    }

    @Test func listsComeAcross() throws {
        let native = MemoryConnector(options: OptionValues())
        for prefix in ["", "t", "zzz"] {
            let context = CallContext()
            #expect(
                try connector.listTables(schema: "s", prefix: prefix, context)
                    == native.listTables(schema: "s", prefix: prefix, context))
        }
        let error = try failure {
            try connector.listTables(schema: "missing", prefix: "", CallContext())
        }
        #expect(error.sqlState == .undefinedSchema)
    }

    @Test func theContextComesAcross() throws {
        let token = CancellationToken()
        let context = CallContext(
            cancellation: token, deadlineNanoseconds: 123_456, queryId: "q-1", user: "ada")
        let table = try connector.openTable(schema: "sch\"ema", name: "context", context)
        #expect(
            table.schema.metadata == [
                "query": "q-1", "user": "ada", "schema": "sch\"ema", "deadline": "123456",
                "cancelled": "false",
            ])
        token.cancel()
        let again = try connector.openTable(schema: "", name: "context", context)
        #expect(again.schema.metadata["cancelled"] == "true")
        #expect(
            try connector.openTable(schema: "", name: "context", CallContext()).schema
                .metadata["deadline"] == "none")
    }

    @Test func everyTypeComesAcross() throws {
        let context = CallContext()
        let table = try connector.openTable(schema: "", name: "types", context)
        let expected = try MemoryConnector.typesBatch()
        #expect(table.schema == expected.schema)
        let answer = try connector.plan(
            ScanRequest(table: table.handle, columns: Array(expected.schema.fields.indices)),
            context)
        #expect(answer.schema == expected.schema)
        let splits = try connector.splits(handle: answer.handle, targetByteCount: 80, context)
        #expect(try splits.next(countMax: 3, context)?.isEmpty == true)
        var start = 0
        while let page = try splits.next(countMax: 3, context) {
            #expect(page.count <= 3)
            for split in page {
                #expect(split.rowCount == 10)
                #expect(split.byteCount == (start == 0 ? nil : 80))
                let reader = try connector.open(
                    handle: answer.handle, split: split.payload, context)
                #expect(reader.schema == expected.schema)
                let batch = try #require(try reader.next(context))
                try batch.validate(.full)
                #expect(batch.isEqual(to: expected.slice(start, count: 10)))
                #expect(try reader.next(context)?.rowCount == 0)
                #expect(try reader.next(context) == nil)
                #expect(try reader.next(context) == nil)
                start += 10
            }
        }
        #expect(start == 100)
        #expect(try splits.next(countMax: 1, context) == nil)
    }

    /// What the plugin saw of the request, it says in the answer.
    @Test func requestsComeAcrossUnchanged() throws {
        let context = CallContext()
        let table = try connector.openTable(schema: "", name: "types", context)
        var generator = SeededGenerator(seed: 3)
        var conjuncts: [PushdownExpression] = []
        for (index, type) in ArrowSamples.flatTypes.enumerated() where type != .null {
            let value = ArrowSamples.scalar(type, nullShare: 0, using: &generator)
            conjuncts.append(
                .call(
                    .less, [.column(index, type), .literal(value, type)],
                    .bool))
        }
        let request = ScanRequest(
            table: table.handle, columns: [2, 0, 2], conjuncts: conjuncts,
            groupBy: [.column(1, .bool)],
            aggregates: [
                PushdownAggregate(.countRows, [], type: .int64),
                PushdownAggregate(
                    .sum, [.column(5, .int32)], isDistinct: true,
                    filter: .call(.isNull, [.column(0, .int8)], .bool),
                    type: .decimal128(precision: 38, scale: 2)),
            ], aggregateMode: .partial,
            sort: [PushdownSort(.column(0, .bool), isDescending: true, nullsFirst: true)], limit: 7)
        let answer = try connector.plan(request, context)
        #expect(answer.remoteText == "\(request)")
        let native = try MemoryConnector(options: OptionValues()).plan(request, context)
        #expect(answer.conjuncts == native.conjuncts)
        #expect(answer.aggregate == native.aggregate)
        #expect(answer.sort == .inexact && answer.limit == .inexact)
        #expect(answer.reasons == native.reasons)
        #expect(answer.schema == native.schema)
        #expect(answer.handle == native.handle)
        #expect(answer.snapshot == [1, 2, 3])
        #expect(answer.estimatedRowCount == 100 && answer.estimatedByteCount == nil)
    }

    @Test func aggregatesComeAcross() throws {
        let table = try connector.openTable(schema: "", name: "types", CallContext())
        for (mode, verdict) in [
            (ScanRequest.AggregateMode.full, Verdict.exact), (.partial, .inexact),
        ] {
            let answer = try connector.plan(
                ScanRequest(
                    table: table.handle, columns: [], groupBy: [.column(1, .bool)],
                    aggregates: [PushdownAggregate(.maximum, [.column(2, .date32)], type: .date32)],
                    aggregateMode: mode), CallContext())
            #expect(answer.aggregate == verdict)
            #expect(answer.schema.fields.map(\.type) == [.bool, .date32])
        }
    }

    /// Types that the border cannot tell make their step unsupported, and their columns come all
    /// the same.
    @Test func whatCannotBeToldIsUnsupported() throws {
        let table = try connector.openTable(schema: "", name: "types", CallContext())
        let index = try #require(
            table.schema.fields.firstIndex {
                if case .list = $0.type { true } else { false }
            })
        let type = table.schema.fields[index].type
        let request = ScanRequest(
            table: table.handle, columns: [0],
            conjuncts: [
                .call(.equal, [.column(index, type), .literal(.list([]), type)], .bool),
                .call(.coalesce, [.column(1, .bool)], type),
            ],
            aggregates: [PushdownAggregate(.minimum, [.column(index, type)], type: type)],
            aggregateMode: .full, limit: 3)
        let answer = try connector.plan(request, CallContext())
        #expect(answer.aggregate == .unsupported && answer.limit == .unsupported)
        #expect(answer.schema.fields.count == request.outputColumns(answer.conjuncts).count)
    }

    @Test func statisticsComeAcross() throws {
        let context = CallContext()
        let columns = Array(0..<10)
        let statistics = try #require(
            try connector.statistics(handle: [1], columns: columns, context))
        let expected = MemoryConnector.statistics(columns: columns)
        #expect("\(statistics)" == "\(expected)")
        #expect(
            try connector.statistics(handle: Array("endless".utf8), columns: [], context) == nil)
    }

    @Test func errorsInTheMiddleComeAcross() throws {
        let reader = try connector.open(handle: Array("torn".utf8), split: [], CallContext())
        #expect(try reader.next(CallContext())?.rowCount == 1024)
        let error = try failure { try reader.next(CallContext()) }
        #expect(error.code == .invalidData && error.message == "row 1024 is torn")
        #expect(error.origin == "memory")
        #expect(try reader.next(CallContext()) == nil)
        let broken = try PluginFixtures.memoryConnector([GivenOption("flag", .bool(false))])
        #expect(try failure { try broken.ping(CallContext()) }.isRetryable)
        try connector.ping(CallContext())
    }

    @Test func aConnectorThatAnswersTooLittleIsFound() throws {
        let table = try connector.openTable(schema: "", name: "short", CallContext())
        let error = try failure {
            try connector.plan(ScanRequest(table: table.handle, columns: [0]), CallContext())
        }
        #expect(error.code == .internalError && error.origin == "memory", "\(error)")
    }

    @Test func cancellationReachesARunningCall() throws {
        for name in ["endless", "stuck"] {
            let context = CallContext()
            let reader = try connector.open(handle: Array(name.utf8), split: [], context)
            Self.soon { context.cancellation.cancel() }
            let error = try failure { while try reader.next(context) != nil {} }
            #expect(error.code == .cancelled)
        }
    }

    /// On a thread of its own: the pools may be busy with the very call that is to end.
    private static func soon(_ action: @escaping @Sendable () -> Void) {
        Thread.detachNewThread {
            Thread.sleep(forTimeInterval: 0.02)
            action()
        }
    }

    @Test func cancelBreaksABlockedCall() throws {
        let reader = try connector.open(handle: Array("stuck".utf8), split: [], CallContext())
        Self.soon { reader.cancel() }
        #expect(try failure { try reader.next(CallContext()) }.code == .cancelled)
        reader.cancel()
    }

    @Test func memoryIsAccountedAndGivenBack() throws {
        let account = CountingAccount(limit: 4 << 20)
        let context = CallContext(memory: account)
        do {
            let reader = try connector.open(handle: Array("hungry".utf8), split: [], context)
            for _ in 0..<4 { #expect(try reader.next(context) != nil) }
            #expect(account.used == 4 << 20)
            #expect(try failure { try reader.next(context) }.code == .resourceExhausted)
            #expect(account.used == 4 << 20)
        }
        #expect(account.used == 0)
    }

    @Test func instancesAreConcurrent() throws {
        let expected = try MemoryConnector.typesBatch()
        let connector = connector
        DispatchQueue.concurrentPerform(iterations: 16) { number in
            let split = number % 10
            let reader = try? connector.open(
                handle: Array("types".utf8), split: [UInt8(split), 0], CallContext())
            let batch = try? reader?.next(CallContext())
            #expect(batch?.isEqual(to: expected.slice(split * 10, count: 10)) == true)
        }
    }
}

/// Counts what is reserved, up to a limit.
private final class CountingAccount: MemoryAccount {
    private let count = Atomic(0)
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    var used: Int { count.load(ordering: .relaxed) }

    func reserve(_ byteCount: Int) throws(IglooError) {
        let new = count.add(byteCount, ordering: .relaxed).newValue
        if new > limit {
            count.subtract(byteCount, ordering: .relaxed)
            throw IglooError(.resourceExhausted, "no more memory")
        }
    }
}

extension PushdownOperation {
    /// Reserved by the format, unknown to the contract.
    fileprivate static let coalesce = PushdownOperation(rawValue: 26)
}
