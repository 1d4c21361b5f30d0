// SPDX-License-Identifier: MIT

/// An interval as one of several engines writes it: `1 day 01:00:00`, `1 days 1 hours`,
/// `-1 years +2 mons`.
struct LogicInterval: Equatable {
    private var months = 0
    private var days = 0
    private var microseconds = 0.0

    init?(_ text: String) {
        var words = text.split(separator: " ")[...]
        guard !words.isEmpty else { return nil }
        while let word = words.popFirst() {
            if word.contains(":") {
                guard let time = Self.clock(word) else { return nil }
                microseconds += time
                continue
            }
            guard let count = Double(word), let unit = words.popFirst() else { return nil }
            switch unit.hasSuffix("s") ? unit.dropLast() : unit {
            case "year": months += 12 * Int(count)
            case "mon", "month": months += Int(count)
            case "day": days += Int(count)
            case "hour": microseconds += count * 3_600e6
            case "min", "minute": microseconds += count * 60e6
            case "sec", "second": microseconds += (count * 1e6).rounded()
            default: return nil
            }
        }
    }

    /// `-04:05:06.789`
    private static func clock(_ text: Substring) -> Double? {
        let sign: Double = text.hasPrefix("-") ? -1 : 1
        let parts = text.drop { $0 == "-" || $0 == "+" }.split(separator: ":").map { Double($0) }
        guard parts.count == 3, let hours = parts[0], let minutes = parts[1],
            let seconds = parts[2]
        else { return nil }
        return sign * (hours * 3_600e6 + minutes * 60e6 + (seconds * 1e6).rounded())
    }
}
