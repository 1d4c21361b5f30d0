// SPDX-License-Identifier: MIT

/// How many columns of a terminal text takes.
enum DisplayWidth {
    /// Columns of a whole text, without control characters.
    static func of(_ text: String) -> Int {
        if text.utf8.allSatisfy({ $0 < 0x80 }) { return text.utf8.count }
        return text.reduce(0) { $0 + of($1) }
    }

    /// Columns of what a reader sees as one character.
    static func of(_ character: Character) -> Int {
        var sum = 0
        var widest = 0
        var isJoined = false
        var isFlag = false
        for scalar in character.unicodeScalars {
            let width = of(scalar)
            sum += width
            widest = max(widest, width)
            switch scalar.value {
            // Zero width joiners and skin tones melt several emoji into one.
            case 0x200D, 0x1F3FB...0x1F3FF: isJoined = true
            // The selector asks for the colourful form, which is wide.
            case 0xFE0F: widest = max(widest, 2)
            case 0x1F1E6...0x1F1FF: isFlag = true
            default: break
            }
        }
        if isFlag { return 2 }
        return isJoined || widest > sum ? widest : sum
    }

    /// Where the cursor stands behind a text that begins in the first column of a terminal, by
    /// code points, as terminals and libedit count.
    static func position(behind text: String, width: Int?) -> (row: Int, column: Int) {
        let widthMax = max(1, width ?? 80)
        var (row, column) = (0, 0)
        for scalar in text.unicodeScalars {
            let width = scalar == "\n" ? 0 : of(scalar)
            if scalar == "\n" || column + width > widthMax { (row, column) = (row + 1, 0) }
            column += width
        }
        return column == widthMax ? (row + 1, 0) : (row, column)
    }

    static func of(_ scalar: Unicode.Scalar) -> Int {
        let value = scalar.value
        if value < 0x300 { return 1 }
        if contains(WidthTable.zero, value) { return 0 }
        return contains(WidthTable.wide, value) ? 2 : 1
    }

    private static func contains(_ ranges: [UInt64], _ value: UInt32) -> Bool {
        var low = 0
        var high = ranges.count
        while low < high {
            let middle = (low + high) / 2
            let first = UInt32(truncatingIfNeeded: ranges[middle] >> 20)
            let last = UInt32(truncatingIfNeeded: ranges[middle] & 0xFFFFF)
            if value < first {
                high = middle
            } else if value > last {
                low = middle + 1
            } else {
                return true
            }
        }
        return false
    }
}
