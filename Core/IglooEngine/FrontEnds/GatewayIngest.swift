// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooExecution
import IglooPlan
import IglooSQL

/// Rows of a front end's client on their way into a table: INSERTs of a few thousand at a time, in one
/// transaction. It counts as one statement that runs.
// SAFETY: one call at a time, by the protocol's contract; `cancel` touches the token alone.
final class GatewayIngest: RowIngest, @unchecked Sendable {
    private let owner: GatewaySession
    private let number: Int64
    private let token: CancellationToken
    private let insert: InsertOfRows
    /// Else the client's own transaction goes on after it.
    private let ownsTransaction: Bool
    private var waiting: [RecordBatch] = []
    private var waitingRowCount = 0
    private var waitingByteCount = 0
    private var count: Int64 = 0
    private var isOver = false

    private static let rowCountMax = 1 << 16
    private static let byteCountMax = 8 << 20

    init(
        _ owner: GatewaySession, into table: String, columns: Schema, _ context: CallContext
    ) throws(IglooError) {
        let session = owner.session
        try session.transactions.checkUsable()
        self.owner = owner
        insert = try InsertOfRows(into: table, columns: columns, session)
        token = CancellationToken()
        number = try owner.gateway.begin(context.queryId, token)
        ownsTransaction = session.transactions.begin(isReadOnly: false)
    }

    deinit { end(hasFailed: true) }

    func write(_ batch: RecordBatch, _ context: CallContext) throws(IglooError) {
        try check(context)
        guard batch.schema.fields.map(\.type) == insert.schema.fields.map(\.type) else {
            end(hasFailed: true)
            throw IglooError(.invalidArgument, "a batch has other columns than were announced")
        }
        waiting.append(
            RecordBatch(schema: insert.schema, columns: batch.columns, rowCount: batch.rowCount))
        waitingRowCount += batch.rowCount
        waitingByteCount += batch.columns.reduce(0) { $0 + $1.bufferByteCount }
        if waitingRowCount >= Self.rowCountMax || waitingByteCount >= Self.byteCountMax {
            try flush(context)
        }
    }

    func finish(_ context: CallContext) throws(IglooError) -> Int64 {
        try check(context)
        try flush(context)
        do throws(IglooError) {
            if ownsTransaction { _ = try owner.session.transactions.commit() }
        } catch {
            end(hasFailed: true)
            throw error
        }
        end(hasFailed: false)
        return count
    }

    func cancel() { token.cancel() }

    private func check(_ context: CallContext) throws(IglooError) {
        guard !isOver else {
            throw IglooError(.invalidState, "the rows were given up before: begin anew")
        }
        guard !token.isCancelled, !context.cancellation.isCancelled else {
            end(hasFailed: true)
            throw .cancelled()
        }
    }

    private func flush(_ context: CallContext) throws(IglooError) {
        if waiting.isEmpty { return }
        let rows = waiting
        (waiting, waitingRowCount, waitingByteCount) = ([], 0, 0)
        do throws(IglooError) {
            count += try insert.run(rows, owner.session, token, for: context)
        } catch {
            end(hasFailed: true)
            throw error
        }
    }

    private func end(hasFailed: Bool) {
        if isOver { return }
        isOver = true
        waiting = []
        if hasFailed {
            if ownsTransaction {
                _ = owner.session.transactions.rollback()
            } else {
                owner.session.transactions.fail()
            }
        }
        owner.gateway.end(number)
    }
}

/// `INSERT INTO t (a, b) SELECT ...` of rows that are given with each run.
struct InsertOfRows {
    /// Of the rows; the names are made up.
    let schema: Schema
    private let statement: Statement
    /// A name that no statement of a user's needs.
    private static let rowsName = "\u{1}rows"

    /// - Parameter columns: as the client names them.
    init(into table: String, columns: Schema, _ session: Session) throws(IglooError) {
        let name = try SQLParser.name(table)
        let target = try session.describe(StatementRunner.text(name)).fields
        guard !columns.fields.isEmpty else {
            throw IglooError(.invalidArgument, "the rows have no columns")
        }
        var names: [String] = []
        var values: [String] = []
        for (index, field) in columns.fields.enumerated() {
            let found = try Self.column(field.name, among: target, of: table)
            guard !names.contains(found.name) else {
                throw IglooError(
                    .invalidArgument, "column \"\(found.name)\" is given more than once",
                    sqlState: .duplicateColumn)
            }
            names.append(found.name)
            let isCast = field.type.isText && !found.type.isText
            values.append(isCast ? "CAST(c\(index) AS \(found.type.sqlName))" : "c\(index)")
        }
        schema = Schema(
            columns.fields.enumerated().map { index, field in Field("c\(index)", field.type) })
        let list = names.map { "\"" + $0.replacingQuotes + "\"" }.joined(separator: ", ")
        statement = try SQLParser.statement(
            "INSERT INTO \(StatementRunner.text(name)) (\(list)) "
                + "SELECT \(values.joined(separator: ", ")) FROM \"\(Self.rowsName)\"")
    }

    /// The column of that name; without regard to case, as long as there is one alone.
    private static func column(
        _ name: String, among fields: [Field], of table: String
    ) throws(IglooError) -> Field {
        if let exact = fields.first(where: { $0.name == name }) { return exact }
        let similar = fields.filter { $0.name.lowercased() == name.lowercased() }
        if similar.count == 1 { return similar[0] }
        throw IglooError(
            .invalidArgument, "column \"\(name)\" of relation \"\(table)\" does not exist",
            hint: NearestName.among(fields.map(\.name), to: name).map { "did you mean \"\($0)\"?" },
            sqlState: .undefinedColumn)
    }

    /// - Returns: how many rows were inserted.
    func run(
        _ rows: [RecordBatch], _ session: Session, _ cancellation: CancellationToken,
        for caller: CallContext
    ) throws(IglooError) -> Int64 {
        do throws(IglooError) {
            return try AbandonableWork.run(cancellation, following: caller) {
                [schema, statement] () throws(IglooError) in
                let held = HeldRows(schema)
                held.set(rows)
                var runner = StatementRunner(session, cancellation, for: caller)
                runner.given = held.source(named: Self.rowsName)
                guard case .done(let tag) = try runner.run(statement) else { return 0 }
                return Int64(tag.split(separator: " ").last ?? "") ?? 0
            }
        } catch {
            // Places in a statement that nobody wrote mean nothing.
            var error = error.withShortMessage
            error.position = nil
            throw error
        }
    }
}

extension String {
    fileprivate var replacingQuotes: String {
        split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
    }
}

extension ArrayData {
    fileprivate var bufferByteCount: Int {
        buffers.reduce(0) { $0 + $1.byteCount }
            + children.reduce(dictionary?.bufferByteCount ?? 0) { $0 + $1.bufferByteCount }
    }
}
