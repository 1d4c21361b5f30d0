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
        guard let best, best.distance <= max(2, wanted.count / 3) else { return nil }
        return best.name
    }

    private static func editCount(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
        var row = Array(0...right.count)
        for (leftIndex, scalar) in left.enumerated() {
            var diagonal = row[0]
            row[0] = leftIndex + 1
            for index in right.indices {
                let change = diagonal + (scalar == right[index] ? 0 : 1)
                diagonal = row[index + 1]
                row[index + 1] = min(change, row[index] + 1, diagonal + 1)
            }
        }
        return row[right.count]
    }
}
