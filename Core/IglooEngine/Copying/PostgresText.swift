// SPDX-License-Identifier: MIT

/// PostgreSQL's text format of COPY, made CSV without a heading, in which NULL is an empty field.
enum PostgresText {
    static func csv(_ bytes: [UInt8], delimiter: UInt8, nullText: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count + bytes.count / 4)
        for var line in bytes.split(separator: 0x0A, omittingEmptySubsequences: false).dropLast() {
            if line.last == 0x0D { line.removeLast() }
            for (index, field) in fields(line, delimiter).enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                if field.elementsEqual(nullText) { continue }
                output.append(UInt8(ascii: "\""))
                for byte in unescaped(field) {
                    if byte == UInt8(ascii: "\"") { output.append(byte) }
                    output.append(byte)
                }
                output.append(UInt8(ascii: "\""))
            }
            output.append(0x0A)
        }
        return output
    }

    /// What stands between delimiters; one behind a backslash is none.
    private static func fields(_ line: ArraySlice<UInt8>, _ delimiter: UInt8) -> [ArraySlice<UInt8>]
    {
        var fields: [ArraySlice<UInt8>] = []
        var start = line.startIndex
        var index = start
        while index < line.endIndex {
            if line[index] == UInt8(ascii: "\\") {
                index = min(index + 2, line.endIndex)
                continue
            }
            if line[index] == delimiter {
                fields.append(line[start..<index])
                start = index + 1
            }
            index += 1
        }
        fields.append(line[start..<line.endIndex])
        return fields
    }

    private static func unescaped(_ field: ArraySlice<UInt8>) -> [UInt8] {
        guard field.contains(UInt8(ascii: "\\")) else { return Array(field) }
        var result: [UInt8] = []
        var index = field.startIndex
        /// Up to so many digits of a base.
        func number(_ base: UInt8, _ countMax: Int) -> UInt8? {
            var (value, count) = (0, 0)
            while index < field.endIndex, count < countMax,
                let digit = Int(String(UnicodeScalar(field[index])), radix: Int(base))
            {
                value = value * Int(base) + digit
                index += 1
                count += 1
            }
            return count > 0 ? UInt8(truncatingIfNeeded: value) : nil
        }
        while index < field.endIndex {
            let byte = field[index]
            index += 1
            guard byte == UInt8(ascii: "\\"), index < field.endIndex else {
                result.append(byte)
                continue
            }
            let letter = field[index]
            switch letter {
            case UInt8(ascii: "b"): result.append(8)
            case UInt8(ascii: "f"): result.append(12)
            case UInt8(ascii: "n"): result.append(10)
            case UInt8(ascii: "r"): result.append(13)
            case UInt8(ascii: "t"): result.append(9)
            case UInt8(ascii: "v"): result.append(11)
            case UInt8(ascii: "0")...UInt8(ascii: "7"):
                if let value = number(8, 3) { result.append(value) }
                continue
            case UInt8(ascii: "x"):
                index += 1
                result.append(number(16, 2) ?? letter)
                continue
            default: result.append(letter)
            }
            index += 1
        }
        return result
    }
}
