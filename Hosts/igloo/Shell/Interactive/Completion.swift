// SPDX-License-Identifier: MIT

/// What a word can become.
struct Completion: Equatable {
    struct Candidate: Equatable, Hashable {
        /// What replaces the word.
        var text: String
        /// What follows when there is no other candidate.
        var suffix: String
    }

    /// The word as far as it is typed.
    var typed: String
    var candidates: [Candidate]

    /// Of more candidates the list shows the beginning.
    private static let listCountMax = 100

    /// What replaces the typed word, as far as all candidates agree; `nil` when that is no more
    /// than what stands there.
    var insertion: String? {
        guard let first = candidates.first else { return nil }
        if candidates.count == 1 { return first.text + first.suffix }
        var common = first.text[...]
        for candidate in candidates.dropFirst() {
            common = zip(common, candidate.text).prefix { $0 == $1 }.map(\.0).joined()
        }
        return common.count > typed.count ? String(common) : nil
    }

    /// The candidates in columns.
    func list(width: Int) -> String {
        let words = candidates.prefix(Self.listCountMax).map { CellText.escaped($0.text) }
        let columnWidth = (words.map { DisplayWidth.of($0) }.max() ?? 0) + 2
        let columnCount = max(1, width / columnWidth)
        let rowCount = (words.count + columnCount - 1) / columnCount
        var text = ""
        for row in 0..<rowCount {
            let cells = stride(from: row, to: words.count, by: rowCount).map { index in
                CellText.padded(words[index], to: columnWidth, alignment: .leading)
            }
            text += cells.joined() + "\n"
        }
        let rest = candidates.count - words.count
        return rest > 0 ? text + "... and \(rest.grouped) more\n" : text
    }
}

extension [Character] {
    fileprivate func joined() -> Substring { Substring(String(self)) }
}
