// SPDX-License-Identifier: MIT

internal import IglooArrow

extension FunctionTable {
    /// Structures and maps. The binder makes `struct_pack` and `struct_extract`, whose types
    /// depend on names.
    static let structures: [FunctionEntry] = [
        FunctionEntry(
            "map",
            [
                Overload("(list, list) -> map") { arguments in
                    guard arguments.count == 2, let key = arguments[0].listElement,
                        let value = arguments[1].listElement
                    else { return nil }
                    return Overload.Resolution(arguments, EngineType.map(key: key, value: value))
                }
            ], canFail: true, "A map of a list of keys and a list of values.",
            example: ("map(['a', 'b'], [1, 2])", "{a=1, b=2}")),
        FunctionEntry(
            "map_from_entries",
            [
                Overload("(list of structures) -> map") { arguments in
                    guard arguments.count == 1,
                        case .structure(let fields)? = arguments[0].listElement, fields.count == 2
                    else { return nil }
                    return Overload.Resolution(
                        arguments, EngineType.map(key: fields[0].type, value: fields[1].type))
                }
            ], canFail: true, "A map of a list of structures of key and value.",
            example: ("map_from_entries([{'k': 'a', 'v': 1}])", "{a=1}")),
        FunctionEntry(
            "map_keys", [onMap("(map) -> list") { .list(of: $0.key) }], "The keys of the map.",
            example: ("map_keys(map(['a'], [1]))", "[a]")),
        FunctionEntry(
            "map_values", [onMap("(map) -> list") { .list(of: $0.value) }],
            "The values of the map.",
            example: ("map_values(map(['a'], [1]))", "[1]")),
        FunctionEntry(
            "map_entries",
            [
                onMap("(map) -> list") {
                    .list(of: .structure([Field("key", $0.key), Field("value", $0.value)]))
                }
            ], "The pairs of the map as structures.",
            example: ("map_entries(map(['a'], [1]))", "[{'key': a, 'value': 1}]")),
        FunctionEntry(
            "map_element", [withKey("(map, any) -> any") { $0.value }],
            "The value of a key; NULL if there is none. map[key] is the same.",
            example: ("map_element(map(['a'], [1]), 'a')", "1")),
        FunctionEntry(
            "map_contains", [withKey("(map, any) -> boolean") { _ in .bool }],
            "Whether the map has the key.", example: ("map_contains(map(['a'], [1]), 'b')", "false")
        ),
        FunctionEntry(
            "cardinality",
            [
                onMap("(map) -> bigint") { _ in .int64 },
                .unary("(list) -> bigint", { $0.isList }, { _ in .int64 }),
            ], "Number of pairs of a map or items of a list.",
            example: ("cardinality(map(['a'], [1]))", "1")),
    ]

    private static func onMap(
        _ signature: String,
        _ result: @escaping @Sendable ((key: DataType, value: DataType)) -> DataType
    ) -> Overload {
        Overload(signature) { arguments in
            guard arguments.count == 1, let parts = arguments[0].mapParts else { return nil }
            return Overload.Resolution(arguments, result(parts))
        }
    }

    private static func withKey(
        _ signature: String,
        _ result: @escaping @Sendable ((key: DataType, value: DataType)) -> DataType
    ) -> Overload {
        Overload(signature) { arguments in
            guard arguments.count == 2, let parts = arguments[0].mapParts,
                Coercion.isImplicit(from: arguments[1], to: parts.key)
            else { return nil }
            return Overload.Resolution([arguments[0], parts.key], result(parts))
        }
    }
}
