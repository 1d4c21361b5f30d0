// SPDX-License-Identifier: MIT

internal import IglooArrow

extension FunctionTable {
    /// Functions whose types depend on names or on a lambda: the binder makes their calls.
    static let lambdas: [FunctionEntry] = [
        bound(
            "list_transform", "(list, x -> any) -> list", canFail: true,
            "The lambda's value for each item; (x, i) -> ... also gets the item's place.",
            ("list_transform([1, 2], x -> x * 10)", "[10, 20]")),
        bound(
            "list_filter", "(list, x -> boolean) -> list", canFail: true,
            "The items for which the lambda is true.",
            ("list_filter([1, 2, 3], x -> x > 1)", "[2, 3]")
        ),
        bound(
            "list_reduce", "(list, (x, y) -> any [, any]) -> any", canFail: true,
            "The items drawn together from left to right, from the third argument on if there is "
                + "one; (x, y, i) -> ... also gets the item's place.",
            ("list_reduce([1, 2, 3], (x, y) -> x + y)", "6")),
        bound(
            "list_any", "(list, x -> boolean) -> boolean", canFail: true,
            "Whether the lambda is true for an item; x = ANY(list) is such a call.",
            ("2 = any([1, 2])", "true")),
        bound(
            "list_all", "(list, x -> boolean) -> boolean", canFail: true,
            "Whether the lambda is true for all items; x < ALL(list) is such a call.",
            ("2 > all([1, 2])", "false")),
        bound(
            "struct_pack", "(name := any, ...) -> struct",
            "A structure of named values; {'name': value} is the same.",
            ("struct_pack(a := 1, b := 'x')", "{'a': 1, 'b': x}")),
        bound(
            "struct_extract", "(struct, text) -> any",
            "A field of a structure; structure.name is the same.",
            ("struct_extract({'a': 1}, 'a')", "1")),
    ]

    private static func bound(
        _ name: String, _ signature: String, canFail: Bool = false, _ documentation: String,
        _ example: (call: String, result: String)
    ) -> FunctionEntry {
        FunctionEntry(
            name, [Overload(signature) { _ in nil }],
            propagatesNull: name != "struct_pack" && name != "list_reduce", canFail: canFail,
            documentation, example: example)
    }
}
