// SPDX-License-Identifier: MIT

/// For each input row, as many rows as the longest of its generators has elements; those of the
/// others are NULL where they end. The output is the input's columns, then the generators'.
public struct Unnest: Hashable, Sendable {
    public struct Generator: Hashable, Sendable {
        public enum Source: Hashable, Sendable {
            /// The elements of a list; none where it is NULL.
            case elements(Expression)
            /// `start`, `start + step` ... up to `stop` (before it, if not `isInclusive`): integers,
            /// or timestamps with an interval for a step.
            case series(
                start: Expression, stop: Expression, step: Expression, isInclusive: Bool)
        }

        public var source: Source
        public var column: PlanColumn

        public init(_ source: Source, column: PlanColumn) {
            self.source = source
            self.column = column
        }
    }

    /// What there is of rows and columns beside the generators' values.
    public struct Shape: Hashable, Sendable {
        /// A last column numbers the elements from 1.
        public var hasOrdinality: Bool
        /// A row without elements stays, once, with NULLs: LEFT JOIN.
        public var keepsEmpty: Bool

        public init(hasOrdinality: Bool, keepsEmpty: Bool) {
            self.hasOrdinality = hasOrdinality
            self.keepsEmpty = keepsEmpty
        }
    }

    public var input: LogicalPlan
    public var generators: [Generator]
    /// WITH ORDINALITY: the element's number, from 1.
    public var ordinality: PlanColumn?
    /// A row without elements stays, once, with NULLs.
    public var keepsEmpty: Bool

    public init(
        _ input: LogicalPlan, _ generators: [Generator], ordinality: PlanColumn? = nil,
        keepsEmpty: Bool = false
    ) {
        self.input = input
        self.generators = generators
        self.ordinality = ordinality
        self.keepsEmpty = keepsEmpty
    }

    public var shape: Shape {
        Shape(hasOrdinality: ordinality != nil, keepsEmpty: keepsEmpty)
    }

    public var columns: [PlanColumn] {
        input.columns + generators.map(\.column) + (ordinality.map { [$0] } ?? [])
    }
}

extension Unnest.Generator.Source {
    public var expressions: [Expression] {
        switch self {
        case .elements(let list): [list]
        case .series(let start, let stop, let step, _): [start, stop, step]
        }
    }

    public func mapExpressions<E: Error>(
        _ transform: (Expression) throws(E) -> Expression
    ) throws(E) -> Self {
        switch self {
        case .elements(let list): return .elements(try transform(list))
        case .series(let start, let stop, let step, let isInclusive):
            return .series(
                start: try transform(start), stop: try transform(stop), step: try transform(step),
                isInclusive: isInclusive)
        }
    }
}
