// SPDX-License-Identifier: MIT

import IglooContracts

/// A template of `to_char` for numbers, such as `FM999,990.00`.
///
/// - Source: PostgreSQL 16, table 9.29.
struct NumberTemplate {
    enum Item: Equatable {
        /// `9` or `0`, before or behind the point.
        case digit(isZero: Bool, isFraction: Bool)
        case comma, point, sign, minus, plus, signHere, ordinal(isUpper: Bool)
        case roman(isUpper: Bool)
        case exponent
        case literal(String)
    }

    private(set) var items: [Item] = []
    private(set) var isFilled = false
    private(set) var hasBrackets = false
    /// How many digits stand behind V: the value is that many powers of ten greater.
    private(set) var multiplier = 0
    private(set) var fractionCount = 0
    private var wholeCount = 0

    init(_ text: String) throws(IglooError) {
        let scalars = Array(text.unicodeScalars)
        var index = 0
        var isFraction = false
        var isMultiplied = false
        func word(_ length: Int) -> String {
            String(String.UnicodeScalarView(scalars[index..<min(index + length, scalars.count)]))
                .uppercased()
        }
        while index < scalars.count {
            var length = 1
            switch word(2) {
            case "FM": (isFilled, length) = (true, 2)
            case "MI": (length, items) = (2, items + [.minus])
            case "PL": (length, items) = (2, items + [.plus])
            case "SG": (length, items) = (2, items + [.signHere])
            case "PR": (hasBrackets, length) = (true, 2)
            case "TH": (length, items) = (2, items + [.ordinal(isUpper: scalars[index] == "T")])
            case "RN": (length, items) = (2, items + [.roman(isUpper: scalars[index] == "R")])
            default:
                switch word(1) {
                case "E" where word(4) == "EEEE":
                    items.append(.exponent)
                    length = 4
                case "V":
                    guard !isFraction else {
                        throw Faults.invalid(
                            "cannot use \"V\" and decimal point together", .syntaxError)
                    }
                    isMultiplied = true
                case "9", "0":
                    if isMultiplied { multiplier += 1 }
                    items.append(.digit(isZero: scalars[index] == "0", isFraction: isFraction))
                    if isFraction { fractionCount += 1 } else { wholeCount += 1 }
                case ",", "G": items.append(.comma)
                case ".", "D":
                    guard !isFraction else {
                        throw Faults.invalid("multiple decimal points", .syntaxError)
                    }
                    guard !isMultiplied else {
                        throw Faults.invalid(
                            "cannot use \"V\" and decimal point together", .syntaxError)
                    }
                    isFraction = true
                    items.append(.point)
                case "S": items.append(.sign)
                case "L": items.append(.literal("$"))
                case "\"":
                    index += 1
                    var literal = ""
                    while index < scalars.count, scalars[index] != "\"" {
                        literal.unicodeScalars.append(scalars[index])
                        index += 1
                    }
                    items.append(.literal(literal))
                default: items.append(.literal(String(scalars[index])))
                }
            }
            index += length
        }
        guard wholeCount + fractionCount <= 1_000 else {
            throw Faults.invalid("the template has more than 1,000 digits")
        }
        if let exponent = items.firstIndex(of: .exponent) {
            guard exponent == items.count - 1 else {
                throw Faults.invalid("\"EEEE\" must be the last pattern used", .syntaxError)
            }
            let isPlain = items.dropLast().allSatisfy { item in
                switch item {
                case .digit, .point, .literal: true
                default: false
                }
            }
            guard isPlain, multiplier == 0, !isFilled, !hasBrackets else {
                throw IglooError(
                    .invalidArgument, "\"EEEE\" is incompatible with other formats",
                    hint:
                        "\"EEEE\" may only be used together with digit and decimal point patterns",
                    sqlState: .syntaxError)
            }
        }
    }

    var hasPoint: Bool { items.contains(.point) }
    var hasSign: Bool { items.contains(.sign) }
    var hasExponent: Bool { items.last == .exponent }

    /// In upper or lower case, where the value is to be written in Roman numerals.
    var roman: Bool? {
        for case .roman(let isUpper) in items { return isUpper }
        return nil
    }

    /// - Parameters:
    ///   - whole: digits before the point, without zeros in front.
    ///   - fraction: as many digits as `fractionCount`.
    func text(isNegative: Bool, whole: [UInt8], fraction: [UInt8]) -> String {
        let isOverflow = whole.count > wholeCount
        let isZero = whole.allSatisfy { $0 == 0x30 } && fraction.allSatisfy { $0 == 0x30 }
        var writer = Writer(
            template: self, isNegative: isNegative && !isZero || isNegative && isOverflow,
            whole: whole, fraction: fraction, isOverflow: isOverflow)
        return writer.write()
    }

    private struct Writer {
        let template: NumberTemplate
        let isNegative: Bool
        let whole: [UInt8]
        let fraction: [UInt8]
        let isOverflow: Bool
        private var result = ""
        private var hasDigit = false
        private var wholePlace = 0
        private var fractionPlace = 0

        init(
            template: NumberTemplate, isNegative: Bool, whole: [UInt8], fraction: [UInt8],
            isOverflow: Bool
        ) {
            self.template = template
            self.isNegative = isNegative
            self.whole = whole
            self.fraction = fraction
            self.isOverflow = isOverflow
        }

        /// The sign in front of the first digit.
        private var lead: String {
            if template.hasBrackets { return isNegative ? "<" : template.isFilled ? "" : " " }
            for item in template.items {
                switch item {
                case .sign: return isSignLast ? "" : isNegative ? "-" : "+"
                case .minus, .signHere, .plus: return ""
                default: continue
                }
            }
            return isNegative ? "-" : template.isFilled ? "" : " "
        }

        private var isSignLast: Bool {
            guard let sign = template.items.firstIndex(of: .sign) else { return false }
            return template.items[..<sign].contains { if case .digit = $0 { true } else { false } }
        }

        mutating func write() -> String {
            for item in template.items { write(item) }
            if !hasDigit { begin() }
            if template.hasBrackets { result += isNegative ? ">" : template.isFilled ? "" : " " }
            return result
        }

        private mutating func begin() {
            if !hasDigit { result += lead }
            hasDigit = true
        }

        private mutating func write(_ item: Item) {
            let blank = template.isFilled ? "" : " "
            switch item {
            case .digit(let isZero, isFraction: false): writeWhole(isZero)
            case .digit(_, isFraction: true): writeFraction()
            case .comma: result += hasDigit ? "," : blank
            case .point:
                begin()
                if !template.isFilled || keptFractionCount > 0 { result += "." }
            case .sign: if isSignLast { result += isNegative ? "-" : "+" }
            case .minus: result += isNegative ? "-" : blank
            case .plus: result += isNegative ? blank : "+"
            case .signHere: result += isNegative ? "-" : "+"
            case .ordinal(let isUpper):
                guard !isNegative, template.fractionCount == 0 else { return }
                result += Self.ordinal(whole, isUpper)
            case .literal(let text): result += text
            case .roman, .exponent: break
            }
        }

        private mutating func writeWhole(_ isZero: Bool) {
            defer { wholePlace += 1 }
            if isOverflow {
                begin()
                result += "#"
                return
            }
            let place = wholePlace - (template.wholeCount - whole.count)
            let isLast = wholePlace + 1 == template.wholeCount
            if place >= 0 {
                begin()
                result.unicodeScalars.append(Unicode.Scalar(whole[place]))
            } else if isZero || hasDigit || isLast && template.fractionCount == 0 {
                begin()
                result += "0"
            } else if !template.isFilled {
                result += " "
            }
        }

        /// With FM, zeros at the end go, but for those that the template has as 0.
        private var keptFractionCount: Int {
            guard template.isFilled else { return template.fractionCount }
            var kept = fraction.count
            while kept > 0, fraction[kept - 1] == 0x30 { kept -= 1 }
            var place = 0
            for case .digit(let isZero, isFraction: true) in template.items {
                place += 1
                if isZero { kept = max(kept, place) }
            }
            return kept
        }

        private mutating func writeFraction() {
            defer { fractionPlace += 1 }
            if isOverflow {
                result += "#"
            } else if fractionPlace < keptFractionCount {
                begin()
                result.unicodeScalars.append(Unicode.Scalar(fraction[fractionPlace]))
            }
        }

        private static func ordinal(_ digits: [UInt8], _ isUpper: Bool) -> String {
            let last = digits.last ?? 0x30
            let isTeen = digits.count > 1 && digits[digits.count - 2] == 0x31
            let suffix =
                isTeen
                ? "th" : last == 0x31 ? "st" : last == 0x32 ? "nd" : last == 0x33 ? "rd" : "th"
            return isUpper ? suffix.uppercased() : suffix
        }
    }
}
