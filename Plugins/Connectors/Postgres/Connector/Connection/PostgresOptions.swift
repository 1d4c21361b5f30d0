// SPDX-License-Identifier: MIT

import CPostgres
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
            "url", .secret,
            documentation: "All at once: postgresql://user:password@host:5432/database?sslmode=..."
                + " Options given beside it count more."),
        .init(
            "host", .string,
            documentation: "The server's name or address, or the folder of its socket: localhost."),
        .init("port", .integer, documentation: "The server's port: 5432."),
        .init("database", .string, documentation: "The database's name: postgres."),
        .init("user", .string, documentation: "The role to log in as."),
        .init("password", .secret, documentation: "The role's password."),
        .init(
            "schema", .string, defaultText: "public",
            documentation: "Where tables named without a schema are looked for."),
        .init(
            "numeric", .choice, defaultText: "decimal", allowed: ["decimal", "text", "double"],
            documentation: "How numeric without a declared scale is read: as decimal(38, 9), where"
                + " a value that does not fit is an error; as text; as the nearest double."),
        .init(
            "sslmode", .choice,
            allowed: ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"],
            documentation: "Whether, and how carefully, the connection is encrypted: prefer."),
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
        var given = try Self.parsed(values.string("url"))
        for (option, keyword) in Self.keywords {
            guard let value = values.string(option) else { continue }
            guard !value.utf8.contains(0) else {
                throw IglooError(.invalidArgument, "option \(option) cannot hold a zero byte")
            }
            given[keyword] = value
        }
        if let port = values.integer("port") { given["port"] = "\(port)" }
        let port = given["port", default: "5432"]
        guard let number = Int(port), number > 0, number < 65_536 else {
            throw IglooError(.invalidArgument, "option port must be 1 to 65535, not \(port)")
        }
        guard given["user"]?.isEmpty == false else {
            throw IglooError(
                .invalidArgument, "option user is missing",
                hint: "CREATE CATALOG pg USING postgres OPTIONS (host 'h', database 'd', user 'u')")
        }
        given.merge([
            "host": "localhost", "port": port, "dbname": "postgres", "sslmode": "prefer",
        ]) { known, _ in known }
        given["client_encoding"] = "UTF8"
        given["application_name"] = "igloo"
        given["options"] = "-c DateStyle=ISO -c TimeZone=UTC -c extra_float_digits=3"
        parameters = given.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        place = "'\(given["dbname"] ?? "")' at \(given["host"] ?? ""):\(port)"
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

    /// The options that are handed to libpq as they are, by its keywords.
    private static let keywords = [
        "host": "host", "database": "dbname", "user": "user", "password": "password",
        "sslmode": "sslmode", "sslrootcert": "sslrootcert", "sslcert": "sslcert",
        "sslkey": "sslkey",
    ]

    /// What libpq finds in a URL (or in its own `keyword=value` form).
    private static func parsed(_ url: String?) throws(IglooError) -> [String: String] {
        guard let url else { return [:] }
        guard let options = PQconninfoParse(url, nil) else {
            throw IglooError(
                .invalidArgument, "option url is no URL that libpq understands",
                hint: "postgresql://user:password@host:5432/database?sslmode=require")
        }
        defer { PQconninfoFree(options) }
        var found: [String: String] = [:]
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val {
                found[String(cString: keyword)] = String(cString: value)
            }
            option += 1
        }
        return found
    }
}
