// SPDX-License-Identifier: MIT

public import IglooContracts

/// What a reader holds of the query's memory. It is announced in steps, so that small changes cost
/// nothing, and given back with the charge.
///
/// A batch that was handed over is its receiver's to account: readers count what they go on
/// holding.
///
/// - Threads: one at a time.
public final class MemoryCharge: @unchecked Sendable {
    // SAFETY: one thread at a time, as the doc comment says.
    private static let step = 1 << 20

    private var account: any MemoryAccount = UnlimitedMemory()
    private var announced = 0

    public init() {}

    deinit { if announced > 0 { try? account.reserve(-announced) } }

    /// Says that the reader holds `byteCount` bytes now, or will in a moment.
    ///
    /// - Throws: `resourceExhausted` when the query's budget does not hold them; nothing has
    ///   changed then.
    public func hold(_ byteCount: Int, _ account: any MemoryAccount) throws(IglooError) {
        let wanted = (byteCount + Self.step - 1) / Self.step * Self.step
        if wanted == announced { return }
        try account.reserve(wanted - announced)
        self.account = account
        announced = wanted
    }
}
