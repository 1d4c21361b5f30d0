// SPDX-License-Identifier: MIT

import CPostgres
import IglooContracts

extension IglooError {
    /// What the server said of a statement.
    ///
    /// - Source: PostgreSQL 15, appendix A, error codes.
    init(postgres result: OpaquePointer?, _ place: String) {
        let state = Self.field(result, 67 /* PG_DIAG_SQLSTATE */) ?? ""
        let message =
            Self.field(result, 77 /* PG_DIAG_MESSAGE_PRIMARY */)
            ?? Self.firstLine(PQresultErrorMessage(result))
        let hint =
            Self.field(result, 72 /* PG_DIAG_MESSAGE_HINT */)
            ?? Self.field(result, 68 /* PG_DIAG_MESSAGE_DETAIL */)
        self.init(
            Self.code(of: state), "PostgreSQL \(place): \(message)", hint: hint,
            sqlState: state.utf8.count == 5 ? SQLState(rawValue: state) : nil,
            isRetryable: ["40", "57", "53", "08"].contains(state.prefix(2)) && state != "57014")
    }

    /// What became of a connection that does not work (any more).
    init(postgresConnection connection: OpaquePointer?, _ place: String) {
        let message = Self.firstLine(PQerrorMessage(connection))
        let isRefusal =
            message.contains("password") || message.contains("authentication")
            || message.contains("no pg_hba.conf entry")
        if message.contains("certificate") || message.contains("SSL") {
            self.init(
                .unauthenticated, "PostgreSQL \(place): \(message)",
                hint: "sslrootcert holds the certificates that vouch for the server; with "
                    + "sslmode 'verify-full' its own must be for the name in host")
            return
        }
        self.init(
            isRefusal ? .unauthenticated : .unavailable,
            "PostgreSQL \(place): \(message.isEmpty ? "the connection is lost" : message)",
            hint: isRefusal ? nil : "is the server running, and does it listen there?",
            sqlState: isRefusal ? nil : SQLState(rawValue: "08006"), isRetryable: !isRefusal)
    }

    private static func field(_ result: OpaquePointer?, _ code: Int32) -> String? {
        PQresultErrorField(result, code).map { String(cString: $0) }
    }

    /// libpq's texts have several lines, the first of which says what is the matter.
    private static func firstLine(_ text: UnsafePointer<CChar>?) -> String {
        guard let text else { return "" }
        var line = String(cString: text).split(separator: "\n").first ?? ""
        for severity in ["FATAL:  ", "ERROR:  "] where line.hasPrefix(severity) {
            line = line.dropFirst(severity.count)
        }
        return String(line)
    }

    private static func firstLine(_ text: UnsafeMutablePointer<CChar>?) -> String {
        firstLine(text.map { UnsafePointer($0) })
    }

    private static func code(of state: String) -> Code {
        switch state {
        case "57014": return .cancelled
        case "42501": return .permissionDenied
        case "42P07", "42710": return .alreadyExists
        case "42P01", "42703", "42704", "3F000": return .invalidState
        case "22003", "22008", "22012": return .outOfRange
        default: break
        }
        switch state.prefix(2) {
        case "28": return .unauthenticated
        case "08", "57", "58": return .unavailable
        case "53": return .resourceExhausted
        case "40": return .conflict
        case "22": return .invalidData
        case "0A": return .unsupported
        case "42", "23": return .invalidArgument
        default: return .unavailable
        }
    }
}
