// SPDX-License-Identifier: MIT

internal import IglooArrow

extension FunctionTable {
    /// Functions that exist with OVER only; `first`, `last` and all aggregates may stand there, too.
    static let windows: [FunctionEntry] = [
        ranking("row_number", .int64, "The row's number in its partition, from 1."),
        ranking("rank", .int64, "The number of the row's first peer: 1, 2, 2, 4."),
        ranking("dense_rank", .int64, "The number of the row's group of peers: 1, 2, 2, 3."),
        ranking(
            "percent_rank", .float64, "(rank - 1) / (rows - 1): the share of rows ranked below."),
        ranking("cume_dist", .float64, "The share of rows up to the row's last peer."),
        FunctionEntry(
            "ntile", .window, [.of([.int64], .int64)], propagatesNull: false, canFail: true,
            "The number of the row's part, when the partition is cut into so many alike."),
        neighbour("lag", "The value so many rows (1) before, or a default (NULL)."),
        neighbour("lead", "The value so many rows (1) after, or a default (NULL)."),
        FunctionEntry(
            "nth_value", .window,
            [
                Overload("(any, bigint) -> any") { arguments in
                    guard arguments.count == 2, arguments[1].isInteger || arguments[1] == .null
                    else { return nil }
                    return Overload.Resolution([arguments[0], .int64], arguments[0])
                }
            ], propagatesNull: false, canFail: true, "The value of the frame's n-th row, from 1."),
        FunctionEntry(
            "fill", .window,
            [.unary("(number or moment) -> same", { $0.isOnLine }, { $0 })], propagatesNull: false,
            "The value, or in place of NULL the one on the line between its neighbours by the "
                + "window's order; ORDER BY within the call takes its place."),
    ]

    private static func ranking(
        _ name: String, _ result: DataType, _ documentation: String
    ) -> FunctionEntry {
        FunctionEntry(name, .window, [.of([], result)], propagatesNull: false, documentation)
    }

    private static func neighbour(_ name: String, _ documentation: String) -> FunctionEntry {
        FunctionEntry(
            name, .window,
            [
                Overload("(any [, bigint [, any]]) -> any") { arguments in
                    guard (1...3).contains(arguments.count) else { return nil }
                    if arguments.count > 1, !arguments[1].isInteger, arguments[1] != .null {
                        return nil
                    }
                    guard arguments.count == 3 else {
                        let types = [arguments[0], .int64].prefix(arguments.count)
                        return Overload.Resolution(Array(types), arguments[0])
                    }
                    guard let type = Coercion.common(arguments[0], arguments[2]) else {
                        return nil
                    }
                    return Overload.Resolution([type, .int64, type], type)
                }
            ], propagatesNull: false, documentation)
    }
}
