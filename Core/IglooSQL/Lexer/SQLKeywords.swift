// SPDX-License-Identifier: MIT

/// The keyword table: spellings, categories and which words may be an alias without AS.
///
/// - Source: PostgreSQL 16, appendix C, with DuckDB's QUALIFY, SEMI and ANTI.
public enum SQLKeywords {
    /// The keyword that `word` (any case) spells, or `nil`.
    public static func keyword(_ word: String) -> Keyword? {
        byText[Identifier.folded(word)]
    }

    /// All words in upper case, sorted: what completion offers.
    public static let words: [String] = texts.map { $0.uppercased() }.sorted()

    static let texts: [String] = Keyword.allCases.map { keyword in
        switch keyword {
        case .trycast: "try_cast"
        case .rownumber: "row_number"
        default: String(describing: keyword)
        }
    }

    static let byText: [String: Keyword] = {
        var table: [String: Keyword] = [:]
        for keyword in Keyword.allCases { table[texts[Int(keyword.rawValue)]] = keyword }
        return table
    }()

    static let byteCountMax = texts.reduce(0) { max($0, $1.utf8.count) }

    /// Words that would be read as the next clause or operator if they stood as a bare alias.
    static let neverBareAlias: Set<Keyword> = [
        .array, .as, .create, .day, .except, .fetch, .filter, .for, .from, .grant, .group, .having,
        .hour, .intersect, .into, .isnull, .limit, .minute, .month, .notnull, .offset, .on, .order,
        .over, .precision, .qualify, .returning, .second, .to, .union, .varying, .where, .window,
        .with, .within, .without, .year, .character, .using, .respect, .ignore,
    ]

    /// The words that begin a clause, for hints behind a misspelt one.
    static let clauses: [Keyword] = [
        .from, .where, .group, .having, .order, .limit, .offset, .union, .intersect, .except,
        .join, .left, .right, .full, .inner, .cross, .natural, .on, .using, .qualify, .window,
    ]

    /// The words that begin a statement.
    static let statements: [Keyword] = [
        .select, .from, .with, .values, .table, .create, .drop, .explain, .set, .reset, .show,
        .describe, .summarize, .insert, .update, .delete, .merge, .truncate, .alter, .begin,
        .start, .commit, .rollback, .savepoint, .release, .prepare, .execute, .deallocate, .use,
        .copy,
    ]
}

extension Keyword {
    public var text: String { SQLKeywords.texts[Int(rawValue)] }

    public var category: Category {
        if rawValue <= Keyword.with.rawValue { return .reserved }
        if rawValue <= Keyword.trycast.rawValue { return .functionName }
        if rawValue <= Keyword.setof.rawValue { return .columnName }
        return .unreserved
    }

    /// May stand for a column or a table without quotes.
    var isName: Bool { category == .unreserved || category == .columnName }

    /// May be an alias without AS.
    var isBareAlias: Bool { !SQLKeywords.neverBareAlias.contains(self) }
}
