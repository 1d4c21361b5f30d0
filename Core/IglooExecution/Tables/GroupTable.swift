// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// Numbers the distinct keys it is shown: 0, 1, 2 ... in the order of their first rows.
///
/// Linear probing over group numbers, with each group's hash beside its key. One key of up to
/// eight bytes is compared as a word, all others by their normalised bytes; NULLs are alike.
///
/// - Threads: one at a time.
final class GroupTable {
    private let keyTypes: [DataType]
    private let layout: JoinKeyLayout
    private let memory: any MemoryAccount
    private var reserved = 0
    /// Group + 1, 0 = free. The place of a hash is its upper bits.
    private var places: [UInt32]
    private var shift: UInt64
    private var hashes: [UInt64] = []
    private var words: [UInt64] = []
    private var bytes: NormalizedKeys
    private var nullGroup: UInt32?
    /// The keys of the groups, in pieces as they came.
    private var keyParts: [[ArrayData]] = []
    /// For tests: bits of the hash that count.
    private let hashMask: UInt64

    private static let nullHash: UInt64 = 0x9AE1_6A3B_2F90_404F

    init(
        keyTypes: [DataType], reserve memory: any MemoryAccount, hashMask: UInt64 = .max
    ) throws(IglooError) {
        self.keyTypes = keyTypes
        self.memory = memory
        self.hashMask = hashMask
        layout = JoinKeyLayout(keyTypes, nullsMatch: false)
        places = Array(repeating: 0, count: 1_024)
        shift = 54
        bytes = NormalizedKeys(layout.order)
    }

    deinit { try? memory.reserve(-reserved) }

    var groupCount: Int { hashes.count }

    func hash(_ group: Int) -> UInt64 { hashes[group] }

    /// Writes the group of each row.
    func findOrInsert(
        keys: [ArrayData], rowCount: Int, groups: UnsafeMutablePointer<UInt32>
    ) throws(IglooError) {
        if keyTypes.isEmpty {
            if hashes.isEmpty && rowCount > 0 { hashes.append(0) }
            groups.initialize(repeating: 0, count: rowCount)
            return
        }
        let before = groupCount
        while places.count < (groupCount + rowCount) * 2 { grow() }
        var newRows: [UInt32] = []
        if layout.isWord {
            findWords(keys[0], rowCount, groups, &newRows)
        } else {
            try findBytes(keys, rowCount, groups, &newRows)
        }
        guard groupCount > before else { return }
        keyParts.append(try Vectors.gather(keys, newRows[...]))
        let wanted = places.count * 4 + groupCount * 48 + bytes.byteCount
        if wanted > reserved + (1 << 16) {
            try memory.reserve(wanted - reserved)
            reserved = wanted
        }
    }

    private func findWords(
        _ key: ArrayData, _ rowCount: Int, _ groups: UnsafeMutablePointer<UInt32>,
        _ newRows: inout [UInt32]
    ) {
        let batch = UnsafeMutablePointer<UInt64>.allocate(capacity: max(rowCount, 1))
        defer { batch.deallocate() }
        layout.writeWords(key, rowCount, to: batch)
        let hasNulls = key.nullCount > 0
        let mask = places.count - 1
        var row = 0
        while row < rowCount {
            if hasNulls && key.isNull(row) {
                groups[row] = nullGroup ?? addNullGroup(row, &newRows)
                row += 1
                continue
            }
            let word = batch[row]
            let hash = JoinKeyLayout.mixed(word) & hashMask
            var place = Int(truncatingIfNeeded: hash &>> shift)
            while true {
                let group = places[place]
                if group == 0 {
                    groups[row] = add(hash, at: place)
                    words.append(word)
                    newRows.append(UInt32(truncatingIfNeeded: row))
                    break
                }
                let index = Int(group) - 1
                if words[index] == word && hashes[index] == hash {
                    groups[row] = group - 1
                    break
                }
                place = (place + 1) & mask
            }
            row += 1
        }
    }

    private func addNullGroup(_ row: Int, _ newRows: inout [UInt32]) -> UInt32 {
        let group = UInt32(hashes.count)
        hashes.append(Self.nullHash)
        words.append(0)
        newRows.append(UInt32(row))
        nullGroup = group
        return group
    }

    private func findBytes(
        _ keys: [ArrayData], _ rowCount: Int, _ groups: UnsafeMutablePointer<UInt32>,
        _ newRows: inout [UInt32]
    ) throws(IglooError) {
        var batch = NormalizedKeys(layout.order)
        try batch.append(keys, rowCount: rowCount)
        let mask = places.count - 1
        var row = 0
        while row < rowCount {
            let key = batch.key(row)
            let hash = JoinKeyLayout.mixed(JoinKeyLayout.hash(key)) & hashMask
            var place = Int(truncatingIfNeeded: hash &>> shift)
            while true {
                let group = places[place]
                if group == 0 {
                    groups[row] = add(hash, at: place)
                    bytes.append(key)
                    newRows.append(UInt32(truncatingIfNeeded: row))
                    break
                }
                let index = Int(group) - 1
                if hashes[index] == hash && SortRun.compare(bytes.key(index), key) == 0 {
                    groups[row] = group - 1
                    break
                }
                place = (place + 1) & mask
            }
            row += 1
        }
    }

    @inline(__always)
    private func add(_ hash: UInt64, at place: Int) -> UInt32 {
        let group = UInt32(truncatingIfNeeded: hashes.count)
        places[place] = group + 1
        hashes.append(hash)
        return group
    }

    private func grow() {
        let count = places.count * 2
        places = Array(repeating: 0, count: count)
        shift -= 1
        let mask = count - 1
        for (group, hash) in hashes.enumerated() where nullGroup != UInt32(group) {
            var place = Int(truncatingIfNeeded: hash &>> shift)
            while places[place] != 0 { place = (place + 1) & mask }
            places[place] = UInt32(group + 1)
        }
    }

    /// Puts the keys into one piece, so that several threads may read them.
    func consolidate() throws(IglooError) {
        if keyParts.count > 1 { keyParts = [try Vectors.joined(keyParts)] }
    }

    /// The keys of the groups, in their order.
    func keyColumns(_ range: Range<Int>) throws(IglooError) -> [ArrayData] {
        if keyTypes.isEmpty { return [] }
        if keyParts.isEmpty {
            return try Vectors.nulls(keyTypes, count: 0)
        }
        try consolidate()
        return keyParts[0].map { $0.slice(range.lowerBound, count: range.count) }
    }
}
