// SPDX-License-Identifier: MIT

public import IglooArrow
public import IglooContracts
public import IglooPlan

// CREATE TABLE and ALTER TABLE: columns and constraints with their types settled.
extension Binder {
    public func definition(of table: CreateTable) throws(IglooError) -> TableDefinition {
        let name = table.name.parts.last?.name ?? ""
        guard !table.columns.isEmpty else {
            throw error(.invalidTableDefinition, "a table needs a column", table.name.range)
        }
        var definition = TableDefinition(columns: [])
        var constraints: [TableConstraint] = []
        let plain = try plainColumns(of: table)
        for column in table.columns {
            definition.columns.append(try self.column(column, beside: plain))
            constraints += column.constraints
        }
        try checkNames(definition.columns.map(\.name), table.columns.map(\.name.range))
        for constraint in constraints + table.constraints where !constraint.isForeignKey {
            try add(constraint, to: &definition, ofTable: name)
        }
        return definition
    }

    /// The definition of a table with the columns of a query, which may be given other names.
    public func definition(
        of columns: [PlanColumn], named names: [Identifier]
    ) throws(IglooError) -> TableDefinition {
        guard names.count <= columns.count else {
            throw error(
                .syntaxError, "too many column names were specified",
                names.last?.range ?? SourceRange(0, 0))
        }
        let all = columns.enumerated().map { $0 < names.count ? names[$0].written : $1.name }
        try checkNames(all, names.map(\.range))
        let definitions = zip(all, columns).map { name, column in
            TableDefinition.Column(name, column.type == .null ? .utf8View : column.type)
        }
        return TableDefinition(columns: definitions)
    }

    /// The plan's columns in the types of a table that was made for them: NULL becomes text.
    public func typed(_ plan: LogicalPlan, as definition: TableDefinition) -> LogicalPlan {
        .project(
            plan,
            zip(plan.columns, definition.columns).map { old, column in
                let value = old.type == column.type ? old.reference : .null(column.type)
                return Projection(column: newColumn(column.name, column.type), expression: value)
            })
    }

    private func checkNames(_ names: [String], _ ranges: [SourceRange]) throws(IglooError) {
        var known: Set<String> = []
        for (index, name) in names.enumerated()
        where !known.insert(Identifier.folded(name)).inserted {
            throw error(
                .duplicateColumn, "column \"\(name)\" specified more than once",
                index < ranges.count ? ranges[index] : SourceRange(0, 0))
        }
    }

    /// The columns of which generated ones are computed.
    private func plainColumns(
        of table: CreateTable
    ) throws(IglooError) -> [TableDefinition.Column] {
        guard table.columns.contains(where: { $0.generated != nil }) else { return [] }
        var columns: [TableDefinition.Column] = []
        for column in table.columns where column.generated == nil {
            columns.append(try self.column(column, beside: []))
        }
        return columns
    }

    /// - Parameter others: the table's columns that are not generated.
    public func column(
        _ syntax: ColumnSyntax, beside others: [TableDefinition.Column]
    ) throws(IglooError) -> TableDefinition.Column {
        if let value = syntax.generated { return try generatedColumn(syntax, value, others) }
        guard let name = syntax.type else {
            throw error(
                .syntaxError, "column \"\(syntax.name)\" needs a type", syntax.name.range)
        }
        if let serial = try serialColumn(syntax, name) { return serial }
        let type = try self.type(name)
        var column = TableDefinition.Column(
            syntax.name.written, type, lengthMax: Self.lengthMax(name),
            isNullable: !syntax.isNotNull)
        if let identity = syntax.identity {
            try checkNoDefault(syntax)
            var options = syntax.sequence
            options.type = options.type ?? name
            column.sequence = .init(
                try definition(of: options), identity: identity == .always ? .always : .byDefault)
            column.isNullable = false
        }
        if let value = syntax.defaultValue {
            column.defaultText = try defaultText(value, column)
        }
        return column
    }

    private func generatedColumn(
        _ syntax: ColumnSyntax, _ value: ExpressionSyntax, _ others: [TableDefinition.Column]
    ) throws(IglooError) -> TableDefinition.Column {
        try checkNoDefault(syntax)
        let type = try syntax.type.map { (name) throws(IglooError) in try self.type(name) }
        let generated = try generated(value, as: type, from: others, all: others.map(\.name) + [""])
        var column = TableDefinition.Column(
            syntax.name.written, generated.type,
            lengthMax: syntax.type.flatMap { Self.lengthMax($0) }, isNullable: !syntax.isNotNull)
        column.generatedText = generated.text
        return column
    }

    /// `serial` and its kin; `nil` for other types.
    private func serialColumn(
        _ syntax: ColumnSyntax, _ name: TypeName
    ) throws(IglooError) -> TableDefinition.Column? {
        guard case .named(let word, _, _) = name else { return nil }
        let type: DataType
        switch word {
        case "smallserial", "serial2": type = .int16
        case "serial", "serial4": type = .int32
        case "bigserial", "serial8": type = .int64
        default: return nil
        }
        try checkNoDefault(syntax)
        var options = SequenceOptions()
        options.type = .named(type.sqlName, modifiers: [], name.range)
        var column = TableDefinition.Column(syntax.name.written, type, isNullable: false)
        column.sequence = .init(try definition(of: options))
        return column
    }

    private func checkNoDefault(_ syntax: ColumnSyntax) throws(IglooError) {
        guard syntax.defaultValue != nil else { return }
        throw error(
            .syntaxError,
            "column \"\(syntax.name)\" has both a default and values that are generated",
            syntax.name.range)
    }

    /// A default as it is kept, once it is known to fit.
    public func defaultText(
        _ value: ExpressionSyntax, _ column: TableDefinition.Column
    ) throws(IglooError) -> String {
        let context = ExpressionContext(Scope(parent: nil), clause: "DEFAULT", common: nil)
        _ = try assigned(try bind(value, context), to: column)
        return SQLPrinter.text(of: value)
    }

    public func type(
        of name: TypeName
    ) throws(IglooError) -> (type: DataType, lengthMax: Int?) {
        (try self.type(name), Self.lengthMax(name))
    }

    /// The length that a text type enforces.
    private static func lengthMax(_ name: TypeName) -> Int? {
        guard case .named(let word, let modifiers, _) = name, let length = modifiers.first,
            ["varchar", "char", "character", "bpchar", "char varying"].contains(word)
        else { return nil }
        return length
    }

    // MARK: - Constraints

    /// Puts a constraint into a definition, under its own name or PostgreSQL's.
    public func add(
        _ constraint: TableConstraint, to definition: inout TableDefinition, ofTable table: String
    ) throws(IglooError) {
        switch constraint.kind {
        case .primaryKey(let columns):
            guard !definition.keys.contains(where: { $0.kind == .primary }) else {
                throw error(
                    .invalidTableDefinition,
                    "multiple primary keys for table \"\(table)\" are not allowed",
                    constraint.range)
            }
            let places = try keyPlaces(columns, definition)
            for place in places { definition.columns[place].isNullable = false }
            try add(
                .init("\(table)_pkey", columns: places, kind: .primary), constraint, &definition)
        case .unique(let columns):
            let places = try keyPlaces(columns, definition)
            let names = places.map { definition.columns[$0].name }.joined(separator: "_")
            try add(
                .init("\(table)_\(names)_key", columns: places, kind: .unique), constraint,
                &definition)
        case .check(let condition):
            let used = try checkColumns(condition, definition)
            let middle = used.count == 1 ? "_\(used[0])" : ""
            let name = try free(
                constraint.name, "\(table)\(middle)_check", definition, constraint.range)
            definition.checks.append(.init(name, text: SQLPrinter.text(of: condition)))
        case .foreignKey: throw unsupported("a foreign key here is", constraint.range)
        }
    }

    private func add(
        _ key: TableDefinition.Key, _ constraint: TableConstraint,
        _ definition: inout TableDefinition
    ) throws(IglooError) {
        var key = key
        key.name = try free(constraint.name, key.name, definition, constraint.range)
        definition.keys.append(key)
    }

    /// The given name, which must be free, or one made from `base`.
    public func free(
        _ given: Identifier?, _ base: String, _ definition: TableDefinition, _ range: SourceRange
    ) throws(IglooError) -> String {
        let taken = definition.constraintNames
        if let given {
            guard !taken.contains(given.name) else {
                throw error(
                    .duplicateObject, "constraint \"\(given)\" already exists", range)
            }
            return given.name
        }
        if !taken.contains(base) { return base }
        var number = 1
        while taken.contains("\(base)\(number)") { number += 1 }
        return "\(base)\(number)"
    }

    /// The places of a key's columns.
    public func keyPlaces(
        _ columns: [Identifier], _ definition: TableDefinition
    ) throws(IglooError) -> [Int] {
        var places: [Int] = []
        for column in columns {
            let folded = Identifier.folded(column.name)
            let names = definition.columns.map(\.name)
            guard let place = names.firstIndex(where: { Identifier.folded($0) == folded }) else {
                throw IglooError(
                    .notFound, "column \"\(column)\" named in key does not exist",
                    hint: NearestName.among(names, to: column.written)
                        .map { "did you mean \"\($0)\"?" }, sqlState: .undefinedColumn,
                    position: column.range.start)
            }
            guard !places.contains(place) else {
                throw error(
                    .duplicateColumn,
                    "column \"\(column)\" appears twice in a key", column.range)
            }
            places.append(place)
        }
        return places
    }

    /// The names of the columns that a condition uses, once it is known to be one.
    private func checkColumns(
        _ condition: ExpressionSyntax, _ definition: TableDefinition
    ) throws(IglooError) -> [String] {
        let plan = definition.columns.map { newColumn($0.name, $0.type) }
        let columns = plan.map { NamedColumn($0) }
        let scope = Scope(
            parent: nil, relations: [ScopeRelation(nameParts: [], columns: columns)],
            visible: columns)
        let bound = try bindCondition(
            condition, ExpressionContext(scope, clause: "CHECK", common: nil))
        let hasQuery = bound.contains { if case .subquery = $0 { true } else { false } }
        guard !hasQuery else {
            throw unsupported("a subquery in a CHECK constraint is", condition.range)
        }
        let used = bound.referencedColumns
        return plan.filter { used.contains($0.id) }.map(\.name)
    }
}
