// SPDX-License-Identifier: MIT

/// Finds the k-th least of many numbers without ordering all of them.
///
/// - Source: C. Hoare, "Algorithm 65: Find", 1961; D. Musser, "Introspective Sorting and Selection
///   Algorithms", 1997.
enum Selecting {
    /// Doubles as integers that compare alike, NaN above all.
    @inline(__always)
    static func key(_ value: Double) -> Int64 {
        if value.isNaN { return .max }
        let bits = Int64(bitPattern: value.bitPattern)
        return bits ^ (bits >> 63 & .max)
    }

    @inline(__always)
    static func value(_ key: Int64) -> Double {
        key == .max ? .nan : Double(bitPattern: UInt64(bitPattern: key ^ (key >> 63 & .max)))
    }

    /// Puts the number that belongs at `place` there, none greater before and none less behind it.
    static func select(_ place: Int, of keys: UnsafeMutableBufferPointer<Int64>) {
        var (low, high) = (0, keys.count - 1)
        // Beyond so many rounds the pivots were bad: ordering ends it in bounded time.
        var roundsLeft = 2 * (Int.bitWidth - keys.count.leadingZeroBitCount)
        while low < high {
            if roundsLeft == 0 {
                var rest = UnsafeMutableBufferPointer(rebasing: keys[low...high])
                return rest.sort()
            }
            roundsLeft -= 1
            let pivot = median(keys[low], keys[low + (high - low) / 2], keys[high])
            var (i, j) = (low, high)
            while i <= j {
                while keys[i] < pivot { i &+= 1 }
                while keys[j] > pivot { j &-= 1 }
                if i <= j {
                    keys.swapAt(i, j)
                    i &+= 1
                    j &-= 1
                }
            }
            if place <= j { high = j } else if place >= i { low = i } else { return }
        }
    }

    private static func median(_ a: Int64, _ b: Int64, _ c: Int64) -> Int64 {
        max(min(a, b), min(max(a, b), c))
    }
}
