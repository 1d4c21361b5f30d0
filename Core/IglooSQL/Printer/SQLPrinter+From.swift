// SPDX-License-Identifier: MIT

// Tables, joins and windows.
extension SQLPrinter {
    mutating func print(_ table: TableReference) {
        switch table {
        case .table(let name, let alias):
            print(name)
            print(alias)
        case .file(let path, let alias, _):
            write(Self.quoted(path))
            print(alias)
        case .function(let function): print(function)
        case .query(let query, let isLateral, let alias, _):
            if isLateral { write("LATERAL ") }
            parenthesised { $0.print(query) }
            print(alias)
        case .join(let join): print(join)
        case .sample(let table, let sample):
            print(table)
            write(" TABLESAMPLE ")
            print(sample)
        case .pivot(let pivot): print(pivot)
        case .unpivot(let unpivot): print(unpivot)
        case .statement(let statement, let alias, _):
            parenthesised { $0.print(statement) }
            print(alias)
        }
    }

    mutating func print(_ sample: Sample) {
        parenthesised { $0.print(sample.size) }
        write(sample.isPercent ? " PERCENT" : " ROWS")
        guard let seed = sample.seed else { return }
        write(" REPEATABLE ")
        parenthesised { $0.print(seed) }
    }

    mutating func print(_ alias: TableAlias?) {
        guard let alias else { return }
        write(" AS ")
        print(alias.name)
        guard !alias.types.isEmpty else {
            if !alias.columns.isEmpty { identifiers(alias.columns) }
            return
        }
        parenthesised { printer in
            printer.list(Array(zip(alias.columns, alias.types))) { printer, column in
                printer.print(column.0)
                printer.write(" ")
                printer.print(column.1)
            }
        }
    }

    private mutating func print(_ function: TableFunction) {
        if function.isLateral { write("LATERAL ") }
        print(function.name)
        parenthesised { printer in
            printer.list(function.arguments) { printer, argument in
                // `(a = 1)` is a comparison, `a = 1` an argument by name.
                if case .infix = argument.kind {
                    printer.parenthesised { $0.print(argument) }
                } else {
                    printer.print(argument)
                }
            }
            if !function.arguments.isEmpty, !function.namedArguments.isEmpty { printer.write(", ") }
            printer.named(function.namedArguments)
        }
        if function.withOrdinality { write(" WITH ORDINALITY") }
        print(function.alias)
    }

    private mutating func print(_ join: JoinSyntax) {
        print(join.left)
        if case .natural = join.condition { write(" NATURAL") }
        if join.isAsof { write(" ASOF") }
        switch join.kind {
        case .inner: write(" JOIN ")
        case .left: write(" LEFT JOIN ")
        case .right: write(" RIGHT JOIN ")
        case .full: write(" FULL JOIN ")
        case .cross: write(" CROSS JOIN ")
        case .semi: write(" SEMI JOIN ")
        case .anti: write(" ANTI JOIN ")
        case .positional: write(" POSITIONAL JOIN ")
        }
        if case .join = join.right {
            parenthesised { $0.print(join.right) }
        } else {
            print(join.right)
        }
        switch join.condition {
        case .on(let condition):
            write(" ON ")
            print(condition)
        case .using(let names):
            write(" USING ")
            identifiers(names)
        case .natural, .none: break
        }
    }

    mutating func print(_ window: WindowDefinition) {
        var parts: [String] = []
        if let base = window.base { parts.append(Self.text(of: base)) }
        if !window.partitionBy.isEmpty {
            parts.append("PARTITION BY " + Self.part { $0.list(window.partitionBy) })
        }
        if !window.orderBy.isEmpty {
            parts.append("ORDER BY " + Self.part { $0.list(window.orderBy) { $0.print($1) } })
        }
        if let frame = window.frame { parts.append(Self.part { $0.print(frame) }) }
        write("(" + parts.joined(separator: " ") + ")")
    }

    private static func part(_ body: (inout SQLPrinter) -> Void) -> String {
        var printer = SQLPrinter()
        body(&printer)
        return printer.output
    }

    private mutating func print(_ frame: WindowFrame) {
        write("\(frame.unit) ".uppercased())
        if let end = frame.end {
            write("BETWEEN ")
            print(frame.start)
            write(" AND ")
            print(end)
        } else {
            print(frame.start)
        }
        switch frame.exclusion {
        case .currentRow?: write(" EXCLUDE CURRENT ROW")
        case .group?: write(" EXCLUDE GROUP")
        case .ties?: write(" EXCLUDE TIES")
        case .noOthers?: write(" EXCLUDE NO OTHERS")
        case nil: break
        }
    }

    private mutating func print(_ bound: WindowFrame.Bound) {
        switch bound {
        case .unboundedPreceding: write("UNBOUNDED PRECEDING")
        case .unboundedFollowing: write("UNBOUNDED FOLLOWING")
        case .currentRow: write("CURRENT ROW")
        case .preceding(let distance):
            print(distance, .not)
            write(" PRECEDING")
        case .following(let distance):
            print(distance, .not)
            write(" FOLLOWING")
        }
    }
}
