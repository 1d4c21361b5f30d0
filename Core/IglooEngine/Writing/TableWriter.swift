// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan
import IglooSQL
import IglooTables

/// Carries out what a bound statement writes, in a transaction: reads its plan's rows, holds them
/// against the table's checks, and hands them to the table.
struct TableWriter {
    let runner: StatementRunner
    let transaction: Transaction
    let write: BoundWrite
    /// Runs the plan that gives the rows; EXPLAIN ANALYZE looks on.
    var open: (LogicalPlan) throws(IglooError) -> ResultStream
    private let table: Int
    /// How many rows were written, and what RETURNING says of them.
    private(set) var count = 0
    private(set) var returned: [RecordBatch] = []
    /// Rows of before that are gone, and those that were changed.
    private var deletedRows: [Int64] = []
    private var updatedRows: [Int64] = []

    init(
        _ runner: StatementRunner, _ transaction: Transaction, _ write: BoundWrite
    ) throws(IglooError) {
        self.runner = runner
        self.transaction = transaction
        self.write = write
        open = { (plan) throws(IglooError) in try runner.stream(plan) }
        guard let id = MemoryTables.id(of: write.target.table.table) else {
            throw IglooError(.internalError, "a table to write to has no number")
        }
        table = id
    }

    mutating func run() throws(IglooError) {
        let firstRow = transaction.nextRow(of: table)
        switch write.kind {
        case .insert where write.conflict != nil: try insertOrUpdate()
        case .insert: try insert()
        case .update, .delete: try change()
        case .merge: try merge()
        }
        try transaction.holdForeignKeys(
            of: table, from: firstRow, deleted: deletedRows, updated: updatedRows)
    }

    // MARK: - INSERT

    /// Rows go into the table part by part; the plan does not see them.
    private mutating func insert() throws(IglooError) {
        var buffer = newBuffer()
        let stream = try open(write.plan)
        while let batch = try stream.next() {
            try check(batch)
            keepReturning(batch)
            try buffer.append(values(batch), count: batch.rowCount)
            for part in buffer.takeParts() { try append(part) }
        }
        try buffer.finish()
        for part in buffer.takeParts() { try append(part) }
    }

    /// The rows alone, for who writes them in another way.
    mutating func rows() throws(IglooError) -> [NewRows] {
        var buffer = newBuffer()
        let stream = try open(write.plan)
        while let batch = try stream.next() {
            try check(batch)
            try buffer.append(values(batch), count: batch.rowCount)
        }
        try buffer.finish()
        return buffer.takeParts()
    }

    private mutating func append(_ part: NewRows) throws(IglooError) {
        try transaction.write(table, deleting: [], inserting: [part])
        count += part.count
    }

    private mutating func insertOrUpdate() throws(IglooError) {
        guard let conflict = write.conflict else { return }
        var buffer = RowBuffer(
            columnCount: write.plan.columns.count, memory: runner.session.engine.memory)
        let stream = try open(write.plan)
        while let batch = try stream.next() {
            try buffer.append(batch.columns, count: batch.rowCount)
        }
        try buffer.finish()
        var updater = try conflict.update.map { (update) throws(IglooError) in
            try TableWriter(runner, transaction, update)
        }
        var touched = RowSet()
        let firstOwnRow = transaction.nextRow(of: table)
        for part in buffer.takeParts() {
            let batch = RecordBatch(
                schema: stream.schema, columns: part.columns, rowCount: part.count)
            let rows = NewRows(columns: values(batch), count: part.count)
            let collisions = try transaction.collisions(of: rows, in: table, keys: conflict.keys)
            let free = collisions.indices.filter { collisions[$0] == .none }
            let fresh = try taking(free, of: batch)
            try check(fresh)
            keepReturning(fresh)
            try append(NewRows(columns: values(fresh), count: fresh.rowCount))
            guard let rowsToChange = conflict.rows, updater != nil else { continue }
            var old: [Int64] = []
            var proposed: [Int] = []
            for (index, collision) in collisions.enumerated() where collision != .none {
                guard case .row(let row) = collision, row < firstOwnRow, touched.insert(row) else {
                    throw Self.affectedTwice("ON CONFLICT DO UPDATE")
                }
                old.append(row)
                proposed.append(index)
            }
            if old.isEmpty { continue }
            let values = self.values(try taking(proposed, of: batch))
            rowsToChange.set([
                RecordBatch(
                    schema: rowsToChange.schema,
                    columns: [try Self.numbers(old)]
                        + (try transaction.rows(old, of: table)).columns + values,
                    rowCount: old.count)
            ])
            try updater?.change()
        }
        count += updater?.count ?? 0
        updatedRows += updater?.updatedRows ?? []
        returned += updater?.returned ?? []
    }

    static func affectedTwice(_ command: String) -> IglooError {
        IglooError(
            .invalidData, "\(command) command cannot affect row a second time",
            hint: "see that no two of the rows meet the same row of the table",
            sqlState: .cardinalityViolation)
    }

    private static func numbers(_ values: [Int64]) throws(IglooError) -> ArrayData {
        let builder = ArrayBuilder(.int64)
        do throws(ArrowError) {
            for value in values { try builder.append(.int(value)) }
        } catch {
            throw IglooError(error)
        }
        return builder.finish()
    }

    // MARK: - UPDATE, DELETE, MERGE

    /// Old rows go and new ones come at once, so that constraints hold for what is there after.
    private mutating func change() throws(IglooError) {
        var rows = RowSet()
        var deleted: [Int64] = []
        var buffer = newBuffer()
        let stream = try open(write.plan)
        while let batch = try stream.next() {
            // A row that was joined to several others is changed once.
            var kept: [Int] = []
            for index in 0..<batch.rowCount {
                guard case .int(let row) = batch.columns[0].scalar(at: index) else { continue }
                guard rows.insert(row) else { continue }
                kept.append(index)
                deleted.append(row)
            }
            let batch = try taking(kept, of: batch)
            try check(batch)
            keepReturning(batch)
            if write.hasValues { try buffer.append(values(batch), count: batch.rowCount) }
        }
        try buffer.finish()
        try transaction.write(table, deleting: deleted, inserting: buffer.takeParts())
        count += deleted.count
        if write.kind == .delete { deletedRows += deleted } else { updatedRows += deleted }
    }

    private mutating func merge() throws(IglooError) {
        var rows = RowSet()
        var deleted: [Int64] = []
        var buffer = newBuffer()
        let stream = try open(write.plan)
        while let batch = try stream.next() {
            var written: [Int] = []
            for index in 0..<batch.rowCount {
                guard case .int(let number) = batch.columns[1].scalar(at: index),
                    write.actions.indices.contains(Int(number))
                else { continue }
                let action = write.actions[Int(number)]
                if action != .delete { written.append(index) }
                if action == .insert { continue }
                guard case .int(let row) = batch.columns[0].scalar(at: index) else { continue }
                guard rows.insert(row) else { throw Self.affectedTwice("MERGE") }
                deleted.append(row)
                if action == .delete { deletedRows.append(row) } else { updatedRows.append(row) }
            }
            keepReturning(batch)
            count += batch.rowCount
            let new = try taking(written, of: batch)
            try check(new)
            try buffer.append(values(new), count: new.rowCount)
        }
        try buffer.finish()
        try transaction.write(table, deleting: deleted, inserting: buffer.takeParts())
    }

    // MARK: - Parts of batches

    private func newBuffer() -> RowBuffer {
        RowBuffer(
            columnCount: write.hasValues ? write.target.definition.columns.count : 0,
            memory: runner.session.engine.memory)
    }

    private func values(_ batch: RecordBatch) -> [ArrayData] {
        Array(batch.columns[write.valuesStart..<write.checksStart])
    }

    private func taking(
        _ rows: [Int], of batch: RecordBatch
    ) throws(IglooError) -> RecordBatch {
        if rows.count == batch.rowCount { return batch }
        do throws(ArrowError) {
            return try batch.take(rows)
        } catch {
            throw IglooError(error)
        }
    }

    private mutating func keepReturning(_ batch: RecordBatch) {
        guard write.returning != nil, batch.rowCount > 0 else { return }
        returned.append(batch.projected(Array(write.returningStart..<batch.columns.count)))
    }

    /// - Throws: 23514 and 22001 for the first row that a check refuses.
    private func check(_ batch: RecordBatch) throws(IglooError) {
        for (index, check) in write.checks.enumerated() {
            let column = batch.columns[write.checksStart + index]
            for row in 0..<batch.rowCount where column.scalar(at: row) == .bool(false) {
                throw violation(of: check)
            }
        }
    }

    private func violation(of check: BoundWrite.Check) -> IglooError {
        guard let constraint = check.constraint else {
            return IglooError(
                .invalidData, "value too long for type \(check.typeName)",
                sqlState: .stringTooLong)
        }
        return IglooError(
            .invalidData,
            "new row for relation \"\(write.target.name)\" violates check constraint "
                + "\"\(constraint)\"", sqlState: .checkViolation)
    }
}
