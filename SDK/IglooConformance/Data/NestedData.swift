// SPDX-License-Identifier: MIT

import IglooArrow

extension DataSet {
    /// Lists, structures and maps: empty, null, with nulls within, and within one another.
    static let nested: DataSet = {
        let pair = DataType.structure([Field("a", .int64), Field("b", .utf8)])
        let map = DataType.map(
            entries: Field(
                "entries",
                .structure([Field("key", .utf8, isNullable: false), Field("value", .int32)]),
                isNullable: false),
            keysSorted: false)
        func pairValue(_ number: Int64?, _ text: String?) -> Scalar {
            .structure([number.map { .int($0) } ?? .null, text.map { .text($0) } ?? .null])
        }
        return DataSet(
            "nested", rowCount: 6,
            [
                (Field("id", .int32), (0..<6).map { .int($0) }),
                (
                    Field("list", .list(Field("item", .int32))),
                    [.list([.int(1), .int(2)]), .list([]), .null, .list([.null, .int(-1)])]
                ),
                (
                    Field("words", .list(Field("item", .utf8))),
                    [.list([.text("a"), .text("")]), .list([.null]), .null, .list([])]
                ),
                (
                    Field("structure", pair),
                    [pairValue(1, "x"), pairValue(nil, ""), pairValue(nil, nil), .null]
                ),
                (
                    Field("structures", .list(Field("item", pair))),
                    [.list([pairValue(7, "y"), .null]), .list([]), .null]
                ),
                (
                    Field("map", map),
                    [
                        .map([.structure([.text("k"), .int(1)]), .structure([.text("l"), .null])]),
                        .map([]), .null,
                    ]
                ),
                (
                    Field("fixed", .fixedSizeList(Field("item", .int16), count: 2)),
                    [.list([.int(1), .int(2)]), .null, .list([.null, .int(3)])]
                ),
            ])
    }()
}
