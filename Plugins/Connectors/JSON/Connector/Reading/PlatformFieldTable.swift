// SPDX-License-Identifier: MIT

import Glibc

/// Finds the field a key names. Keys mostly come in the order of the fields, so the one after the
/// last is tried first.
final class JSONFieldTable {
    private let names: [[UInt8]]
    /// Open addressing, at most half full; -1 = free.
    private var slots: [Int]
    private let mask: Int

    init(_ names: [String]) {
        self.names = names.map { Array($0.utf8) }
        var size = 8
        while size < names.count * 2 { size *= 2 }
        mask = size - 1
        slots = Array(repeating: -1, count: size)
        for (place, name) in self.names.enumerated() {
            var slot = name.withUnsafeBufferPointer { Self.hash($0.baseAddress, $0.count) } & mask
            while slots[slot] >= 0 { slot = (slot + 1) & mask }
            slots[slot] = place
        }
    }

    func place(_ key: [UInt8]) -> Int? {
        key.withUnsafeBufferPointer { bytes in
            search(bytes.baseAddress, bytes.count)
        }
    }

    @inline(__always)
    func place(_ key: UnsafePointer<UInt8>, _ count: Int, guess: Int) -> Int? {
        if guess < names.count && isName(guess, key, count) { return guess }
        return search(key, count)
    }

    private func search(_ key: UnsafePointer<UInt8>?, _ count: Int) -> Int? {
        var slot = Self.hash(key, count) & mask
        while slots[slot] >= 0 {
            if isName(slots[slot], key, count) { return slots[slot] }
            slot = (slot &+ 1) & mask
        }
        return nil
    }

    private func isName(_ place: Int, _ key: UnsafePointer<UInt8>?, _ count: Int) -> Bool {
        guard names[place].count == count else { return false }
        guard let key, count > 0 else { return count == 0 }
        return names[place].withUnsafeBufferPointer { memcmp($0.baseAddress!, key, count) == 0 }
    }

    private static func hash(_ key: UnsafePointer<UInt8>?, _ count: Int) -> Int {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        var index = 0
        while index < count {
            hash = (hash ^ UInt64(key![index])) &* 0x100_0000_01B3
            index &+= 1
        }
        return Int(truncatingIfNeeded: hash ^ hash >> 32)
    }
}
