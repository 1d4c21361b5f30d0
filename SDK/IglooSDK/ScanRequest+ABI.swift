// SPDX-License-Identifier: MIT

import CIgloo
import IglooABI
import IglooContracts

extension ScanRequest {
    /// The request as the host wrote it. Steps that this SDK does not know (an aggregate function
    /// of a later minor, say) are left out together with those that build on them, and so answered
    /// `unsupported`.
    ///
    /// - Throws: `invalidArgument` for malformed expressions.
    init(_ request: igloo_scan_request) throws(IglooError) {
        let decoder = try ExpressionDecoder(Array(request.exprs))
        self.init(
            table: Array(request.table),
            columns: Array(request.columns, count: request.n_columns).map { Int($0) })
        conjuncts = try decoder.expressions(
            Array(request.conjuncts, count: request.n_conjuncts))
        guard try addAggregates(request, decoder) else { return }
        for key in Array(request.sort, count: request.n_sort) {
            sort.append(
                PushdownSort(
                    try decoder.expression(at: key.expr), isDescending: key.descending != 0,
                    nullsFirst: key.nulls_first != 0))
        }
        if request.limit >= 0 { limit = request.limit }
    }

    /// - Returns: whether they were understood.
    private mutating func addAggregates(
        _ request: igloo_scan_request, _ decoder: ExpressionDecoder
    ) throws(IglooError) -> Bool {
        guard let mode = AggregateMode(rawValue: request.agg_mode) else { return false }
        var aggregates: [PushdownAggregate] = []
        for aggregate in Array(request.aggs, count: request.n_aggs) {
            guard let function = PushdownAggregate.Function(rawValue: aggregate.fn) else {
                return false
            }
            aggregates.append(
                PushdownAggregate(
                    function,
                    try decoder.expressions(
                        Array(aggregate.args, count: Int(aggregate.n_args))),
                    isDistinct: aggregate.distinct != 0,
                    filter: aggregate.filter == UInt32.max
                        ? nil : try decoder.expression(at: aggregate.filter),
                    type: try decoder.expression(at: aggregate.result).type))
        }
        groupBy = try decoder.expressions(Array(request.group_by, count: request.n_group_by))
        self.aggregates = aggregates
        aggregateMode = mode
        return true
    }
}

extension ExpressionDecoder {
    func expressions(
        _ indexes: [UInt32]
    ) throws(IglooError) -> [PushdownExpression] {
        var expressions: [PushdownExpression] = []
        for index in indexes { expressions.append(try expression(at: index)) }
        return expressions
    }
}

extension ScanAnswer {
    /// Writes the answer for the host.
    ///
    /// - Throws: `internalError` when the connector did not answer each conjunct.
    func write(
        to out: UnsafeMutablePointer<igloo_scan_answer>, conjunctCount: Int
    ) throws(IglooError) {
        guard conjuncts.count == conjunctCount,
            reasons.isEmpty || reasons.count == conjunctCount
        else {
            throw IglooError(
                .internalError,
                "the connector answered \(conjuncts.count) of \(conjunctCount) conjuncts, "
                    + "with \(reasons.count) reasons")
        }
        let arena = Arena()
        for (index, verdict) in conjuncts.enumerated() {
            out.pointee.conjuncts?[index] = verdict.rawValue
        }
        out.pointee.aggregate = aggregate.rawValue
        out.pointee.sort = sort.rawValue
        out.pointee.limit = limit.rawValue
        out.pointee.handle = arena.bytes(handle)
        out.pointee.snapshot = arena.bytes(snapshot)
        out.pointee.est_rows = Double(known: estimatedRowCount)
        out.pointee.est_bytes = Double(known: estimatedByteCount)
        if let remoteText { out.pointee.remote_text = arena.str(remoteText) }
        out.pointee.reasons = arena.array(reasons.map { arena.str($0) }).map { UnsafePointer($0) }
        out.pointee.n_reasons = reasons.count
        out.pointee.owner = arena.retained()
        out.pointee.release = { answer in Arena.release(owner: answer?.pointee.owner) }
    }
}
