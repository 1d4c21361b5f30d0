// SPDX-License-Identifier: MIT

internal import IglooArrow

extension FunctionTable {
    static let lists: [FunctionEntry] =
        listAccess + listEditing + listSets + listOrder + listRanges + listAggregates
        + listDistances

    private static let text = DataType.utf8View

    // MARK: - Overloads

    private static func onList(
        _ signature: String, _ result: @escaping @Sendable (DataType) -> DataType
    )
        -> Overload
    {
        Overload(signature) { arguments in
            guard arguments.count == 1, arguments[0].isList || arguments[0] == .null else {
                return nil
            }
            let list = arguments[0].isList ? arguments[0] : .list(of: .null)
            return Overload.Resolution([list], result(list))
        }
    }

    /// A list and a value that fits its items, in their common type.
    private static func listAndItem(
        _ signature: String, isItemFirst: Bool = false,
        _ result: @escaping @Sendable (DataType) -> DataType
    ) -> Overload {
        Overload(signature) { arguments in
            guard arguments.count == 2 else { return nil }
            let (list, item) =
                isItemFirst ? (arguments[1], arguments[0]) : (arguments[0], arguments[1])
            let element: DataType
            if list == .null {
                element = item
            } else {
                guard let own = list.listElement, let common = Coercion.common(own, item) else {
                    return nil
                }
                element = common
            }
            let types: [DataType] = [.list(of: element), element]
            return Overload.Resolution(isItemFirst ? types.reversed() : types, result(types[0]))
        }
    }

    /// Lists of one common type.
    private static func commonLists(
        _ signature: String, countMin: Int = 2, countMax: Int = .max,
        _ result: @escaping @Sendable (DataType) -> DataType
    ) -> Overload {
        Overload(signature) { arguments in
            guard arguments.count >= countMin, arguments.count <= countMax,
                arguments.contains(where: \.isList),
                let type = Overload.commonType(arguments), type.isList
            else { return nil }
            return Overload.Resolution(
                Array(repeating: type, count: arguments.count), result(type))
        }
    }

    private static func withIntegers(
        _ signature: String, count: Int, _ result: @escaping @Sendable (DataType) -> DataType
    ) -> Overload {
        Overload(signature) { arguments in
            guard arguments.count == count + 1, arguments[0].isList,
                arguments.dropFirst().allSatisfy({ Coercion.isImplicit(from: $0, to: .int64) })
            else { return nil }
            return Overload.Resolution(
                [arguments[0]] + Array(repeating: .int64, count: count), result(arguments[0]))
        }
    }

    // MARK: - Tables

    private static let listAccess: [FunctionEntry] = [
        FunctionEntry(
            "list_value",
            [
                Overload("(any, ...) -> list") { arguments in
                    guard !arguments.isEmpty, let type = Overload.commonType(arguments) else {
                        return arguments.isEmpty ? Overload.Resolution([], .list(of: .null)) : nil
                    }
                    return Overload.Resolution(
                        Array(repeating: type, count: arguments.count), .list(of: type))
                }
            ], propagatesNull: false,
            "A list of the arguments; [a, b] and ARRAY[a, b] are the same.",
            example: ("list_value(1, 2)", "[1, 2]")),
        FunctionEntry(
            "list_element",
            [
                withIntegers("(list, bigint) -> any", count: 1) { $0.listElement ?? .null },
                .of([text, .int64], text),
            ],
            "The item at a place, from 1, or from the end if negative; NULL where there is none. "
                + "list[place] is the same.", example: ("list_element([5, 6], 2)", "6")),
        FunctionEntry(
            "list_slice",
            [
                withIntegers("(list, bigint, bigint) -> list", count: 2) { $0 },
                .of([text, .int64, .int64], text),
            ], propagatesNull: false,
            "The items between two places, both included; list[from:to] is the same.",
            example: ("list_slice([5, 6, 7], 2, 3)", "[6, 7]")),
        FunctionEntry(
            "list_contains", [listAndItem("(list, any) -> boolean") { _ in .bool }],
            "Whether the list has the item.", example: ("list_contains([1, 2], 2)", "true")),
        FunctionEntry(
            "list_position",
            [
                listAndItem("(list, any) -> integer") { _ in .int32 },
                Overload("(list, any, bigint) -> integer") { arguments in
                    guard arguments.count == 3, let own = arguments[0].listElement,
                        let element = Coercion.common(own, arguments[1]),
                        Coercion.isImplicit(from: arguments[2], to: .int64)
                    else { return nil }
                    return Overload.Resolution([.list(of: element), element, .int64], .int32)
                },
            ], propagatesNull: false,
            "Where the item first stands, from 1 or the third argument on; NULL if it does not.",
            example: ("list_position([5, 6], 6)", "2")),
        FunctionEntry(
            "array_length",
            [
                onList("(list) -> bigint") { _ in .int64 },
                withIntegers("(list, bigint) -> bigint", count: 1) { _ in .int64 },
            ], "Number of items, in the given dimension.", example: ("array_length([1, 2])", "2")),
        FunctionEntry(
            "array_upper",
            [withIntegers("(list, bigint) -> bigint", count: 1) { _ in .int64 }],
            "The last place of the dimension; NULL if it is empty.",
            example: ("array_upper([4, 5], 1)", "2")),
        FunctionEntry(
            "array_lower",
            [withIntegers("(list, bigint) -> bigint", count: 1) { _ in .int64 }],
            "The first place of the dimension, 1; NULL if it is empty.",
            example: ("array_lower([4, 5], 1)", "1")),
        FunctionEntry(
            "array_ndims", [onList("(list) -> bigint") { _ in .int64 }],
            "How deep lists are nested.", example: ("array_ndims([[1]])", "2")),
        FunctionEntry(
            "array_to_string",
            [joining(countMax: 3)], propagatesNull: false,
            "All items as text, the second argument between them; NULLs are left out, or written "
                + "as the third.", example: ("array_to_string([1, null, 3], '-', '*')", "1-*-3")),
    ]

    private static func joining(countMax: Int) -> Overload {
        Overload("(list, text [, text]) -> text") { arguments in
            guard (2...countMax).contains(arguments.count), arguments[0].isList,
                arguments.dropFirst().allSatisfy({ Coercion.isImplicit(from: $0, to: text) })
            else { return nil }
            return Overload.Resolution(
                [.list(of: text)] + Array(repeating: text, count: arguments.count - 1), text)
        }
    }

    private static let listEditing: [FunctionEntry] = [
        FunctionEntry(
            "list_concat", [commonLists("(list, list, ...) -> list") { $0 }], propagatesNull: false,
            "The items of all lists; a NULL counts as an empty list. `||` is the same.",
            example: ("list_concat([1], [2, 3])", "[1, 2, 3]")),
        FunctionEntry(
            "list_append", [listAndItem("(list, any) -> list") { $0 }], propagatesNull: false,
            "The list with an item at its end.", example: ("list_append([1], 2)", "[1, 2]")),
        FunctionEntry(
            "list_prepend", [listAndItem("(any, list) -> list", isItemFirst: true) { $0 }],
            propagatesNull: false, "The list with an item at its beginning.",
            example: ("list_prepend(1, [2])", "[1, 2]")),
        FunctionEntry(
            "array_remove", [listAndItem("(list, any) -> list") { $0 }], propagatesNull: false,
            "The list without items equal to the second argument.",
            example: ("array_remove([1, 2, 1], 1)", "[2]")),
        FunctionEntry(
            "array_replace",
            [
                Overload("(list, any, any) -> list") { arguments in
                    guard arguments.count == 3, let own = arguments[0].listElement,
                        let element = Overload.commonType([own, arguments[1], arguments[2]])
                    else { return nil }
                    return Overload.Resolution(
                        [.list(of: element), element, element], .list(of: element))
                }
            ], propagatesNull: false, "The list with items equal to the second argument replaced.",
            example: ("array_replace([1, 2, 1], 1, 9)", "[9, 2, 9]")),
        FunctionEntry(
            "flatten",
            [
                .unary(
                    "(list of lists) -> list", { $0.listElement?.isList ?? false },
                    { $0.listElement ?? .null })
            ], "The items of all lists within the list.",
            example: ("flatten([[1], [2, 3]])", "[1, 2, 3]")),
    ]

    private static let listSets: [FunctionEntry] = [
        FunctionEntry(
            "list_has_any", [commonLists("(list, list) -> boolean", countMax: 2) { _ in .bool }],
            "Whether the lists have an item in common; `&&` is the same.",
            example: ("list_has_any([1, 2], [2, 3])", "true")),
        FunctionEntry(
            "list_has_all", [commonLists("(list, list) -> boolean", countMax: 2) { _ in .bool }],
            "Whether the first list has all items of the second; `@>` is the same.",
            example: ("list_has_all([1, 2, 3], [2, 3])", "true")),
        FunctionEntry(
            "list_intersect", [commonLists("(list, list) -> list", countMax: 2) { $0 }],
            "The items that both lists have, each once.",
            example: ("list_intersect([1, 2, 2], [2, 3])", "[2]")),
        FunctionEntry(
            "list_distinct", [onList("(list) -> list") { $0 }],
            "Each item once, in the order in which they first come; without NULLs.",
            example: ("list_distinct([2, 1, 2])", "[2, 1]")),
        FunctionEntry(
            "list_unique", [onList("(list) -> bigint") { _ in .int64 }],
            "How many different items the list has.", example: ("list_unique([2, 1, 2])", "2")),
    ]

    private static let listOrder: [FunctionEntry] = [
        FunctionEntry(
            "list_reverse", [onList("(list) -> list") { $0 }], "The items in the opposite order.",
            example: ("list_reverse([1, 2])", "[2, 1]")),
        FunctionEntry(
            "list_sort",
            [
                onList("(list) -> list") { $0 }, sortOf(1), sortOf(2),
            ], canFail: true, "The items in order: 'asc' or 'desc', 'nulls first' or 'nulls last'.",
            example: ("list_sort([2, 3, 1], 'desc')", "[3, 2, 1]")),
        FunctionEntry(
            "list_reverse_sort", [onList("(list) -> list") { $0 }], "The items in falling order.",
            example: ("list_reverse_sort([2, 3, 1])", "[3, 2, 1]")),
    ]

    private static func sortOf(_ count: Int) -> Overload {
        Overload("(list, " + (count == 1 ? "text" : "text, text") + ") -> list") { arguments in
            guard arguments.count == count + 1, arguments[0].isList,
                arguments.dropFirst().allSatisfy({ Coercion.isImplicit(from: $0, to: text) })
            else { return nil }
            return Overload.Resolution(
                [arguments[0]] + Array(repeating: text, count: count), arguments[0])
        }
    }

    private static let listRanges: [FunctionEntry] = [
        ("generate_series", "with", "[1, 2, 3]"), ("range", "without", "[1, 2]"),
    ].map { name, word, example in
        let timestamp = DataType.timestamp(.microsecond, timeZone: nil)
        let instant = DataType.timestamp(.microsecond, timeZone: "UTC")
        let integers: [Overload] = (1...3).map {
            .of(Array(repeating: .int64, count: $0), .list(of: .int64))
        }
        return FunctionEntry(
            name,
            integers + [
                .of([timestamp, timestamp, .interval(.monthDayNano)], .list(of: timestamp)),
                .of([instant, instant, .interval(.monthDayNano)], .list(of: instant)),
            ], canFail: true,
            "The numbers or times from the first argument (0) to the second, \(word) it, by the "
                + "third (1).", example: ("\(name)(1, 3)", example))
    }

    /// Aggregates of one argument, over the items of a list.
    private static let listAggregates: [FunctionEntry] = [
        "sum", "avg", "min", "max", "count", "first", "last", "any_value", "product", "median",
        "mode", "bool_and", "bool_or", "bit_and", "bit_or", "bit_xor", "stddev_samp", "stddev_pop",
        "var_samp", "var_pop", "skewness", "kurtosis", "histogram", "approx_count_distinct",
        "string_agg", "stddev", "variance", "mad", "entropy",
    ].map { name in
        FunctionEntry(
            "list_" + name,
            [
                Overload("(list) -> any") { arguments in
                    guard arguments.count == 1,
                        let element = arguments[0] == .null ? .null : arguments[0].listElement
                    else { return nil }
                    if name == "string_agg" {
                        return Overload.Resolution([.list(of: text)], text)
                    }
                    let known = resolve(name, [element])
                    let isNull = element == .null
                    guard let found = known ?? (isNull ? resolve(name, [.int32]) : nil) else {
                        return nil
                    }
                    return Overload.Resolution([.list(of: found.parameters[0])], found.result)
                }
            ], propagatesNull: true, canFail: true,
            "The aggregate \(name) over the list's items.")
    }

    /// Of two lists of numbers.
    private static let listDistances: [FunctionEntry] = [
        ("list_distance", "The distance of two points.", "list_distance([0, 0], [3, 4])", "5"),
        (
            "list_inner_product", "The sum of the products of the items.",
            "list_inner_product([1, 2], [3, 4])", "11"
        ),
        (
            "list_negative_inner_product", "list_inner_product with its sign changed.",
            "list_negative_inner_product([1, 2], [3, 4])", "-11"
        ),
        (
            "list_cosine_similarity", "The cosine of the angle between two vectors.",
            "list_cosine_similarity([1, 0], [0, 2])", "0"
        ),
        (
            "list_cosine_distance", "1 less the cosine of the angle between two vectors.",
            "list_cosine_distance([1, 0], [0, 2])", "1"
        ),
    ].map { name, documentation, call, result in
        let doubles = DataType.list(of: .float64)
        return FunctionEntry(
            name, [.of([doubles, doubles], .float64)], canFail: true, documentation,
            example: (call, result))
    }
}
