// SPDX-License-Identifier: MIT

internal import IglooArrow
internal import IglooPlan

/// A column as it can be named in a query.
struct NamedColumn {
    var name: String
    /// What the name stands for: a column, or the merged columns of a full join with USING.
    /// `nil` for a column of a type the engine does not have.
    var expression: Expression?
    /// Of such a column, for the error.
    var sourceType: DataType
    /// Found by its name, and no part of `*`.
    var isHidden = false

    init(_ column: PlanColumn) {
        name = column.name
        expression = column.reference
        sourceType = column.type
    }

    func isNamed(_ name: Identifier) -> Bool {
        Identifier.folded(self.name) == Identifier.folded(name.name)
    }

    init(name: String, expression: Expression?, sourceType: DataType) {
        self.name = name
        self.expression = expression
        self.sourceType = sourceType
    }
}

/// A table, subquery or function in FROM, under its name there.
struct ScopeRelation {
    /// Innermost last: `catalog`, `schema`, `table`; or the alias alone; empty without a name.
    var nameParts: [String]
    var columns: [NamedColumn]
    /// The one column of a function under the function's name, where it has another.
    var synonym: NamedColumn?

    /// Whether `qualifier` names this relation: `table`, `schema.table`, `catalog.schema.table`.
    func isNamed(_ qualifier: ArraySlice<Identifier>) -> Bool {
        guard qualifier.count <= nameParts.count, !qualifier.isEmpty else { return false }
        return zip(nameParts.suffix(qualifier.count), qualifier).allSatisfy {
            Identifier.folded($0) == Identifier.folded($1.name)
        }
    }
}

/// The names that the clauses of one SELECT see, and, through `parent`, those of the queries
/// around it.
final class Scope {
    let parent: Scope?
    /// Tables beside this query, for names that mean nothing here nor around.
    let neighbours: Scope?
    var relations: [ScopeRelation]
    /// The columns that `*` stands for, and that may be named without a table.
    var visible: [NamedColumn]
    /// Where the query stands that is bound now, among the expressions that see this scope: an
    /// aggregate over this scope's columns alone belongs there.
    weak var current: ExpressionContext?
    /// By folded name, the indexes of `visible`.
    private let index: [String: [Int]]

    init(
        parent: Scope?, neighbours: Scope? = nil, relations: [ScopeRelation] = [],
        visible: [NamedColumn] = []
    ) {
        self.parent = parent
        self.neighbours = neighbours
        self.relations = relations
        self.visible = visible
        var index: [String: [Int]] = [:]
        for (position, column) in visible.enumerated() {
            index[Identifier.folded(column.name), default: []].append(position)
        }
        self.index = index
    }

    enum Match {
        case none
        case one(NamedColumn)
        case ambiguous
    }

    /// The column of this scope alone that a bare name stands for. Names match in any case, but an
    /// exact spelling goes before others.
    func column(_ name: Identifier) -> Match {
        if let found = index[Identifier.folded(name.name)] {
            return Self.pick(name, among: found.map { visible[$0] })
        }
        return Self.pick(name, among: relations.compactMap(\.synonym).filter { $0.isNamed(name) })
    }

    func column(_ name: Identifier, of relation: ScopeRelation) -> Match {
        let found = relation.columns.filter { $0.isNamed(name) }
        if found.isEmpty, let synonym = relation.synonym, synonym.isNamed(name) {
            return .one(synonym)
        }
        // A column of a table may have the name of one that is hidden.
        let visible = found.filter { !$0.isHidden }
        return Self.pick(name, among: visible.isEmpty ? found : visible)
    }

    private static func pick(_ name: Identifier, among candidates: [NamedColumn]) -> Match {
        guard let first = candidates.first else { return .none }
        if candidates.count == 1 { return .one(first) }
        let exact = candidates.filter { $0.name == name.written }
        if exact.count == 1, candidates.count != exact.count { return .one(exact[0]) }
        return .ambiguous
    }

    /// The hidden column of this scope alone that a bare name stands for.
    func hiddenColumn(_ name: Identifier) -> Match {
        let folded = Identifier.folded(name.name)
        return Self.pick(
            name,
            among: relations.flatMap(\.columns).filter {
                $0.isHidden && Identifier.folded($0.name) == folded
            })
    }

    /// The relations of this scope alone that a qualifier may mean.
    func relations(named qualifier: ArraySlice<Identifier>) -> [ScopeRelation] {
        relations.filter { $0.isNamed(qualifier) }
    }
}

/// A FROM item bound: its rows and its names.
struct FromItem {
    var plan: LogicalPlan
    var relations: [ScopeRelation]
    var visible: [NamedColumn]

    func scope(parent: Scope?) -> Scope {
        Scope(parent: parent, relations: relations, visible: visible)
    }
}

/// The common tables that a query sees, innermost first.
final class CommonTableScope {
    let parent: CommonTableScope?
    let table: CommonTable
    /// What the names in its FROM see of the queries around it.
    let outer: Scope?
    /// Its own name is in scope of its query: WITH RECURSIVE.
    let isRecursive: Bool
    /// Bound at its first use.
    var bound: Bound?
    /// While its query is bound: what its own name means there.
    var ownUse: OwnUse?

    struct Bound {
        var id: Int
        var plan: LogicalPlan
    }

    enum OwnUse {
        /// For this reason nothing.
        case refused(String)
        /// What the recursion of this id found last.
        case step(Int, [PlanColumn])
    }

    init(_ table: CommonTable, parent: CommonTableScope?, outer: Scope?, isRecursive: Bool) {
        self.table = table
        self.parent = parent
        self.outer = outer
        self.isRecursive = isRecursive
    }
}
