// SPDX-License-Identifier: MIT

internal import IglooArrow

extension FunctionTable {
    private static let text = DataType.utf8View
    private static let ways: [Overload] = [
        .of([text, text], text), .of([text, .int64], text), .of([text, .list(of: text)], text),
    ]

    /// JSON is text; functions that want JSON check that it is some.
    static let json: [FunctionEntry] = [
        FunctionEntry(
            "->", ways, canFail: true,
            "The value of a key, at a place (from 0), at a path ($.a[0], /a/0), or at a list of keys, "
                + "as JSON; json_extract is the same.",
            example: ("'{\"a\": [1, 2]}' -> 'a'", "[1, 2]")),
        FunctionEntry(
            "->>", ways, canFail: true,
            "As ->, as text: strings without quotes, null as NULL; json_extract_string is the same.",
            example: ("'{\"a\": \"x\"}' ->> 'a'", "x")),
        FunctionEntry(
            "json_extract", ways, canFail: true, "As ->.",
            example: ("json_extract('{\"a\": [1, 2]}', '$.a[1]')", "2")),
        FunctionEntry(
            "json_extract_string", ways, canFail: true, "As ->>.",
            example: ("json_extract_string('{\"a\": \"x\"}', '$.a')", "x")),
        FunctionEntry(
            "json", [.of([text], text)], canFail: true,
            "The text, if it is JSON; a cast to json is the same.", example: ("json('[1]')", "[1]")),
        FunctionEntry(
            "json_valid", [.of([text], .bool)], "Whether the text is JSON.",
            example: ("json_valid('{')", "false")),
        FunctionEntry(
            "json_type", [.of([text], text)], canFail: true,
            "What the value is, in DuckDB's words.", example: ("json_type('[1]')", "ARRAY")),
        FunctionEntry(
            "json_typeof", [.of([text], text)], canFail: true,
            "What the value is, in PostgreSQL's words.", example: ("json_typeof('[1]')", "array")),
        FunctionEntry(
            "json_array_length", [.of([text], .int64)], canFail: true,
            "How many items the array has.", example: ("json_array_length('[1, 2]')", "2")),
        FunctionEntry(
            "json_keys", [.of([text], .list(of: text))], canFail: true, "The keys of an object.",
            example: ("json_keys('{\"a\": 1, \"b\": 2}')", "[a, b]")),
        FunctionEntry(
            "json_elements", [.of([text], .list(of: text))], canFail: true,
            "The items of an array, each as JSON.",
            example: ("json_elements('[1, true]')", "[1, true]")),
        FunctionEntry(
            "to_json", [.unary("(any) -> text", { _ in true }, { _ in text })],
            "The value as JSON; what is JSON already stays as it is.",
            example: ("to_json({'a': [1, 2]})", "{\"a\":[1,2]}")),
        building(
            "json_object", isObject: true, "An object of keys and values.",
            ("json_object('a', 1, 'b', [2])", "{\"a\":1,\"b\":[2]}")),
        building(
            "json_array", isObject: false, "An array of values.",
            ("json_array(1, 'a', null)", "[1,\"a\",null]")),
        building(
            "json_build_object", isObject: true, "As json_object, spaced as in PostgreSQL.",
            ("json_build_object('a', 1)", "{\"a\" : 1}")),
        building(
            "json_build_array", isObject: false, "As json_array, spaced as in PostgreSQL.",
            ("json_build_array(1, 2)", "[1, 2]")),
    ]

    /// Functions that make JSON of JSON.
    static let jsonEditing: [FunctionEntry] = [
        FunctionEntry(
            "json_set", [.of([text, text, text], text)], canFail: true,
            "The JSON with the value at the path, which is made as far as it is not there; [#] or /- "
                + "is the place behind an array's last item.",
            example: ("json_set('{\"a\": {}}', '$.a.b', '1')", "{\"a\":{\"b\":1}}")),
        FunctionEntry(
            "json_merge_patch",
            [
                Overload("(text, text, ...) -> text") { arguments in
                    guard arguments.count >= 2,
                        arguments.allSatisfy({ $0.isText || $0 == .null })
                    else { return nil }
                    return Overload.Resolution(
                        Array(repeating: text, count: arguments.count), text)
                }
            ], propagatesNull: false, canFail: true,
            "The first with the members of the others in place of its own; null removes one.",
            example: ("json_merge_patch('{\"a\": 1}', '{\"a\": null, \"b\": 2}')", "{\"b\":2}")),
        FunctionEntry(
            "json_merge_patch_diff", [.of([text, text], text)], propagatesNull: false,
            canFail: true, "The patch that makes the second of the first.",
            example: ("json_merge_patch_diff('{\"a\": 1}', '{\"b\": 2}')", "{\"a\":null,\"b\":2}")),
        FunctionEntry(
            "json_normalize", [.of([text], text)], canFail: true,
            "Without white space, and with sorted keys.",
            example: ("json_normalize('{\"b\": 1, \"a\": 2}')", "{\"a\":2,\"b\":1}")),
        FunctionEntry(
            "json_structure", [.of([text], text)], canFail: true,
            "The types of the values in their places.",
            example: ("json_structure('{\"a\": [1, 2]}')", "{\"a\":[\"UBIGINT\"]}")),
        FunctionEntry(
            "json_contains", [.of([text, text], .bool)], canFail: true,
            "Whether the second is found in the first, or within it.",
            example: ("json_contains('{\"a\": [1, 2]}', '[2]')", "true")),
    ]

    /// Functions and operators whose result is JSON, so that it goes into other JSON as it is.
    public static let makingJSON: Set<String> = [
        "->", "json_extract", "json", "to_json", "json_object", "json_array", "json_build_object",
        "json_build_array", "json_set", "json_merge_patch", "json_merge_patch_diff",
        "json_normalize", "json_structure",
    ]

    private static func building(
        _ name: String, isObject: Bool, _ documentation: String,
        _ example: (call: String, result: String)
    ) -> FunctionEntry {
        FunctionEntry(
            name,
            [
                Overload(isObject ? "(text, any, ...) -> text" : "(any, ...) -> text") {
                    arguments in
                    guard !isObject || arguments.count.isMultiple(of: 2) else { return nil }
                    return Overload.Resolution(
                        Array(repeating: text, count: arguments.count), text)
                }
            ], propagatesNull: false, canFail: isObject, documentation, example: example)
    }
}
