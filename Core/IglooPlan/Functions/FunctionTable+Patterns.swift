// SPDX-License-Identifier: MIT

internal import IglooArrow

extension FunctionTable {
    private static let text = DataType.utf8View
    private static let textList = DataType.list(of: .utf8View)
    private static let options =
        " Options: i = ignore case, n = newlines are special, x = white space is ignored."

    private static func withOptions(_ result: DataType) -> [Overload] {
        [.of([text, text], result), .of([text, text, text], result)]
    }

    /// Regular expressions: PostgreSQL's and RE2's syntax without back references and lookaround,
    /// so that matching takes linear time.
    static let patterns: [FunctionEntry] = patternTests + patternParts

    private static let patternTests: [FunctionEntry] = [
        FunctionEntry(
            "regexp_like", withOptions(.bool), canFail: true,
            "Whether a part of the text matches the regular expression; `~` is the same, `~*` "
                + "ignores case." + options, example: ("regexp_like('abc', '^a.c$')", "true")),
        FunctionEntry(
            "regexp_full_match", withOptions(.bool), canFail: true,
            "Whether all of the text matches." + options,
            example: ("regexp_full_match('abc', 'b')", "false")),
        FunctionEntry(
            "similar_to", withOptions(.bool), canFail: true,
            "Whether the text matches a pattern of SQL: % and _ as in LIKE, | * + ? {n} () [] as "
                + "in regular expressions.", example: ("'abc' similar to '(a|x)b_'", "true")),
        FunctionEntry(
            "glob", [.of([text, text], .bool)], canFail: true,
            "Whether the text matches a shell's pattern of *, ? and [...].",
            example: ("'abc' glob 'a*'", "true")),
        FunctionEntry(
            "regexp_count",
            withOptions(.int64) + [
                .of([text, text, .int64], .int64), .of([text, text, .int64, text], .int64),
            ], canFail: true, "How many matches there are, from a place on.",
            example: ("regexp_count('banana', 'an')", "2")),
        FunctionEntry(
            "regexp_instr",
            withOptions(.int64) + [
                .of([text, text, .int64], .int64), .of([text, text, .int64, .int64], .int64),
                .of([text, text, .int64, .int64, .int64], .int64),
                .of([text, text, .int64, .int64, .int64, text], .int64),
                .of([text, text, .int64, .int64, .int64, text, .int64], .int64),
            ], canFail: true,
            "Where the first match begins, from 1; 0 without one. Further arguments: where to "
                + "begin, which match, 1 for its end, options, which group.",
            example: ("regexp_instr('banana', 'n')", "3")),
    ]

    private static let patternParts: [FunctionEntry] = [
        FunctionEntry(
            "regexp_replace",
            [
                .of([text, text, text], text), .of([text, text, text, text], text),
                .of([text, text, text, .int64], text),
                .of([text, text, text, .int64, .int64], text),
                .of([text, text, text, .int64, .int64, text], text),
            ], canFail: true,
            "The first match replaced, with option g each; \\1 is a group, \\0 the match.",
            example: ("regexp_replace('banana', 'a(.)', '<\\1>', 'g')", "b<n><n>a")),
        FunctionEntry(
            "regexp_extract",
            [
                .of([text, text], text), .of([text, text, .int64], text),
                .of([text, text, .int64, text], text),
            ], canFail: true, "The first match, or a group of it; empty without one.",
            example: ("regexp_extract('k=v', '(.)=(.)', 2)", "v")),
        FunctionEntry(
            "regexp_extract_all",
            [
                .of([text, text], textList), .of([text, text, .int64], textList),
                .of([text, text, .int64, text], textList),
            ], canFail: true, "All matches, or a group of each.",
            example: ("regexp_extract_all('a1b22', '[0-9]+')", "[1, 22]")),
        FunctionEntry(
            "regexp_substr",
            withOptions(text) + [
                .of([text, text, .int64], text), .of([text, text, .int64, .int64], text),
                .of([text, text, .int64, .int64, text], text),
                .of([text, text, .int64, .int64, text, .int64], text),
            ], canFail: true,
            "The first match; NULL without one. Further arguments: where to begin, which match, "
                + "options, which group.", example: ("regexp_substr('a1b22', '[0-9]+')", "1")),
        FunctionEntry(
            "regexp_match", withOptions(textList), canFail: true,
            "The groups of the first match, or all of it; NULL without one.",
            example: ("regexp_match('k=v', '(.)=(.)')", "[k, v]")),
        FunctionEntry(
            "regexp_match_all", withOptions(.list(of: textList)), canFail: true,
            "The groups of the first match, or all of it; with option g those of each match. "
                + "regexp_matches in FROM makes rows of them.",
            example: ("regexp_match_all('k=v,x=y', '(.)=(.)', 'g')", "[[k, v], [x, y]]")),
        FunctionEntry(
            "regexp_split_to_array", withOptions(textList), canFail: true,
            "The parts between matches.",
            example: ("regexp_split_to_array('a, b;c', '[,;] *')", "[a, b, c]")),
        FunctionEntry(
            "regexp_escape", [.of([text], text)],
            "A regular expression that matches the text only.",
            example: ("regexp_escape('a.b')", "a\\.b")),
    ]
}
