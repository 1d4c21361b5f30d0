// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooExecution
import IglooPlan
import IglooSQL

/// Carries out what a bound statement writes to a table of a connector: reads its plan's rows and
/// passes them to sinks.
struct ForeignWriter {
    let runner: StatementRunner
    let transaction: ForeignTransaction
    let write: BoundWrite
    /// How many rows were written, and what RETURNING says of them.
    private(set) var count: Int64 = 0
    private(set) var returned: [RecordBatch] = []

    init(_ runner: StatementRunner, _ transaction: ForeignTransaction, _ write: BoundWrite) {
        self.runner = runner
        self.transaction = transaction
        self.write = write
    }

    private var columns: [TableDefinition.Column] { write.target.definition.columns }

    private var keys: [Int] {
        if case .keys(let keys) = write.target.identity { return keys }
        return []
    }

    mutating func run() throws(IglooError) {
        if write.kind == .insert && write.returning != nil {
            throw IglooError(
                .unsupported, "INSERT ... RETURNING on a table of a connector is not supported",
                hint: "read the rows back with SELECT")
        }
        switch write.kind {
        case .insert: try insert()
        case .update: try update()
        case .delete: try change([Part(.delete, keys: keys, values: [])]) { _, _ in 0 }
        case .merge: try merge()
        }
    }

    // MARK: - Statements

    private mutating func insert() throws(IglooError) {
        guard !write.assigned.isEmpty else {
            throw IglooError(
                .unsupported,
                "INSERT ... DEFAULT VALUES on a table of a connector is not supported",
                hint: "give one of its columns a value")
        }
        let isReplacing = write.conflict?.replaces == true
        let part = Part(
            isReplacing ? .upsert : .append, keys: isReplacing ? keys : [],
            values: write.assigned)
        try change([part]) { _, _ in 0 }
    }

    private mutating func update() throws(IglooError) {
        if let key = write.assigned.first(where: keys.contains) { throw keyChange(key) }
        try change([Part(.update, keys: keys, values: write.assigned)]) { _, _ in 0 }
    }

    private func keyChange(_ key: Int) -> IglooError {
        IglooError(
            .unsupported,
            "column \"\(columns[key].name)\" tells the rows of \"\(write.target.name)\" apart and "
                + "cannot be changed", hint: "delete the rows and insert them anew")
    }

    private mutating func merge() throws(IglooError) {
        let own = self
        let keys = self.keys
        let parts = [
            Part(.append, keys: [], values: Array(columns.indices)),
            Part(.update, keys: keys, values: Array(columns.indices)),
            Part(.delete, keys: keys, values: []),
        ]
        var seen: Set<[Scalar]> = []
        try change(parts) { (batch, row) throws(IglooError) in
            let write = own.write
            guard case .int(let number) = batch.columns[write.identityCount].scalar(at: row),
                write.actions.indices.contains(Int(number))
            else { return nil }
            let action = write.actions[Int(number)]
            if action == .insert { return 0 }
            let identity = keys.indices.map { batch.columns[$0].scalar(at: row) }
            guard seen.insert(identity).inserted else { throw TableWriter.affectedTwice("MERGE") }
            if action == .delete { return 2 }
            for (index, key) in keys.enumerated()
            where batch.columns[write.valuesStart + key].scalar(at: row) != identity[index] {
                throw own.keyChange(key)
            }
            return 1
        }
    }

    // MARK: - Rows

    /// Rows that are written in one mode.
    private struct Part {
        var mode: WriteRequest.Mode
        /// Columns of the table: those that identify rows, and those that are given values.
        var keys: [Int]
        var values: [Int]

        init(_ mode: WriteRequest.Mode, keys: [Int], values: [Int]) {
            self.mode = mode
            self.keys = keys
            self.values = mode == .upsert ? values : values.filter { !keys.contains($0) }
        }

        /// Whether keys are those of the old row.
        var hasIdentity: Bool { mode == .update || mode == .delete }
        var all: [Int] { hasIdentity ? keys + values : values }
    }

    /// Runs the plan and writes its rows.
    ///
    /// - Parameter choose: which part a row belongs to; `nil` = none. Asked only if there are several.
    private mutating func change(
        _ parts: [Part], _ choose: (RecordBatch, Int) throws(IglooError) -> Int?
    ) throws(IglooError) {
        let context = transaction.context(runner.call)
        var writes: [ForeignWrite?] = parts.map { _ in nil }
        do throws(IglooError) {
            let stream = try runner.stream(write.plan)
            while let batch = try stream.next() {
                keepReturning(batch)
                for (index, chosen) in try divided(batch, parts.count, choose).enumerated()
                where chosen.rowCount > 0 {
                    if writes[index] == nil { writes[index] = try begin(parts[index], context) }
                    try writes[index]?.append(projected(chosen, parts[index]), context)
                }
            }
            for write in writes { count += try write?.commit(context) ?? 0 }
        } catch {
            for write in writes { write?.abort(context) }
            throw error
        }
    }

    /// The rows of each part.
    private func divided(
        _ batch: RecordBatch, _ partCount: Int,
        _ choose: (RecordBatch, Int) throws(IglooError) -> Int?
    ) throws(IglooError) -> [RecordBatch] {
        if partCount == 1 { return [batch] }
        var rows = [[Int]](repeating: [], count: partCount)
        for row in 0..<batch.rowCount {
            if let part = try choose(batch, row) { rows[part].append(row) }
        }
        var divided: [RecordBatch] = []
        do throws(ArrowError) {
            for part in rows { divided.append(try batch.take(part)) }
        } catch {
            throw IglooError(error)
        }
        return divided
    }

    private func begin(_ part: Part, _ context: CallContext) throws(IglooError) -> ForeignWrite {
        let keyCount = part.hasIdentity ? part.keys.count : 0
        let keys =
            part.hasIdentity
            ? Array(0..<keyCount) : part.keys.compactMap { part.all.firstIndex(of: $0) }
        return try ForeignWrite(
            transaction.writing,
            WriteRequest(
                part.mode, .table(write.target.table.table.handle),
                schema: Schema(part.all.map { field(columns[$0]) }), keys: keys),
            context)
    }

    /// The column as its source has it, where its type is one that Arrow does not have.
    private func field(_ column: TableDefinition.Column) -> Field {
        let plain = Field(column.name, column.type)
        guard column.type.hasLogicalType else { return plain }
        let source = write.target.table.schema.fields.first { $0.name == column.name }
        guard let source, source.type.storage == source.type else {
            return EngineType.exported(plain)
        }
        return Field(column.name, source.type, metadata: source.metadata)
    }

    private func projected(_ batch: RecordBatch, _ part: Part) -> RecordBatch {
        let identity = part.hasIdentity ? Array(0..<write.identityCount) : []
        return batch.projected(identity + part.values.map { write.valuesStart + $0 })
    }

    private mutating func keepReturning(_ batch: RecordBatch) {
        guard write.returning != nil, batch.rowCount > 0 else { return }
        returned.append(batch.projected(Array(write.returningStart..<batch.columns.count)))
    }
}

/// One write with one sink.
final class ForeignWrite {
    private let writing: any ConnectorWriting
    private let request: WriteRequest
    private let write: [UInt8]
    private var sink: (any BatchSink)?
    private var rowCount: Int64 = 0
    private static let attempt: [UInt8] = [0]
    private static let commitCountMax = 3

    init(
        _ writing: any ConnectorWriting, _ request: WriteRequest, _ context: CallContext
    ) throws(IglooError) {
        self.writing = writing
        self.request = request
        write = try writing.begin(request, context)
    }

    /// Writes the rows, whose columns are those of the request by position.
    func append(_ batch: RecordBatch, _ context: CallContext) throws(IglooError) {
        if sink == nil {
            sink = try writing.openSink(
                write: write, attempt: Self.attempt, schema: request.schema, context)
        }
        try sink?.write(try LogicalExport.batch(batch, as: request.schema), context)
        rowCount += Int64(batch.rowCount)
    }

    /// - Returns: how many rows were written, as the source counts them.
    func commit(_ context: CallContext) throws(IglooError) -> Int64 {
        let fragments =
            try sink.map { (sink) throws(IglooError) in [try sink.finish(context)] } ?? []
        sink = nil
        var tries = 1
        while true {
            do throws(IglooError) {
                let outcome = try writing.commit(write: write, fragments: fragments, context)
                return outcome.rowCount ?? rowCount
            } catch {
                guard error.code == .unknownOutcome, tries < Self.commitCountMax else {
                    throw error
                }
                tries += 1
            }
        }
    }

    /// What is written already goes; an error of that changes nothing any more.
    func abort(_ context: CallContext) {
        sink = nil
        var later = context
        later.cancellation = CancellationToken()
        try? writing.abort(write: write, later)
    }
}
