// SPDX-License-Identifier: MIT

import IglooContracts

/// What becomes of `numeric` without a declared scale, which has no type of Arrow.
enum PostgresNumericForm: UInt8, Sendable {
    /// `decimal(38, 9)`; a value that does not fit ends the statement.
    case decimal
    case text
    /// The nearest double.
    case double
}

/// The options of a PostgreSQL catalog, checked.
struct PostgresOptions: Sendable {
    /// The keywords and values of libpq's connection string.
    var parameters: [(keyword: String, value: String)]
    /// Where tables named without a schema are looked for.
    var schema: String
    var numericForm: PostgresNumericForm
    var connectionCountMax: Int
    var connectTimeoutNanoseconds: Int64
    /// The server as messages name it: never with a password.
    var place: String

    static let specifications: [OptionSpecification] = [
        .init(
            "host", .string, defaultText: "localhost",
            documentation: "The server's name or address, or the folder of its socket."),
        .init("port", .integer, defaultText: "5432", documentation: "The server's port."),
        .init(
            "database", .string, defaultText: "postgres", documentation: "The database's name."),
        .init("user", .string, flags: .required, documentation: "The role to log in as."),
        .init("password", .secret, documentation: "The role's password."),
        .init(
            "schema", .string, defaultText: "public",
            documentation: "Where tables named without a schema are looked for."),
        .init(
            "numeric", .choice, defaultText: "decimal", allowed: ["decimal", "text", "double"],
            documentation: "How numeric without a declared scale is read: as decimal(38, 9), where"
                + " a value that does not fit is an error; as text; as the nearest double."),
        .init(
            "sslmode", .choice, defaultText: "prefer",
            allowed: ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"],
            documentation: "Whether, and how carefully, the connection is encrypted."),
        .init(
            "sslrootcert", .path, documentation: "The certificates that may vouch for the server."),
        .init("sslcert", .path, documentation: "This client's certificate."),
        .init("sslkey", .path, documentation: "The key of this client's certificate."),
        .init(
            "connect_timeout", .duration, defaultText: "10s",
            documentation: "How long to wait for a connection, or for one that is free."),
        .init(
            "max_connections", .integer, defaultText: "8",
            documentation: "How many connections this catalog opens at most."),
    ]

    init(_ values: OptionValues) throws(IglooError) {
        let host = values.string("host") ?? "localhost"
        let port = values.integer("port") ?? 5432
        guard port > 0, port < 65_536 else {
            throw IglooError(.invalidArgument, "option port must be 1 to 65535, not \(port)")
        }
        let database = values.string("database") ?? "postgres"
        guard let user = values.string("user"), !user.isEmpty else {
            throw IglooError(.invalidArgument, "option user is missing")
        }
        place = "'\(database)' at \(host):\(port)"
        parameters = [
            ("host", host), ("port", "\(port)"), ("dbname", database), ("user", user),
            ("client_encoding", "UTF8"), ("application_name", "igloo"),
            ("options", "-c DateStyle=ISO -c TimeZone=UTC -c extra_float_digits=3"),
        ]
        for name in ["password", "sslmode", "sslrootcert", "sslcert", "sslkey"] {
            guard let value = values.string(name) else { continue }
            guard !value.utf8.contains(0) else {
                throw IglooError(.invalidArgument, "option \(name) cannot hold a zero byte")
            }
            parameters.append((name, value))
        }
        schema = values.string("schema") ?? "public"
        switch values.string("numeric") ?? "decimal" {
        case "text": numericForm = .text
        case "double": numericForm = .double
        default: numericForm = .decimal
        }
        let connections = values.integer("max_connections") ?? 8
        guard connections > 0, connections <= 1_000 else {
            throw IglooError(
                .invalidArgument, "option max_connections must be 1 to 1000, not \(connections)")
        }
        connectionCountMax = Int(connections)
        connectTimeoutNanoseconds = values.integer("connect_timeout") ?? 10_000_000_000
        guard connectTimeoutNanoseconds > 0 else {
            throw IglooError(.invalidArgument, "option connect_timeout must be more than 0s")
        }
    }
}
