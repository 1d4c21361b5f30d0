// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// One request: what the plugin promises to take over, whether it keeps that, and whether the host
/// gets the right rows when it does the rest.
struct Trial {
    let request: ScanRequest
    let fixture: Fixture
    let scan: ScannedRows

    var answer: ScanAnswer { scan.answer }

    /// The source's rows for which all conditions hold.
    private var right: [Row] {
        fixture.rows.filter { row in request.conjuncts.allSatisfy { Oracle.holds($0, row) == true }
        }
    }

    /// - Parameter targetByteCount: small, for many splits.
    init(
        _ request: ScanRequest, _ fixture: Fixture, _ instance: ConnectorInstance,
        targetByteCount: Int64 = 64 << 20
    ) throws {
        var request = request
        request.table = fixture.table.handle
        if request.aggregateMode != .none { request.columns = Self.groupedColumns(request) }
        self.request = request
        self.fixture = fixture
        do {
            scan = try instance.scan(request, targetByteCount: targetByteCount)
        } catch {
            throw CheckEnd.failed("\(Self.shown(request)): \(error)")
        }
    }

    /// What the host asks for, should it have to group by itself.
    private static func groupedColumns(_ request: ScanRequest) -> [Int] {
        var used: Set<Int> = []
        for expression in request.groupBy { expression.collectColumns(into: &used) }
        for aggregate in request.aggregates {
            for argument in aggregate.arguments { argument.collectColumns(into: &used) }
            aggregate.filter?.collectColumns(into: &used)
        }
        return used.sorted()
    }

    /// Looks at everything. Gives whether any step was taken over.
    @discardableResult
    func verify() throws -> Bool {
        do {
            try verifyAnswer()
            if answer.aggregate == .unsupported {
                try verifyRows()
            } else {
                try verifyGroups()
            }
            try verifyOrder()
            try verifyCompletion()
        } catch CheckEnd.failed(let what) {
            throw CheckEnd.failed(
                "\(Self.shown(request)) -> \(Self.shown(answer)): \(what)")
        }
        return answer.conjuncts.contains { $0 != .unsupported } || answer.aggregate != .unsupported
            || answer.sort != .unsupported || answer.limit != .unsupported
    }

    // MARK: - The answer

    private var outputTypes: [DataType] {
        if answer.aggregate != .unsupported {
            return request.groupBy.map(\.type) + request.aggregates.map(\.type)
        }
        return request.outputColumns(answer.conjuncts).map { fixture.fields[$0].type }
    }

    private func verifyAnswer() throws {
        try require(
            answer.aggregate == .unsupported || request.aggregateMode != .none,
            "it took over an aggregate that nobody asked for")
        try require(
            answer.sort == .unsupported || !request.sort.isEmpty,
            "it took over an order that nobody asked for")
        let isGroupedHere =
            request.aggregateMode != .none && answer.aggregate == .unsupported
        try require(
            !isGroupedHere || (answer.sort == .unsupported && answer.limit == .unsupported),
            "it took over the order or the limit of groups, and left grouping to the host")
        try require(
            answer.limit == .unsupported || request.limit != nil,
            "it took over a limit that nobody asked for")
        try require(
            answer.schema.fields.map(\.type) == outputTypes,
            "the columns planned are \(answer.schema), not of the types \(outputTypes)")
        if answer.sort == .exact {
            try require(
                scan.splits.count <= 1, "an exact order comes in \(scan.splits.count) splits")
        }
    }

    // MARK: - Rows

    /// Columns of the table that the rows hold, in order.
    private var columns: [Int] { request.outputColumns(answer.conjuncts) }

    private func projected(_ rows: [Row]) -> [Row] { rows.map { row in columns.map { row[$0] } } }

    private func verifyRows() throws {
        let rows = scan.rows
        let exact = zip(request.conjuncts, answer.conjuncts).filter { $1 == .exact }.map(\.0)
        let allowed = fixture.rows.filter { row in
            exact.allSatisfy { Oracle.holds($0, row) == true }
        }
        try RowComparison.requireAmong(
            rows, projected(allowed), "conditions that are said to be exact")
        guard answer.limit == .unsupported else { return try verifyLimit() }
        // Nothing may be missing of what all conditions let through.
        try RowComparison.requireAmong(
            projected(right), rows, "rows are missing: of the right ones")
        if exact.count == request.conjuncts.count {
            try RowComparison.requireSame(rows, projected(right), "all conditions are exact")
        }
    }

    /// Rows that a limit left out are not missed; others are.
    private func verifyLimit() throws {
        let limit = Int(request.limit ?? 0)
        let rows = fullRows(scan.rows)
        let passing = rows.filter(passesRest)
        let wanted = min(limit, right.count)
        try require(
            passing.count >= wanted,
            "the limit \(limit) left \(passing.count) rows for which the conditions hold, of "
                + "\(right.count)")
        let isFiltered = answer.conjuncts.allSatisfy { $0 == .exact }
        if answer.limit == .exact && isFiltered {
            try require(
                scan.rows.count == wanted,
                "an exact limit \(limit) gave \(scan.rows.count) rows of \(right.count)")
        }
    }

    /// Whether the conditions hold that are left to the host.
    private func passesRest(_ row: Row) -> Bool {
        zip(request.conjuncts, answer.conjuncts).allSatisfy { conjunct, verdict in
            verdict == .exact || Oracle.holds(conjunct, row) == true
        }
    }

    /// Rows as wide as the table: what is not read is NULL.
    private func fullRows(_ rows: [Row]) -> [Row] {
        let columns = columns
        return rows.map { row in
            var full = Row(repeating: .null, count: fixture.fields.count)
            for (column, value) in zip(columns, row) { full[column] = value }
            return full
        }
    }

    // MARK: - Groups

    private func verifyGroups() throws {
        try require(
            answer.conjuncts.allSatisfy { $0 == .exact },
            "it took over the grouping, although conditions before it are left to the host")
        guard answer.aggregate == .exact else {
            try require(
                request.aggregateMode == .partial,
                "it gives partial groups, and full ones were asked for")
            return
        }
        let keys = scan.splits.map { rows in
            Set(rows.map { RowComparison.key(Array($0.prefix(request.groupBy.count))) })
        }
        for (index, rows) in scan.splits.enumerated() {
            try require(
                keys[index].count == rows.count || request.groupBy.isEmpty,
                "a group comes twice in one split")
            for other in keys[(index + 1)...] {
                try require(
                    other.isDisjoint(with: keys[index]), "a group comes in two splits")
            }
        }
    }

    // MARK: - Order

    private func verifyOrder() throws {
        guard answer.sort != .unsupported else { return }
        let ordering = Ordering(keys: request.sort)
        for rows in scan.splits {
            if let place = ordering.disorder(rows) {
                throw CheckEnd.failed(
                    "the order is wrong: \(RowComparison.shown(rows[place])) stands before "
                        + RowComparison.shown(rows[place + 1]))
            }
        }
    }

    // MARK: - The host's part

    /// The rows once the host has done what the source did not.
    private func completed() -> [Row] {
        var rows = scan.rows
        if answer.aggregate == .unsupported {
            rows = output(fullRows(rows).filter(passesRest))
        } else if answer.aggregate == .inexact {
            rows = Grouping.merged(
                rows, keyCount: request.groupBy.count, request.aggregates)
        }
        return cut(Ordering(keys: request.sort).sorted(rows))
    }

    private func cut(_ rows: [Row]) -> [Row] {
        request.limit.map { Array(rows.prefix(Int(max($0, 0)))) } ?? rows
    }

    /// Rows of the table as the request wants them.
    private func output(_ rows: [Row]) -> [Row] {
        if request.aggregateMode == .none {
            return rows.map { row in request.columns.map { row[$0] } }
        }
        return Grouping.rows(rows, by: request.groupBy, request.aggregates)
    }

    private func verifyCompletion() throws {
        let ordering = Ordering(keys: request.sort)
        let found = completed()
        let pool = ordering.sorted(output(right))
        let wanted = cut(pool)
        try require(
            found.count == wanted.count,
            "the host ends up with \(found.count) rows, \(wanted.count) are right")
        if request.limit == nil {
            return try FloatTolerance.requireSame(found, wanted, request, "the host's rows")
        }
        // Of rows that are equal in order, any may be left out.
        try FloatTolerance.requireAmong(found, pool, request, "the host's rows")
        for (row, right) in zip(found, wanted) {
            try require(
                ordering.compare(row, right) == 0,
                "\(RowComparison.shown(row)) is among the first, where "
                    + "\(RowComparison.shown(right)) is right")
        }
    }
}

/// Sums of floats depend on the order of the rows: they may differ in their last digits.
enum FloatTolerance {
    static func requireSame(
        _ rows: [Row], _ wanted: [Row], _ request: ScanRequest, _ what: String
    ) throws {
        try RowComparison.requireSame(rounded(rows, request), rounded(wanted, request), what)
    }

    static func requireAmong(
        _ rows: [Row], _ wanted: [Row], _ request: ScanRequest, _ what: String
    ) throws {
        try RowComparison.requireAmong(rounded(rows, request), rounded(wanted, request), what)
    }

    private static func rounded(_ rows: [Row], _ request: ScanRequest) -> [Row] {
        let sums = request.aggregates.indices.filter {
            request.aggregates[$0].function == .sum && request.aggregates[$0].type.isFloat
        }
        if sums.isEmpty { return rows }
        return rows.map { row in
            var row = row
            for index in sums {
                let place = request.groupBy.count + index
                if case .float(let number) = row[place], number.isFinite {
                    row[place] = .float(Double(Float(number)))
                }
            }
            return row
        }
    }
}
