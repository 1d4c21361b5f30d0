// SPDX-License-Identifier: MIT

package import CIgloo
import IglooABI
import IglooArrow
package import IglooContracts

/// A scan request in the ABI's form, valid as long as this object.
package final class EncodedScan {
    package let request: igloo_scan_request
    private let arena = Arena()

    /// Steps whose types cannot be told are left out with all that build on them; a conjunct
    /// that cannot be told travels as an opaque one, so that its columns are still delivered.
    package init(_ scan: ScanRequest) {
        var encoder = ExpressionEncoder()
        var request = igloo_scan_request()
        request.table = arena.bytes(scan.table)
        let columns = scan.columns.map { UInt32(clamping: $0) }
        request.columns = UnsafePointer(arena.array(columns))
        request.n_columns = columns.count
        let conjuncts = scan.conjuncts.map { encoder.append($0) }
        request.conjuncts = UnsafePointer(arena.array(conjuncts))
        request.n_conjuncts = conjuncts.count
        request.limit = -1
        if Self.canTell(scan) {
            Self.addSteps(of: scan, to: &request, &encoder, arena)
        }
        request.exprs = arena.bytes(encoder.finish())
        self.request = request
    }

    private static func canTell(_ scan: ScanRequest) -> Bool {
        scan.aggregates.allSatisfy { ExpressionEncoder.canTell($0.type) }
            && scan.groupBy.allSatisfy { ExpressionEncoder.canTell($0.type) }
            && scan.sort.allSatisfy { ExpressionEncoder.canTell($0.expression.type) }
    }

    private static func addSteps(
        of scan: ScanRequest, to request: inout igloo_scan_request,
        _ encoder: inout ExpressionEncoder, _ arena: Arena
    ) {
        let keys = scan.groupBy.map { encoder.append($0) }
        request.group_by = UnsafePointer(arena.array(keys))
        request.n_group_by = keys.count
        let aggregates = scan.aggregates.map { aggregate in
            let arguments = aggregate.arguments.map { encoder.append($0) }
            return igloo_agg(
                fn: aggregate.function.rawValue, distinct: aggregate.isDistinct ? 1 : 0, pad: 0,
                filter: aggregate.filter.map { encoder.append($0) } ?? UInt32.max,
                result: encoder.append(type: aggregate.type), n_args: UInt32(arguments.count),
                args: UnsafePointer(arena.array(arguments)))
        }
        request.aggs = UnsafePointer(arena.array(aggregates))
        request.n_aggs = aggregates.count
        request.agg_mode = scan.aggregateMode.rawValue
        let sort = scan.sort.map { key in
            igloo_sort(
                expr: encoder.append(key.expression), descending: key.isDescending ? 1 : 0,
                nulls_first: key.nullsFirst ? 1 : 0, pad: (0, 0))
        }
        request.sort = UnsafePointer(arena.array(sort))
        request.n_sort = sort.count
        request.limit = scan.limit.map { max($0, 0) } ?? -1
    }
}

extension ScanAnswer {
    /// A plugin's answer as the contract's own type.
    ///
    /// - Throws: `internalError` for verdicts that there are none of, and for a number of columns
    ///   that does not follow from request and verdicts.
    init(
        _ answer: igloo_scan_answer, schema: Schema, verdicts: [UInt8], request: ScanRequest,
        _ call: PluginCall
    ) throws(IglooError) {
        self.init(
            schema: schema, handle: Array(answer.handle), conjunctCount: request.conjuncts.count)
        for (index, verdict) in verdicts.enumerated() {
            conjuncts[index] = try Verdict(verdict, call)
        }
        aggregate = try Verdict(answer.aggregate, call)
        sort = try Verdict(answer.sort, call)
        limit = try Verdict(answer.limit, call)
        if aggregate != .unsupported && request.aggregateMode == .none {
            throw call.broken("took over an aggregate that nobody asked for")
        }
        let columnCount =
            aggregate == .unsupported
            ? request.outputColumns(conjuncts).count
            : request.groupBy.count + request.aggregates.count
        guard schema.fields.count == columnCount else {
            throw call.broken(
                "planned \(schema.fields.count) columns where \(columnCount) were asked for")
        }
        snapshot = Array(answer.snapshot)
        estimatedRowCount = answer.est_rows.known
        estimatedByteCount = answer.est_bytes.known
        let text = String(answer.remote_text)
        remoteText = text.isEmpty ? nil : text
        let words = Array(answer.reasons, count: answer.n_reasons)
        guard words.isEmpty || words.count == request.conjuncts.count else {
            throw call.broken("gave \(words.count) reasons for \(verdicts.count) conjuncts")
        }
        reasons = words.map { String($0) }
    }
}

extension Verdict {
    fileprivate init(_ value: UInt8, _ call: PluginCall) throws(IglooError) {
        guard let verdict = Verdict(rawValue: value) else {
            throw call.broken("answered the verdict \(value), which there is none of")
        }
        self = verdict
    }
}
