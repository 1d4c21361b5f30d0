// SPDX-License-Identifier: MIT

internal import IglooContracts
internal import IglooPlan

/// The functions of one SELECT that give several rows, `unnest(list)`: its rows are repeated, one
/// for each value of the longest.
final class RowCalls {
    private(set) var generators: [Unnest.Generator] = []

    /// The column of a call; calls that say the same are one.
    func column(_ source: Unnest.Generator.Source, make: () -> PlanColumn) -> PlanColumn {
        if let same = generators.first(where: { $0.source == source }) { return same.column }
        let generator = Unnest.Generator(source, column: make())
        generators.append(generator)
        return generator.column
    }

    /// Whether `expression` uses one of the calls.
    func isUsed(in expression: Expression) -> Bool {
        let columns = Set(generators.map(\.column.id))
        return !columns.isDisjoint(with: expression.referencedColumns)
    }

    func mapExpressions(
        _ transform: (Expression) throws(IglooError) -> Expression
    ) throws(IglooError) {
        for index in generators.indices {
            generators[index].source = try generators[index].source.mapExpressions(transform)
        }
    }

    /// The plan with a column for every call.
    func applied(to plan: LogicalPlan) -> LogicalPlan {
        generators.isEmpty ? plan : .unnest(Unnest(plan, generators))
    }
}
