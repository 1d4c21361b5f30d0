// SPDX-License-Identifier: MIT

/// Which columns of a table are shown, and how wide.
///
/// When a table is wider than the terminal, texts are shortened first, numbers and dates never;
/// if that is not enough, whole columns are left out of the middle.
struct TableLayout: Equatable {
    /// What a column asks for.
    struct Column {
        /// So wide that nothing is cut.
        var width: Int
        /// So wide that it can still be read: what cannot be cut, and the beginning of texts.
        var widthMin: Int
    }

    /// The columns shown, by index, and their widths.
    private(set) var indexes: [Int]
    private(set) var widths: [Int]
    /// Before which of the shown columns stands the gap of those left out.
    private(set) var gap: Int?

    /// A text keeps so many columns.
    static let textWidthMin = 20
    private static let gapWidth = 4

    init(_ columns: [Column], within widthMax: Int?) {
        indexes = Array(columns.indices)
        widths = columns.map(\.width)
        guard let widthMax, Self.total(widths) > widthMax else { return }
        if Self.total(columns.map(\.widthMin)) > widthMax {
            (indexes, gap) = Self.chosen(columns, within: widthMax - Self.gapWidth)
        }
        widths = Self.fitted(
            indexes.map { columns[$0] }, within: widthMax - (gap == nil ? 0 : Self.gapWidth))
    }

    private static func total(_ widths: [Int]) -> Int {
        widths.reduce(1) { $0 + $1 + 3 }
    }

    /// Columns from both ends, as long as they fit; at least one.
    private static func chosen(_ columns: [Column], within widthMax: Int) -> ([Int], gap: Int) {
        var (front, back) = ([0], [Int]())
        var used = total([columns[0].widthMin])
        while front.count + back.count < columns.count {
            let takesFront = front.count <= back.count
            let index = takesFront ? front.count : columns.count - 1 - back.count
            used += columns[index].widthMin + 3
            if used > widthMax { break }
            if takesFront { front.append(index) } else { back.append(index) }
        }
        return (front + back.reversed(), front.count)
    }

    /// Narrows the widest columns that can be narrowed, until all fit.
    private static func fitted(_ columns: [Column], within widthMax: Int) -> [Int] {
        var (low, high) = (1, max(1, columns.map(\.width).max() ?? 1))
        func widths(_ limit: Int) -> [Int] {
            columns.map { max($0.widthMin, min($0.width, limit)) }
        }
        while low < high {
            let middle = (low + high + 1) / 2
            if total(widths(middle)) <= widthMax { low = middle } else { high = middle - 1 }
        }
        let result = widths(low)
        // A single column that is too wide for the terminal is cut after all.
        return total(result) > widthMax && result.count == 1 ? [max(1, widthMax - 4)] : result
    }
}
