// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// Probes a join's table with the other side's rows. Rows whose partners are not in the table are
/// written out.
final class HashProbeOperator: MiddleOperator {
    private let sink: HashJoinSink
    private let join: PhysicalHashJoin
    private var table: JoinTable?
    private var writer: JoinSpill.Writer?
    private let keys: [ExpressionProgram]
    private let residual: ExpressionProgram?
    private var probeRows = [UInt32](repeating: 0, count: Batch.rowCountMax)
    private var buildRows = [UInt32](repeating: 0, count: Batch.rowCountMax)
    /// One byte a row of the current batch: matched how often, at most 2.
    private var matches: [UInt8] = []
    private let needsMatches: Bool
    /// Whether a row's first partner says all.
    private let firstOnly: Bool
    private var lookup: JoinProbe?

    init(
        _ next: PushOperator, _ metrics: OperatorMetrics, _ sink: HashJoinSink
    ) throws(IglooError) {
        self.sink = sink
        join = sink.join
        table = sink.table
        keys = try sink.join.probeKeys.programs(sink.query.evaluation)
        if let residual = sink.join.residual {
            self.residual = try ExpressionProgram(residual, sink.query.evaluation)
        } else {
            residual = nil
        }
        needsMatches =
            join.kind == .full || !join.dropsUnmatchedProbeRows
            || join.kind == .semi && !join.buildsLeft
        firstOnly = !join.emitsPairs && !join.buildsLeft && join.residual == nil
        super.init(next, metrics)
    }

    override func process(_ batch: Batch) throws(IglooError) -> Demand {
        guard let table else { preconditionFailure("a probe before the table is made") }
        if sink.isEmpty && join.dropsUnmatchedProbeRows { return .enough }
        guard sink.spill.isActive else { return try probe(batch, in: table) }
        let writer = self.writer ?? sink.spill.makeWriter(.probe)
        self.writer = writer
        let resident = try writer.append(
            try keys.evaluate(batch), batch, except: sink.spill.isResident)
        return try probe(try batch.gathered(resident), in: table)
    }

    override func finish() throws(IglooError) {
        try writer?.finish()
        try super.finish()
    }

    /// Joins rows with those of one table.
    func probe(_ batch: Batch, in table: JoinTable) throws(IglooError) -> Demand {
        if batch.rowCount == 0 { return .more }
        let keyColumns = try keys.evaluate(batch)
        if needsMatches {
            matches.removeAll(keepingCapacity: true)
            matches.append(contentsOf: repeatElement(0, count: batch.rowCount))
        }
        let lookup = lookup(in: table)
        try lookup.begin(keys: keyColumns, rowCount: batch.rowCount)
        while true {
            var count = lookup.next(
                pairCountMax: Batch.rowCountMax, probeRows: &probeRows, buildRows: &buildRows,
                firstOnly: firstOnly)
            if count == 0 { break }
            var joined: Batch?
            if let residual {
                let candidates = try pairs(batch, table, count)
                let kept = Vectors.selectedIndexes(of: try residual.evaluate(candidates))
                keepPairs(kept)
                joined = kept.count < count ? try candidates.gathered(kept) : candidates
                count = kept.count
            }
            try note(count, table)
            guard join.emitsPairs && count > 0 else { continue }
            if joined == nil { joined = try pairs(batch, table, count) }
            if let joined, try emit(joined) == .enough { return .enough }
        }
        return try emitRest(batch, keyColumns)
    }

    private func lookup(in table: JoinTable) -> JoinProbe {
        if let lookup, lookup.table === table { return lookup }
        let new = JoinProbe(table)
        lookup = new
        return new
    }

    private func keepPairs(_ kept: [UInt32]) {
        for (index, row) in kept.enumerated() {
            probeRows[index] = probeRows[Int(row)]
            buildRows[index] = buildRows[Int(row)]
        }
    }

    private func pairs(
        _ batch: Batch, _ table: JoinTable, _ count: Int
    ) throws(IglooError) -> Batch {
        // Most often every row has one partner.
        let isWhole = count == batch.rowCount && probeRows.isCounting(to: count)
        let probed =
            isWhole ? batch.columns : try Vectors.gather(batch.columns, probeRows[..<count])
        let built = try Vectors.gather(table.payload, buildRows[..<count])
        return Batch(
            columns: join.buildsLeft ? built + probed : probed + built, rowCount: count)
    }

    /// Remembers which rows have found partners.
    private func note(_ count: Int, _ table: JoinTable) throws(IglooError) {
        if join.buildRowsToEmit != nil { table.mark(buildRows: buildRows, count: count) }
        if !needsMatches { return }
        noteProbeRows(count)
        if join.kind == .single && matches.contains(2) {
            throw IglooError(
                .invalidArgument,
                "more than one row returned by a subquery used as an expression",
                sqlState: .cardinalityViolation)
        }
    }

    private func noteProbeRows(_ count: Int) {
        var index = 0
        while index < count {
            let row = Int(probeRows[index])
            matches[row] = min(matches[row] + 1, 2)
            index += 1
        }
    }

    /// What a batch's rows come to once all their partners are known.
    private func emitRest(_ batch: Batch, _ keyColumns: [ArrayData]) throws(IglooError) -> Demand {
        if !needsMatches { return .more }
        switch join.kind {
        case .inner, .left, .right, .full, .single:
            let rows = rows { $0 == 0 }
            if rows.isEmpty { return .more }
            let probed = try Vectors.gather(batch.columns, rows[...])
            let built = try Vectors.nulls(join.buildSide.types, count: rows.count)
            return try emit(
                Batch(
                    columns: join.buildsLeft ? built + probed : probed + built,
                    rowCount: rows.count))
        case .semi: return try emit(try batch.gathered(rows { $0 != 0 }))
        case .anti: return try emit(try batch.gathered(rows { $0 == 0 }))
        case .nullAwareAnti:
            if sink.isEmpty { return try emit(batch) }
            if sink.hasNullKey { return .more }
            let key = keyColumns[0]
            return try emit(
                try batch.gathered(rows { $0 == 0 }.filter { !key.isNull(Int($0)) }))
        case .mark:
            return try emit(
                Batch(columns: batch.columns + [mark(keyColumns[0])], rowCount: batch.rowCount))
        }
    }

    private func rows(_ isWanted: (UInt8) -> Bool) -> [UInt32] {
        var rows: [UInt32] = []
        for (index, count) in matches.enumerated() where isWanted(count) {
            rows.append(UInt32(index))
        }
        return rows
    }

    private func mark(_ key: ArrayData) -> ArrayData {
        var builder = BoolBuilder()
        for (row, count) in matches.enumerated() {
            if count > 0 {
                builder.append(true)
            } else if !sink.isEmpty && (sink.hasNullKey || key.isNull(row)) {
                builder.appendNull()
            } else {
                builder.append(false)
            }
        }
        return builder.finish()
    }
}

extension [UInt32] {
    /// Whether the first elements are 0, 1, 2 ...
    fileprivate func isCounting(to count: Int) -> Bool {
        withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return count == 0 }
            var difference: UInt32 = 0
            var index = 0
            while index < count {
                difference |= base[index] ^ UInt32(truncatingIfNeeded: index)
                index &+= 1
            }
            return difference == 0
        }
    }
}
