// SPDX-License-Identifier: MIT

public import IglooContracts

/// Work that calls plugins, done on a thread of a pool so that whoever waits for it can go on without
/// it: when it was cancelled and a plugin does not give the call back.
public enum AbandonableWork {
    /// A little longer than calls are waited for before their instance is given up.
    private static let patienceNanoseconds: Int64 = 5_500_000_000
    private static let pool = IOPool(
        threadCountMax: 4_096, name: "igloo-session", stackByteCount: 16 << 20)

    // SAFETY: `outcome` is guarded by the monitor.
    private final class Work<Value: Sendable>: @unchecked Sendable {
        let monitor = Monitor()
        var outcome: Result<Value, IglooError>?
    }

    /// Runs `body` and waits for it.
    ///
    /// - Parameter caller: is followed: once it is cancelled or its time is over, the work is cancelled.
    /// - Throws: what it throws; `cancelled` when it goes on although it was cancelled, and then it
    ///   may still touch what it was given.
    public static func run<Value: Sendable>(
        _ cancellation: CancellationToken, following caller: CallContext? = nil,
        _ body: @escaping @Sendable () throws(IglooError) -> Value
    ) throws(IglooError) -> Value {
        let work = Work<Value>()
        try pool.run {
            let outcome = Result { () throws(IglooError) in try body() }
            work.monitor.withLock {
                work.outcome = outcome
                work.monitor.signal()
            }
        }
        return try work.monitor.withLock { () throws(IglooError) -> Value in
            var cancelledSince: Int64?
            var isLate = false
            while true {
                if let outcome = work.outcome {
                    if isLate, case .failure(let error) = outcome, error.code == .cancelled {
                        throw .statementTimeout()
                    }
                    return try outcome.get()
                }
                work.monitor.wait(milliseconds: 100)
                let now = MonotonicClock.nanoseconds()
                isLate = isLate || caller?.deadlineNanoseconds.map { now > $0 } ?? false
                if isLate || caller?.cancellation.isCancelled == true { cancellation.cancel() }
                guard work.outcome == nil, cancellation.isCancelled else { continue }
                if now - (cancelledSince ?? now) > patienceNanoseconds {
                    throw isLate ? IglooError.statementTimeout() : IglooError.cancelled()
                }
                cancelledSince = cancelledSince ?? now
            }
        }
    }
}
