// SPDX-License-Identifier: MIT

import CIgloo
import IglooABI
import IglooArrow
import IglooContracts

/// One call into a plugin: makes its `igloo_ctx` and `igloo_error`, and the status a Swift value.
struct PluginCall {
    enum Answer {
        case ok, end
        /// Of operators alone.
        case needsInput
    }

    typealias Body =
        (UnsafePointer<igloo_ctx>, UnsafeMutablePointer<igloo_error>) -> igloo_status

    let plugin: String
    /// Of the instance that is called; `nil` = of none.
    var health: InstanceHealth?
    /// The account under which the plugin reserves memory; `nil` = open one for this call.
    var account: UInt64?
    /// The callee may answer that it needs input first.
    var mayNeedInput = false
    /// The callee may answer PENDING: it is given a waker.
    var mayPend = false

    /// - Throws: the plugin's error with the plugin's id as its origin; `pending` only where the
    ///   caller brings a waker.
    func run(_ context: CallContext, _ body: Body) throws(IglooError) -> Answer {
        try health?.check(plugin)
        let arena = Arena()
        let number = account ?? MemoryAccounts.open(context.memory)
        defer { if account == nil { MemoryAccounts.close(number) } }
        let listener = CallNotices.open(context, plugin: plugin)
        defer { if let listener { CallNotices.close(listener) } }
        var ctx = igloo_ctx()
        ctx.cancelled = unsafe context.cancellation.address
        ctx.deadline_ns = context.deadlineNanoseconds.map { max($0, 1) } ?? 0
        ctx.query_id = arena.str(listener?.queryId ?? context.queryId)
        ctx.user = arena.str(context.user)
        ctx.trace = context.trace
        ctx.txn = arena.bytes(context.transaction)
        ctx.memory_account = number
        defer { withExtendedLifetime((arena, context.cancellation)) {} }
        if !mayPend { return try answer(ask(&ctx, context, body)) }
        if let waker = context.waker {
            ctx.waker = waker.exported
            defer { withExtendedLifetime(waker) {} }
            return try answer(ask(&ctx, context, body))
        }
        return try waitFor(&ctx, context, body)
    }

    /// A call that takes over a batch, unless it was not made or is not to be repeated after PENDING.
    func run(
        _ context: CallContext, moving batch: RecordBatch,
        _ body: (
            UnsafePointer<igloo_ctx>, UnsafeMutablePointer<ArrowDeviceArray>,
            UnsafeMutablePointer<igloo_error>
        ) -> igloo_status
    ) throws(IglooError) -> Answer {
        try health?.check(plugin)
        var moved = ArrowDeviceArray()
        batch.export(to: &moved)
        do throws(IglooError) {
            return try run(context) { ctx, error in body(ctx, &moved, error) }
        } catch {
            // Not the plugin's error: the batch was left to the host.
            if error.origin == nil { moved.array.release?(&moved.array) }
            throw error
        }
    }

    /// Makes a call that may answer PENDING until it answers otherwise. Who gives up tells the plugin
    /// by one last call, which finds itself cancelled or too late.
    private func waitFor(
        _ ctx: inout igloo_ctx, _ context: CallContext, _ body: Body
    ) throws(IglooError) -> Answer {
        let waker = CallWaker.take()
        defer { waker.giveBack() }
        ctx.waker = waker.pointer
        while true {
            let isLast = context.isOver
            waker.rearm()
            let reply = ask(&ctx, context, body)
            guard reply.status == igloo_status(IGLOO_PENDING) else { return try answer(reply) }
            reply.discard()
            if isLast {
                try context.checkNotOver()
            } else {
                waker.wait(context)
            }
        }
    }

    // MARK: - Answers

    private struct Reply {
        var status: igloo_status
        var error: igloo_error
        var hadWaker: Bool

        /// A plugin that filled the error and did not fail must not leak it.
        func discard() {
            var error = error
            error.release?(&error)
        }
    }

    private func ask(_ ctx: inout igloo_ctx, _ context: CallContext, _ body: Body) -> Reply {
        var reply = Reply(status: 0, error: igloo_error(), hadWaker: ctx.waker != nil)
        let running = CallWatch.Running(
            plugin: plugin, health: health, cancellation: context.cancellation,
            owner: context.threadOwner)
        reply.status = CallWatch.run(running) { body(&ctx, &reply.error) }
        return reply
    }

    private func answer(_ reply: Reply) throws(IglooError) -> Answer {
        if reply.status < 0 {
            var error = reply.error
            throw IglooError(taking: &error, status: reply.status, origin: plugin)
        }
        reply.discard()
        switch reply.status {
        case igloo_status(IGLOO_OK): return .ok
        case igloo_status(IGLOO_END): return .end
        case igloo_status(IGLOO_NEED_INPUT) where mayNeedInput: return .needsInput
        case igloo_status(IGLOO_PENDING) where reply.hadWaker: throw .pending()
        case igloo_status(IGLOO_PENDING):
            throw broken("answered PENDING to a call that brings no waker")
        default: throw broken("answered status \(reply.status), which is none of this call's")
        }
    }

    /// A breach of the ABI by the plugin.
    func broken(_ what: String) -> IglooError {
        IglooError(.internalError, "the plugin broke its contract: it \(what)", origin: plugin)
    }

    /// `error`, which Arrow's import raised, as the plugin's.
    func broken(_ error: ArrowError, _ what: String) -> IglooError {
        broken("gave \(what) that cannot be: \(error)")
    }
}
