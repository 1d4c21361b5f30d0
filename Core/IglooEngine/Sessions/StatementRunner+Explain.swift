// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooExecution
import IglooPlan
import IglooPlanner
import IglooSQL
import IglooTables

extension StatementRunner {
    /// How far a statement was taken, as text; ANALYZE runs it and throws its rows away.
    func explain(_ explain: Explain) throws(IglooError) -> StatementResult {
        if explain.stage == .syntax {
            return lines(SQLPrinter.text(of: explain.statement))
        }
        guard case .query(let query) = explain.statement else {
            if explain.stage == .analyze { return try analyze(explain.statement) }
            return try self.explain(explain.stage, try write(of: explain.statement))
        }
        switch explain.stage {
        case .syntax, .physical:
            return lines(PlanPrinter.physical(try physical(query)) { _ in nil })
        case .logical: return lines(PlanPrinter.logical(try logical(query)))
        case .pushdown: return pushdown(try physical(query))
        case .analyze: return try analyze(try physical(query))
        }
    }

    private func write(
        of statement: Statement, in database: Database? = nil
    ) throws(IglooError) -> BoundWrite {
        let binder = binder(database ?? session.transactions.database)
        switch statement {
        case .insert(let insert): return try binder.bind(insert)
        case .update(let update): return try binder.bind(update)
        case .delete(let delete): return try binder.bind(delete)
        case .merge(let merge): return try binder.bind(merge)
        default:
            throw IglooError(
                .unsupported, "EXPLAIN shows plans of queries, INSERT, UPDATE, DELETE and MERGE",
                hint: "EXPLAIN (SYNTAX) shows any statement")
        }
    }

    /// The plan that gives the rows to be written.
    private func explain(
        _ stage: Explain.Stage, _ write: BoundWrite
    ) throws(IglooError) -> StatementResult {
        let heading = "\(write.kind.rawValue) \(write.target.name)\n"
        let plan = try planner.optimize(write.plan)
        switch stage {
        case .logical, .syntax: return lines(heading + PlanPrinter.logical(plan))
        case .physical:
            return lines(
                heading + PlanPrinter.physical(try planner.physical(plan)) { _ in nil })
        case .pushdown: return pushdown(try planner.physical(plan))
        case .analyze: throw IglooError(.internalError, "a write is analyzed by running it")
        }
    }

    /// Carries a statement out, and says what its plan did.
    private func analyze(_ statement: Statement) throws(IglooError) -> StatementResult {
        let name = try write(of: statement).target
        guard !name.isForeign else {
            throw IglooError(
                .unsupported, "EXPLAIN ANALYZE runs queries, and writes to tables in memory",
                hint: "EXPLAIN shows the plan without running it")
        }
        return try session.transactions.writing("EXPLAIN ANALYZE") {
            (transaction) throws(IglooError) in
            let start = MonotonicClock.nanoseconds()
            let ran = Locked<(plan: PhysicalPlan, running: RunningQuery)?>(nil)
            let write = try write(of: statement, in: transaction.database)
            var writer = try TableWriter(self, transaction, write)
            writer.open = { (plan) throws(IglooError) in
                let physical = try planner.physical(try planner.optimize(plan))
                let (stream, running) = try execute(physical, measuresTime: true)
                ran.withLock { $0 = (physical, running) }
                return stream
            }
            try writer.run()
            let heading = "\(write.kind.rawValue) \(write.target.name)\n"
            guard let (plan, running) = ran.withLock({ $0 }) else { return lines(heading) }
            return lines(
                heading + text(of: plan, running) + "\n"
                    + summary(writer.count, MonotonicClock.nanoseconds() - start, running))
        }
    }

    private func lines(_ text: String) -> StatementResult {
        .rows(
            TextTable.stream(
                ["plan"],
                text.split(separator: "\n", omittingEmptySubsequences: false).map { [String($0)] },
                call))
    }

    private func pushdown(_ plan: PhysicalPlan) -> StatementResult {
        let rows = PlanPrinter.pushdown(plan).map { line in
            let record = line.record
            return [
                record.table, record.step.rawValue, record.text, record.outcome.rawValue,
                record.reason, line.remote ?? "",
            ]
        }
        return .rows(
            TextTable.stream(
                ["table", "step", "text", "outcome", "reason", "remote"], rows, call))
    }

    private func analyze(_ plan: PhysicalPlan) throws(IglooError) -> StatementResult {
        let start = MonotonicClock.nanoseconds()
        let (stream, running) = try execute(plan, measuresTime: true)
        var rowCount = 0
        while let batch = try stream.next() { rowCount += batch.rowCount }
        let nanoseconds = MonotonicClock.nanoseconds() - start
        return lines(text(of: plan, running) + "\n" + summary(rowCount, nanoseconds, running))
    }

    private func text(of plan: PhysicalPlan, _ running: RunningQuery) -> String {
        let figures = running.metrics.figures
        return PlanPrinter.physical(plan) { id in figures[id].map { Self.text(of: $0) } }
    }

    private func summary(
        _ rowCount: Int, _ nanoseconds: Int64, _ running: RunningQuery
    ) -> String {
        "rows \(rowCount), time \(Self.milliseconds(nanoseconds)) ms, "
            + "threads \(session.engine.executor.threadCount), "
            + "peak memory \(Self.kibibytes(Int64(running.peakMemoryByteCount)))"
    }

    /// What an operator did; of what did not happen nothing is said.
    private static func text(of figures: OperatorFigures) -> String {
        var parts = [
            figures.rowsIn > 0
                ? "rows in \(figures.rowsIn), out \(figures.rowsOut)" : "rows \(figures.rowsOut)"
        ]
        if figures.filteredRowsIn > 0 {
            parts.append(
                "joins' filters kept \(figures.filteredRowsOut) of \(figures.filteredRowsIn)")
        }
        if !figures.runtimeFilters.isEmpty {
            parts.append("runtime filters \(figures.runtimeFilters.joined(separator: ", "))")
        }
        if figures.splitBytes > 0 {
            parts.append(
                "read \(kibibytes(figures.splitBytes)), decoded \(kibibytes(figures.decodedBytes))")
        }
        let times = figures.threadNanoseconds.map { milliseconds($0) }
        if !times.isEmpty { parts.append("time \(times.joined(separator: " + ")) ms") }
        if figures.memoryByteCount > 0 {
            parts.append("memory \(kibibytes(figures.memoryByteCount))")
        }
        if figures.spilledRows > 0 {
            parts.append("spilled \(figures.spilledRows) in \(kibibytes(figures.spilledBytes))")
        }
        return parts.joined(separator: ", ")
    }

    private static func kibibytes(_ byteCount: Int64) -> String {
        "\(byteCount / 1_024 + (byteCount % 1_024 > 0 ? 1 : 0)) KiB"
    }

    private static func milliseconds(_ nanoseconds: Int64) -> String {
        let hundredths = (nanoseconds + 5_000) / 10_000
        let rest = hundredths % 100
        return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
    }
}
