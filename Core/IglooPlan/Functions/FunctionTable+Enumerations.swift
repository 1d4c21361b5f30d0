// SPDX-License-Identifier: MIT

internal import IglooArrow

extension FunctionTable {
    /// What the type of the argument has to say, be the value NULL or not: the binder answers.
    static let enumerations: [FunctionEntry] = [
        entry("enum_code", "(enum) -> integer", "The label's place in the type, from 0."),
        entry("enum_first", "(enum) -> enum", "The first label of the type."),
        entry("enum_last", "(enum) -> enum", "The last label of the type."),
        entry(
            "enum_range", "(enum [, enum]) -> enum[]",
            "All labels of the type, or those from one to another; NULL stands for the ends."),
        entry(
            "enum_range_boundary", "(enum, enum) -> enum[]",
            "The labels from one to another; NULL stands for the ends."),
    ]

    private static func entry(
        _ name: String, _ signature: String, _ documentation: String
    ) -> FunctionEntry {
        FunctionEntry(
            name, [Overload(signature) { _ in nil }], propagatesNull: name == "enum_code",
            documentation)
    }

    /// Numbers of sequences.
    static let sequences: [FunctionEntry] = [
        FunctionEntry(
            "nextval", [.of([.utf8View], .int64)], volatility: .volatile, canFail: true,
            "The sequence's next number."),
        FunctionEntry(
            "currval", [.of([.utf8View], .int64)], volatility: .volatile, canFail: true,
            "The number that nextval gave this session last, of the sequence."),
        FunctionEntry(
            "lastval", [.of([], .int64)], volatility: .volatile, canFail: true,
            "The number that nextval gave this session last, of any sequence."),
        FunctionEntry(
            "setval", [.of([.utf8View, .int64, .bool], .int64)], volatility: .volatile,
            canFail: true,
            "Sets the sequence's number; the next one follows it, unless the third argument is "
                + "false."),
    ]
}
