// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import Synchronization

/// Memory of the process's pool, which goes back there with the last reference.
///
/// It is aligned to 64 bytes and may be read 64 bytes past `byteCapacity`.
///
/// - Threads: written by whoever made it, until it becomes a `Buffer`; read by any then.
final class PooledMemory: @unchecked Sendable {
    static let padding = 64

    // SAFETY: owned from init to deinit; the doc comment says who may write.
    let base: UnsafeMutableRawPointer
    let byteCapacity: Int
    /// Who holds it; nobody after it was handed over in a batch.
    private let account: PoolAccount?
    private let isCounted: Atomic<Bool>

    /// - Throws: `resourceExhausted` when the system or the query's budget has no such memory.
    init(byteCapacity: Int) throws(IglooError) {
        let rounded = MemoryPool.roundedUp(byteCapacity)
        account = PoolAccount.current
        try account?.take(rounded)
        isCounted = Atomic(account != nil)
        guard let base = MemoryPool.take(rounded) else {
            account?.giveBack(rounded)
            throw IglooError(
                .resourceExhausted, "no memory for a Parquet page of \(byteCapacity) bytes",
                sqlState: .outOfMemory)
        }
        self.base = base
        self.byteCapacity = rounded
    }

    deinit {
        handOver()
        MemoryPool.giveBack(base, byteCapacity)
    }

    /// From now on it is on somebody else's account.
    func handOver() {
        if isCounted.exchange(false, ordering: .relaxed) { account?.giveBack(byteCapacity) }
    }

    /// The first bytes as a buffer that keeps this memory.
    func buffer(byteCount: Int) -> Buffer {
        Buffer(baseAddress: base, byteCount: byteCount, keeping: self)
    }
}

/// Pages and columns come and go by the thousand: fresh memory would cost more than decoding.
private enum MemoryPool {
    /// Kept for the next: 4 KiB, 8 KiB, ... 16 MiB.
    static let shiftMin = 12
    static let shiftMax = 24
    static let keptByteCountMax = 64 << 20

    struct State: ~Copyable {
        var free: [[UInt]] = Array(repeating: [], count: shiftMax - shiftMin + 1)
        var keptByteCount = 0
    }

    static let state = Locked(State())

    static func roundedUp(_ byteCount: Int) -> Int {
        let least = 1 << shiftMin
        if byteCount <= 1 << shiftMin { return least }
        if byteCount > 1 << shiftMax { return (byteCount + 4095) & ~4095 }
        return 1 << (Int.bitWidth - (byteCount - 1).leadingZeroBitCount)
    }

    private static func slot(_ byteCount: Int) -> Int? {
        let shift = byteCount.trailingZeroBitCount
        guard byteCount == 1 << shift, shift >= shiftMin, shift <= shiftMax else { return nil }
        return shift - shiftMin
    }

    static func take(_ byteCount: Int) -> UnsafeMutableRawPointer? {
        if let slot = slot(byteCount) {
            let kept: UInt? = state.withLock { state in
                guard let address = state.free[slot].popLast() else { return nil }
                state.keptByteCount -= byteCount
                return address
            }
            if let kept { return UnsafeMutableRawPointer(bitPattern: kept) }
        }
        return PlatformMemory.allocate(byteCount: byteCount + PooledMemory.padding)
    }

    static func giveBack(_ base: UnsafeMutableRawPointer, _ byteCount: Int) {
        let isKept: Bool = state.withLock { state in
            guard let slot = slot(byteCount), state.keptByteCount + byteCount <= keptByteCountMax
            else { return false }
            state.free[slot].append(UInt(bitPattern: base))
            state.keptByteCount += byteCount
            return true
        }
        if !isKept { PlatformMemory.deallocate(base) }
    }
}

/// Pooled memory that grows, for what is decoded.
struct GrowingMemory {
    private(set) var memory: PooledMemory
    var byteCount = 0

    init(byteCapacity: Int) throws(IglooError) {
        memory = try PooledMemory(byteCapacity: byteCapacity)
    }

    var base: UnsafeMutableRawPointer { memory.base }

    /// Makes room for `additional` more bytes.
    mutating func reserve(_ additional: Int) throws(IglooError) {
        let (needed, overflow) = byteCount.addingReportingOverflow(additional)
        guard !overflow else {
            throw IglooError(.resourceExhausted, "a Parquet batch is too large")
        }
        if needed <= memory.byteCapacity { return }
        let larger = try PooledMemory(byteCapacity: max(needed, memory.byteCapacity * 2))
        larger.base.copyMemory(from: memory.base, byteCount: byteCount)
        memory = larger
    }

    /// Appends room for `count` bytes and says where it begins.
    mutating func append(_ count: Int) throws(IglooError) -> UnsafeMutableRawPointer {
        try reserve(count)
        defer { byteCount += count }
        return memory.base + byteCount
    }

    func buffer() -> Buffer { memory.buffer(byteCount: byteCount) }
}
