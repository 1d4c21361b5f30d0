// SPDX-License-Identifier: MIT

internal import IglooArrow
internal import IglooContracts
internal import IglooPlan

// TABLESAMPLE and USING SAMPLE.
extension Binder {
    /// Each row with the same chance, or so many rows by chance.
    func sample(_ plan: LogicalPlan, _ sample: Sample) throws(IglooError) -> LogicalPlan {
        let columns = plan.columns
        guard let seed = sample.seed else {
            let random = Expression.call("random", [], .float64)
            guard sample.isPercent else {
                return try chosen(of: plan, columns, sample, by: random)
            }
            let share = try percentage(sample.size, "a sample")
            return .filter(
                plan, .call("<", [random, .literal(.float(share / 100), .float64)], .bool))
        }
        var numbered = plan
        let row = Expression.cast(number(&numbered).reference, .utf8View, isTry: false)
        let salt = Expression.literal(
            .text(" \(try rowCount(seed, "REPEATABLE") ?? 0)"), .utf8View)
        let digest = Expression.call("md5", [.call("||", [row, salt], .utf8View)], .utf8View)
        guard sample.isPercent else {
            return try chosen(of: numbered, columns, sample, by: digest)
        }
        // The first 32 bits of a digest are a number by chance, and in hexadecimal sort as such.
        let share = try percentage(sample.size, "a sample")
        guard share < 100 else { return plan }
        let bound = String(UInt64(share / 100 * 4_294_967_296), radix: 16)
        let padded = String(repeating: "0", count: 8 - bound.utf8.count) + bound
        let isChosen = Expression.call("<", [digest, .literal(.text(padded), .utf8View)], .bool)
        return .project(
            .filter(numbered, isChosen),
            columns.map { Projection(column: $0, expression: $0.reference) })
    }

    /// So many rows, the first in an order by chance.
    private func chosen(
        of plan: LogicalPlan, _ columns: [PlanColumn], _ sample: Sample, by chance: Expression
    ) throws(IglooError) -> LogicalPlan {
        guard let count = try rowCount(sample.size, "a sample") else { return plan }
        let place = newColumn("chance", chance.type)
        let marked = LogicalPlan.project(
            plan,
            columns.map {
                Projection(column: newColumn($0.name, $0.type), expression: $0.reference)
            } + [Projection(column: place, expression: chance)])
        let first = LogicalPlan.limit(
            .sort(marked, [SortKey(place.reference)]), count: count, offset: 0)
        return .project(
            first,
            zip(columns, marked.columns).map { Projection(column: $0, expression: $1.reference) })
    }
}
