// SPDX-License-Identifier: MIT

internal import IglooArrow

extension FunctionTable {
    /// PostgreSQL's functions of arrays that lists have no other word for.
    static let arrays: [FunctionEntry] = [
        FunctionEntry(
            "array_positions",
            [
                Overload("(list, any) -> list") { arguments in
                    guard arguments.count == 2, let own = arguments[0].listElement,
                        let element = Coercion.common(own, arguments[1])
                    else { return nil }
                    return Overload.Resolution(
                        [.list(of: element), element], .list(of: .int32))
                }
            ], propagatesNull: false, "All places of the item, from 1.",
            example: ("array_positions(['a', 'b', 'a'], 'a')", "[1, 3]")),
        FunctionEntry(
            "array_dims", [.unary("(list) -> text", { $0.isList }, { _ in .utf8View })],
            "The bounds of each dimension as text; NULL if the list is empty.",
            example: ("array_dims([[1, 2, 3], [4, 5, 6]])", "[1:2][1:3]")),
        FunctionEntry(
            "array_fill",
            [
                Overload("(any, list of bigint) -> list") { arguments in
                    guard arguments.count == 2, arguments[1].listElement?.isInteger ?? false else {
                        return nil
                    }
                    return Overload.Resolution(
                        [arguments[0], .list(of: .int64)], .list(of: arguments[0]))
                }
            ], propagatesNull: false, canFail: true,
            "A list of so many times the value, of lists where there are several dimensions.",
            example: ("array_fill(7, [2, 3])", "[[7, 7, 7], [7, 7, 7]]")),
        FunctionEntry(
            "array_sample", [withCount("(list, bigint) -> list")], volatility: .volatile,
            canFail: true, "So many items of the list, at random."),
        FunctionEntry(
            "array_shuffle", [.unary("(list) -> list", { $0.isList }, { $0 })],
            volatility: .volatile, "The items in random order.",
            example: ("array_shuffle([1, 1])", "[1, 1]")),
        FunctionEntry(
            "trim_array", [withCount("(list, bigint) -> list")], canFail: true,
            "The list without so many items at its end.",
            example: ("trim_array([1, 2, 3], 2)", "[1]")),
    ]

    /// How many of several values are NULL.
    static let nullCounts: [FunctionEntry] = [
        ("num_nulls", "How many arguments are NULL.", "1"),
        ("num_nonnulls", "How many arguments are not NULL.", "2"),
    ].map { name, documentation, result in
        FunctionEntry(
            name,
            [
                Overload("(any, ...) -> integer") { arguments in
                    arguments.isEmpty ? nil : Overload.Resolution(arguments, .int32)
                }
            ], propagatesNull: false, documentation,
            example: ("\(name)(1, null, 'x')", result))
    }

    private static func withCount(_ signature: String) -> Overload {
        Overload(signature) { arguments in
            guard arguments.count == 2, arguments[0].isList,
                Coercion.isImplicit(from: arguments[1], to: .int64)
            else { return nil }
            return Overload.Resolution([arguments[0], .int64], arguments[0])
        }
    }
}
