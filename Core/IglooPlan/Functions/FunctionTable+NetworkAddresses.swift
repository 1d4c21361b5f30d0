// SPDX-License-Identifier: MIT

internal import IglooArrow

extension FunctionTable {
    private static let inet = DataType.logical(.inet)
    private static let cidr = DataType.logical(.cidr)

    /// Functions of inet and cidr. Their operators stand among the operators.
    ///
    /// - Source: PostgreSQL 16, section 9.12.
    static let networkAddresses: [FunctionEntry] = [
        FunctionEntry(
            "abbrev", [one("text") { _ in .utf8View }],
            "The address as text; of a network, without the bytes that are zero at its end.",
            example: ("abbrev(cidr '10.1.0.0/16')", "10.1/16")),
        FunctionEntry(
            "broadcast", [one("inet") { _ in inet }], "The last address of the network.",
            example: ("broadcast(inet '192.168.1.5/24')", "192.168.1.255/24")),
        FunctionEntry(
            "family", [one("integer") { _ in .int32 }], "4 or 6.",
            example: ("family(inet '::1')", "6")),
        FunctionEntry(
            "host", [one("text") { _ in .utf8View }], "The address alone.",
            example: ("host(inet '192.168.1.5/24')", "192.168.1.5")),
        FunctionEntry(
            "hostmask", [one("inet") { _ in inet }], "Ones where the host's bits are.",
            example: ("hostmask(inet '192.168.23.20/30')", "0.0.0.3")),
        FunctionEntry(
            "inet_merge", [pair("cidr", cidr)], canFail: true,
            "The smallest network that holds both.",
            example: ("inet_merge(inet '192.168.1.5/24', inet '192.168.2.5/24')", "192.168.0.0/22")),
        FunctionEntry(
            "inet_same_family", [pair("boolean", .bool)], "Whether both are IPv4, or both IPv6.",
            example: ("inet_same_family(inet '1.2.3.4', inet '::1')", "false")),
        FunctionEntry(
            "masklen", [one("integer") { _ in .int32 }], "How many bits are the network's.",
            example: ("masklen(inet '192.168.1.5/24')", "24")),
        FunctionEntry(
            "netmask", [one("inet") { _ in inet }], "Ones where the network's bits are.",
            example: ("netmask(inet '192.168.1.5/24')", "255.255.255.0")),
        FunctionEntry(
            "network", [one("cidr") { _ in cidr }], "The network without its host.",
            example: ("network(inet '192.168.1.5/24')", "192.168.1.0/24")),
        FunctionEntry(
            "set_masklen",
            [
                Overload("(inet, integer) -> inet") { arguments in
                    guard arguments.count == 2, isAddress(arguments[0]),
                        Coercion.isImplicit(from: arguments[1], to: .int32)
                    else { return nil }
                    return Overload.Resolution([arguments[0], .int32], arguments[0])
                }
            ], canFail: true, "Another number of bits for the network; -1 means all.",
            example: ("set_masklen(inet '192.168.1.5/24', 16)", "192.168.1.5/16")),
        FunctionEntry(
            "<<=", [pair("boolean", .bool)], "Whether the network is within the other, or it.",
            example: ("inet '192.168.1.0/24' <<= inet '192.168.1.0/24'", "true")),
        FunctionEntry(
            ">>=", [pair("boolean", .bool)], "Whether the network holds the other, or is it.",
            example: ("inet '192.168.1.0/24' >>= inet '192.168.1.5'", "true")),
        FunctionEntry(
            "inet_overlaps", [pair("boolean", .bool)],
            "Whether one holds the other; a && b is such a call.",
            example: ("inet '192.168.1.0/24' && inet '192.168.1.80/28'", "true")),
    ]

    static func isAddress(_ type: DataType) -> Bool { type == inet || type == cidr }

    private static func one(
        _ result: String, _ type: @escaping @Sendable (DataType) -> DataType
    ) -> Overload {
        .unary("(inet) -> \(result)", { isAddress($0) }, type)
    }

    static func pair(_ name: String, _ result: DataType) -> Overload {
        Overload("(inet, inet) -> \(name)") { arguments in
            guard arguments.count == 2, arguments.allSatisfy({ isAddress($0) }) else { return nil }
            return Overload.Resolution(arguments, result)
        }
    }

    /// Of the operators `<<` and `>>`.
    static let networkHolds = pair("boolean", .bool)
    /// Of the operators `&` and `|`.
    static let networkBits = pair("inet", inet)
    /// Of the operators `+` and `-`.
    static let networkOffset = Overload("(inet, bigint) -> inet") { arguments in
        guard arguments.count == 2, isAddress(arguments[0]), arguments[1].isInteger,
            Coercion.isImplicit(from: arguments[1], to: .int64)
        else { return nil }
        return Overload.Resolution([arguments[0], .int64], inet)
    }
    static let networkDistance = pair("bigint", .int64)
}
