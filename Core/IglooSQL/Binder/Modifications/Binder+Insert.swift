// SPDX-License-Identifier: MIT

internal import IglooArrow
public import IglooContracts
public import IglooPlan

// INSERT and ON CONFLICT.
extension Binder {
    /// - Parameter known: the target, if it is not to be looked up.
    public func bind(
        _ insert: Insert, into known: WriteTarget? = nil
    ) throws(IglooError) -> BoundWrite {
        var target = if let known { known } else { try writeTarget(insert.table) }
        if insert.overridesSystem {
            for index in target.definition.columns.indices {
                target.definition.columns[index].sequence?.identity = .byDefault
            }
        }
        let common = try insert.with.flatMap { (with) throws(IglooError) in
            try declare(with, nil, nil)
        }
        var assigned: [Int] = []
        let given = try insertedRows(insert, target, common, &assigned)
        let rows = try computed(target, given, given.columns).plan
        let item = newRows(target, rows.columns, insert.table, insert.alias)
        var write = try finished(
            .insert, target, rows, leading: [], values: rows.columns,
            returning: insert.returning, scope: item, common: common)
        write.assigned = assigned
        if let conflict = insert.conflict {
            write.conflict = try bind(conflict, insert, target, assigned, common)
        }
        return write
    }

    /// The rows of a file become rows of the target: each value by a cast, as if it was asked for.
    ///
    /// - Parameter columns: where the query's columns go; empty: all, in the table's order.
    public func bind(
        copying query: Query, into table: QualifiedName, columns: [Identifier]
    ) throws(IglooError) -> BoundWrite {
        let target = try writeTarget(table)
        let all = target.definition.columns
        let places =
            columns.isEmpty
            ? all.indices.filter { all[$0].generatedText == nil }
            : try self.places(columns, in: target)
        let source = try bind(query)
        guard source.columns.count == places.count else {
            throw error(
                .badCopyFormat,
                "the file has \(source.columns.count) columns and \(places.count) were expected",
                table.range)
        }
        var projections: [Projection] = []
        for (index, column) in all.enumerated() {
            var value = try defaultValue(column)
            if let place = places.firstIndex(of: index) {
                let given = source.columns[place]
                guard given.type == column.type || Self.isCastable(given.type, column.type) else {
                    throw error(
                        .datatypeMismatch,
                        "column \"\(column.name)\" is of type \(column.typeName) but the file's "
                            + "is of type \(given.type.sqlName)", table.range)
                }
                value = converted(given.reference, to: column.type)
            }
            projections.append(
                Projection(column: newColumn(column.name, column.type), expression: value))
        }
        let given = LogicalPlan.project(source, projections)
        let rows = try computed(target, given, given.columns).plan
        return try finished(
            .insert, target, rows, leading: [], values: rows.columns, returning: [],
            scope: newRows(target, rows.columns, table, nil), common: nil)
    }

    /// The table's columns of the rows to come, in their types.
    private func insertedRows(
        _ insert: Insert, _ target: WriteTarget, _ common: CommonTableScope?,
        _ given: inout [Int]
    ) throws(IglooError) -> LogicalPlan {
        let columns = target.definition.columns
        guard case .query(let query) = insert.source else {
            var cells: [Expression] = []
            for column in columns { cells.append(try omitted(column)) }
            return .values([cells], columns: columns.map { newColumn($0.name, $0.type) })
        }
        let isListed = !insert.columns.isEmpty
        var places: [Int] = []
        if isListed { places = try self.places(insert.columns, in: target) }
        if case .values(let rows, let range) = query.body, query.with == nil,
            query.orderBy == nil, query.limit == nil, query.offset == nil
        {
            if !isListed { places = Self.places(of: rows.first?.count ?? 0, columns) }
            given = Array(places.prefix(rows.first?.count ?? 0))
            return try insertedValues(rows, range, target, places, isListed, common)
        }
        let bound = try bind(query, outer: nil, common: common)
        if insert.isByName {
            places = []
            for column in bound.columns {
                places.append(
                    try place(Identifier(column.name, range: query.range), in: target))
            }
        }
        if !isListed && !insert.isByName {
            places = Self.places(of: bound.columns.count, columns)
        }
        try checkCount(bound.columns.count, places.count, isListed || insert.isByName, query.range)
        given = Array(places.prefix(bound.columns.count))
        var projections: [Projection] = []
        for (index, column) in columns.enumerated() {
            let value: Expression
            if let source = places.firstIndex(of: index), source < bound.columns.count {
                try checkAssignable(column, isUpdate: false, query.range)
                value = try assigned(
                    BoundExpression(
                        bound.columns[source].reference, isOpen: bound.isOpen[source], query.range),
                    to: column)
            } else {
                value = try omitted(column)
            }
            projections.append(
                Projection(column: newColumn(column.name, column.type), expression: value))
        }
        return .project(bound.plan, projections)
    }

    /// The columns that so many values without names are for: those that are not generated, unless
    /// there is a value for each.
    private static func places(of count: Int, _ columns: [TableDefinition.Column]) -> [Int] {
        count >= columns.count
            ? Array(columns.indices) : columns.indices.filter { columns[$0].generatedText == nil }
    }

    /// What stands for a column that no value is given; a source puts in its own default.
    private func omitted(_ column: TableDefinition.Column) throws(IglooError) -> Expression {
        column.isDefaultForeign ? .null(column.type) : try defaultValue(column)
    }

    /// Literal rows: each cell becomes a value of its column at once.
    private func insertedValues(
        _ rows: [[ExpressionSyntax]], _ range: SourceRange, _ target: WriteTarget, _ places: [Int],
        _ isListed: Bool, _ common: CommonTableScope?
    ) throws(IglooError) -> LogicalPlan {
        let columns = target.definition.columns
        let context = ExpressionContext(Scope(parent: nil), clause: "VALUES", common: common)
        let count = rows.first?.count ?? 0
        try checkCount(count, places.count, isListed, rows.first?.last?.range ?? range)
        var source = [Int?](repeating: nil, count: columns.count)
        for (index, place) in places.prefix(count).enumerated() { source[place] = index }
        var cells: [[Expression]] = []
        cells.reserveCapacity(rows.count)
        for row in rows {
            guard row.count == count else {
                throw error(
                    .syntaxError, "VALUES lists must all be the same length",
                    row.first?.range ?? range)
            }
            var values: [Expression] = []
            values.reserveCapacity(columns.count)
            for (index, column) in columns.enumerated() {
                if let place = source[index] {
                    values.append(try assigned(row[place], to: column, context))
                } else {
                    values.append(try omitted(column))
                }
            }
            cells.append(values)
        }
        return .values(cells, columns: columns.map { newColumn($0.name, $0.type) })
    }

    private func checkCount(
        _ given: Int, _ wanted: Int, _ isListed: Bool, _ range: SourceRange
    ) throws(IglooError) {
        if given > wanted {
            throw error(.syntaxError, "INSERT has more expressions than target columns", range)
        }
        if isListed && given < wanted {
            throw error(.syntaxError, "INSERT has more target columns than expressions", range)
        }
    }

    // MARK: - ON CONFLICT

    private func bind(
        _ conflict: OnConflict, _ insert: Insert, _ target: WriteTarget, _ assigned: [Int],
        _ common: CommonTableScope?
    ) throws(IglooError) -> BoundWrite.Conflict {
        if target.isForeign { return try replacement(conflict, target, assigned) }
        let keys = try conflictKeys(conflict, target)
        guard let assignments = conflict.update else { return BoundWrite.Conflict(keys: keys) }
        guard conflict.target != .any || keys.count == 1 else {
            throw error(
                .syntaxError,
                "ON CONFLICT DO UPDATE requires inference specification or constraint name",
                conflict.range, hint: "for example: ON CONFLICT (column)")
        }
        let columns = target.definition.columns
        var fields = [Field("rowid", .int64)]
        for column in columns { fields.append(Field(column.name, column.type)) }
        for column in columns { fields.append(Field(column.name, column.type)) }
        let held = HeldRows(Schema(fields))
        let scanned = fields.map { newColumn($0.name, $0.type) }
        let scan = Scan(
            table: held.source(named: target.name), columns: scanned,
            tableColumns: Array(fields.indices))
        let old = Array(scanned[1...columns.count])
        let proposed = Array(scanned.dropFirst(columns.count + 1))
        var item = newRows(target, old, insert.table, insert.alias, identity: [scanned[0]])
        let excluded = newRows(
            target, proposed, insert.table, Identifier("excluded", range: conflict.range))
        item.relations += excluded.relations
        item.plan = .scan(scan)
        let update = try updated(
            target, item, old, [scanned[0]], assignments, conflict.filter, insert.returning,
            insert.table, insert.alias, common)
        return BoundWrite.Conflict(keys: keys, rows: held, update: update)
    }

    /// A source replaces rows as wholes: each given column but the keys must be assigned its own
    /// value of `excluded`.
    private func replacement(
        _ conflict: OnConflict, _ target: WriteTarget, _ assigned: [Int]
    ) throws(IglooError) -> BoundWrite.Conflict {
        let keys = try conflictKeys(conflict, target)
        guard let assignments = conflict.update, conflict.filter == nil, keys.count == 1 else {
            throw notReplacing(conflict)
        }
        let columns = target.definition.columns
        let identity = target.definition.keys[keys[0]].columns
        var replaced: Set<Int> = []
        for assignment in assignments {
            guard case .column(let name) = assignment.value.kind, name.parts.count == 2,
                name.parts[0].name == "excluded", assignment.columns.count == 1
            else { throw notReplacing(conflict) }
            let place = try place(assignment.columns[0], in: target)
            guard try self.place(name.parts[1], in: target) == place else {
                throw notReplacing(conflict)
            }
            replaced.insert(place)
        }
        guard replaced.union(identity) == Set(assigned).union(identity),
            identity.allSatisfy(assigned.contains), columns.indices.contains(identity[0])
        else { throw notReplacing(conflict) }
        var bound = BoundWrite.Conflict(keys: keys)
        bound.replaces = true
        return bound
    }

    private func notReplacing(_ conflict: OnConflict) -> IglooError {
        error(
            .featureNotSupported,
            "ON CONFLICT on a table of a connector replaces rows as wholes", conflict.range,
            hint: "DO UPDATE SET column = excluded.column, for each column but the key; or MERGE")
    }

    private func conflictKeys(
        _ conflict: OnConflict, _ target: WriteTarget
    ) throws(IglooError) -> [Int] {
        let keys = target.definition.keys
        switch conflict.target {
        case .any: return Array(keys.indices)
        case .columns(let names):
            let wanted = Set(try places(names, in: target))
            let found = keys.indices.filter { Set(keys[$0].columns) == wanted }
            guard let first = found.first else {
                throw error(
                    .invalidColumnReference,
                    "there is no unique or exclusion constraint matching the ON CONFLICT "
                        + "specification", conflict.range)
            }
            return [first]
        case .constraint(let name):
            guard let index = keys.firstIndex(where: { $0.name == name.name }) else {
                throw IglooError(
                    .notFound,
                    "constraint \"\(name)\" for table \"\(target.name)\" does not exist",
                    hint: NearestName.among(keys.map(\.name), to: name.name)
                        .map { "did you mean \"\($0)\"?" }, sqlState: .undefinedObject,
                    position: name.range.start)
            }
            return [index]
        }
    }
}
