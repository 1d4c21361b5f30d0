// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooFiles
import Synchronization

/// What one reader holds of the pool, counted against the query's budget.
///
/// Memory is made in many places, none of which knows the query; so the account is the thread's
/// while the reader runs, and all `PooledMemory` made meanwhile is on it.
///
/// - Threads: `run` by one at a time; memory goes back on any.
final class PoolAccount: @unchecked Sendable {
    // SAFETY: `charge` and `memory` are used within `run` only; `held` is atomic.
    private static let slot = PlatformMemory.makeThreadSlot()

    private let held = Atomic<Int>(0)
    private let charge = MemoryCharge()
    private var memory: any MemoryAccount = UnlimitedMemory()
    /// The most that was held since `run` began.
    private var highest = 0

    /// That of the reader which runs on this thread.
    static var current: PoolAccount? {
        guard let slot, let value = PlatformMemory.threadValue(slot) else { return nil }
        return Unmanaged<PoolAccount>.fromOpaque(value).takeUnretainedValue()
    }

    func run<Result>(
        _ context: CallContext, _ body: () throws(IglooError) -> Result
    ) throws(IglooError) -> Result {
        guard let slot = Self.slot else { return try body() }
        let outer = PlatformMemory.threadValue(slot)
        PlatformMemory.setThreadValue(slot, Unmanaged.passUnretained(self).toOpaque())
        defer { PlatformMemory.setThreadValue(slot, outer) }
        memory = context.memory
        highest = 0
        let result = try body()
        try charge.hold(max(0, held.load(ordering: .relaxed)), memory)
        return result
    }

    func take(_ byteCount: Int) throws(IglooError) {
        let now = held.wrappingAdd(byteCount, ordering: .relaxed).newValue
        do throws(IglooError) {
            // Only upwards: what was given back is settled when `run` ends.
            if now > highest {
                try charge.hold(now, memory)
                highest = now
            }
        } catch {
            giveBack(byteCount)
            throw error
        }
    }

    func giveBack(_ byteCount: Int) { held.wrappingSubtract(byteCount, ordering: .relaxed) }

    /// The batch's memory is its receiver's from now on.
    static func handOver(_ array: ArrayData) {
        for buffer in array.buffers { (buffer.owner as? PooledMemory)?.handOver() }
        (array.validity?.owner as? PooledMemory)?.handOver()
        for child in array.children { handOver(child) }
        if let dictionary = array.dictionary { handOver(dictionary) }
    }
}
