// SPDX-License-Identifier: MIT

import CIglooKernels
import IglooArrow
import IglooContracts

/// Numbers the distinct keys it is shown: 0, 1, 2 ... in the order of their first rows. NULLs are
/// alike.
///
/// Linear probing over group numbers with a part of the hash; keys of few possible values are
/// found by position instead (`DirectGroups`).
///
/// - Threads: one at a time; once no more keys come in, any number may read.
final class GroupTable {
    private let layout: KeyLayout
    private let memory: any MemoryAccount
    private var reserved = 0
    /// The lower half of the hash above group + 1; 0 = free. The place of a hash is its upper bits.
    private var slots: UnsafeMutablePointer<UInt64>
    private var slotCount = 1_024
    private var shift: UInt64 = 54
    private var hashes = GroupValues<UInt64>()
    private var rows: KeyRows
    private let batch: KeyBatch
    private var direct: DirectGroups?
    /// With single words: the group of NULL, whose word is 0.
    private var nullGroup: UInt32?
    /// Columns whose values the keys do not tell, in pieces as they came.
    private let keptColumns: [Int]
    private var keptParts: [[ArrayData]] = []

    private static let nullHash: UInt64 = 0x9AE1_6A3B_2F90_404F
    /// Beyond so many groups their keys are no longer in the cache.
    private static let cachedGroupCountMax = 1 << 14

    /// - Parameter hashMask: for tests: bits of the hash that count.
    init(
        keyTypes: [DataType], reserve memory: any MemoryAccount, hashMask: UInt64 = .max
    ) throws(IglooError) {
        let layout = try KeyLayout(keyTypes)
        self.layout = layout
        self.memory = memory
        keptColumns = layout.columns.indices.filter { layout.columns[$0].form.isLossy }
        slots = .allocate(capacity: slotCount)
        slots.initialize(repeating: 0, count: slotCount)
        rows = KeyRows(layout)
        batch = KeyBatch(layout, hashMask: hashMask)
        direct = DirectGroups(layout)
    }

    deinit {
        slots.deallocate()
        try? memory.reserve(-reserved)
    }

    var groupCount: Int { hashes.count }

    func hash(_ group: Int) -> UInt64 { hashes[group] }

    // MARK: - Finding

    /// Writes the group of each row.
    func findOrInsert(
        keys: [ArrayData], rowCount: Int, groups: UnsafeMutablePointer<UInt32>
    ) throws(IglooError) {
        if layout.columns.isEmpty {
            addOnlyGroup(rowCount > 0)
            groups.initialize(repeating: 0, count: rowCount)
            return
        }
        var start = 0
        while start < rowCount {
            let count = min(rowCount - start, KeyBatch.rowCountMax)
            if try !findDirectly(keys, start, count, groups + start) {
                try find(keys, start, count, groups + start)
            }
            start += count
        }
        try account()
    }

    /// Without keys there is one group.
    private func addOnlyGroup(_ isThere: Bool) {
        guard isThere && hashes.count == 0 else { return }
        hashes.resize(1, filling: 0)
    }

    private func account() throws(IglooError) {
        let wanted = slotCount * 8 + hashes.byteCount + rows.byteCount
        if wanted > reserved + (1 << 16) {
            try memory.reserve(wanted - reserved)
            reserved = wanted
        }
    }

    /// False when the keys have too many possible values.
    private func findDirectly(
        _ keys: [ArrayData], _ start: Int, _ count: Int, _ groups: UnsafeMutablePointer<UInt32>
    ) throws(IglooError) -> Bool {
        switch direct?.find(keys, start, count, groups) {
        case .found: return true
        case .unfit, nil: return false
        case .never:
            direct = nil
            return false
        case .missing(let missing):
            let wanted = try Vectors.gather(
                keys.map { $0.slice(start, count: count) }, missing[...])
            var found = [UInt32](repeating: 0, count: missing.count)
            try find(wanted, 0, missing.count, &found)
            direct?.learn(missing, found, groups)
            return true
        }
    }

    private func find(
        _ keys: [ArrayData], _ start: Int, _ count: Int, _ groups: UnsafeMutablePointer<UInt32>
    ) throws(IglooError) {
        try batch.encode(keys, start, count: count)
        let before = groupCount
        let isNullable = layout.isWord && keys[0].nullCount > 0
        find(count, isNullable ? keys[0].slice(start, count: count) : nil, groups)
        guard !keptColumns.isEmpty && groupCount > before else { return }
        let kept = keptColumns.map { keys[$0].slice(start, count: count) }
        keptParts.append(try Vectors.gather(kept, newRows(groups, count, since: before)[...]))
    }

    /// Takes in groups of another table of the same keys, and writes which groups they are here.
    func merge(
        _ other: GroupTable, _ sources: [UInt32], _ targets: UnsafeMutablePointer<UInt32>
    ) throws(IglooError) {
        if layout.columns.isEmpty {
            addOnlyGroup(!sources.isEmpty)
            targets.initialize(repeating: 0, count: sources.count)
            return
        }
        var start = 0
        while start < sources.count {
            let count = min(sources.count - start, KeyBatch.rowCountMax)
            let before = groupCount
            copy(sources, start, count, of: other)
            find(count, other.nullMarks(sources, start, count), targets + start)
            if !keptColumns.isEmpty && groupCount > before {
                let found = newRows(targets + start, count, since: before)
                    .map { sources[start + Int($0)] }
                keptParts.append(try Vectors.gather(try other.keptValues(), found[...]))
            }
            start += count
        }
        try account()
    }

    /// Makes other groups' keys the batch.
    private func copy(_ sources: [UInt32], _ start: Int, _ count: Int, of other: GroupTable) {
        for row in 0..<count {
            let group = Int(sources[start + row])
            batch.hashes[row] = other.hashes[group]
            other.rows.copy(group, to: batch.words + row * layout.stride)
        }
    }

    /// An array that is null where a group is the one of NULL, if it is among them.
    private func nullMarks(_ sources: [UInt32], _ start: Int, _ count: Int) -> ArrayData? {
        guard let nullGroup, sources[start..<start + count].contains(nullGroup) else { return nil }
        let bits = Bits.make(count) { sources[start + $0] != nullGroup }
        return ArrayData(type: .bool, count: count, validity: bits, buffers: [bits])
    }

    /// Writes which groups some groups of another table of the same keys are here; `.max` where
    /// there is no such group.
    ///
    /// - Threads: any number, once no more keys come in.
    func locate(
        _ groups: Range<Int>, of other: GroupTable, _ targets: UnsafeMutablePointer<UInt32>
    ) {
        var start = groups.lowerBound
        while start < groups.upperBound {
            let end = min(start + Self.locatedAtOnce, groups.upperBound)
            locate(start..<end, in: other, targets + (start - groups.lowerBound))
            start = end
        }
    }

    /// So many places are asked for before the first of them is needed.
    private static let locatedAtOnce = 512

    private func locate(
        _ groups: Range<Int>, in other: GroupTable, _ targets: UnsafeMutablePointer<UInt32>
    ) {
        let (slots, shift, mask) = (slots, shift, slotCount - 1)
        let (hashes, stride) = (other.hashes.base, layout.stride)
        let (own, theirs) = (rows.base, UnsafePointer(other.rows.base))
        prefetch(hashes + groups.lowerBound, stride, groups.count)
        let isExact = layout.viewWords.isEmpty
        var group = groups.lowerBound
        while group < groups.upperBound {
            let tag = hashes[group] << 32
            var place = Int(truncatingIfNeeded: hashes[group] &>> shift)
            var found = UInt32.max
            while true {
                let slot = slots[place]
                if slot == 0 { break }
                if (slot ^ tag) >> 32 == 0 {
                    let candidate = Int(truncatingIfNeeded: slot & 0xFFFF_FFFF) &- 1
                    let isEqual =
                        isExact
                        ? Self.areEqual(
                            own + candidate &* stride, theirs + group &* stride, stride)
                        : rows.isEqual(candidate, to: group, of: other.rows)
                    if isEqual {
                        found = UInt32(truncatingIfNeeded: candidate)
                        break
                    }
                }
                place = (place &+ 1) & mask
            }
            targets[group &- groups.lowerBound] = found
            group &+= 1
        }
        if let null = other.nullGroup, groups.contains(Int(null)) {
            targets[Int(null) - groups.lowerBound] = nullGroup ?? .max
        }
    }

    @inline(__always)
    private static func areEqual(
        _ left: UnsafePointer<UInt64>, _ right: UnsafePointer<UInt64>, _ count: Int
    ) -> Bool {
        var difference: UInt64 = 0
        var word = 0
        while word < count {
            difference |= left[word] ^ right[word]
            word &+= 1
        }
        return difference == 0
    }

    // MARK: - Probing

    /// Finds the batch's keys.
    private func find(
        _ count: Int, _ nullable: ArrayData?, _ groups: UnsafeMutablePointer<UInt32>
    ) {
        while slotCount < (groupCount + count) * 2 { grow() }
        rows.reserve(count)
        hashes.reserve(groupCount + count)
        switch layout.stride {
        case 1: probe(1, count, nullable, groups)
        case 2: probe(2, count, nil, groups)
        case 3: probe(3, count, nil, groups)
        case 4: probe(4, count, nil, groups)
        default: probe(layout.stride, count, nil, groups)
        }
    }

    /// The rows with which groups began.
    private func newRows(
        _ groups: UnsafePointer<UInt32>, _ count: Int, since before: Int
    ) -> [UInt32] {
        var next = UInt32(before)
        var rows: [UInt32] = []
        for row in 0..<count where groups[row] == next {
            rows.append(UInt32(row))
            next += 1
        }
        return rows
    }

    /// Two passes, so that what the second one needs is on its way into the cache.
    @inline(__always)
    private func probe(
        _ stride: Int, _ count: Int, _ nullable: ArrayData?,
        _ groups: UnsafeMutablePointer<UInt32>
    ) {
        if groupCount > Self.cachedGroupCountMax { prefetch(batch.hashes, stride, count) }
        let (slots, shift, mask) = (slots, shift, slotCount - 1)
        let (hashes, words, kept) = (batch.hashes, UnsafePointer(batch.words), rows.base)
        let keptHashes = self.hashes.base
        var groupCount = self.groupCount
        let isExact = layout.viewWords.isEmpty
        var row = 0
        while row < count {
            if let nullable, nullable.isNull(row) {
                if nullGroup == nil {
                    nullGroup = UInt32(truncatingIfNeeded: groupCount)
                    keptHashes[groupCount] = Self.nullHash
                    kept[groupCount] = 0
                    groupCount &+= 1
                }
                groups[row] = nullGroup.unsafelyUnwrapped
                row &+= 1
                continue
            }
            let hash = hashes[row]
            let tag = hash << 32
            let key = words + row &* stride
            var place = Int(truncatingIfNeeded: hash &>> shift)
            while true {
                let slot = slots[place]
                if slot == 0 {
                    // Room was made for the whole batch.
                    let own = kept + groupCount &* stride
                    var word = 0
                    while word < stride {
                        own[word] = key[word]
                        word &+= 1
                    }
                    if !isExact { rows.keepBytes(own) }
                    keptHashes[groupCount] = hash
                    groups[row] = UInt32(truncatingIfNeeded: groupCount)
                    groupCount &+= 1
                    slots[place] = tag | UInt64(truncatingIfNeeded: groupCount)
                    break
                }
                if (slot ^ tag) >> 32 == 0 {
                    let group = Int(truncatingIfNeeded: slot & 0xFFFF_FFFF) &- 1
                    let own = kept + group &* stride
                    var difference: UInt64 = 0
                    var word = 0
                    while word < stride {
                        difference |= own[word] ^ key[word]
                        word &+= 1
                    }
                    if difference == 0 || !isExact && rows.isEqualByBytes(group, key) {
                        groups[row] = UInt32(truncatingIfNeeded: group)
                        break
                    }
                }
                place = (place &+ 1) & mask
            }
            row &+= 1
        }
        self.hashes.count(upTo: groupCount)
        rows.count(upTo: groupCount)
    }

    /// Asks for the slots, then for the keys they lead to.
    @inline(__always)
    private func prefetch(_ hashes: UnsafePointer<UInt64>, _ stride: Int, _ count: Int) {
        let (slots, shift, kept) = (slots, shift, rows.base)
        var row = 0
        while row < count {
            igloo_prefetch(slots + Int(truncatingIfNeeded: hashes[row] &>> shift))
            row &+= 1
        }
        row = 0
        while row < count {
            let slot = slots[Int(truncatingIfNeeded: hashes[row] &>> shift)]
            igloo_prefetch(kept + (Int(truncatingIfNeeded: slot & 0xFFFF_FFFF) &- 1) &* stride)
            row &+= 1
        }
    }

    private func grow() {
        // Few steps while it is cheap, small ones when it is not.
        let factor = slotCount < 1 << 17 ? 4 : 2
        slotCount *= factor
        shift -= factor == 4 ? 2 : 1
        slots.deallocate()
        slots = .allocate(capacity: slotCount)
        slots.initialize(repeating: 0, count: slotCount)
        let (slots, hashes, shift, mask) = (slots, hashes.base, shift, slotCount - 1)
        let count = groupCount
        var group = 0
        while group < count {
            let hash = hashes[group]
            if nullGroup == nil || nullGroup! != UInt32(truncatingIfNeeded: group) {
                var place = Int(truncatingIfNeeded: hash &>> shift)
                while slots[place] != 0 { place = (place &+ 1) & mask }
                slots[place] = hash << 32 | UInt64(truncatingIfNeeded: group &+ 1)
            }
            group &+= 1
        }
    }

    // MARK: - Keys

    /// Puts the keys into one piece, so that several threads may read them.
    func consolidate() throws(IglooError) {
        if keptParts.count > 1 { keptParts = [try Vectors.joined(keptParts)] }
    }

    private func keptValues() throws(IglooError) -> [ArrayData] {
        try consolidate()
        if let values = keptParts.first { return values }
        return try Vectors.nulls(keptColumns.map { layout.columns[$0].type }, count: 0)
    }

    /// The keys of the groups, in their order.
    func keyColumns(_ range: Range<Int>) throws(IglooError) -> [ArrayData] {
        let kept = try keptValues()
        var columns: [ArrayData] = []
        for index in layout.columns.indices {
            if let place = keptColumns.firstIndex(of: index) {
                columns.append(kept[place].slice(range.lowerBound, count: range.count))
            } else {
                columns.append(withoutNullGroup(rows.column(index, range), range))
            }
        }
        return columns
    }

    private func withoutNullGroup(_ column: ArrayData, _ range: Range<Int>) -> ArrayData {
        guard let nullGroup, range.contains(Int(nullGroup)) else { return column }
        let null = Int(nullGroup) - range.lowerBound
        return column.withValidity(Bits.make(range.count) { $0 != null })
    }
}
