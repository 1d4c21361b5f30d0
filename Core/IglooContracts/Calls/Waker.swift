// SPDX-License-Identifier: MIT

/// Told when a call that was answered with `IglooError.pending` is worth repeating.
///
/// A caller that would rather do other things than wait sets `CallContext.waker`. Calls whose
/// documentation says so may then throw `pending()` instead of waiting: nothing has happened, and the
/// caller makes the same call again once it is woken. Who does not care waits, whoever calls.
///
/// - Threads: any; `wake` never blocks, may come too often, and after the call has long ended.
public final class Waker: Sendable {
    private let body: @Sendable () -> Void
    /// What the border keeps for as long as the waker lives.
    package let attachment = Locked<(any Sendable)?>(nil)

    /// - Parameter body: called by whoever wakes, on its thread.
    public init(_ body: @escaping @Sendable () -> Void) { self.body = body }

    public func wake() { body() }
}

extension IglooError {
    /// The answer of a call that would have to wait: not an error, and never shown. Allowed only with
    /// a waker in the call's context, which has to be woken.
    public static func pending() -> IglooError {
        IglooError(.pending, "the call is to be repeated once its waker is woken")
    }
}
