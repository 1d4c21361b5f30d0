// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// Decides what of a scan SQLite takes over.
struct SQLitePlanner {
    let table: SQLiteTable

    func plan(_ request: ScanRequest) throws(IglooError) -> ScanAnswer {
        let (conditions, verdicts, reasons) = conditions(request)
        let columns = request.outputColumns(verdicts)
        guard columns.allSatisfy({ $0 >= 0 && $0 < table.columns.count }) else {
            throw IglooError(.invalidArgument, "a column is asked for that the table has not")
        }
        var plan = SQLitePlan(table: table, columns: columns)
        plan.condition = conditions.map { "(\($0.sql))" }.joined(separator: " AND ")
        plan.values = conditions.flatMap(\.values)
        var notes: [String] = []
        if request.aggregateMode != .none && verdicts.allSatisfy({ $0 == .exact }) {
            do throws(SQLiteRefusal) {
                let grouping = try SQLiteGroupWriter(table: table).grouping(request)
                return try answer(request, plan, grouping, verdicts, reasons)
            } catch {
                notes.append("GROUP BY: \(error.reason)")
            }
        }
        let isPlain =
            request.groupBy.isEmpty && request.aggregates.isEmpty
            && request.aggregateMode == .none
        var sort = Verdict.unsupported
        if isPlain && !request.sort.isEmpty {
            do throws(SQLiteRefusal) {
                plan.order = try order(request)
                sort = .exact
            } catch {
                notes.append("ORDER BY: \(error.reason)")
            }
        }
        let canLimit =
            isPlain && verdicts.allSatisfy { $0 == .exact }
            && (request.sort.isEmpty || sort == .exact)
        if canLimit, let limit = request.limit, limit >= 0 { plan.limit = limit }
        var answer = ScanAnswer(
            schema: plan.schema, handle: try plan.encoded(),
            conjunctCount: request.conjuncts.count)
        answer.conjuncts = verdicts
        answer.sort = sort
        answer.limit = plan.limit == nil ? .unsupported : .exact
        answer.reasons = reasons
        answer.remoteText =
            plan.text + (notes.isEmpty ? "" : " -- " + notes.joined(separator: "; "))
        return answer
    }

    /// Groups, and what was asked of their order and number.
    private func answer(
        _ request: ScanRequest, _ rows: SQLitePlan, _ grouping: SQLiteGrouping,
        _ verdicts: [Verdict], _ reasons: [String]
    ) throws(SQLiteRefusal) -> ScanAnswer {
        var plan = rows
        plan.columns = []
        plan.grouping = grouping
        let order = grouping.order(request.sort, isUTF8: table.isUTF8)
        let isSorted = !request.sort.isEmpty && order != nil
        if isSorted, let order { plan.order = order }
        let isLimited = request.limit != nil && (request.sort.isEmpty || isSorted)
        if isLimited, let limit = request.limit { plan.limit = max(0, limit) }
        let handle: [UInt8]
        do throws(IglooError) {
            handle = try plan.encoded()
        } catch {
            throw SQLiteRefusal(error.message)
        }
        var answer = ScanAnswer(
            schema: plan.schema, handle: handle, conjunctCount: verdicts.count)
        answer.conjuncts = verdicts
        answer.aggregate = .exact
        answer.sort = isSorted ? .exact : .unsupported
        answer.limit = isLimited ? .exact : .unsupported
        answer.reasons = reasons
        answer.remoteText = plan.text
        return answer
    }

    private func conditions(
        _ request: ScanRequest
    ) -> (conditions: [SQLiteCondition], verdicts: [Verdict], reasons: [String]) {
        let writer = SQLiteConditionWriter(table: table)
        var conditions: [SQLiteCondition] = []
        var verdicts: [Verdict] = []
        var reasons: [String] = []
        for conjunct in request.conjuncts {
            do throws(SQLiteRefusal) {
                let condition = try writer.condition(conjunct)
                // SQLite takes at most 32,766 parameters a statement.
                guard conditions.reduce(condition.values.count, { $0 + $1.values.count }) < 4096
                else { throw SQLiteRefusal("too many parameters") }
                conditions.append(condition)
                verdicts.append(condition.verdict)
                reasons.append(
                    condition.verdict == .exact
                        ? "" : "SQLite may find more rows, which are tested again")
            } catch {
                verdicts.append(.unsupported)
                reasons.append(error.reason)
            }
        }
        return (conditions, verdicts, reasons)
    }

    /// The keys of ORDER BY, each with its place of NULLs.
    private func order(_ request: ScanRequest) throws(SQLiteRefusal) -> String {
        let writer = SQLiteConditionWriter(table: table)
        var keys: [String] = []
        for key in request.sort {
            guard case .column(let place, _) = key.expression, place >= 0,
                place < request.columns.count
            else { throw SQLiteRefusal("an expression as a key") }
            let index = request.columns[place]
            guard index >= 0, index < table.columns.count else {
                throw SQLiteRefusal("no such column")
            }
            let column = table.columns[index]
            switch column.type {
            case .int64, .float64, .binaryView, .date32: break
            case .utf8View where table.isUTF8: break
            case .utf8View:
                throw SQLiteRefusal("the database is UTF-16, whose order of text is another")
            default: throw SQLiteRefusal("\(column.declared) may be stored in several forms")
            }
            guard table.policy != .null else {
                throw SQLiteRefusal("on_mismatch = null: SQLite does not see the NULLs")
            }
            keys.append(
                writer.operand(column) + (key.isDescending ? " DESC" : " ASC")
                    + (key.nullsFirst ? " NULLS FIRST" : " NULLS LAST"))
        }
        return keys.joined(separator: ", ")
    }
}
