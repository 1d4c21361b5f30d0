// SPDX-License-Identifier: MIT

/// Choices of dialect that a session may make otherwise.
public struct BinderSettings: Sendable {
    /// Whether `/` of integers truncates, as in PostgreSQL; else it gives a double.
    public var dividesIntegers = true
    /// Where NULLs stand when ORDER BY does not say.
    public var nullOrder = NullOrder.greatest

    /// What functions without arguments give that tell of the session: `current_schema`.
    public var sessionValues: [String: String] = [:]

    /// Whether a text is JSON, so that a literal that is none is refused at its place.
    public var isJSON: @Sendable (String) -> Bool = { _ in true }

    public init() {}

    /// - Source: DuckDB's `default_null_order`.
    public enum NullOrder: String, CaseIterable, Sendable {
        /// As if greater than all: PostgreSQL's order.
        case greatest = "nulls_last_on_asc_first_on_desc"
        case least = "nulls_first_on_asc_last_on_desc"
        case first = "nulls_first"
        case last = "nulls_last"

        /// From its name; `sqlite`, `mysql` and `postgres` name orders as well.
        public init?(named name: String) {
            let folded = Identifier.folded(name).split(separator: " ").joined(separator: "_")
            switch folded {
            case "sqlite", "mysql": self = .least
            case "postgres", "postgresql": self = .greatest
            case "first": self = .first
            case "last": self = .last
            default:
                guard let order = Self(rawValue: folded) else { return nil }
                self = order
            }
        }

        func nullsFirst(isDescending: Bool) -> Bool {
            switch self {
            case .greatest: isDescending
            case .least: !isDescending
            case .first: true
            case .last: false
            }
        }
    }
}
