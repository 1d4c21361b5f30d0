// SPDX-License-Identifier: MIT

/// The name a user may have meant.
public enum NearestName {
    /// The candidate with the fewest edits from `name`, if they are few enough to be a slip.
    public static func among(_ candidates: [String], to name: String) -> String? {
        let wanted = Array(name.lowercased().unicodeScalars.prefix(128))
        var best: (name: String, distance: Int)?
        for candidate in candidates {
            let distance = editCount(
                Array(candidate.lowercased().unicodeScalars.prefix(128)), wanted)
            if distance < best?.distance ?? Int.max { best = (candidate, distance) }
        }
        let distanceMax = wanted.count <= 3 ? 1 : max(2, wanted.count / 3)
        guard let best, best.distance <= distanceMax, best.distance < wanted.count else {
            return nil
        }
        return best.name
    }

    /// Insertions, deletions, replacements and swaps of neighbours that turn one into the other.
    private static func editCount(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
        var beforeLast = [Int](repeating: 0, count: right.count + 1)
        var last = Array(0...right.count)
        for i in left.indices {
            var row = [i + 1]
            for j in right.indices {
                let change = last[j] + (left[i] == right[j] ? 0 : 1)
                var count = min(change, last[j + 1] + 1, row[j] + 1)
                if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] {
                    count = min(count, beforeLast[j - 1] + 1)
                }
                row.append(count)
            }
            beforeLast = last
            last = row
        }
        return last[right.count]
    }
}
