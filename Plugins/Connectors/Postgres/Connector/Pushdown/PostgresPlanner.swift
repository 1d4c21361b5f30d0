// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// Decides what of a scan the server takes over.
struct PostgresPlanner {
    private let table: PostgresTable
    private let request: ScanRequest
    private let writer: PostgresConditionWriter
    private var conditions: [String] = []
    private var verdicts: [Verdict] = []
    private var reasons: [String] = []

    init(_ table: PostgresTable, _ request: ScanRequest) {
        self.table = table
        self.request = request
        writer = PostgresConditionWriter(table: table)
    }

    mutating func plan() throws(IglooError) -> ScanAnswer {
        for conjunct in request.conjuncts {
            do throws(PostgresRefusal) {
                conditions.append("(\(try writer.condition(conjunct)))")
                verdicts.append(.exact)
                reasons.append("")
            } catch {
                verdicts.append(.unsupported)
                reasons.append(error.reason)
            }
        }
        let isFiltered = verdicts.allSatisfy { $0 == .exact }
        if request.aggregateMode != .none && isFiltered,
            let (plan, sort) = try? PostgresGrouping(writer: writer, request: request).plan()
        {
            return answer(plan, aggregate: .exact, sort: sort)
        }
        return answer(try rows(), aggregate: .unsupported, sort: nil)
    }

    /// A scan without groups.
    private func rows() throws(IglooError) -> PostgresPlan {
        let columns = request.outputColumns(verdicts)
        var outputs: [PostgresPlan.Output] = []
        for index in columns {
            guard index >= 0, index < table.columns.count else {
                throw IglooError(.invalidArgument, "a column is asked for that the table has not")
            }
            let column = table.columns[index]
            outputs.append(
                PostgresPlan.Output(
                    name: column.name, sql: column.selected, type: column.type,
                    isNullable: column.isNullable))
        }
        return PostgresPlan(table, outputs: outputs, columns: columns)
    }

    private func answer(
        _ plan: PostgresPlan, aggregate: Verdict, sort grouped: String?
    ) -> ScanAnswer {
        var plan = plan
        plan.condition = conditions.joined(separator: " AND ")
        let isFiltered = verdicts.allSatisfy { $0 == .exact }
        let isGrouped = aggregate == .exact
        let isComplete = isFiltered && (request.aggregateMode == .none || isGrouped)
        let order = isGrouped ? grouped : rowOrder()
        let isSorted = isComplete && !request.sort.isEmpty && order != nil
        if isSorted, let order { plan.tail += " ORDER BY " + order }
        let isLimited =
            isComplete && request.limit != nil && (request.sort.isEmpty || isSorted)
        if isLimited, let limit = request.limit { plan.tail += " LIMIT \(max(0, limit))" }
        plan.canSplit = table.hasPages && !isGrouped && !isSorted && !isLimited
        var answer = ScanAnswer(
            schema: plan.schema, handle: plan.encoded(), conjunctCount: request.conjuncts.count)
        answer.conjuncts = verdicts
        answer.aggregate = aggregate
        answer.sort = isSorted ? .exact : .unsupported
        answer.limit = isLimited ? .exact : .unsupported
        answer.reasons = reasons
        answer.remoteText = plan.statement(PostgresSplit())
        return answer
    }

    /// The keys of ORDER BY over the requested columns, or `nil` where one cannot be said.
    private func rowOrder() -> String? {
        var keys: [String] = []
        for key in request.sort {
            guard case .column(let place, _) = key.expression, place >= 0,
                place < request.columns.count,
                let column = try? writer.column(.column(request.columns[place], .null)),
                let operand = try? writer.orderedOperand(column)
            else { return nil }
            keys.append(operand + Self.direction(key))
        }
        return keys.joined(separator: ", ")
    }

    static func direction(_ key: PushdownSort) -> String {
        (key.isDescending ? " DESC" : " ASC") + (key.nullsFirst ? " NULLS FIRST" : " NULLS LAST")
    }
}

/// Groups and aggregates, as the server computes them.
struct PostgresGrouping {
    let writer: PostgresConditionWriter
    let request: ScanRequest

    /// The plan, and the keys of ORDER BY that were asked for (`nil` where one cannot be said).
    func plan() throws(PostgresRefusal) -> (PostgresPlan, sort: String?) {
        var outputs: [PostgresPlan.Output] = []
        var keys: [String] = []
        for key in request.groupBy {
            let column = try writer.column(key)
            let operand = try writer.orderedOperand(column)
            keys.append(operand)
            outputs.append(
                PostgresPlan.Output(
                    name: column.name, sql: operand, type: column.type,
                    isNullable: column.isNullable))
        }
        for aggregate in request.aggregates { outputs.append(try output(aggregate)) }
        var plan = PostgresPlan(writer.table, outputs: outputs)
        if !keys.isEmpty { plan.tail = " GROUP BY " + keys.joined(separator: ", ") }
        guard !outputs.isEmpty else { throw PostgresRefusal("neither keys nor aggregates") }
        return (plan, order(outputs))
    }

    private func output(
        _ aggregate: PushdownAggregate
    ) throws(PostgresRefusal) -> PostgresPlan.Output {
        let (sql, type) = try call(aggregate)
        guard type.arrow == aggregate.type else {
            throw PostgresRefusal("a result of another type")
        }
        var filtered = sql
        if let filter = aggregate.filter {
            filtered += " FILTER (WHERE \(try writer.condition(filter)))"
        }
        if let cast = type.literalName, type != .text { filtered = "(\(filtered))::\(cast)" }
        return PostgresPlan.Output(name: "aggregate", sql: filtered, type: type)
    }

    private func call(
        _ aggregate: PushdownAggregate
    ) throws(PostgresRefusal) -> (sql: String, type: PostgresType) {
        if aggregate.function == .countRows { return ("count(*)", .int64) }
        guard aggregate.arguments.count == 1 else { throw PostgresRefusal("several arguments") }
        let column = try writer.column(aggregate.arguments[0])
        let operand = try writer.orderedOperand(column)
        let argument = (aggregate.isDistinct ? "DISTINCT " : "") + operand
        switch aggregate.function {
        case .count: return ("count(\(argument))", .int64)
        case .boolAnd where column.type == .bool: return ("bool_and(\(argument))", .bool)
        case .boolOr where column.type == .bool: return ("bool_or(\(argument))", .bool)
        case .minimum, .maximum:
            guard column.type != .bool, column.type != .bytes else {
                throw PostgresRefusal("\(column.declared) has no least value on the server")
            }
            let type = column.type == .castText ? PostgresType.text : column.type
            return ((aggregate.function == .minimum ? "min" : "max") + "(\(argument))", type)
        case .sum: return try sum(column, argument, aggregate.type)
        default: throw PostgresRefusal("an aggregate that is not pushed down")
        }
    }

    /// Sums of integers and decimals, which are the same in every order.
    private func sum(
        _ column: PostgresColumn, _ argument: String, _ wanted: DataType
    ) throws(PostgresRefusal) -> (String, PostgresType) {
        switch (column.type, wanted) {
        case (.int16, .int64), (.int32, .int64): return ("sum(\(argument))", .int64)
        case (.int16, .decimal128(let precision, 0)), (.int32, .decimal128(let precision, 0)),
            (.int64, .decimal128(let precision, 0)):
            return ("sum(\(argument))", .decimal(precision: precision, scale: 0))
        case (.decimal(_, let scale), .decimal128(let precision, let wantedScale))
        where scale == wantedScale:
            return ("sum(\(argument))", .decimal(precision: precision, scale: scale))
        default: throw PostgresRefusal("a sum that depends on the order of the rows")
        }
    }

    /// The keys of ORDER BY over the outputs, by their place.
    private func order(_ outputs: [PostgresPlan.Output]) -> String? {
        var keys: [String] = []
        for key in request.sort {
            guard case .column(let place, _) = key.expression, outputs.indices.contains(place)
            else { return nil }
            let output = outputs[place]
            let isText = output.type == .text || output.type == .castText
            // Of a text the collation is part of its expression already.
            keys.append((isText ? output.sql : "\(place + 1)") + PostgresPlanner.direction(key))
        }
        return keys.joined(separator: ", ")
    }
}
