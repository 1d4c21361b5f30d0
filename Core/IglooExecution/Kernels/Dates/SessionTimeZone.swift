// SPDX-License-Identifier: MIT

import IglooContracts

/// What `SET timezone` takes.
public enum SessionTimeZone {
    /// The zone's name as it is kept and shown; `nil` when there is no such zone. A number alone is one
    /// of hours east of UTC, as in PostgreSQL, although within names plus is west.
    public static func name(_ text: String) -> String? {
        if let hours = Double(text) { return fixed(hours) }
        return (try? ZoneRules.named(text)) == nil ? nil : text
    }

    private static func fixed(_ hours: Double) -> String? {
        guard hours.magnitude < 24 else { return nil }
        let minutes = Int((hours.magnitude * 60).rounded())
        let size = digits(minutes / 60) + (minutes % 60 == 0 ? "" : ":" + digits(minutes % 60))
        return hours < 0 ? "<-\(size)>+\(size)" : "<+\(size)>-\(size)"
    }

    private static func digits(_ number: Int) -> String {
        number < 10 ? "0\(number)" : String(number)
    }
}
