// SPDX-License-Identifier: MIT

import IglooContracts

/// Entries by key and by tag, in the order in which they go: a segmented LRU.
///
/// New entries are on probation; a second use makes them protected, up to a part of all bytes. So a
/// flood of results that nobody asks for again does not push out those that are used.
struct CacheIndex {
    private enum Segment: Int {
        case probation, protected
    }

    private struct Slot {
        var entry: CacheEntry
        var segment = Segment.probation
        /// Neighbours: used later, used earlier.
        var newer: Int?
        var older: Int?
    }

    private struct List {
        var newest: Int?
        var oldest: Int?
        var byteCount = 0
    }

    private var slots: [Int: Slot] = [:]
    private var lastNumber = 0
    private var numbers: [CacheKey: Int] = [:]
    private var tagged: [[UInt8]: Set<Int>] = [:]
    private var lists = [List(), List()]

    var count: Int { slots.count }
    var byteCount: Int { lists[0].byteCount + lists[1].byteCount }

    /// The share of the bytes that may be protected, in percent.
    private static let protectedPercent = 80

    /// The entry under a key, which is used hereby.
    mutating func use(_ key: CacheKey, now: Int64) -> CacheEntry? {
        guard let number = numbers[key], let entry = slots[number]?.entry else { return nil }
        if let expiry = entry.expiry, expiry <= now {
            remove(number)
            return nil
        }
        unlink(number)
        link(number, .protected)
        demote()
        return entry
    }

    /// Adds an entry unless there is one under its key.
    mutating func insert(_ entry: CacheEntry, now: Int64) {
        if let number = numbers[entry.key] {
            guard let expiry = slots[number]?.entry.expiry, expiry <= now else { return }
            remove(number)
        }
        if let expiry = entry.expiry, expiry <= now { return }
        lastNumber += 1
        slots[lastNumber] = Slot(entry: entry)
        numbers[entry.key] = lastNumber
        for tag in entry.tags { tagged[tag, default: []].insert(lastNumber) }
        link(lastNumber, .probation)
    }

    /// - Returns: how many were there.
    mutating func remove(_ selection: CacheSelection) -> Int {
        let chosen: [Int]
        switch selection {
        case .key(let key): chosen = numbers[key].map { [$0] } ?? []
        case .tag(let tag): chosen = Array(tagged[tag] ?? [])
        }
        for number in chosen { remove(number) }
        return chosen.count
    }

    /// Gives up the entry that is least likely to be used; `false` when there is none.
    mutating func evict() -> Bool {
        guard let number = lists[0].oldest ?? lists[1].oldest else { return false }
        remove(number)
        return true
    }

    private mutating func demote() {
        while lists[1].byteCount > byteCount / 100 * Self.protectedPercent,
            let number = lists[1].oldest, number != lists[1].newest
        {
            unlink(number)
            link(number, .probation)
        }
    }

    private mutating func remove(_ number: Int) {
        unlink(number)
        guard let entry = slots.removeValue(forKey: number)?.entry else { return }
        numbers[entry.key] = nil
        for tag in entry.tags {
            tagged[tag]?.remove(number)
            if tagged[tag]?.isEmpty == true { tagged[tag] = nil }
        }
    }

    private mutating func link(_ number: Int, _ segment: Segment) {
        let newest = lists[segment.rawValue].newest
        slots[number]?.segment = segment
        slots[number]?.older = newest
        slots[number]?.newer = nil
        if let newest { slots[newest]?.newer = number }
        lists[segment.rawValue].newest = number
        if lists[segment.rawValue].oldest == nil { lists[segment.rawValue].oldest = number }
        lists[segment.rawValue].byteCount += slots[number]?.entry.byteCount ?? 0
    }

    private mutating func unlink(_ number: Int) {
        guard let slot = slots[number] else { return }
        let list = slot.segment.rawValue
        if let newer = slot.newer { slots[newer]?.older = slot.older }
        if let older = slot.older { slots[older]?.newer = slot.newer }
        if lists[list].newest == number { lists[list].newest = slot.older }
        if lists[list].oldest == number { lists[list].oldest = slot.newer }
        lists[list].byteCount -= slot.entry.byteCount
    }
}
