// SPDX-License-Identifier: MIT

internal import IglooContracts

// COPY, with options in parentheses or in PostgreSQL's older form.
extension Parser {
    mutating func copy() throws(IglooError) -> Copy {
        let subject = try copySubject()
        let isFrom = accept(.from)
        if !isFrom { try expect(.to) }
        if isFrom, case .query = subject { throw syntaxError() }
        let start = current
        let isStandard = acceptWord(isFrom ? "stdin" : "stdout")
        guard isStandard || atString else { throw channelError() }
        let path = isStandard ? "" : try stringText()
        let range = range(from: start)
        let isWith = accept(.with)
        var options: [Copy.Option] = []
        if accept(.leftParenthesis) {
            while !at(.rightParenthesis) {
                options.append(try copyOption())
                guard accept(.comma) else { break }
            }
            try expect(.rightParenthesis)
        } else {
            while let option = try olderCopyOption() { options.append(option) }
            if isWith && options.isEmpty { throw syntaxError() }
        }
        var copy = Copy(
            subject: subject, isFrom: isFrom, path: path, pathRange: range, options: options)
        copy.isStandard = isStandard
        return copy
    }

    private mutating func copySubject() throws(IglooError) -> Copy.Subject {
        if accept(.leftParenthesis) {
            let query = try query()
            try expect(.rightParenthesis)
            return .query(query)
        }
        let name = try qualifiedName()
        return .table(name, at(.leftParenthesis) ? try identifierList() : [])
    }

    /// STDIN of COPY TO, PROGRAM, or something else that is no file.
    private func channelError() -> IglooError {
        let word = text(current).uppercased()
        guard ["STDIN", "STDOUT", "PROGRAM"].contains(word) else { return syntaxError() }
        return IglooError(
            .unsupported, "COPY \(word == "STDIN" ? "TO" : "with") \(word) is not supported",
            hint: "COPY ... FROM STDIN, COPY ... TO STDOUT, or a file's name in quotes",
            position: current.start)
    }

    /// `name`, `name value`, `name = value`, `name [value, value]` or `name (value, value)`
    private mutating func copyOption() throws(IglooError) -> Copy.Option {
        let name = try label()
        if !acceptSymbol("=") { _ = accept(.arrow) || accept(.assign) }
        if at(.comma) || at(.rightParenthesis) { return Copy.Option(name, []) }
        let isBracket = accept(.leftBracket)
        guard isBracket || accept(.leftParenthesis) else {
            return Copy.Option(name, [try copyValue()])
        }
        let close: Token.Kind = isBracket ? .rightBracket : .rightParenthesis
        var values: [String] = []
        while !at(close) {
            values.append(try copyValue())
            guard accept(.comma) else { break }
        }
        try expect(close)
        return Copy.Option(name, values, isList: true)
    }

    private mutating func copyValue() throws(IglooError) -> String {
        if atString { return try stringText() }
        if acceptSymbol("*") { return "*" }
        if at(.word) || at(.quotedIdentifier) { return try label().written }
        switch try literal() {
        case .integer(let text), .decimal(let text), .float(let text): return text
        default: throw syntaxError()
        }
    }

    /// `CSV HEADER DELIMITER AS '|' NULL AS ''`
    private mutating func olderCopyOption() throws(IglooError) -> Copy.Option? {
        guard at(.word) else { return nil }
        switch Identifier.folded(text(current)) {
        case "csv", "text":
            let word = try label()
            return Copy.Option(Identifier("format", range: word.range), [word.name])
        case "header": return Copy.Option(try label(), [])
        case "delimiter", "null", "quote", "escape":
            let name = try label()
            _ = accept(.as)
            guard atString else { throw syntaxError() }
            return Copy.Option(name, [try stringText()])
        default: return nil
        }
    }
}
