// SPDX-License-Identifier: MIT

internal import IglooArrow

extension FunctionTable {
    static let conditionals: [FunctionEntry] = [
        FunctionEntry(
            "coalesce", [.common("(any, ...) -> any", countMin: 1)], propagatesNull: false,
            "The first argument that is not NULL; later ones are not evaluated then.",
            example: ("coalesce(null, 2)", "2")),
        FunctionEntry(
            "try", [.unary("(any) -> any", { _ in true }, { $0 })], propagatesNull: false,
            canFail: true, "The value, or NULL where computing it is an error.",
            example: ("try(1 / 0)", "")),
        FunctionEntry(
            "nullif",
            [
                Overload("(any, any) -> any") { arguments in
                    guard arguments.count == 2,
                        let type = Coercion.common(arguments[0], arguments[1])
                    else { return nil }
                    return Overload.Resolution([type, type], type)
                }
            ], propagatesNull: false, "NULL if the two are equal, else the first.",
            example: ("nullif(1, 1)", "")),
        FunctionEntry(
            "greatest", [.common("(any, ...) -> any", countMin: 1)], propagatesNull: false,
            "The greatest argument that is not NULL.", example: ("greatest(1, 3, 2)", "3")),
        FunctionEntry(
            "least", [.common("(any, ...) -> any", countMin: 1)], propagatesNull: false,
            "The least argument that is not NULL.", example: ("least(1, 3, 2)", "1")),
    ]
}
