// SPDX-License-Identifier: MIT

internal import IglooContracts

// CREATE, ALTER and DROP of types, sequences and macros. Their words are no keywords: they name
// columns as freely as any other.
extension Parser {
    func atWord(_ word: String) -> Bool { isWord(current, word) }

    mutating func acceptWord(_ word: String) -> Bool {
        guard atWord(word) else { return false }
        advance()
        return true
    }

    mutating func expectWord(_ word: String) throws(IglooError) {
        guard acceptWord(word) else { throw syntaxError() }
    }

    /// What stands behind CREATE; `nil` for what is none of these.
    mutating func object(
        _ orReplace: Bool, _ isTemporary: Bool
    ) throws(IglooError) -> Statement? {
        if !isTemporary, accept(.type) { return .createType(try type(orReplace)) }
        if acceptWord("sequence") { return .createSequence(try sequence(orReplace, isTemporary)) }
        if acceptWord("macro") || acceptWord("function") {
            return .createMacro(try macro(orReplace, isTemporary))
        }
        return nil
    }

    /// What stands behind DROP.
    mutating func objectKind() -> Drop.Kind? {
        if accept(.type) { return .type }
        if acceptWord("sequence") { return .sequence }
        guard acceptWord("macro") || acceptWord("function") else { return nil }
        return accept(.table) ? .tableMacro : .macro
    }

    /// `(integer, text)`: PostgreSQL tells functions of one name by it.
    mutating func skipArgumentTypes() throws(IglooError) {
        guard accept(.leftParenthesis) else { return }
        while !at(.rightParenthesis) {
            _ = try typeName()
            guard accept(.comma) else { break }
        }
        try expect(.rightParenthesis)
    }

    // MARK: - Types

    private mutating func type(_ orReplace: Bool) throws(IglooError) -> CreateType {
        let ifNotExists = try ifNotExists()
        let name = try qualifiedName()
        try expect(.as)
        return CreateType(
            name: name, definition: try typeDefinition(), orReplace: orReplace,
            ifNotExists: ifNotExists)
    }

    private mutating func typeDefinition() throws(IglooError) -> CreateType.Definition {
        if atWord("enum"), token(ahead: 1).kind == .leftParenthesis {
            advance()
            advance()
            if atQuery {
                let query = try query()
                try expect(.rightParenthesis)
                return .query(query)
            }
            var labels: [String] = []
            while atString {
                labels.append(try stringText())
                guard accept(.comma) else { break }
            }
            try expect(.rightParenthesis)
            return .labels(labels)
        }
        if at(.leftParenthesis) {
            let start = current
            return .alias(try fieldTypes(start, until: .rightParenthesis))
        }
        return .alias(try typeName())
    }

    mutating func alterType() throws(IglooError) -> AlterType {
        try expect(.type)
        let name = try qualifiedName()
        let start = current
        if accept(.rename) {
            if acceptWord("value") {
                let old = try stringText()
                try expect(.to)
                return AlterType(
                    name: name, action: .renameValue(old, to: try stringText()),
                    range: range(from: start))
            }
            try expect(.to)
            return AlterType(
                name: name, action: .rename(to: try identifier()), range: range(from: start))
        }
        if let owner = try newOwner() {
            return AlterType(name: name, action: .setOwner(owner), range: range(from: start))
        }
        try expect(.add)
        try expectWord("value")
        let ifNotExists = try ifNotExists()
        let label = try stringText()
        var place = AlterType.Place.last
        if acceptWord("before") {
            place = .before(try stringText())
        } else if acceptWord("after") {
            place = .after(try stringText())
        }
        return AlterType(
            name: name, action: .addValue(label, place, ifNotExists: ifNotExists),
            range: range(from: start))
    }

    // MARK: - Sequences

    private mutating func sequence(
        _ orReplace: Bool, _ isTemporary: Bool
    ) throws(IglooError) -> CreateSequence {
        let ifNotExists = try ifNotExists()
        return CreateSequence(
            name: try qualifiedName(), options: try sequenceOptions(), orReplace: orReplace,
            isTemporary: isTemporary, ifNotExists: ifNotExists)
    }

    mutating func alterSequence() throws(IglooError) -> AlterSequence {
        try expectWord("sequence")
        let ifExists = try ifExists()
        let name = try qualifiedName()
        if accept(.rename) {
            try expect(.to)
            return AlterSequence(
                name: name, options: SequenceOptions(), newName: try identifier(),
                ifExists: ifExists)
        }
        if let owner = try newOwner() {
            return AlterSequence(
                name: name, options: SequenceOptions(), newOwner: owner, ifExists: ifExists)
        }
        let options = try sequenceOptions()
        guard options != SequenceOptions() else { throw syntaxError() }
        return AlterSequence(name: name, options: options, ifExists: ifExists)
    }

    /// `OWNER TO name`
    mutating func newOwner() throws(IglooError) -> Identifier? {
        guard acceptWord("owner") else { return nil }
        try expect(.to)
        return try label()
    }

    /// In any order, as PostgreSQL takes them.
    mutating func sequenceOptions() throws(IglooError) -> SequenceOptions {
        let start = current
        var options = SequenceOptions()
        while try sequenceOption(&options) {}
        if options != SequenceOptions() { options.range = range(from: start) }
        return options
    }

    private mutating func sequenceOption(
        _ options: inout SequenceOptions
    ) throws(IglooError) -> Bool {
        if accept(.as) {
            options.type = try typeName()
        } else if acceptWord("increment") {
            _ = accept(.by)
            options.increment = try bigInteger()
        } else if acceptWord("minvalue") {
            options.minimum = .value(try bigInteger())
        } else if acceptWord("maxvalue") {
            options.maximum = .value(try bigInteger())
        } else if accept(.start) {
            _ = accept(.with)
            options.start = try bigInteger()
        } else if acceptWord("restart") {
            options.restart =
                accept(.with) || at(.integer) || atSymbol("-")
                ? .at(try bigInteger()) : .atStart
        } else if acceptWord("cache") {
            _ = try bigInteger()
        } else if acceptWord("cycle") {
            options.cycles = true
        } else if at(.no) {
            advance()
            try sequenceOptionBehindNo(&options)
        } else if acceptWord("owned") {
            // Columns own the sequences that they were made with, and no others.
            try expect(.by)
            options.owner = try qualifiedName()
        } else if acceptWord("sequence") {
            // `SEQUENCE NAME s` of an identity column, whose sequence has the usual name.
            try expect(.name)
            _ = try qualifiedName()
        } else {
            return false
        }
        return true
    }

    private mutating func sequenceOptionBehindNo(
        _ options: inout SequenceOptions
    ) throws(IglooError) {
        if acceptWord("minvalue") {
            options.minimum = SequenceOptions.Bound.none
        } else if acceptWord("maxvalue") {
            options.maximum = SequenceOptions.Bound.none
        } else {
            try expectWord("cycle")
            options.cycles = false
        }
    }

    private mutating func bigInteger() throws(IglooError) -> Int64 {
        let isNegative = acceptSymbol("-")
        guard at(.integer) else { throw syntaxError() }
        guard let value = Int64((isNegative ? "-" : "") + text(current)) else {
            throw IglooError(
                .outOfRange, "value \"\(text(current))\" is out of range for type bigint",
                position: current.start)
        }
        advance()
        return value
    }

    // MARK: - Macros

    private mutating func macro(
        _ orReplace: Bool, _ isTemporary: Bool
    ) throws(IglooError) -> CreateMacro {
        let ifNotExists = try ifNotExists()
        var macro = CreateMacro(
            name: try qualifiedName(), forms: [], orReplace: orReplace, isTemporary: isTemporary,
            ifNotExists: ifNotExists)
        repeat { macro.forms.append(try macroForm()) } while accept(.comma)
        return macro
    }

    private mutating func macroForm() throws(IglooError) -> CreateMacro.Form {
        try expect(.leftParenthesis)
        var parameters: [CreateMacro.Parameter] = []
        while !at(.rightParenthesis) {
            parameters.append(try macroParameter())
            guard accept(.comma) else { break }
        }
        try expect(.rightParenthesis)
        if atWord("returns") || atWord("language") {
            throw IglooError(
                .unsupported, "CREATE FUNCTION with \(text(current).uppercased()) is not supported",
                hint: "CREATE FUNCTION name(parameters) AS expression, or AS TABLE query",
                position: current.start)
        }
        try expect(.as)
        let body: CreateMacro.Body =
            accept(.table) ? .query(try query()) : .expression(try expression())
        return CreateMacro.Form(parameters: parameters, body: body)
    }

    /// `name`, `name := default`, with a type that says nothing.
    private mutating func macroParameter() throws(IglooError) -> CreateMacro.Parameter {
        let name = try identifier()
        var parameter = CreateMacro.Parameter(name: name, defaultValue: nil)
        if !at(.comma), !at(.rightParenthesis), !at(.assign), !at(.arrow), !at(.default),
            !atSymbol("=")
        {
            _ = try typeName()
        }
        if accept(.assign) || accept(.arrow) || accept(.default) || acceptSymbol("=") {
            parameter.defaultValue = try expression()
        }
        return parameter
    }
}
