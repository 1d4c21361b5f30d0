// SPDX-License-Identifier: MIT

import Glibc

/// Finds the field a key names. Keys mostly come in the order of the fields, so the one after the
/// last is tried first.
///
/// - Threads: immutable, hence free to share.
final class JSONFieldTable: @unchecked Sendable {
    // SAFETY: made by init, freed by deinit, only read in between.
    private let count: Int
    /// The bytes of all names, one after the other.
    private let bytes: UnsafeMutablePointer<UInt8>
    /// Where each name begins, and where the last ends.
    private let starts: UnsafeMutablePointer<Int>
    /// Open addressing, at most half full; -1 = free.
    private let slots: UnsafeMutablePointer<Int>
    private let mask: Int

    init(_ names: [String]) {
        count = names.count
        starts = .allocate(capacity: count + 1)
        bytes = .allocate(capacity: names.reduce(1) { $0 + $1.utf8.count })
        var size = 8
        while size < count * 2 { size *= 2 }
        mask = size - 1
        slots = .allocate(capacity: size)
        slots.initialize(repeating: -1, count: size)
        var offset = 0
        for (place, name) in names.enumerated() {
            starts[place] = offset
            for byte in name.utf8 {
                bytes[offset] = byte
                offset += 1
            }
            var slot = Self.hash(bytes + starts[place], offset - starts[place]) & mask
            while slots[slot] >= 0 { slot = (slot + 1) & mask }
            slots[slot] = place
        }
        starts[count] = offset
    }

    deinit {
        starts.deallocate()
        bytes.deallocate()
        slots.deallocate()
    }

    func place(_ key: [UInt8]) -> Int? {
        key.withUnsafeBufferPointer { buffer in
            search(buffer.baseAddress ?? UnsafePointer(bytes), buffer.count)
        }
    }

    @inline(__always)
    func place(_ key: UnsafePointer<UInt8>, _ count: Int, guess: Int) -> Int? {
        if guess < self.count && isName(guess, key, count) { return guess }
        return search(key, count)
    }

    private func search(_ key: UnsafePointer<UInt8>, _ count: Int) -> Int? {
        var slot = Self.hash(key, count) & mask
        while slots[slot] >= 0 {
            if isName(slots[slot], key, count) { return slots[slot] }
            slot = (slot &+ 1) & mask
        }
        return nil
    }

    @inline(__always)
    private func isName(_ place: Int, _ key: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        let start = starts[place]
        return starts[place &+ 1] &- start == count && memcmp(bytes + start, key, count) == 0
    }

    private static func hash(_ key: UnsafePointer<UInt8>, _ count: Int) -> Int {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        var index = 0
        while index < count {
            hash = (hash ^ UInt64(key[index])) &* 0x100_0000_01B3
            index &+= 1
        }
        return Int(truncatingIfNeeded: hash ^ hash >> 32)
    }
}
