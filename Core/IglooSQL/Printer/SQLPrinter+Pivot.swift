// SPDX-License-Identifier: MIT

// PIVOT and UNPIVOT. Statements are printed as what they are short for, so that they may stand
// anywhere in FROM.
extension SQLPrinter {
    mutating func print(_ pivot: Pivot) {
        let isPlain = pivot.axes.allSatisfy { $0.choices != .found }
        guard isPlain, !pivot.axes.isEmpty, !pivot.aggregates.isEmpty else {
            parenthesised { $0.statement(pivot) }
            print(pivot.alias)
            return
        }
        source(pivot.source)
        write(" PIVOT ")
        parenthesised { printer in
            printer.list(pivot.aggregates) { $0.print($1) }
            printer.write(" FOR ")
            printer.list(pivot.axes, separator: " ") { $0.print($1) }
            if let groups = pivot.groups {
                printer.write(" GROUP BY ")
                printer.list(groups)
            }
        }
        print(pivot.alias)
    }

    private mutating func statement(_ pivot: Pivot) {
        write("PIVOT ")
        source(pivot.source)
        if !pivot.axes.isEmpty {
            write(" ON ")
            list(pivot.axes) { $0.print($1) }
        }
        if !pivot.aggregates.isEmpty {
            write(" USING ")
            list(pivot.aggregates) { $0.print($1) }
        }
        guard let groups = pivot.groups else { return }
        write(" GROUP BY ")
        list(groups)
    }

    private mutating func source(_ table: TableReference) {
        switch table {
        case .join: parenthesised { $0.print(table) }
        default: print(table)
        }
    }

    private mutating func print(_ axis: Pivot.Axis) {
        if axis.expressions.count == 1 {
            print(axis.expressions[0], axis.choices == .found ? .lowest : .primary)
        } else {
            parenthesised { $0.list(axis.expressions) }
        }
        switch axis.choices {
        case .found: break
        case .query(let query):
            write(" IN ")
            parenthesised { $0.print(query) }
        case .listed(let choices):
            write(" IN ")
            parenthesised {
                $0.list(choices) { $0.print($1.values, as: $1.alias) }
            }
        }
    }

    mutating func print(_ unpivot: Unpivot) {
        source(unpivot.source)
        write(unpivot.keepsNulls ? " UNPIVOT INCLUDE NULLS " : " UNPIVOT ")
        parenthesised { printer in
            printer.identifiers(unpivot.values)
            printer.write(" FOR ")
            printer.print(unpivot.name)
            printer.write(" IN ")
            printer.parenthesised {
                $0.list(unpivot.entries) { $0.print($1.expressions, as: $1.alias) }
            }
        }
        print(unpivot.alias)
    }

    private mutating func print(_ values: [ExpressionSyntax], as alias: Identifier?) {
        if values.count == 1 {
            print(values[0])
        } else {
            parenthesised { $0.list(values) }
        }
        guard let alias else { return }
        write(" AS ")
        print(alias)
    }
}
