// SPDX-License-Identifier: MIT

import Foundation
import IglooArrow
import IglooArrowTesting
import IglooContracts
import Testing

@testable import PostgresConnector

/// Writes and transactions, as a second session of the server sees them.
@Suite struct PostgresWritingTests {
    private let server: PostgresServer
    private let context = CallContext()

    init() throws { server = try PostgresServer.shared.get() }

    private func failure(_ body: () throws -> Void) -> IglooError? {
        do {
            try body()
            Issue.record("nothing was refused")
            return nil
        } catch {
            return error as? IglooError
        }
    }

    private func batch(_ numbers: [Int64?], _ texts: [String?]) -> RecordBatch {
        var first = PrimitiveBuilder<Int64>(.int64, zero: 0)
        for number in numbers {
            if let number { first.append(number) } else { first.appendNull() }
        }
        let second = ArrayData.of(texts.map { $0.map { .text($0) } ?? .null }, .utf8View)
        return RecordBatch(
            schema: Schema([Field("k", .int64), Field("t", .utf8View)]),
            columns: [first.finish(), second], rowCount: numbers.count)
    }

    /// The whole way of a write with one attempt a batch.
    @discardableResult
    private func write(
        _ connector: any Connector, _ mode: WriteRequest.Mode, _ target: WriteRequest.Target,
        _ batches: [RecordBatch], keys: [Int] = [], _ context: CallContext? = nil
    ) throws -> WriteOutcome {
        let context = context ?? self.context
        let writing = try #require(connector.writing)
        let schema = try #require(batches.first).schema
        let write = try writing.begin(
            WriteRequest(mode, target, schema: schema, keys: keys), context)
        var fragments: [[UInt8]] = []
        for (number, batch) in batches.enumerated() {
            let sink = try writing.openSink(
                write: write, attempt: [UInt8(number)], schema: schema, context)
            try sink.write(batch, context)
            fragments.append(try sink.finish(context))
        }
        return try writing.commit(write: write, fragments: fragments, context)
    }

    private func table(_ connector: any Connector, _ name: String) throws -> WriteRequest.Target {
        .table(try connector.openTable(schema: "", name: name, context).handle)
    }

    private func isLeftOver(_ write: [UInt8]) throws -> Bool {
        let staging = try PostgresWrite(write).staging
        return try server.run("SELECT to_regclass('\(staging)')") != [[nil]]
    }

    // MARK: - Modes

    @Test(arguments: [false, true])
    func rowsAreAppended(inTransaction: Bool) throws {
        let name = "appended_\(inTransaction)"
        try server.run(
            "CREATE TABLE \(name) (id serial, t text, k bigint)",
            "INSERT INTO \(name) (t, k) VALUES ('old', 0)")
        let connector = try server.connector()
        var context = self.context
        if inTransaction {
            context.transaction = try #require(connector.transactions)
                .begin(.readCommitted, isReadOnly: false, context)
        }
        let odd = "tab\t, newline\n, return\r, \\N and \\ and \"quotes\", ä"
        let outcome = try write(
            connector, .append, try table(connector, name),
            [batch([1, nil], [odd, "\\."]), batch([3], [nil])], context)
        #expect(outcome.rowCount == 3)
        let query = "SELECT id, k, t FROM \(name) ORDER BY id"
        if inTransaction {
            #expect(try server.run(query).count == 1)
            #expect(try Scan(connector, name, in: context).rows.count == 4)
            try connector.transactions?.commit(context.transaction, self.context)
        }
        #expect(
            try server.run(query) == [
                ["1", "0", "old"], ["2", "1", odd], ["3", nil, "\\."], ["4", "3", nil],
            ])
    }

    @Test func rowsReplaceOthers() throws {
        try server.run(
            "CREATE TABLE replaced (k bigint PRIMARY KEY, t text)",
            "INSERT INTO replaced VALUES (1, 'one'), (2, 'two'), (3, 'three')")
        let connector = try server.connector()
        let target = try table(connector, "replaced")
        #expect(
            try write(connector, .upsert, target, [batch([2, 4], ["zwei", "vier"])], keys: [0])
                == WriteOutcome(rowCount: 2))
        let all = "SELECT * FROM replaced ORDER BY k"
        #expect(
            try server.run(all)
                == [["1", "one"], ["2", "zwei"], ["3", "three"], ["4", "vier"]])
        let keys = batch([1, 3, 9], ["", "", ""])
        let onlyKeys = RecordBatch(
            schema: Schema([keys.schema.fields[0]]), columns: [keys.columns[0]], rowCount: 3)
        #expect(
            try write(connector, .delete, target, [onlyKeys], keys: [0])
                == WriteOutcome(rowCount: 2))
        #expect(try server.run(all) == [["2", "zwei"], ["4", "vier"]])
        #expect(
            try write(connector, .overwrite, target, [batch([7], ["sieben"])])
                == WriteOutcome(rowCount: 1))
        #expect(try server.run(all) == [["7", "sieben"]])
    }

    @Test func keysAreFound() throws {
        try server.run(
            "CREATE TABLE keyed (a int, b int NOT NULL, c int NOT NULL, d int, UNIQUE (a),"
                + " PRIMARY KEY (c, b), UNIQUE (b))",
            "CREATE TABLE unkeyed (a int UNIQUE, b int)",
            "CREATE TABLE once (a int, b int NOT NULL UNIQUE)")
        let connector = try server.connector()
        let writing = try #require(connector.writing)
        for (name, keys) in [("keyed", [2, 1]), ("unkeyed", nil), ("once", [1])]
            as [(String, [Int]?)]
        {
            let opened = try connector.openTable(schema: "", name: name, context)
            #expect(try writing.keys(table: opened.handle, context) == keys, "\(name)")
        }
    }

    /// Every type that has a counterpart, to the server and back.
    @Test func tablesAreMadeOfEveryType() throws {
        let connector = try server.connector()
        var generator = SeededGenerator(seed: 7)
        let sample = try ArrowSamples.batch(rowCount: 60, using: &generator)
        var fields: [Field] = []
        var columns: [ArrayData] = []
        for (field, column) in zip(sample.schema.fields, sample.columns) {
            guard PostgresCopyEncoder.declaration(Field("c", field.type)) != nil,
                Self.isExact(field.type)
            else { continue }
            fields.append(Field("c\(fields.count)", field.type))
            columns.append(column)
        }
        #expect(fields.count > 15)
        for (field, column) in zip(fields, columns) {
            let name = "type_" + field.name
            let schema = Schema([Field("n", .int64), field])
            var numbers = PrimitiveBuilder<Int64>(.int64, zero: 0)
            for number in 0..<60 { numbers.append(Int64(number)) }
            let batch = RecordBatch(
                schema: schema, columns: [numbers.finish(), column], rowCount: 60)
            try write(connector, .create, .new(schema: "", name: name), [batch])
            let found = try Scan(connector, name).rows.sorted { "\($0[0])" < "\($1[0])" }
            let wanted = (0..<60).map { [Scalar.int(Int64($0)), column.scalar(at: $0)] }
                .sorted { "\($0[0])" < "\($1[0])" }
            for (left, right) in zip(found, wanted) {
                #expect(Self.isSame(left[1], right[1]), "\(field.type)")
            }
            #expect(found.count == 60)
        }
    }

    /// Types that come back as what they were, value by value.
    private static func isExact(_ type: DataType) -> Bool {
        switch type {
        case .bool, .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .float16, .float32,
            .float64, .binary, .largeBinary, .binaryView, .fixedSizeBinary:
            true
        default: false
        }
    }

    private static func isSame(_ left: Scalar, _ right: Scalar) -> Bool {
        switch (left, right) {
        case (.int(let a), .uint(let b)): a >= 0 && UInt64(a) == b
        case (.float(let a), .float(let b)): a == b || a.isNaN && b.isNaN
        default: left == right
        }
    }

    @Test func valuesKeepTheirMeaning() throws {
        let connector = try server.connector()
        let cases: [(DataType, Scalar, String)] = [
            (.date32, .int(-719_163), "0001-12-31 BC"),
            (.date32, .int(Int64(Int32.max)), "infinity"),
            (.date64, .int(86_400_000), "1970-01-02"),
            (.time64(.nanosecond), .int(1_000), "00:00:00.000001"),
            (.timestamp(.second, timeZone: nil), .int(-1), "1969-12-31 23:59:59"),
            (.timestamp(.microsecond, timeZone: "UTC"), .int(1), "1970-01-01 00:00:00.000001+00"),
            (.timestamp(.microsecond, timeZone: nil), .int(.min), "-infinity"),
            (.duration(.millisecond), .int(-1_500), "-00:00:01.5"),
            (
                .interval(.monthDayNano),
                .interval(months: 14, days: -3, nanoseconds: -1_000),
                "1 year 2 mons -3 days -00:00:00.000001"
            ),
            (.decimal128(precision: 38, scale: 5), .decimal(-12), "-0.00012"),
            (.uint64, .uint(.max), "18446744073709551615"),
            (
                .list(Field("item", .utf8View)), .list([.text("a\"b\\c,"), .null, .text("")]),
                "{\"a\\\"b\\\\c,\",NULL,\"\"}"
            ),
            (
                .list(Field("item", .float64)), .list([.float(.infinity), .float(-0.5)]),
                "{Infinity,-0.5}"
            ),
        ]
        for (number, (type, value, text)) in cases.enumerated() {
            let column = ArrayData.of([value, .null], type)
            let batch = RecordBatch(
                schema: Schema([Field("v", type)]), columns: [column], rowCount: 2)
            let name = "meaning_\(number)"
            try write(connector, .create, .new(schema: "public", name: name), [batch])
            let rows = try server.run("SELECT v::text FROM \(name)")
            #expect(rows == [[text], [nil]] || rows == [[nil], [text]], "\(type)")
        }
    }

    // MARK: - Failures

    @Test func nothingIsVisibleBeforeTheCommit() throws {
        try server.run("CREATE TABLE partial (k bigint, t text)")
        let connector = try server.connector()
        let writing = try #require(connector.writing)
        let rows = batch([1], ["a"])
        let write = try writing.begin(
            WriteRequest(.append, try table(connector, "partial"), schema: rows.schema), context)
        var dropped: (any BatchSink)? = try writing.openSink(
            write: write, attempt: [1], schema: rows.schema, context)
        try dropped?.write(rows, context)
        dropped = nil
        // The same attempt twice counts once; another one that is not committed counts not at all.
        for attempt: UInt8 in [2, 2, 3] {
            let sink = try writing.openSink(
                write: write, attempt: [attempt], schema: rows.schema, context)
            try sink.write(rows, context)
            _ = try sink.finish(context)
        }
        #expect(try server.run("SELECT * FROM partial").isEmpty)
        #expect(
            try writing.commit(write: write, fragments: [[2]], context)
                == WriteOutcome(rowCount: 1))
        // Again: its answer might have been lost.
        #expect(
            try writing.commit(write: write, fragments: [[2]], context)
                == WriteOutcome(rowCount: nil))
        #expect(try server.run("SELECT * FROM partial") == [["1", "a"]])
        let given = try writing.begin(
            WriteRequest(.append, try table(connector, "partial"), schema: rows.schema), context)
        #expect(try isLeftOver(given))
        try writing.abort(write: given, context)
        try writing.abort(write: given, context)
        #expect(try !isLeftOver(given) && !isLeftOver(write))
    }

    @Test func whatTheServerRefusesIsUndone() throws {
        try server.run(
            "CREATE TABLE strict (k bigint PRIMARY KEY CHECK (k > 0), t varchar(3))",
            "INSERT INTO strict VALUES (1, 'one')")
        let connector = try server.connector()
        let target = try table(connector, "strict")
        for (rows, state) in [
            (batch([2, 1], ["b", "a"]), "23505"), (batch([2, -1], ["b", "a"]), "23514"),
            (batch([nil], ["b"]), "23502"), (batch([3], ["long"]), "22001"),
        ] {
            let error = failure { try write(connector, .append, target, [rows]) }
            #expect(error?.sqlState.rawValue == state, "\(error?.message ?? "")")
        }
        #expect(try server.run("SELECT * FROM strict") == [["1", "one"]])
        let unknown = RecordBatch(
            schema: Schema([Field("kk", .int64)]), columns: [batch([1], [""]).columns[0]],
            rowCount: 1)
        let column = failure { try write(connector, .append, target, [unknown]) }
        #expect(column?.sqlState == .undefinedColumn && column?.hint == "did you mean \"k\"?")
        let known = failure {
            try write(
                connector, .create, .new(schema: "", name: "strict"), [batch([1], ["a"])])
        }
        #expect(known?.sqlState.rawValue == "42P07" && known?.code == .alreadyExists)
        let zero = failure { try write(connector, .append, target, [batch([5], ["a\0"])]) }
        #expect(zero?.message.contains("0x00") == true)
    }

    @Test func typesWithoutCounterpartAreRefused() throws {
        let connector = try server.connector()
        let writing = try #require(connector.writing)
        let schema = Schema([Field("s", .structure([Field("x", .int32)]))])
        let error = failure {
            _ = try writing.begin(
                WriteRequest(.create, .new(schema: "", name: "nested"), schema: schema), context)
        }
        #expect(error?.code == .unsupported && error?.message.contains("\"s\"") == true)
        let column = ArrayData.of([.int(1_001)], .timestamp(.nanosecond, timeZone: nil))
        let precise = RecordBatch(
            schema: Schema([Field("v", column.type)]), columns: [column], rowCount: 1)
        let lost = failure {
            try write(connector, .create, .new(schema: "", name: "precise"), [precise])
        }
        #expect(lost?.message.contains("1001 ns") == true)
    }

    // MARK: - Transactions

    @Test func transactionsAreUndone() throws {
        try server.run("CREATE TABLE undone (k bigint, t text)")
        let connector = try server.connector()
        let transactions = try #require(connector.transactions)
        let name = try transactions.begin(.repeatableRead, isReadOnly: false, context)
        let inside = CallContext(transaction: name)
        try write(
            connector, .append, try table(connector, "undone"), [batch([1], ["a"])], inside)
        #expect(try Scan(connector, "undone", in: inside).rows.count == 1)
        #expect(try Scan(connector, "undone", columns: [], in: inside).rows.count == 1)
        try transactions.rollback(name, context)
        #expect(try server.run("SELECT * FROM undone").isEmpty)
        let ended = failure { _ = try Scan(connector, "undone", in: inside) }
        #expect(ended?.code == .invalidState)
        #expect(failure { try transactions.commit(name, context) }?.code == .invalidState)
    }

    /// Two readers of a transaction, row by row in turns, and a write between them.
    @Test func readersOfATransactionTakeTurns() throws {
        try server.run(
            "CREATE TABLE turns (k bigint, t text)",
            "INSERT INTO turns SELECT n, 'x' FROM generate_series(1, 10000) n")
        let connector = try server.connector()
        let transactions = try #require(connector.transactions)
        let name = try transactions.begin(.readCommitted, isReadOnly: false, context)
        let inside = CallContext(transaction: name)
        let opened = try connector.openTable(schema: "", name: "turns", inside)
        let plan = try connector.plan(
            ScanRequest(table: opened.handle, columns: [0, 1]), inside)
        let splits = try connector.splits(handle: plan.handle, targetByteCount: 1, inside)
        let page = try #require(try splits.next(countMax: 9, inside))
        #expect(page.count == 1)
        let readers = try (0..<2).map { _ in
            try connector.open(handle: plan.handle, split: page[0].payload, inside)
        }
        var counts = [0, 0]
        var isWritten = false
        while true {
            let batches = try readers.map { try $0.next(inside) }
            if batches.allSatisfy({ $0 == nil }) { break }
            for (index, batch) in batches.enumerated() { counts[index] += batch?.rowCount ?? 0 }
            if !isWritten {
                isWritten = true
                try write(connector, .append, .table(opened.handle), [batch([0], ["y"])], inside)
            }
        }
        #expect(counts == [10_000, 10_000])
        try transactions.commit(name, context)
        #expect(try server.run("SELECT count(*) FROM turns") == [["10001"]])
    }

    @Test func conflictsAreTold() throws {
        try server.run(
            "CREATE TABLE contested (k bigint PRIMARY KEY, t text)",
            "INSERT INTO contested VALUES (1, 'a')")
        let connector = try server.connector()
        let transactions = try #require(connector.transactions)
        let name = try transactions.begin(.repeatableRead, isReadOnly: false, context)
        let inside = CallContext(transaction: name)
        _ = try Scan(connector, "contested", in: inside)
        try server.run("UPDATE contested SET t = 'b'")
        let error = failure {
            try write(
                connector, .upsert, try table(connector, "contested"), [batch([1], ["c"])],
                keys: [0], inside)
        }
        #expect(error?.code == .conflict && error?.sqlState.rawValue == "40001")
        let commit = failure { try transactions.commit(name, context) }
        #expect(commit?.sqlState.rawValue == "25P02")
        #expect(try server.run("SELECT t FROM contested") == [["b"]])
    }

    @Test func aWriteThatWaitsIsCancelled() throws {
        try server.run("CREATE TABLE locked (k bigint PRIMARY KEY, t text)")
        let blocker = try server.connection()
        _ = try blocker.command("BEGIN", context)
        _ = try blocker.command("LOCK TABLE locked IN ACCESS EXCLUSIVE MODE", context)
        let connector = try server.connector()
        let token = CancellationToken()
        let cancelled = CallContext(cancellation: token)
        Thread.detachNewThread {
            usleep(200_000)
            token.cancel()
        }
        let start = Date()
        let error = failure {
            try write(
                connector, .append, .table(PostgresTable.placeholder("locked").encoded()),
                [batch([1], ["a"])], cancelled)
        }
        #expect(error?.code == .cancelled)
        #expect(Date().timeIntervalSince(start) < 2)
        _ = try blocker.command("ROLLBACK", context)
        #expect(try server.run("SELECT * FROM locked").isEmpty)
    }
}

extension ArrayData {
    fileprivate static func of(_ values: [Scalar], _ type: DataType) -> ArrayData {
        let builder = ArrayBuilder(type)
        do {
            for value in values { try builder.append(value) }
        } catch {
            preconditionFailure("\(error)")
        }
        return builder.finish()
    }
}

extension PostgresTable {
    fileprivate static func placeholder(_ name: String) -> PostgresTable {
        var table = PostgresTable(
            schemaName: "public", name: name, oid: 0, hasPages: true, fingerprint: "", isUTF8: true)
        table.columns = [
            PostgresColumn(name: "k", declared: "bigint", type: .int64),
            PostgresColumn(name: "t", declared: "text", type: .text),
        ]
        return table
    }
}
