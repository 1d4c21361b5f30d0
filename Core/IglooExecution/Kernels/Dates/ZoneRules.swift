// SPDX-License-Identifier: MIT

import IglooContracts

/// How far a zone's clocks are from UTC, and when that changes.
final class ZoneRules: Sendable {
    /// Seconds since 1970-01-01 UTC, ascending.
    private let transitions: [Int64]
    /// Seconds east of UTC: before the first transition, then from each on.
    private let offsets: [Int64]
    private let tail: ZoneTail?

    init(transitions: [Int64], offsets: [Int64], tail: ZoneTail? = nil) {
        assert(offsets.count == transitions.count + 1, "an offset for each period")
        self.transitions = transitions
        self.offsets = offsets
        self.tail = tail
    }

    static let utc = ZoneRules(transitions: [], offsets: [0])

    var isUTC: Bool { transitions.isEmpty && offsets[0] == 0 && tail == nil }

    static func named(_ name: String) throws(IglooError) -> ZoneRules {
        switch name.uppercased() {
        case "UTC", "GMT", "Z", "ETC/UTC", "+00", "+00:00", "ZULU": return utc
        default:
            if let offset = specifiedOffset(name) {
                return ZoneRules(transitions: [], offsets: [offset])
            }
            return try PlatformZones.rules(legacy[name.uppercased()] ?? name)
        }
    }

    /// ICU's names of three letters that mean nothing else in PostgreSQL.
    private static let legacy = [
        "AET": "Australia/Sydney", "AGT": "America/Argentina/Buenos_Aires",
        "BET": "America/Sao_Paulo", "CNT": "America/St_Johns", "CTT": "Asia/Shanghai",
        "ECT": "Europe/Paris", "IET": "America/Indiana/Indianapolis", "MIT": "Pacific/Apia",
        "NET": "Asia/Yerevan", "PLT": "Asia/Karachi", "PNT": "America/Phoenix",
        "PRT": "America/Puerto_Rico", "VST": "Asia/Ho_Chi_Minh",
    ]

    /// Of `UTC+3`, `<X>-5:30` or `+03`, where plus is west of UTC, as POSIX has it.
    private static func specifiedOffset(_ name: String) -> Int64? {
        var rest = Substring(name)
        if rest.first == "<" {
            guard let end = rest.firstIndex(of: ">") else { return nil }
            rest = rest[rest.index(after: end)...]
        } else {
            let letters = rest.prefix { $0.isASCII && $0.isLetter }
            guard letters.isEmpty || letters.count >= 3 else { return nil }
            rest = rest.dropFirst(letters.count)
        }
        guard let sign = rest.first, sign == "+" || sign == "-" else { return nil }
        let parts = rest.dropFirst().split(separator: ":", omittingEmptySubsequences: false)
        guard (1...3).contains(parts.count) else { return nil }
        var seconds: Int64 = 0
        for (part, length) in zip(parts, [Int64(3_600), 60, 1]) {
            guard (1...2).contains(part.count), let value = Int64(part), value >= 0,
                value < (length == 3_600 ? 25 : 60)
            else { return nil }
            seconds += value * length
        }
        return sign == "+" ? -seconds : seconds
    }

    /// Seconds east of UTC at an instant.
    func offset(at seconds: Int64) -> Int64 {
        if let tail, let last = transitions.last, seconds >= last {
            return tail.offset(at: seconds)
        }
        if transitions.isEmpty { return tail?.offset(at: seconds) ?? offsets[0] }
        var (low, high) = (0, transitions.count)
        while low < high {
            let middle = (low + high) / 2
            if transitions[middle] <= seconds { low = middle + 1 } else { high = middle }
        }
        return offsets[low]
    }

    /// An instant as the zone's clocks show it.
    func local(_ instant: Int64, _ unitsPerSecond: Int64) -> Int64 {
        instant &+ offset(at: Floor.divide(instant, unitsPerSecond)) &* unitsPerSecond
    }

    /// The instant at which the zone's clocks show a time. What the clocks skip is read with the
    /// offset before; what they show twice means the later, as in PostgreSQL.
    func instant(_ local: Int64, _ unitsPerSecond: Int64) -> Int64 {
        let seconds = Floor.divide(local, unitsPerSecond)
        let before = offset(at: seconds &- 86_400)
        let after = offset(at: seconds &+ 86_400)
        if before == after, offset(at: seconds &- before) == before {
            return local &- before &* unitsPerSecond
        }
        // The later reading first: it is right for times shown twice.
        if offset(at: seconds &- after) == after { return local &- after &* unitsPerSecond }
        return local &- before &* unitsPerSecond
    }
}
