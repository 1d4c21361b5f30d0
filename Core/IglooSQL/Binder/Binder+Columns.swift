// SPDX-License-Identifier: MIT

internal import IglooArrow
internal import IglooContracts
internal import IglooPlan

// COLUMNS(...): an expression that stands for several, one for each column chosen.
extension Binder {
    /// Calls `body` once for each of the columns that a COLUMNS in what it binds stands for; once
    /// where there is none.
    func expanded(
        _ context: ExpressionContext, _ body: () throws(IglooError) -> Void
    ) throws(IglooError) {
        // A condition within an item belongs to the item's expansion.
        guard context.expansion == nil else { return try body() }
        defer { context.expansion = nil }
        try body()
        for index in 1..<max(context.expansion?.columns.count ?? 1, 1) {
            context.expansion?.index = index
            try body()
        }
    }

    /// The column that COLUMNS stands for now. The first one decides how many there are.
    func bindColumns(
        _ syntax: FunctionCall, _ range: SourceRange, _ context: ExpressionContext
    ) throws(IglooError) -> OutputItem {
        let call = ExpressionSyntax(.call(syntax), range)
        if let expansion = context.expansion {
            if expansion.index == 0 {
                let own = try columns(of: call, range, context)
                guard own.map(\.name) == expansion.columns.map(\.name) else {
                    throw error(
                        .syntaxError, "all COLUMNS of an expression must choose the same columns",
                        range)
                }
            }
            return expansion.columns[expansion.index]
        }
        let columns = try columns(of: call, range, context)
        context.expansion = (columns, 0)
        return columns[0]
    }

    /// The columns chosen by a star, a pattern, a list of names or a condition on names.
    func columns(
        of call: ExpressionSyntax, _ range: SourceRange, _ context: ExpressionContext
    ) throws(IglooError) -> [OutputItem] {
        guard case .call(let syntax) = call.kind,
            let last = syntax.arguments.last ?? Self.star(syntax, range)
        else {
            throw error(
                .undefinedFunction, "COLUMNS needs to know which columns", range,
                hint: "COLUMNS(*), COLUMNS('pattern'), COLUMNS(['a', 'b']) or "
                    + "COLUMNS(c -> c LIKE 'a%')")
        }
        var (star, choice): (ExpressionSyntax, ExpressionSyntax?) = (last, nil)
        if case .star = last.kind {
        } else {
            star = ExpressionSyntax(.star(Star()), range)
            choice = last
            if syntax.arguments.count == 2, case .star = syntax.arguments[0].kind {
                star = syntax.arguments[0]
            }
        }
        guard case .star(let written) = star.kind else { return [] }
        var columns = try expand(written, star.range, context)
        if let choice {
            let names = Set(try chosenNames(columns.map(\.name), choice))
            columns = columns.filter { names.contains($0.name) }
        }
        guard !columns.isEmpty else {
            throw error(.undefinedColumn, "COLUMNS chooses no column", range)
        }
        return columns
    }

    private static func star(_ syntax: FunctionCall, _ range: SourceRange) -> ExpressionSyntax? {
        syntax.isStar ? ExpressionSyntax(.star(Star()), range) : nil
    }

    private func chosenNames(
        _ names: [String], _ choice: ExpressionSyntax
    ) throws(IglooError) -> [String] {
        let variable = Identifier("name", range: choice.range)
        let name = ExpressionSyntax(
            .column(QualifiedName([variable], range: choice.range)), choice.range)
        switch choice.kind {
        case .lambda: return try filtered(names, choice)
        case .array(let listed):
            var chosen: [String] = []
            for item in listed {
                guard case .literal(.text(let wanted), _) = try constant(item) else {
                    throw error(.datatypeMismatch, "COLUMNS takes a list of names", item.range)
                }
                let folded = Identifier.folded(wanted)
                guard let found = names.first(where: { Identifier.folded($0) == folded }) else {
                    throw unknownColumn(wanted, names, item.range)
                }
                chosen.append(found)
            }
            return chosen
        default:
            let matches = Self.call("regexp_matches", [name, choice], choice.range)
            return try filtered(names, ExpressionSyntax(.lambda([variable], matches), choice.range))
        }
    }

    private static func call(
        _ name: String, _ arguments: [ExpressionSyntax], _ range: SourceRange
    ) -> ExpressionSyntax {
        var call = FunctionCall(
            name: QualifiedName([Identifier(name, range: range)], range: range))
        call.arguments = arguments
        return ExpressionSyntax(.call(call), range)
    }

    private static func list(_ names: [String], _ range: SourceRange) -> ExpressionSyntax {
        ExpressionSyntax(
            .array(names.map { ExpressionSyntax(.literal(.string($0)), range) }), range)
    }

    private func filtered(
        _ names: [String], _ condition: ExpressionSyntax
    ) throws(IglooError) -> [String] {
        let range = condition.range
        return try texts(Self.call("list_filter", [Self.list(names, range), condition], range))
    }

    /// The list of texts that an expression without columns comes to.
    private func texts(_ syntax: ExpressionSyntax) throws(IglooError) -> [String] {
        let context = ExpressionContext(Scope(parent: nil), clause: "COLUMNS", common: nil)
        let value = try bind(syntax, context).expression
        let plan = LogicalPlan.values([[value]], columns: [newColumn("names", value.type)])
        guard case .list(let items)? = try evaluated(plan, syntax.range).first?.first else {
            return []
        }
        return items.compactMap { if case .text(let text) = $0 { text } else { nil } }
    }

    /// An alias: behind a pattern it may use what the pattern's groups matched, `'\\2_\\1'`.
    func expandedName(
        _ alias: Identifier, _ item: ExpressionSyntax, _ context: ExpressionContext
    ) throws(IglooError) -> String {
        guard let column = context.expandedColumn, alias.written.contains("\\"),
            case .call(let call) = item.kind, let pattern = call.arguments.first,
            case .literal(.string) = pattern.kind
        else { return alias.written }
        let range = item.range
        let name = ExpressionSyntax(.literal(.string(column.name)), range)
        let written = ExpressionSyntax(.literal(.string(alias.written)), range)
        let replaced = Self.call("regexp_replace", [name, pattern, written], range)
        return try texts(ExpressionSyntax(.array([replaced]), range)).first ?? alias.written
    }
}

extension ExpressionContext {
    /// The column that COLUMNS stands for now.
    var expandedColumn: OutputItem? { expansion.map { $0.columns[$0.index] } }
}
