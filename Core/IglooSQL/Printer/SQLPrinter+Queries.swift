// SPDX-License-Identifier: MIT

extension SQLPrinter {
    mutating func print(_ query: Query) {
        if let with = query.with { print(with) }
        operand(query.body, isOnly: true)
        switch query.orderBy {
        case .all(let isDescending, let nullsFirst, _)?:
            write(" ORDER BY ALL")
            direction(isDescending, nullsFirst)
        case .items(let items)?:
            write(" ORDER BY ")
            list(items) { $0.print($1) }
        case nil: break
        }
        if let limit = query.limit { print(limit) }
        if let offset = query.offset {
            write(" OFFSET ")
            print(offset)
        }
    }

    private mutating func print(_ limit: Limit) {
        switch limit {
        case .all: write(" LIMIT ALL")
        case .count(let count):
            write(" LIMIT ")
            print(count)
        case .percent(let share):
            write(" LIMIT ")
            print(share, .primary)
            write(" PERCENT")
        case .withTies(let count):
            write(" FETCH FIRST ")
            print(count, .primary)
            write(" ROWS WITH TIES")
        }
    }

    mutating func print(_ with: With) {
        write(with.isRecursive ? "WITH RECURSIVE " : "WITH ")
        list(with.tables) { printer, table in
            printer.print(table.name)
            if !table.columns.isEmpty { printer.identifiers(table.columns) }
            printer.write(" AS ")
            switch table.isMaterialized {
            case true?: printer.write("MATERIALIZED ")
            case false?: printer.write("NOT MATERIALIZED ")
            case nil: break
            }
            printer.parenthesised { $0.print(table.query) }
        }
        write(" ")
    }

    /// A body. Within a set operation, what is not a plain SELECT or VALUES gets parentheses.
    private mutating func operand(_ body: QueryBody, isOnly: Bool) {
        switch body {
        case .select(let select): print(select)
        case .values(let rows, _):
            write("VALUES ")
            list(rows) { printer, row in printer.parenthesised { $0.list(row) } }
        case .query(let query): parenthesised { $0.print(query) }
        case .setOperation(let operation):
            guard isOnly else {
                parenthesised { $0.print(operation) }
                return
            }
            print(operation)
        }
    }

    private mutating func print(_ operation: SetOperationSyntax) {
        let word =
            switch operation.kind {
            case .union: " UNION "
            case .intersect: " INTERSECT "
            case .except: " EXCEPT "
            }
        let separator =
            word + (operation.isAll ? "ALL " : "") + (operation.isByName ? "BY NAME " : "")
        list(operation.operands, separator: separator) { $0.operand($1, isOnly: false) }
    }

    private mutating func print(_ select: Select) {
        write("SELECT ")
        switch select.distinct {
        case .rows?: write("DISTINCT ")
        case .on(let keys)?:
            write("DISTINCT ON (")
            list(keys)
            write(") ")
        case nil: break
        }
        list(select.items) { $0.print($1) }
        if !select.from.isEmpty {
            write(" FROM ")
            list(select.from) { $0.print($1) }
        }
        clause(" WHERE ", select.filter)
        if let groupBy = select.groupBy { print(groupBy) }
        clause(" HAVING ", select.having)
        if !select.windows.isEmpty {
            write(" WINDOW ")
            list(select.windows) { printer, window in
                printer.print(window.name)
                printer.write(" AS ")
                printer.print(window.definition)
            }
        }
        clause(" QUALIFY ", select.qualify)
        guard let sample = select.sample else { return }
        write(" USING SAMPLE ")
        print(sample)
    }

    mutating func print(_ item: SelectItem) {
        print(item.expression)
        guard let alias = item.alias else { return }
        write(" AS ")
        print(alias)
    }

    private mutating func clause(_ word: String, _ expression: ExpressionSyntax?) {
        guard let expression else { return }
        write(word)
        print(expression)
    }

    private mutating func print(_ groupBy: GroupBy) {
        write(" GROUP BY ")
        switch groupBy {
        case .all: write("ALL")
        case .elements(let elements): list(elements) { $0.print($1) }
        }
    }

    private mutating func print(_ element: GroupingElement) {
        switch element {
        case .expression(let expression): print(expression)
        case .empty: write("()")
        case .rollup(let lists, _): grouping("ROLLUP ", lists)
        case .cube(let lists, _): grouping("CUBE ", lists)
        case .sets(let elements, _):
            write("GROUPING SETS ")
            parenthesised { $0.list(elements) { $0.print($1) } }
        }
    }

    private mutating func grouping(_ word: String, _ lists: [[ExpressionSyntax]]) {
        write(word)
        parenthesised {
            $0.list(lists) { printer, list in
                if list.count == 1 {
                    printer.print(list[0])
                } else {
                    printer.parenthesised { $0.list(list) }
                }
            }
        }
    }

    mutating func print(_ item: SortItem) {
        print(item.expression)
        direction(item.isDescending, item.nullsFirst)
    }

    private mutating func direction(_ isDescending: Bool, _ nullsFirst: Bool?) {
        if isDescending { write(" DESC") }
        if let nullsFirst { write(nullsFirst ? " NULLS FIRST" : " NULLS LAST") }
    }
}
