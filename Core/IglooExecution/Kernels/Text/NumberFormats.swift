// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// `to_char` of numbers.
enum NumberFormats {
    static func kernel(_ call: FunctionCall) throws(IglooError) -> Kernel? {
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
                if let wide {
                    writer.append(text(wide.wide(row * step), scale, template))
                } else {
                    writer.append(text(floats.value(row * step), template))
                }
            }
            return writer.finish(call)
        }
    }

    private static func text(
        _ value: Int128, _ scale: Int, _ template: NumberTemplate
    ) -> String {
        var magnitude = value.magnitude
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
            PlatformFormatting.double("%.\(template.fractionCount)f", value.magnitude).utf8)
        let parts = shown.split(separator: UInt8(ascii: "."))
        var whole = Array(parts.first ?? [])
        if whole == [0x30] { whole = [] }
        return template.text(
            isNegative: value < 0, whole: whole, fraction: parts.count > 1 ? Array(parts[1]) : [])
    }
}
