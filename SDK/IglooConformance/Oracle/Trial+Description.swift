// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// Requests and answers in words, for those who look for a defect.
extension Trial {
    static func shown(_ request: ScanRequest) -> String {
        var parts: [String] = []
        if !request.conjuncts.isEmpty {
            parts.append("where " + request.conjuncts.map(shown).joined(separator: " and "))
        }
        if request.aggregateMode != .none {
            let keys = request.groupBy.map(shown).joined(separator: ", ")
            parts.append(
                "group by (\(keys)) " + request.aggregates.map(shown).joined(separator: ", "))
        }
        if !request.sort.isEmpty {
            parts.append(
                "order by "
                    + request.sort.map {
                        shown($0.expression) + ($0.isDescending ? " desc" : "")
                            + ($0.nullsFirst ? " nulls first" : "")
                    }.joined(separator: ", "))
        }
        if let limit = request.limit { parts.append("limit \(limit)") }
        return "columns \(request.columns) " + parts.joined(separator: " ")
    }

    static func shown(_ answer: ScanAnswer) -> String {
        "conditions \(answer.conjuncts.map { "\($0)" }), aggregate \(answer.aggregate), sort \(answer.sort), "
            + "limit \(answer.limit)"
    }

    static func shown(_ aggregate: PushdownAggregate) -> String {
        let arguments = aggregate.arguments.map(shown).joined(separator: ", ")
        let filter = aggregate.filter.map { " filter \(shown($0))" } ?? ""
        return
            "\(aggregate.function)(\(aggregate.isDistinct ? "distinct " : "")\(arguments))\(filter)"
    }

    private static let names: [PushdownOperation: String] = [
        .and: "and", .or: "or", .not: "not", .equal: "=", .notEqual: "<>", .less: "<",
        .lessOrEqual: "<=", .greater: ">", .greaterOrEqual: ">=", .isNull: "is null",
        .isDistinct: "is distinct from", .isIn: "in", .like: "like", .hasPrefix: "begins with",
    ]

    static func shown(_ x: PushdownExpression) -> String {
        switch x {
        case .column(let index, _): return "#\(index)"
        case .literal(let value, _): return RowComparison.shown(value)
        case .call(let operation, let arguments, _):
            let name = names[operation] ?? "op \(operation.rawValue)"
            let texts = arguments.prefix(6).map(shown)
            if texts.count == 2 { return "(\(texts[0]) \(name) \(texts[1]))" }
            return "\(name)(\(texts.joined(separator: ", ")))"
        }
    }
}
