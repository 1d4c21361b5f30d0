// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// Numbers in other bases, and with units.
enum NumberNotations {
    static func kernel(_ call: FunctionCall) -> Kernel? {
        switch call.name {
        case "to_base": return digits
        case "parse_formatted_bytes":
            return { (call) throws(IglooError) in
                let texts = ViewReader(call.arguments[0])
                var builder = BufferBuilder(byteCapacity: call.count * 8)
                for row in 0..<call.count {
                    builder.append(call.isValid(row) ? try byteCount(texts[row].text) : 0)
                }
                return call.result(.int64, [builder.finish()], validity: call.validity)
            }
        default: return nil
        }
    }

    private static func digits(_ call: KernelCall) throws(IglooError) -> ArrayData {
        let (numbers, bases) = (call.value(0, Int64.self), call.value(1, Int64.self))
        let lengths = call.arguments.count > 2 ? call.value(2, Int64.self) : { _ in 0 }
        var writer = ViewWriter(count: call.count)
        for row in 0..<call.count {
            guard call.isValid(row) else {
                writer.appendEmpty()
                continue
            }
            let (number, base, length) = (numbers(row), bases(row), lengths(row))
            guard number >= 0 else {
                throw Faults.invalid("to_base needs a number from 0 on, not \(number)")
            }
            guard (2...36).contains(base) else {
                throw Faults.invalid("a base is a number of 2 to 36, not \(base)")
            }
            guard (0...64).contains(length) else {
                throw Faults.invalid("to_base writes 0 to 64 digits at least, not \(length)")
            }
            let text = String(number, radix: Int(base), uppercase: true)
            writer.append(
                String(repeating: "0", count: max(0, Int(length) - text.utf8.count)) + text)
        }
        return writer.finish(call)
    }

    private static let units: [String: Double] = [
        "b": 1, "byte": 1, "bytes": 1, "kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12,
        "kib": 1024, "mib": 1_048_576, "gib": 1_073_741_824, "tib": 1_099_511_627_776,
    ]

    /// `1.5 KB`: a number and a unit.
    private static func byteCount(_ text: String) throws(IglooError) -> Int64 {
        let plain = text.lowercased().filter { $0 != " " }
        // The e of an exponent stands before a digit.
        let end =
            plain.indices.first { place in
                let next = plain.index(after: place)
                let isExponent =
                    plain[place] == "e" && next < plain.endIndex && plain[next].isNumber
                return plain[place].isLetter && !isExponent
            } ?? plain.endIndex
        guard let number = Double(plain[..<end]), number >= 0,
            let unit = units[String(plain[end...])]
        else {
            throw Faults.invalid(
                "\"\(Faults.shortened(text))\" is no number of bytes, such as 1.5 KB or 2 GiB")
        }
        guard number * unit < 9.2e18 else { throw Faults.outOfRange(.int64) }
        return Int64(number * unit)
    }
}
