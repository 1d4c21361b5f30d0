// SPDX-License-Identifier: MIT

internal import IglooContracts

// Statements other than queries.
extension Token {
    /// Whether a join goes on behind a table's name.
    fileprivate var isJoin: Bool {
        switch keyword {
        case .join, .left, .right, .full, .inner, .cross, .natural, .semi, .anti, .asof: true
        default: false
        }
    }
}

extension Parser {
    mutating func statement() throws(IglooError) -> Statement {
        if at(.with) { return try statementWithTables() }
        if atQuery || at(.leftParenthesis) { return .query(try query()) }
        if at(.create) { return try create() }
        if accept(.drop) { return .drop(try drop()) }
        if let modification = try modification(nil) { return modification }
        if let control = try transactionControl() { return .transaction(control) }
        if accept(.alter) { return try alteration() }
        if accept(.copy) { return .copy(try copy()) }
        if accept(.explain) { return .explain(try explain()) }
        if accept(.set) { return .set(try setVariable()) }
        if accept(.reset) { return .reset(accept(.all) ? nil : try qualifiedName()) }
        if accept(.show) { return .show(try show()) }
        if accept(.describe) || accept(.desc) { return .describe(try describe()) }
        if accept(.summarize) { return .summarize(try describe()) }
        if accept(.use) { return .use(try qualifiedName()) }
        if let prepared = try preparedStatement() { return prepared }
        // So that a misspelt VALUES or TABLE gets its hint as well.
        _ = at(.values)
        throw unsupportedStatement() ?? syntaxError()
    }

    /// `WITH ... SELECT`, or a modification that reads the tables of WITH.
    private mutating func statementWithTables() throws(IglooError) -> Statement {
        let start = current
        let with = try with()
        if let modification = try modification(with) { return modification }
        return .query(try query(behind: with, from: start))
    }

    /// Statements of SQL that Igloo knows to exist and does not have.
    private func unsupportedStatement() -> IglooError? {
        let words: Set<String> = [
            "grant", "revoke", "vacuum", "call", "declare", "lock", "listen", "notify",
            "attach", "detach", "pragma", "install", "load", "analyze", "comment",
        ]
        let word = Identifier.folded(text(current))
        guard at(.word), words.contains(word) else { return nil }
        return IglooError(
            .unsupported, "\(word.uppercased()) is not supported", position: current.start)
    }

    // MARK: - CREATE and DROP

    private mutating func create() throws(IglooError) -> Statement {
        let start = current
        try expect(.create)
        let orReplace = accept(.or, .replace)
        let isTemporary = accept(.temp) || accept(.temporary)
        if accept(.view) { return .createView(try view(orReplace, isTemporary)) }
        if accept(.table) { return .createTable(try table(orReplace, isTemporary)) }
        if !orReplace && !isTemporary {
            if accept(.schema) { return .createSchema(try schema()) }
            if at(.index) || at(.unique) { return .createIndex(try index(from: start)) }
        }
        if accept(.catalog) {
            guard !isTemporary else { throw syntaxError() }
            return .createCatalog(try catalog(orReplace))
        }
        if let object = try object(orReplace, isTemporary) { return object }
        let kinds: Set<String> = [
            "database", "materialized", "external", "secret", "role", "user", "trigger",
            "extension", "domain", "procedure", "aggregate", "operator", "rule",
        ]
        let word = Identifier.folded(text(current))
        if at(.word), kinds.contains(word) {
            throw IglooError(
                .unsupported, "CREATE \(word.uppercased()) is not supported",
                hint: "CREATE TABLE, VIEW, SCHEMA, INDEX, TYPE, SEQUENCE, MACRO and CATALOG are",
                position: start.start)
        }
        throw syntaxError()
    }

    mutating func ifNotExists() throws(IglooError) -> Bool {
        guard accept(.if) else { return false }
        try expect(.not)
        try expect(.exists)
        return true
    }

    private mutating func view(
        _ orReplace: Bool, _ isTemporary: Bool
    ) throws(IglooError) -> CreateView {
        let ifNotExists = try ifNotExists()
        let name = try qualifiedName()
        let columns = at(.leftParenthesis) ? try identifierList() : []
        try expect(.as)
        return CreateView(
            name: name, columns: columns, query: try query(), orReplace: orReplace,
            isTemporary: isTemporary, ifNotExists: ifNotExists)
    }

    private mutating func catalog(_ orReplace: Bool) throws(IglooError) -> CreateCatalog {
        let ifNotExists = try ifNotExists()
        let name = try identifier()
        try expect(.using)
        let connector = try label()
        var options: [CreateCatalog.Option] = []
        if accept(.options) {
            try expect(.leftParenthesis)
            while !at(.rightParenthesis) {
                options.append(try option())
                guard accept(.comma) else { break }
            }
            try expect(.rightParenthesis)
        }
        return CreateCatalog(
            name: name, connector: connector, options: options, orReplace: orReplace,
            ifNotExists: ifNotExists)
    }

    /// `key 'value'`, `key = 5`, `key ['a', 'b']`
    private mutating func option() throws(IglooError) -> CreateCatalog.Option {
        let start = current
        var parts = [try label()]
        while accept(.dot) { parts.append(try label()) }
        let name = QualifiedName(parts, range: range(from: start))
        if !acceptSymbol("=") { _ = accept(.arrow) || accept(.assign) }
        var values: [Literal] = []
        let isList = accept(.leftBracket)
        if isList {
            while !at(.rightBracket) {
                values.append(try literal())
                guard accept(.comma) else { break }
            }
            try expect(.rightBracket)
        } else {
            values = [try literal()]
        }
        return CreateCatalog.Option(
            name: name, values: values, range: range(from: start), isList: isList)
    }

    /// A string, number or truth value, the number perhaps with a minus.
    mutating func literal() throws(IglooError) -> Literal {
        let isNegative = acceptSymbol("-")
        guard atString || at(.integer) || at(.decimal) || at(.float) || at(.true) || at(.false)
        else { throw syntaxError() }
        guard case .literal(let literal) = try primary().kind else { throw syntaxError() }
        guard isNegative else { return literal }
        switch literal {
        case .integer(let text): return .integer("-" + text)
        case .decimal(let text): return .decimal("-" + text)
        case .float(let text): return .float("-" + text)
        default: throw syntaxError()
        }
    }

    private mutating func drop() throws(IglooError) -> Drop {
        let kind: Drop.Kind
        if accept(.view) {
            kind = .view
        } else if accept(.table) {
            kind = .table
        } else if accept(.schema) {
            kind = .schema
        } else if accept(.index) {
            _ = accept(.concurrently)
            kind = .index
        } else if let object = objectKind() {
            kind = object
        } else {
            try expect(.catalog)
            kind = .catalog
        }
        let ifExists = try ifExists()
        var names: [QualifiedName] = []
        repeat {
            names.append(try qualifiedName())
            if kind == .macro { try skipArgumentTypes() }
        } while accept(.comma)
        let isCascade = accept(.cascade)
        if !isCascade { _ = accept(.restrict) }
        return Drop(kind: kind, names: names, ifExists: ifExists, isCascade: isCascade)
    }

    mutating func ifExists() throws(IglooError) -> Bool {
        guard accept(.if) else { return false }
        try expect(.exists)
        return true
    }

    // MARK: - EXPLAIN, SET, SHOW, DESCRIBE

    private mutating func explain() throws(IglooError) -> Explain {
        var stage = Explain.Stage.physical
        if accept(.analyze) {
            stage = .analyze
        } else if at(.leftParenthesis), let named = explainStage(token(ahead: 1)) {
            advance()
            advance()
            try expect(.rightParenthesis)
            stage = named
        }
        guard !at(.explain) else { throw syntaxError() }
        return Explain(stage: stage, statement: try statement())
    }

    private mutating func explainStage(_ token: Token) -> Explain.Stage? {
        guard token.kind == .word else { return nil }
        return Explain.Stage(rawValue: Identifier.folded(text(token)))
    }

    private mutating func setVariable() throws(IglooError) -> SetVariable {
        if !accept(.session), !accept(.local) { _ = accept(.global) }
        if accept(.time) {
            let start = current
            try expect(.zone)
            let name = QualifiedName(
                [Identifier("timezone", range: start.range)], range: start.range)
            if accept(.local) { return SetVariable(name: name, values: []) }
            return SetVariable(name: name, values: try settingValues())
        }
        let name = try qualifiedName()
        if !acceptSymbol("=") { try expect(.to) }
        return SetVariable(name: name, values: try settingValues())
    }

    private mutating func settingValues() throws(IglooError) -> [SetVariable.Value] {
        if accept(.default) { return [] }
        var values: [SetVariable.Value] = []
        repeat {
            if at(.word), !at(.true), !at(.false) {
                values.append(.word(try label()))
            } else if at(.quotedIdentifier) {
                values.append(.word(try label()))
            } else {
                values.append(.literal(try literal()))
            }
        } while accept(.comma)
        return values
    }

    private mutating func show() throws(IglooError) -> Show {
        if accept(.all) { return .all }
        if accept(.tables) {
            return .tables(from: accept(.from) || accept(.in) ? try qualifiedName() : nil)
        }
        return .variable(try qualifiedName())
    }

    /// A statement that lists something and may stand in FROM, where its first word is no table's.
    mutating func listing() throws(IglooError) -> Statement? {
        let next = token(ahead: 1)
        let isTable = [.rightParenthesis, .dot, .comma].contains(next.kind) || next.keyword == .as
        guard !isTable, !next.isJoin else { return nil }
        if accept(.show) { return .show(try show()) }
        if accept(.describe) { return .describe(try describe()) }
        if accept(.summarize) { return .summarize(try describe()) }
        return nil
    }

    private mutating func describe() throws(IglooError) -> Describe {
        if atQuery || at(.leftParenthesis) { return .query(try query()) }
        if atString {
            let start = current
            let path = try stringText()
            let range = range(from: start)
            let star = SelectItem(expression: ExpressionSyntax(.star(Star()), range))
            let select = Select(
                items: [star], from: [.file(path, nil, range)], windows: [], range: range)
            return .query(Query(body: .select(select), range: range))
        }
        return .table(try qualifiedName())
    }
}
