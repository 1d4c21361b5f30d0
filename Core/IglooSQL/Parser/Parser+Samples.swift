// SPDX-License-Identifier: MIT

internal import IglooContracts

// TABLESAMPLE and USING SAMPLE.
extension Parser {
    /// `10%`, `(10 PERCENT)`, `100 ROWS`, `BERNOULLI (10)`, `RESERVOIR (100) REPEATABLE (7)`,
    /// `10% (bernoulli, 7)`.
    mutating func sample(from start: Token) throws(IglooError) -> Sample {
        var method: String?
        if atName, token(ahead: 1).kind == .leftParenthesis { method = try samplingMethod() }
        let isEnclosed = accept(.leftParenthesis)
        let size = try expression(.sign)
        var unit = sampleUnit()
        if isEnclosed {
            try expect(.rightParenthesis)
            if unit == nil, method == nil { unit = sampleUnit() }
        }
        var seed: ExpressionSyntax?
        if method == nil, accept(.leftParenthesis) {
            method = try samplingMethod()
            if accept(.comma) { seed = try expression() }
            try expect(.rightParenthesis)
        }
        if isWord(current, "repeatable"), token(ahead: 1).kind == .leftParenthesis {
            advance()
            advance()
            seed = try expression()
            try expect(.rightParenthesis)
        }
        // A bare number counts rows, a method without a unit takes a share.
        let isPercent = unit ?? method.map { $0 != "reservoir" } ?? false
        return Sample(size: size, isPercent: isPercent, seed: seed, range: range(from: start))
    }

    private mutating func samplingMethod() throws(IglooError) -> String {
        let word = current
        let method = Identifier.folded(try identifier().name)
        guard ["bernoulli", "system", "reservoir"].contains(method) else {
            throw syntaxError(
                "unknown sampling method \"\(text(word))\"", at: word,
                hint: "there are BERNOULLI, SYSTEM and RESERVOIR")
        }
        return method
    }

    /// `%`, PERCENT (true) or ROWS (false).
    private mutating func sampleUnit() -> Bool? {
        if isSymbol(current, "%") {
            advance()
            return true
        }
        if accept(.percent) { return true }
        return accept(.rows) ? false : nil
    }
}
