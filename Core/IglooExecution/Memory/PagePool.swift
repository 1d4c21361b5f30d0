// SPDX-License-Identifier: MIT

import IglooContracts
import Synchronization

/// Large memory, recycled for the life of the process: fresh pages of the kernel cost more than
/// most of what queries do with them.
///
/// - Threads: any.
@safe
final class PagePool: Sendable {
    static let shared = PagePool()

    /// Pages are powers of two; smaller ones come from malloc, larger ones are not kept.
    private static let smallestShift = 14
    private static let largestShift = 28
    /// Idle pages beyond this go back to the system.
    private static let idleByteCountMax = 2 << 30

    private struct Idle: @unchecked Sendable {
        // SAFETY: addresses of pages nobody uses.
        var pages: [[UnsafeMutableRawPointer]]
        var byteCount = 0
    }

    private let idle = Mutex(Idle(pages: Array(repeating: [], count: largestShift + 1)))

    /// The size that `take` hands out for a wish of `byteCount`.
    static func roundedByteCount(_ byteCount: Int) -> Int {
        byteCount <= 64 ? 64 : 1 << (Int.bitWidth - (byteCount - 1).leadingZeroBitCount)
    }

    /// Memory of `roundedByteCount(byteCount)` bytes, aligned to 64, with old contents.
    func take(_ byteCount: Int) -> UnsafeMutableRawPointer {
        let rounded = Self.roundedByteCount(byteCount)
        let shift = rounded.trailingZeroBitCount
        if shift >= Self.smallestShift && shift <= Self.largestShift {
            nonisolated(unsafe) var page: UnsafeMutableRawPointer?
            idle.withLock { idle in
                page = idle.pages[shift].popLast()
                if page != nil { idle.byteCount -= rounded }
            }
            if let page { return page }
        }
        return .allocate(byteCount: rounded, alignment: 64)
    }

    /// - Parameter byteCount: the wish it was taken with.
    func give(_ page: UnsafeMutableRawPointer, byteCount: Int) {
        let rounded = Self.roundedByteCount(byteCount)
        let shift = rounded.trailingZeroBitCount
        nonisolated(unsafe) let page = page
        let isKept =
            shift >= Self.smallestShift && shift <= Self.largestShift
            && idle.withLock { idle in
                guard idle.byteCount + rounded <= Self.idleByteCountMax else { return false }
                idle.pages[shift].append(page)
                idle.byteCount += rounded
                return true
            }
        if !isKept { page.deallocate() }
    }
}

/// A block of the pool that counts against a query while it is held.
@safe
final class PooledMemory: @unchecked Sendable {
    // SAFETY: owned from init to deinit; users order their accesses themselves.
    let address: UnsafeMutableRawPointer
    let byteCount: Int
    private let account: QueryMemory

    init(_ byteCount: Int, _ account: QueryMemory, for user: String) throws(IglooError) {
        let rounded = PagePool.roundedByteCount(byteCount)
        try account.reserve(rounded, for: user)
        address = PagePool.shared.take(rounded)
        self.byteCount = rounded
        self.account = account
    }

    deinit {
        PagePool.shared.give(address, byteCount: byteCount)
        account.release(byteCount)
    }

    func zero() { address.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount) }
}
