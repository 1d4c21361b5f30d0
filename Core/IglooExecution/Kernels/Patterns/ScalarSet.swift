// SPDX-License-Identifier: MIT

/// A set of code points: ranges in order that neither touch nor overlap.
struct ScalarSet: Hashable {
    private(set) var ranges: [ClosedRange<UInt32>] = []

    static let highest: UInt32 = 0x10FFFF
    static let all = ScalarSet([0...highest])
    static let newline = ScalarSet([0x0A...0x0A])
    static let digits = ScalarSet([0x30...0x39])
    static let spaces = ScalarSet([0x09...0x0D, 0x20...0x20])
    static let words = ScalarSet([0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A])

    init(_ ranges: [ClosedRange<UInt32>] = []) {
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = self.ranges.last, range.lowerBound <= last.upperBound &+ 1 {
                let end = max(last.upperBound, range.upperBound)
                self.ranges[self.ranges.count - 1] = last.lowerBound...end
            } else {
                self.ranges.append(range)
            }
        }
    }

    init(_ scalar: UInt32) { ranges = [scalar...scalar] }

    func union(_ other: ScalarSet) -> ScalarSet { ScalarSet(ranges + other.ranges) }

    var inverted: ScalarSet {
        var result: [ClosedRange<UInt32>] = []
        var next: UInt32 = 0
        for range in ranges {
            if range.lowerBound > next { result.append(next...range.lowerBound - 1) }
            next = range.upperBound + 1
        }
        if next <= Self.highest { result.append(next...Self.highest) }
        return ScalarSet(result)
    }

    func contains(_ scalar: UInt32) -> Bool {
        var (low, high) = (0, ranges.count)
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound < scalar { low = middle + 1 } else { high = middle }
        }
        return low < ranges.count && ranges[low].contains(scalar)
    }

    /// The one code point, if there is one only.
    var single: UInt32? {
        guard ranges.count == 1, ranges[0].lowerBound == ranges[0].upperBound else { return nil }
        return ranges[0].lowerBound
    }

    /// Ranges wider than this keep their letters as they are: they hold both cases anyway.
    private static let foldedWidthMax: UInt32 = 4_096

    /// With the other case of each letter.
    var caseFolded: ScalarSet {
        var result = ranges
        for range in ranges where range.upperBound - range.lowerBound <= Self.foldedWidthMax {
            for value in range {
                guard let scalar = Unicode.Scalar(value) else { continue }
                for other in [
                    scalar.properties.lowercaseMapping, scalar.properties.uppercaseMapping,
                ]
                where other.unicodeScalars.count == 1 {
                    for mapped in other.unicodeScalars where mapped.value != value {
                        result.append(mapped.value...mapped.value)
                    }
                }
            }
        }
        return ScalarSet(result)
    }

    /// `alpha`, `digit` ... of `[[:alpha:]]`.
    static func posix(_ name: String) -> ScalarSet? {
        switch name {
        case "alpha": ScalarSet([0x41...0x5A, 0x61...0x7A]).union(letters)
        case "digit": digits
        case "alnum": ScalarSet([0x41...0x5A, 0x61...0x7A, 0x30...0x39]).union(letters)
        case "upper": ScalarSet([0x41...0x5A])
        case "lower": ScalarSet([0x61...0x7A])
        case "space": spaces
        case "blank": ScalarSet([0x09...0x09, 0x20...0x20])
        case "punct": ScalarSet([0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E])
        case "xdigit": ScalarSet([0x30...0x39, 0x41...0x46, 0x61...0x66])
        case "cntrl": ScalarSet([0x00...0x1F, 0x7F...0x7F])
        case "print": ScalarSet([0x20...0x7E])
        case "graph": ScalarSet([0x21...0x7E])
        case "word": words
        case "ascii": ScalarSet([0x00...0x7F])
        default: nil
        }
    }

    /// Letters beyond ASCII, as Unicode has them.
    private static let letters = category { $0.isAlphabetic }

    private static func category(_ test: (Unicode.Scalar.Properties) -> Bool) -> ScalarSet {
        var ranges: [ClosedRange<UInt32>] = []
        var start: UInt32?
        for value in UInt32(0x80)...0x323AF {
            let isIn = Unicode.Scalar(value).map { test($0.properties) } ?? false
            if isIn && start == nil { start = value }
            if !isIn, let first = start {
                ranges.append(first...value - 1)
                start = nil
            }
        }
        if let first = start { ranges.append(first...0x323AF) }
        return ScalarSet(ranges)
    }

    /// `\p{L}`, `\p{Lu}`, `\p{N}` ...
    static func unicode(_ name: String) -> ScalarSet? {
        switch name {
        case "L", "Letter", "Alphabetic": ScalarSet([0x41...0x5A, 0x61...0x7A]).union(letters)
        case "Lu", "Uppercase": ScalarSet([0x41...0x5A]).union(category { $0.isUppercase })
        case "Ll", "Lowercase": ScalarSet([0x61...0x7A]).union(category { $0.isLowercase })
        case "N", "Nd":
            digits.union(
                category {
                    $0.generalCategory == .decimalNumber
                        || name == "N"
                            && ($0.generalCategory == .otherNumber
                                || $0.generalCategory == .letterNumber)
                })
        case "P":
            posix("punct")?.union(
                category {
                    switch $0.generalCategory {
                    case .connectorPunctuation, .dashPunctuation, .openPunctuation,
                        .closePunctuation,
                        .initialPunctuation, .finalPunctuation, .otherPunctuation:
                        true
                    default: false
                    }
                })
        case "Z", "Zs": spaces.union(category { $0.generalCategory == .spaceSeparator })
        default: nil
        }
    }
}
