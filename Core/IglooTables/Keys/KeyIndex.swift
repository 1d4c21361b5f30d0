// SPDX-License-Identifier: MIT

import IglooContracts

/// Finds rows by the hash of a key, in a table of open addressing.
///
/// It may name rows that are deleted or were never committed: whoever asks looks at the rows.
///
/// - Threads: any.
final class KeyIndex: Sendable {
    private struct Places {
        /// Hashes, and numbers of rows; -1 marks a free place.
        var hashes: [UInt64] = []
        var rows: [Int64] = []
        var count = 0
    }

    private static let placeByteCount = 16
    private let places = Locked(Places())
    private let account: any MemoryAccount

    init(_ account: any MemoryAccount) { self.account = account }

    deinit {
        try? account.reserve(-Self.placeByteCount * places.withLock { $0.rows.count })
    }

    var isEmpty: Bool { places.withLock { $0.count == 0 } }

    /// Adds rows from number `first` on; rows without a hash are left out. A row that is no longer
    /// live gives its place to one of the same hash, so that changing a row again and again costs
    /// no more each time.
    func insert(
        _ hashes: [UInt64?], from first: Int64, isLive: (Int64) -> Bool
    ) throws(IglooError) {
        try places.withLock { (places) throws(IglooError) in
            try reserve(&places, hashes.count)
            for (index, hash) in hashes.enumerated() {
                if let hash { Self.insert(&places, hash, first + Int64(index), isLive) }
            }
        }
    }

    /// The rows whose keys may be the one of this hash.
    func candidates(_ hash: UInt64) -> [Int64] {
        places.withLock { places in
            guard !places.rows.isEmpty else { return [] }
            let mask = places.rows.count - 1
            var rows: [Int64] = []
            var place = Int(truncatingIfNeeded: hash) & mask
            while places.rows[place] >= 0 {
                if places.hashes[place] == hash { rows.append(places.rows[place]) }
                place = (place + 1) & mask
            }
            return rows
        }
    }

    private func reserve(_ places: inout Places, _ additional: Int) throws(IglooError) {
        let needed = (places.count + additional) * 2
        guard needed > places.rows.count else { return }
        var capacity = max(16, places.rows.count)
        while capacity < needed { capacity *= 2 }
        try account.reserve((capacity - places.rows.count) * Self.placeByteCount)
        var new = Places()
        new.hashes = Array(repeating: 0, count: capacity)
        new.rows = Array(repeating: -1, count: capacity)
        for (hash, row) in zip(places.hashes, places.rows) where row >= 0 {
            Self.insert(&new, hash, row) { _ in true }
        }
        places = new
    }

    private static func insert(
        _ places: inout Places, _ hash: UInt64, _ row: Int64, _ isLive: (Int64) -> Bool
    ) {
        let mask = places.rows.count - 1
        var place = Int(truncatingIfNeeded: hash) & mask
        while places.rows[place] >= 0 {
            if places.hashes[place] == hash && !isLive(places.rows[place]) {
                places.rows[place] = row
                return
            }
            place = (place + 1) & mask
        }
        places.hashes[place] = hash
        places.rows[place] = row
        places.count += 1
    }
}
