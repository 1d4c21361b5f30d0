// SPDX-License-Identifier: MIT

internal import IglooArrow

extension FunctionTable {
    private static let text = DataType.utf8View
    private static func ways(_ result: DataType?) -> [Overload] {
        [
            reading([text], result), reading([.int64], result),
            reading([.list(of: text)], result),
        ]
    }

    /// Functions of JSON take text as well, and check that it is JSON.
    ///
    /// - Parameter result: `nil` for JSON of the kind that the first argument has.
    private static func reading(_ others: [DataType], _ result: DataType?) -> Overload {
        let names = (["json"] + others.map(\.sqlName)).joined(separator: ", ")
        return Overload("(\(names)) -> \(result?.sqlName ?? "json")") { arguments in
            guard arguments.count == others.count + 1,
                arguments[0] == text || arguments[0].isJSON || arguments[0] == .null,
                zip(arguments.dropFirst(), others).allSatisfy({
                    Coercion.isImplicit(from: $0, to: $1)
                })
            else { return nil }
            let document = arguments[0] == .null ? text : arguments[0]
            return Overload.Resolution(
                [document] + others, result ?? (document == .jsonb ? .jsonb : .json))
        }
    }

    static let json: [FunctionEntry] = [
        FunctionEntry(
            "->", ways(nil), canFail: true,
            "The value of a key, at a place (from 0), at a path ($.a[0], /a/0), or at a list of keys, "
                + "as JSON; json_extract is the same.",
            example: ("'{\"a\": [1, 2]}' -> 'a'", "[1, 2]")),
        FunctionEntry(
            "->>", ways(text), canFail: true,
            "As ->, as text: strings without quotes, null as NULL; json_extract_string is the same.",
            example: ("'{\"a\": \"x\"}' ->> 'a'", "x")),
        FunctionEntry(
            "json_extract", ways(nil), canFail: true, "As ->.",
            example: ("json_extract('{\"a\": [1, 2]}', '$.a[1]')", "2")),
        FunctionEntry(
            "json_extract_string", ways(text), canFail: true, "As ->>.",
            example: ("json_extract_string('{\"a\": \"x\"}', '$.a')", "x")),
        FunctionEntry(
            "json", [.of([text], .json)], canFail: true,
            "The text, if it is JSON; a cast to json is the same.", example: ("json('[1]')", "[1]")),
        FunctionEntry(
            "json_valid", [reading([], .bool)], "Whether the text is JSON.",
            example: ("json_valid('{')", "false")),
        FunctionEntry(
            "json_type", [reading([], text)], canFail: true,
            "What the value is, in DuckDB's words.", example: ("json_type('[1]')", "ARRAY")),
        FunctionEntry(
            "json_typeof", [reading([], text)], canFail: true,
            "What the value is, in PostgreSQL's words.", example: ("json_typeof('[1]')", "array")),
        FunctionEntry(
            "json_array_length", [reading([], .int64)], canFail: true,
            "How many items the array has.", example: ("json_array_length('[1, 2]')", "2")),
        FunctionEntry(
            "json_keys", [reading([], .list(of: text))], canFail: true, "The keys of an object.",
            example: ("json_keys('{\"a\": 1, \"b\": 2}')", "[a, b]")),
        FunctionEntry(
            "json_elements", [reading([], .list(of: .json))], canFail: true,
            "The items of an array, each as JSON.",
            example: ("json_elements('[1, true]')", "[1, true]")),
        FunctionEntry(
            "to_json", [.unary("(any) -> json", { _ in true }, { _ in .json })],
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
            "json_set", [reading([text, text], nil)], canFail: true,
            "The JSON with the value at the path, which is made as far as it is not there; [#] or /- "
                + "is the place behind an array's last item.",
            example: ("json_set('{\"a\": {}}', '$.a.b', '1')", "{\"a\":{\"b\":1}}")),
        FunctionEntry(
            "json_merge_patch",
            [
                Overload("(json, json, ...) -> json") { arguments in
                    guard arguments.count >= 2,
                        arguments.allSatisfy({ $0.isText || $0.isJSON || $0 == .null })
                    else { return nil }
                    return Overload.Resolution(
                        Array(repeating: text, count: arguments.count), .json)
                }
            ], propagatesNull: false, canFail: true,
            "The first with the members of the others in place of its own; null removes one.",
            example: ("json_merge_patch('{\"a\": 1}', '{\"a\": null, \"b\": 2}')", "{\"b\":2}")),
        FunctionEntry(
            "json_merge_patch_diff", [reading([text], .json)], propagatesNull: false,
            canFail: true, "The patch that makes the second of the first.",
            example: ("json_merge_patch_diff('{\"a\": 1}', '{\"b\": 2}')", "{\"a\":null,\"b\":2}")),
        FunctionEntry(
            "json_normalize", [reading([], .json)], canFail: true,
            "Without white space, and with sorted keys.",
            example: ("json_normalize('{\"b\": 1, \"a\": 2}')", "{\"a\":2,\"b\":1}")),
        FunctionEntry(
            "json_structure", [reading([], .json)], canFail: true,
            "The types of the values in their places.",
            example: ("json_structure('{\"a\": [1, 2]}')", "{\"a\":[\"UBIGINT\"]}")),
        FunctionEntry(
            "json_contains", [reading([text], .bool)], canFail: true,
            "Whether the second is found in the first, or within it.",
            example: ("json_contains('{\"a\": [1, 2]}', '[2]')", "true")),
    ]

    private static func building(
        _ name: String, isObject: Bool, _ documentation: String,
        _ example: (call: String, result: String)
    ) -> FunctionEntry {
        FunctionEntry(
            name,
            [
                Overload(isObject ? "(text, any, ...) -> json" : "(any, ...) -> json") {
                    arguments in
                    guard !isObject || arguments.count.isMultiple(of: 2) else { return nil }
                    return Overload.Resolution(
                        Array(repeating: text, count: arguments.count), .json)
                }
            ], propagatesNull: false, canFail: isObject, documentation, example: example)
    }
}
