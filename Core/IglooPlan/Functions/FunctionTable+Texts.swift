// SPDX-License-Identifier: MIT

internal import IglooArrow

extension FunctionTable {
    private static let text = DataType.utf8View
    private static let bytes = DataType.binaryView

    /// Splitting, formatting, encoding and comparing texts.
    static let texts: [FunctionEntry] =
        [
            FunctionEntry(
                "string_split", [.of([text, text], .list(of: text))],
                "The parts between separators.", example: ("string_split('a-b', '-')", "[a, b]")),
            FunctionEntry(
                "string_to_array",
                [.of([text, text], .list(of: text)), .of([text, text, text], .list(of: text))],
                propagatesNull: false,
                "The parts between separators, those equal to the third argument being NULL.",
                example: ("string_to_array('a,,b', ',', '')", "[a, NULL, b]")),
            FunctionEntry(
                "translate", [.of([text, text, text], text)],
                "Characters of the second argument become those at their places in the third.",
                example: ("translate('12345', '143', 'ax')", "a2x5")),
            FunctionEntry(
                "overlay",
                [
                    .of([text, text, .int64], text), .of([text, text, .int64, .int64], text),
                    .of([bytes, bytes, .int64], bytes), .of([bytes, bytes, .int64, .int64], bytes),
                ], canFail: true, "A part of the text, from a place on, replaced.",
                example: ("overlay('Txxxxas' placing 'hom' from 2 for 4)", "Thomas")),
            FunctionEntry(
                "parse_ident",
                [.of([text], .list(of: text)), .of([text, .bool], .list(of: text))], canFail: true,
                "The parts of a qualified name of SQL; what stands behind it is an error, unless the "
                    + "second argument is false.",
                example: ("parse_ident('\"Some\".Table')", "[Some, table]")),
            FunctionEntry(
                "unistr", [.of([text], text)], canFail: true,
                "The text with its Unicode escapes undone: \\XXXX, \\+XXXXXX, \\uXXXX, \\UXXXXXXXX.",
                example: ("unistr('d\\0061t\\u0061')", "data")),
            FunctionEntry(
                "normalize", [.of([text], text), .of([text, text], text)], canFail: true,
                "The text in a normal form of Unicode: NFC or NFD.",
                example: ("length(normalize('a\u{308}', 'NFC'))", "1")),
            FunctionEntry(
                "is_normalized", [.of([text], .bool), .of([text, text], .bool)], canFail: true,
                "Whether the text is in a normal form of Unicode: NFC or NFD.",
                example: ("is_normalized('a\u{308}', 'NFC')", "false")),
            FunctionEntry(
                "quote_literal", [.of([text], text), anyAsText], "The text as a literal of SQL.",
                example: ("quote_literal('it''s')", "'it''s'")),
            FunctionEntry(
                "quote_ident", [.of([text], text)], "The text as a name of SQL.",
                example: ("quote_ident('a b')", "\"a b\"")),
            FunctionEntry(
                "format", [formatted { _ in text }], propagatesNull: false, canFail: true,
                "The pattern with values in it: %s as text, %I as a name, %L as a literal, %2$s the "
                    + "second one; or {} and {0}, where the pattern has no %.",
                example: ("format('%s-%s', 'a', 1)", "a-1")),
            FunctionEntry(
                "printf",
                [
                    formatted { type in
                        type.isInteger || type == .null
                            ? .int64 : type.isFloat || type.isDecimal ? .float64 : text
                    }
                ], propagatesNull: false, canFail: true,
                "The pattern with values in it, as in C: %s, %d, %5.2f, %x ...",
                example: ("printf('%05.1f %s', 2.25, 'x')", "002.2 x")),
            FunctionEntry(
                "bit_length", [.of([text], .int64), .of([bytes], .int64)], "Number of bits.",
                example: ("bit_length('abc')", "24")),
            FunctionEntry(
                "levenshtein", [.of([text, text], .int64)], canFail: true,
                "How many characters to insert, delete or replace to get from one text to the other.",
                example: ("levenshtein('kitten', 'sitting')", "3")),
            FunctionEntry(
                "damerau_levenshtein", [.of([text, text], .int64)], canFail: true,
                "As levenshtein; swapping neighbours counts as one.",
                example: ("damerau_levenshtein('ab', 'ba')", "1")),
            FunctionEntry(
                "hamming", [.of([text, text], .int64)], canFail: true,
                "At how many places texts of the same length differ.",
                example: ("hamming('abc', 'axc')", "1")),
            FunctionEntry(
                "jaro_similarity", [.of([text, text], .float64)],
                "How alike two texts are, from 0 to 1."),
            FunctionEntry(
                "jaro_winkler_similarity", [.of([text, text], .float64)],
                "As jaro_similarity; a common beginning counts more."),
            FunctionEntry(
                "url_encode", [.of([text], text)], "The text as a part of a URL.",
                example: ("url_encode('a b')", "a%20b")),
            FunctionEntry(
                "url_decode", [.of([text], text)], canFail: true, "The text of a part of a URL.",
                example: ("url_decode('a%20b')", "a b")),
        ] + encodings + identifiers + paths

    private static let paths: [FunctionEntry] = [
        FunctionEntry(
            "parse_filename", [.of([text], text), .of([text, .bool], text)],
            "The last part of a path, on demand without what follows its last point.",
            example: ("parse_filename('a/b.csv', true)", "b")),
        FunctionEntry(
            "parse_path", [.of([text], .list(of: text))], "The parts of a path.",
            example: ("parse_path('a/b.csv')", "[a, b.csv]")),
        FunctionEntry(
            "parse_dirname", [.of([text], text)], "The first part of a path.",
            example: ("parse_dirname('a/b/c.csv')", "a")),
        FunctionEntry(
            "parse_dirpath", [.of([text], text)], "The path without its last part.",
            example: ("parse_dirpath('a/b/c.csv')", "a/b")),
    ]

    private static let anyAsText = Overload("(any) -> text") { arguments in
        arguments.count == 1 ? Overload.Resolution([text], text) : nil
    }

    private static let identifiers: [FunctionEntry] = [
        FunctionEntry(
            "uuid", [.of([text], .uuid)], canFail: true,
            "The text as a uuid; a cast to uuid is the same.",
            example: (
                "uuid('{A0EEBC999C0B4EF8BB6D6BB9BD380A11}')",
                "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"
            )),
        FunctionEntry(
            "uuid_extract_version", [.of([.uuid], .int64)],
            "The version of a uuid; NULL if it is none of RFC 9562.",
            example: ("uuid_extract_version('41db1265-8bc1-4ab3-992f-885799a4af1d'::uuid)", "4")),
        FunctionEntry(
            "uuid_extract_timestamp",
            [.of([.uuid], .timestamp(.microsecond, timeZone: "UTC"))],
            "When a uuid of version 1 or 7 was made; NULL for others.",
            example: (
                "uuid_extract_timestamp('019a9759-dc00-7000-8000-000000000000'::uuid)",
                "2025-11-18 14:24:00+00"
            )),
        FunctionEntry(
            "gen_random_uuid", [.of([], .uuid)], volatility: .volatile,
            "A random UUID (version 4)."),
    ]

    private static let encodings: [FunctionEntry] = [
        FunctionEntry(
            "hex", [.of([.int64], text), .of([text], text), .of([bytes], text)],
            "Bytes, or a number, in hexadecimal digits (upper case).",
            example: ("hex('ab')", "6162")
        ),
        FunctionEntry(
            "to_hex", [.of([.int32], text), .of([.int64], text)],
            "A number in hexadecimal digits (lower case).",
            example: ("to_hex(255)", "ff")),
        FunctionEntry(
            "to_oct", [.of([.int32], text), .of([.int64], text)], "A number in octal digits.",
            example: ("to_oct(8)", "10")),
        FunctionEntry(
            "bin", [.of([.int64], text)], "A number in binary digits.", example: ("bin(5)", "101")),
        FunctionEntry(
            "to_base", [.of([.int64, .int64], text), .of([.int64, .int64, .int64], text)],
            canFail: true,
            "A number from 0 on in digits of a base of 2 to 36, so many at least.",
            example: ("to_base(10, 2, 6)", "001010")),
        FunctionEntry(
            "parse_formatted_bytes", [.of([text], .int64)], canFail: true,
            "The number of bytes that a text such as 1.5 KB or 2 GiB says.",
            example: ("parse_formatted_bytes('1.5 KiB')", "1536")),
        FunctionEntry(
            "unhex", [.of([text], bytes)], canFail: true, "The bytes of hexadecimal digits.",
            example: ("unhex('6162')", "\\x6162")),
        FunctionEntry(
            "to_base64", [.of([bytes], text), .of([text], text)], "Bytes in base64.",
            example: ("to_base64('ab')", "YWI=")),
        FunctionEntry(
            "from_base64", [.of([text], bytes)], canFail: true, "The bytes of base64.",
            example: ("from_base64('YWI=')", "\\x6162")),
        FunctionEntry(
            "encode", [.of([text], bytes), .of([bytes, text], text)], canFail: true,
            "Bytes as text in 'hex', 'base64' or 'escape'; a text's bytes.",
            example: ("encode('ab'::bytea, 'hex')", "6162")),
        FunctionEntry(
            "decode", [.of([bytes], text), .of([text, text], bytes)], canFail: true,
            "The bytes of a text in 'hex', 'base64' or 'escape'; the text of bytes in UTF-8.",
            example: ("decode('6162', 'hex')", "\\x6162")),
        FunctionEntry(
            "sha1", [.of([text], text), .of([bytes], text)],
            "The SHA-1 digest, in hexadecimal digits."),
        FunctionEntry(
            "sha256", [.of([text], text), .of([bytes], bytes)],
            "The SHA-256 digest: hexadecimal digits of a text, bytes of bytes."),
    ]

    private static func formatted(_ type: @escaping @Sendable (DataType) -> DataType) -> Overload {
        Overload("(text, any, ...) -> text") { arguments in
            guard let first = arguments.first, Coercion.isImplicit(from: first, to: text) else {
                return nil
            }
            return Overload.Resolution([text] + arguments.dropFirst().map(type), text)
        }
    }
}
