// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// Why a join is not its source's: a reason, or an error that ends the statement.
enum JoinRefusal: Error {
    case refused(String)
    case failed(IglooError)

    var failure: IglooError {
        switch self {
        case .refused(let reason): IglooError(.unsupported, reason)
        case .failed(let error): error
        }
    }
}

/// A side that is a table, possibly filtered, of which columns are chosen and renamed.
struct JoinSide {
    let scan: Scan
    let conjuncts: [Expression]
    /// The side's columns, and the scan's that they are.
    let outputs: [(outer: ColumnId, inner: ColumnId)]

    init(_ plan: LogicalPlan) throws(JoinRefusal) {
        switch plan {
        case .scan(let scan):
            self.init(scan, [], scan.columns.map { ($0.id, $0.id) })
        case .filter(.scan(let scan), let predicate):
            self.init(scan, predicate.conjuncts, scan.columns.map { ($0.id, $0.id) })
        case .project(let input, let projections):
            let below = try JoinSide(input)
            let names = Dictionary(
                below.outputs.map { ($0.outer, $0.inner) }, uniquingKeysWith: { a, _ in a })
            var outputs: [(ColumnId, ColumnId)] = []
            for projection in projections {
                guard let inner = projection.expression.columnId.flatMap({ names[$0] }) else {
                    throw .refused("side: it computes columns")
                }
                outputs.append((projection.column.id, inner))
            }
            self.init(below.scan, below.conjuncts, outputs)
        default: throw .refused("side: it is no table of a source")
        }
    }

    private init(
        _ scan: Scan, _ conjuncts: [Expression], _ outputs: [(ColumnId, ColumnId)]
    ) {
        self.scan = scan
        self.conjuncts = conjuncts
        self.outputs = outputs
    }

    func isOfSameSource(as other: JoinSide) -> Bool {
        (scan.table.connector as AnyObject) === (other.scan.table.connector as AnyObject)
    }

    func joining(with other: JoinSide) -> (any ConnectorJoining)? {
        isOfSameSource(as: other) ? scan.table.connector.joining : nil
    }
}

/// A side as the source will read it.
struct AgreedSide {
    let scan: PhysicalScan
    /// The side's columns in the plan's output.
    let places: [(ColumnId, Int)]
    /// For each column of the plan's output, the table's.
    private let tableColumns: [Int]

    init(_ side: JoinSide, _ agreement: ScanNegotiation.Agreement) {
        scan = agreement.scan
        let positions = Dictionary(
            agreement.columns.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { a, _ in a })
        places = side.outputs.compactMap { output in
            positions[output.inner].map { (output.outer, $0) }
        }
        let indexes = Dictionary(
            zip(side.scan.columns.map(\.id), side.scan.tableColumns),
            uniquingKeysWith: { a, _ in a })
        tableColumns = agreement.columns.map { indexes[$0.id] ?? 0 }
    }

    var schema: Schema { scan.answer.schema }

    func statistics(_ cache: StatisticsCache, offset: Int) -> [ColumnStatistics] {
        let known = cache.statistics(scan.table).columns
        return tableColumns.enumerated().compactMap { place, tableColumn in
            var column = known.first { $0.column == tableColumn }
            column?.column = place + offset
            return column
        }
    }
}

/// A join's conditions: those by which pairs match, and those that may be checked afterwards.
struct JoinConditions {
    var matching: [Expression] = []
    var rest: [Expression] = []

    init(_ join: Join, _ left: JoinSide, _ right: JoinSide) throws(JoinRefusal) {
        let conjuncts = join.condition.conjuncts.filter { $0 != .trueLiteral }
        if conjuncts.contains(where: \.isPinned) {
            throw .refused("may_fail: errors would depend on the order of evaluation")
        }
        let leftIds = Set(left.outputs.map { $0.outer })
        let rightIds = Set(right.outputs.map { $0.outer })
        func isKey(_ conjunct: Expression) -> Bool {
            guard case .call("=", _, _) = conjunct else { return false }
            let used = conjunct.referencedColumns
            return !used.isDisjoint(with: leftIds) && !used.isDisjoint(with: rightIds)
        }
        for conjunct in conjuncts {
            if join.kind != .inner || isKey(conjunct) {
                matching.append(conjunct)
            } else {
                rest.append(conjunct)
            }
        }
        // Without an equality a source tries every pair, as slowly as anyone.
        let isConnected = matching.contains(where: isKey)
        if !isConnected { throw .refused("cost: no equality connects the sides") }
    }
}
