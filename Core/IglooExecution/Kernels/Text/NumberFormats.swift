// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// `to_char` of numbers, and `to_number`.
enum NumberFormats {
    static func kernel(_ call: FunctionCall) throws(IglooError) -> Kernel? {
        if call.name == "to_number" { return try NumberTemplateReader.kernel(call) }
        guard call.name == "to_char", call.parameters[0].isNumeric else { return nil }
        let constant: NumberTemplate?
        if let text = call.constantText(1) {
            constant = try NumberTemplate(text)
        } else {
            constant = nil
        }
        let isFloat = call.parameters[0].isFloat
        let scale = call.parameters[0].decimalShape?.scale ?? 0
        return { (call) throws(IglooError) in
            let templates = ViewReader(call.arguments[1])
            let step = call.arguments[0].step
            let wide = isFloat ? nil : WideReader(call.arguments[0].array)
            let floats = FloatReader(call.arguments[0].array)
            var writer = ViewWriter(count: call.count)
            for row in 0..<call.count {
                guard call.isValid(row) else {
                    writer.appendEmpty()
                    continue
                }
                let template: NumberTemplate
                if let constant {
                    template = constant
                } else {
                    template = try NumberTemplate(templates[row].text)
                }
                if let special = special(
                    wide.map { double($0.wide(row * step), scale) } ?? floats.value(row * step),
                    template)
                {
                    writer.append(special)
                } else if let wide {
                    writer.append(text(wide.wide(row * step), scale, template))
                } else {
                    writer.append(text(floats.value(row * step), template))
                }
            }
            return writer.finish(call)
        }
    }

    private static func double(_ value: Int128, _ scale: Int) -> Double {
        DecimalPower.double(value) / DecimalPower.double(DecimalPower.ten(scale))
    }

    /// Roman numerals, and numbers with an exponent.
    private static func special(_ value: Double, _ template: NumberTemplate) -> String? {
        if let isUpper = template.roman {
            let number = value.rounded()
            guard number >= 1, number < 4_000 else { return String(repeating: "#", count: 15) }
            let text = roman(Int(number))
            let shown = isUpper ? text : text.lowercased()
            return template.isFilled
                ? shown : String(repeating: " ", count: 15 - shown.count) + shown
        }
        guard template.hasExponent else { return nil }
        guard value.isFinite else {
            return " " + String(repeating: "#", count: template.fractionCount + 6)
        }
        let text = PlatformFormatting.double("%.\(template.fractionCount)e", value)
        return value < 0 ? text : " " + text
    }

    private static func roman(_ number: Int) -> String {
        let marks = [
            (1_000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"),
            (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"),
        ]
        var (left, text) = (number, "")
        for (value, mark) in marks {
            while left >= value { (left, text) = (left - value, text + mark) }
        }
        return text
    }

    private static func text(
        _ value: Int128, _ scale: Int, _ template: NumberTemplate
    ) -> String {
        let (magnified, isOver) = value.magnitude.multipliedReportingOverflow(
            by: DecimalPower.ten(template.multiplier).magnitude)
        var magnitude = isOver ? UInt128.max / 2 : magnified
        var places = scale
        if places > template.fractionCount {
            let unit = DecimalPower.ten(places - template.fractionCount).magnitude
            magnitude = magnitude / unit + (magnitude % unit >= unit - magnitude % unit ? 1 : 0)
            places = template.fractionCount
        }
        var digits = magnitude == 0 ? [] : Array(String(magnitude).utf8)
        while digits.count < places { digits.insert(0x30, at: 0) }
        let fraction = Array(digits.suffix(places))
        return template.text(
            isNegative: value < 0, whole: Array(digits.dropLast(places)),
            fraction: fraction + Array(repeating: 0x30, count: template.fractionCount - places))
    }

    private static func text(_ value: Double, _ template: NumberTemplate) -> String {
        guard value.isFinite else {
            return value.isNaN ? "NaN" : value < 0 ? "-Infinity" : "Infinity"
        }
        let shown = Array(
            PlatformFormatting.double(
                "%.\(template.fractionCount)f",
                value.magnitude * DecimalPower.double(DecimalPower.ten(template.multiplier))
            ).utf8)
        let parts = shown.split(separator: UInt8(ascii: "."))
        var whole = Array(parts.first ?? [])
        if whole == [0x30] { whole = [] }
        return template.text(
            isNegative: value < 0, whole: whole, fraction: parts.count > 1 ? Array(parts[1]) : [])
    }
}
