// SPDX-License-Identifier: MIT

internal import IglooArrow

extension FunctionTable {
    private static let text = DataType.utf8View
    private static let textList = DataType.list(of: text)

    /// PostgreSQL's functions that change, search and take apart JSON.
    static let jsonb: [FunctionEntry] = jsonChanges + jsonTests + jsonRows + jsonPaths

    private static let jsonChanges: [FunctionEntry] =
        [
            FunctionEntry(
                "jsonb_set",
                [
                    onJSON([.jsonb, textList, .jsonb], .jsonb),
                    onJSON([.jsonb, textList, .jsonb, .bool], .jsonb),
                ],
                canFail: true,
                "The document with the value at a path replaced or, unless the last argument is "
                    + "false, added.",
                example: ("jsonb_set('{\"a\": [1, 2]}', '{a,0}', '9')", "{\"a\": [9, 2]}")),
            FunctionEntry(
                "jsonb_set_lax",
                [
                    onJSON([.jsonb, textList, .jsonb], .jsonb),
                    onJSON([.jsonb, textList, .jsonb, .bool], .jsonb),
                    onJSON([.jsonb, textList, .jsonb, .bool, text], .jsonb),
                ], propagatesNull: false, canFail: true,
                "As jsonb_set; for a NULL the last argument says what to do: use_json_null, "
                    + "delete_key, return_target or raise_exception.",
                example: (
                    "jsonb_set_lax('{\"a\": 1}', '{a}', null, true, 'delete_key')", "{}"
                )),
            FunctionEntry(
                "jsonb_insert",
                [
                    onJSON([.jsonb, textList, .jsonb], .jsonb),
                    onJSON([.jsonb, textList, .jsonb, .bool], .jsonb),
                ],
                canFail: true,
                "The document with a value inserted at a path; after it, if the last argument is "
                    + "true.",
                example: ("jsonb_insert('{\"a\": [1]}', '{a,0}', '0')", "{\"a\": [0, 1]}")),
            FunctionEntry(
                "jsonb_delete",
                [
                    .of([text, text], text), .of([text, .int64], text),
                    .of([text, textList], text),
                ], canFail: true,
                "The document without a key, keys, or the item at a place; `-` is the same.",
                example: ("jsonb_delete('{\"a\": 1, \"b\": 2}', 'a')", "{\"b\": 2}")),
            FunctionEntry(
                "jsonb_delete_path", [onJSON([.jsonb, textList], .jsonb)], canFail: true,
                "The document without what stands at a path; `#-` is the same.",
                example: ("'{\"a\": [1, 2]}' #- '{a,0}'", "{\"a\": [2]}")),
            FunctionEntry(
                "jsonb_concat", [onJSON([.jsonb, .jsonb], .jsonb)], canFail: true,
                "Two objects merged, or arrays joined; `||` is the same.",
                example: ("jsonb_concat('[1]', '2')", "[1, 2]")),
            FunctionEntry(
                "jsonb_object", [.of([textList], .jsonb), .of([textList, textList], .jsonb)],
                canFail: true, "An object of a list of keys and values in turn, or of two lists.",
                example: ("jsonb_object('{a,1,b,2}')", "{\"a\": \"1\", \"b\": \"2\"}")),
            FunctionEntry(
                "jsonb_pretty", [onJSON([.jsonb], text)], canFail: true,
                "The document over several lines.", example: ("jsonb_pretty('1')", "1")),
        ]
        + ["json_strip_nulls", "jsonb_strip_nulls"].map { name in
            FunctionEntry(
                name,
                [
                    onJSON(
                        [name.hasPrefix("jsonb") ? .jsonb : .json],
                        name.hasPrefix("jsonb") ? .jsonb : .json)
                ], canFail: true, "The document without members that are null.",
                example: ("\(name)('{\"a\": null}')", "{}"))
        }

    /// Where JSON is wanted, text and the other kind of JSON are taken, and cast.
    private static func onJSON(_ parameters: [DataType], _ result: DataType) -> Overload {
        let names = parameters.map(\.sqlName).joined(separator: ", ")
        return Overload("(\(names)) -> \(result.sqlName)") { arguments in
            guard arguments.count == parameters.count,
                zip(arguments, parameters).allSatisfy({ argument, parameter in
                    parameter.isJSON && (argument == text || argument.isJSON)
                        || Coercion.isImplicit(from: argument, to: parameter)
                })
            else { return nil }
            return Overload.Resolution(parameters, result)
        }
    }

    /// Of one document, whose kind of JSON, json where it is text, decides on the result's type.
    private static func ofKind(
        _ signature: String, _ result: @escaping @Sendable (DataType) -> DataType
    ) -> Overload {
        Overload(signature) { arguments in
            guard arguments.count == 1,
                arguments[0] == text || arguments[0].isJSON || arguments[0] == .null
            else { return nil }
            let kind = arguments[0] == .jsonb ? DataType.jsonb : .json
            return Overload.Resolution([kind], result(kind))
        }
    }

    private static let jsonTests: [FunctionEntry] = [
        FunctionEntry(
            "jsonb_contains", [onJSON([.jsonb, .jsonb], .bool)], canFail: true,
            "Whether the first document contains the second; `@>` is the same.",
            example: ("'{\"a\": [1, 2]}' @> '{\"a\": [2]}'", "true")),
        FunctionEntry(
            "jsonb_exists", [onJSON([.jsonb, text], .bool)], canFail: true,
            "Whether the text is a key, or an item, of the document; `?` is the same.",
            example: ("jsonb_exists('{\"a\": 1}', 'a')", "true")),
        FunctionEntry(
            "jsonb_exists_any", [onJSON([.jsonb, textList], .bool)], canFail: true,
            "Whether any of the texts is a key, or an item; `?|` is the same.",
            example: ("jsonb_exists_any('{\"a\": 1}', ['a', 'b'])", "true")),
        FunctionEntry(
            "jsonb_exists_all", [onJSON([.jsonb, textList], .bool)], canFail: true,
            "Whether all of the texts are keys, or items; `?&` is the same.",
            example: ("jsonb_exists_all('{\"a\": 1}', ['a', 'b'])", "false")),
    ]

    /// What they list the binder makes rows of.
    private static let jsonRows: [FunctionEntry] =
        [
            ("json_array_elements", "The items of the array, a row each.", "('[1]')", "1"),
            (
                "json_array_elements_text", "The items of the array as text, a row each.",
                "('[\"a\"]')", "a"
            ),
            ("json_object_keys", "The keys of the object, a row each.", "('{\"a\": 1}')", "a"),
        ].map { name, documentation, call, result in
            FunctionEntry(
                name,
                [
                    ofKind("(json) -> \(name == "json_array_elements" ? "json" : "text")[]") {
                        .list(of: name == "json_array_elements" ? $0 : text)
                    }
                ], canFail: true, documentation,
                example: (name + call, result))
        }
        + ["json_each", "json_each_text"].map { name in
            FunctionEntry(
                name,
                [
                    ofKind(
                        "(json) -> struct(key text, value \(name == "json_each" ? "json" : "text"))[]"
                    ) {
                        .list(
                            of: .structure([
                                Field("key", text), Field("value", name == "json_each" ? $0 : text),
                            ]))
                    }
                ], canFail: true,
                name == "json_each"
                    ? "The members of the object, a row each: key and value."
                    : "The members of the object, a row each: key, and value as text.",
                example: ("\(name)('{\"a\": 1}')", "{'key': a, 'value': 1}"))
        }

    private static let jsonPaths: [FunctionEntry] = [
        path(
            "exists", .bool, "Whether the JSON path finds anything; `@?` is the same.",
            "('[1, 2]', '$[*] ? (@ > 1)')", "true"),
        path(
            "match", .bool, "The truth value the JSON path gives; `@@` is the same.",
            "('[1, 2]', '$[0] == 1')", "true"),
        path(
            "query", .list(of: .jsonb), "What the JSON path finds, a row each.",
            "('{\"a\": [1, 2]}', '$.a[last]')", "2"),
        path(
            "query_array", .jsonb, "What the JSON path finds, as an array.",
            "('[1, 2, 3]', '$[*] ? (@ > 1)')", "[2, 3]"),
        path(
            "query_first", .jsonb, "The first that the JSON path finds; NULL without one.",
            "('[1, 2, 3]', '$[*] ? (@ > $x)', '{\"x\": 1}')", "2"),
    ]

    private static func path(
        _ name: String, _ result: DataType, _ documentation: String, _ call: String,
        _ shown: String
    ) -> FunctionEntry {
        FunctionEntry(
            "jsonb_path_" + name,
            [
                onJSON([.jsonb, text], result), onJSON([.jsonb, text, .jsonb], result),
                onJSON([.jsonb, text, .jsonb, .bool], result),
            ], canFail: true,
            documentation + " The third argument is an object of the path's variables; with true "
                + "as the fourth, errors of the data are passed over.",
            example: ("jsonb_path_" + name + call, shown))
    }
}
