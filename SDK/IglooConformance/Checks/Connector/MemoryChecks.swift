// SPDX-License-Identifier: MIT

import CIgloo
import IglooArrow
import IglooContracts

/// Who frees what, and when.
enum MemoryChecks {
    static let all: [Check] = [
        Check("memory.no_leak_per_call", limit: 180, noLeakPerCall),
        Check("memory.array_outlives_reader", arrayOutlivesReader),
        Check("memory.array_moved_and_children_moved", arrayMoved),
        Check("memory.reserve_balanced", reserveBalanced),
        Check("memory.reserve_refused_is_survived", reserveRefused),
    ]

    private static func noLeakPerCall(_ bench: Bench) throws {
        let instance = try bench.connector()
        let schema = bench.configuration.schema
        try LeakMeter.requireNone("open_table of a missing table", bench) {
            _ = try? instance.openTable("no such table", schema: schema)
            CallFailure.all.withLock { $0.removeAll() }
        }
        try LeakMeter.requireNone("list", bench) {
            _ = try? instance.list(IGLOO_LIST_TABLES, schema: schema).rows()
            CallFailure.all.withLock { $0.removeAll() }
        }
        try LeakMeter.requireNone("ping", bench) { try? instance.ping() }
        let fixture = try bench.hostile(instance)
        let request = ScanRequest(table: fixture.table.handle, columns: fixture.allColumns)
        try LeakMeter.requireNone("open_table", bench) { _ = try bench.open("hostile", instance) }
        try LeakMeter.requireNone("plan", bench) { _ = try instance.plan(request) }
        let answer = try instance.plan(request)
        try LeakMeter.requireNone("splits", bench) { _ = try instance.splits(answer.handle).all() }
        let split = try require(
            try instance.splits(answer.handle).all().first, "a plan over rows has no split")
        try LeakMeter.requireNone("open, and nothing read", bench) {
            _ = try instance.open(answer.handle, split.payload)
        }
        try LeakMeter.requireNone("open and the first batch", bench) {
            let reader = try instance.open(answer.handle, split.payload)
            _ = try reader.next(try reader.schema())
        }
        try LeakMeter.requireNone("open and all batches", bench) {
            _ = try instance.rows(answer, split.payload)
        }
    }

    /// Batches are read once all that gave them is gone.
    private static func arrayOutlivesReader(_ bench: Bench) throws {
        let before = try Reading.batches(bench)
        let wanted = before.batches.flatMap(\.rows)
        let instance = try bench.connector()
        let later = try Reading.batches(bench, instance)
        instance.destroy()
        let rows = later.batches.flatMap(\.rows)
        try RowComparison.requireSame(rows, wanted, "after reader and instance are gone")
        for batch in later.batches { try batch.validate(.full) }
    }

    /// Structures are moved to other places, and children out of their parents, as the C Data
    /// Interface allows.
    private static func arrayMoved(_ bench: Bench) throws {
        let instance = try bench.connector()
        let fixture = try bench.hostile(instance)
        let answer = try instance.plan(
            ScanRequest(table: fixture.table.handle, columns: fixture.allColumns))
        var rows: [Row] = []
        for split in try instance.splits(answer.handle).all() {
            let reader = try instance.open(answer.handle, split.payload)
            let schema = try reader.schema()
            while var array = try reader.nextArray() {
                rows += try movedRows(&array.array, schema)
            }
        }
        try RowComparison.requireSame(rows, fixture.rows, "children moved out of their parent")
    }

    private static func movedRows(_ parent: inout ArrowArray, _ schema: Schema) throws -> [Row] {
        try require(
            Int(parent.n_children) == schema.fields.count && parent.offset == 0,
            "a batch of \(parent.n_children) children from \(parent.offset) on")
        let count = Int(parent.length)
        var moved: [ArrowArray] = []
        for index in 0..<Int(parent.n_children) {
            let child = try require(parent.children[index], "child \(index) is missing")
            moved.append(child.pointee)
            child.pointee.release = nil
        }
        parent.release?(&parent)
        var columns: [ArrayData] = []
        for (index, field) in schema.fields.enumerated() {
            var place = moved[index]
            columns.append(
                try ArrayData(importing: &place, type: field.type, validation: .full))
        }
        return (0..<count).map { row in columns.map { $0.scalar(at: row) } }
    }

    private static func reserveBalanced(_ bench: Bench) throws {
        let instance = try bench.connector()
        let fixture = try bench.hostile(instance)
        let call = Call()
        call.account = 4_711
        _ = try instance.scan(
            ScanRequest(table: fixture.table.handle, columns: fixture.allColumns), call)
        instance.destroy()
        let record = TestHost.record.withLock { $0 }
        try require(
            record.overdrafts.isEmpty,
            "more is given back than was reserved: \(record.overdrafts.prefix(3))")
        let unknown = record.balances.keys.filter { ![0, 4_711].contains($0) }
        try require(unknown.isEmpty, "reserved under accounts that there are none of: \(unknown)")
    }

    private static func reserveRefused(_ bench: Bench) throws {
        let instance = try bench.connector()
        let fixture = try bench.hostile(instance)
        let request = ScanRequest(table: fixture.table.handle, columns: fixture.allColumns)
        let call = Call()
        call.account = 4_711
        for limit in [Int64(0), 1, 1_000, 100_000] {
            TestHost.record.withLock { $0.limit = limit }
            do {
                let rows = try instance.scan(request, call).rows
                try RowComparison.requireSame(rows, fixture.rows, "within \(limit) bytes")
            } catch let failure as CallFailure {
                try require(
                    failure.status == IGLOO_E_EXHAUSTED,
                    "when memory is refused, \(failure): not EXHAUSTED")
            }
        }
        TestHost.record.withLock { $0.limit = .max }
        let rows = try instance.scan(request).rows
        try RowComparison.requireSame(rows, fixture.rows, "after memory was refused")
    }
}

/// Batches of a table, kept.
struct Reading {
    var batches: [RecordBatch] = []

    static func batches(_ bench: Bench, _ given: ConnectorInstance? = nil) throws -> Reading {
        let instance = try given ?? bench.connector()
        let fixture = try bench.hostile(instance)
        let answer = try instance.plan(
            ScanRequest(table: fixture.table.handle, columns: fixture.allColumns))
        var result = Reading()
        for split in try instance.splits(answer.handle).all() {
            let reader = try instance.open(answer.handle, split.payload)
            let schema = try reader.schema()
            while let batch = try reader.next(schema) { result.batches.append(batch) }
            reader.release()
        }
        return result
    }
}
