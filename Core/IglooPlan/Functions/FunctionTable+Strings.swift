// SPDX-License-Identifier: MIT

internal import IglooArrow

extension FunctionTable {
    private static let text = DataType.utf8View
    private static let bytes = DataType.binaryView

    static let strings: [FunctionEntry] = [
        FunctionEntry(
            "||",
            [
                .of([text, text], text), .of([.binaryView, .binaryView], .binaryView),
                Overload("(text, any) -> text") { arguments in
                    guard arguments.count == 2, arguments.contains(text) else { return nil }
                    return Overload.Resolution([text, text], text)
                },
            ], "The two joined.", example: ("'a' || 'b'", "ab")),
        FunctionEntry(
            "like", [.of([text, text], .bool), .of([text, text, text], .bool)], canFail: true,
            "Whether text matches a pattern of % (any characters) and _ (one); the third argument "
                + "is the escape character.", example: ("'abc' like 'a%'", "true")),
        FunctionEntry(
            "ilike", [.of([text, text], .bool), .of([text, text, text], .bool)], canFail: true,
            "As like, without regard to case.", example: ("'ABC' ilike 'a%'", "true")),
        FunctionEntry(
            "length",
            [
                .of([text], .int64), .of([.binaryView], .int64), .of([bytes, text], .int64),
                .unary("(list) -> bigint", { $0.isList }, { _ in .int64 }),
            ], "Number of characters; of bytes, for bytea; of items, for a list.",
            example: ("length('äb')", "2")),
        FunctionEntry(
            "octet_length", [.of([text], .int64), .of([.binaryView], .int64)],
            "Number of bytes.", example: ("octet_length('äb')", "3")),
        FunctionEntry(
            "upper", [.of([text], text)], "Letters in upper case.", example: ("upper('ab')", "AB")),
        FunctionEntry(
            "lower", [.of([text], text)], "Letters in lower case.", example: ("lower('AB')", "ab")),
        FunctionEntry(
            "initcap", [.of([text], text)], "First letter of each word in upper case.",
            example: ("initcap('hi there')", "Hi There")),
        FunctionEntry(
            "substring",
            [
                .of([text, .int64], text), .of([text, .int64, .int64], text),
                .of([bytes, .int64], bytes), .of([bytes, .int64, .int64], bytes),
                .of([text, text], text), .of([text, text, text], text),
            ], canFail: true,
            "Characters from a position (1 is the first), at most so many; or what matches a "
                + "regular expression, or the part between \\\" of a pattern of SIMILAR TO.",
            example: ("substring('igloo', 2, 3)", "glo")),
        FunctionEntry(
            "substring_grapheme",
            [.of([text, .int64], text), .of([text, .int64, .int64], text)], canFail: true,
            "As substring, counting what is seen as one character.",
            example: ("substring_grapheme('igloo', 2, 3)", "glo")),
        FunctionEntry(
            "left_grapheme", [.of([text, .int64], text)],
            "As left, counting what is seen as one character.",
            example: ("left_grapheme('igloo', 2)", "ig")),
        FunctionEntry(
            "right_grapheme", [.of([text, .int64], text)],
            "As right, counting what is seen as one character.",
            example: ("right_grapheme('igloo', 2)", "oo")),
        FunctionEntry(
            "length_grapheme", [.of([text], .int64)],
            "The count of what is seen as characters.", example: ("length_grapheme('igloo')", "5")),
        FunctionEntry(
            "left", [.of([text, .int64], text)],
            "The first characters; all but the last, if "
                + "negative.", example: ("left('igloo', 2)", "ig")),
        FunctionEntry(
            "right", [.of([text, .int64], text)],
            "The last characters; all but the first, if "
                + "negative.", example: ("right('igloo', 2)", "oo")),
        FunctionEntry(
            "trim", [.of([text], text), .of([text, text], text), .of([bytes, bytes], bytes)],
            "Without spaces (or the given characters) at both ends.",
            example: ("trim('  a ')", "a")),
        FunctionEntry(
            "ltrim", [.of([text], text), .of([text, text], text), .of([bytes, bytes], bytes)],
            "Without spaces (or the given characters) at the beginning.",
            example: ("ltrim('xxa', 'x')", "a")),
        FunctionEntry(
            "rtrim", [.of([text], text), .of([text, text], text), .of([bytes, bytes], bytes)],
            "Without spaces (or the given characters) at the end.",
            example: ("rtrim('axx', 'x')", "a")),
        FunctionEntry(
            "lpad", [.of([text, .int64], text), .of([text, .int64, text], text)], canFail: true,
            "Filled up at the left, or cut, to so many characters.",
            example: ("lpad('7', 3, '0')", "007")),
        FunctionEntry(
            "rpad", [.of([text, .int64], text), .of([text, .int64, text], text)], canFail: true,
            "Filled up at the right, or cut, to so many characters.",
            example: ("rpad('7', 3, '.')", "7..")),
        FunctionEntry(
            "replace", [.of([text, text, text], text)],
            "Each occurrence of the second argument "
                + "replaced by the third.", example: ("replace('abab', 'b', 'c')", "acac")),
        FunctionEntry(
            "position", [.of([text, text], .int64), .of([bytes, bytes], .int64)],
            "Where the second argument first occurs in "
                + "the first, from 1; 0 if it does not.", example: ("position('b' in 'abc')", "2")),
        FunctionEntry(
            "starts_with", [.of([text, text], .bool)], "Whether the text begins with the other.",
            example: ("starts_with('igloo', 'ig')", "true")),
        FunctionEntry(
            "ends_with", [.of([text, text], .bool)], "Whether the text ends with the other.",
            example: ("ends_with('igloo', 'oo')", "true")),
        FunctionEntry(
            "contains", [.of([text, text], .bool)], "Whether the text contains the other.",
            example: ("contains('igloo', 'glo')", "true")),
        FunctionEntry(
            "reverse", [.of([text], text), .of([bytes], bytes)],
            "Characters in the opposite order.",
            example: ("reverse('abc')", "cba")),
        FunctionEntry(
            "repeat", [.of([text, .int64], text)], canFail: true, "The text so many times.",
            example: ("repeat('ab', 2)", "abab")),
        FunctionEntry(
            "split_part", [.of([text, text, .int64], text)], canFail: true,
            "The n-th part between separators, from the end if negative.",
            example: ("split_part('a-b-c', '-', 2)", "b")),
        FunctionEntry(
            "concat", [textArguments(countMin: 1)], propagatesNull: false,
            "All arguments joined; NULLs are left out.", example: ("concat('a', null, 1)", "a1")),
        FunctionEntry(
            "concat_ws", [textArguments(countMin: 2)], propagatesNull: false,
            "All but the first argument joined, the first between them; NULLs are left out.",
            example: ("concat_ws('-', 'a', 'b')", "a-b")),
        FunctionEntry(
            "ascii", [.of([text], .int32)], "The first character's code point.",
            example: ("ascii('A')", "65")),
        FunctionEntry(
            "chr", [.of([.int32], text)], canFail: true, "The character of a code point.",
            example: ("chr(65)", "A")),
        FunctionEntry(
            "md5", [.of([text], text), .of([bytes], text)],
            "The MD5 digest, in hexadecimal digits.",
            example: ("md5('a')", "0cc175b9c0f1b6a831c399e269772661")),
    ]

    /// Any types, each cast to text.
    private static func textArguments(countMin: Int) -> Overload {
        Overload("(any, ...) -> text") { arguments in
            guard arguments.count >= countMin else { return nil }
            return Overload.Resolution(Array(repeating: text, count: arguments.count), text)
        }
    }
}
