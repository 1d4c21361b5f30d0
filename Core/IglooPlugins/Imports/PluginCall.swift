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

    let plugin: String
    /// Of the instance that is called; `nil` = of none.
    var health: InstanceHealth?
    /// The account under which the plugin reserves memory; `nil` = open one for this call.
    var account: UInt64?
    /// The callee may answer that it needs input first.
    var mayNeedInput = false

    /// - Throws: the plugin's error with the plugin's id as its origin.
    func run(
        _ context: CallContext,
        _ body: (UnsafePointer<igloo_ctx>, UnsafeMutablePointer<igloo_error>) -> igloo_status
    ) throws(IglooError) -> Answer {
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
        ctx.txn = arena.bytes(context.transaction)
        ctx.memory_account = number
        var error = igloo_error()
        let running = CallWatch.Running(
            plugin: plugin, health: health, cancellation: context.cancellation,
            owner: context.threadOwner)
        let status = withExtendedLifetime((arena, context.cancellation)) {
            CallWatch.run(running) { body(&ctx, &error) }
        }
        return try answer(status, &error)
    }

    private func answer(
        _ status: igloo_status, _ error: inout igloo_error
    ) throws(IglooError) -> Answer {
        if status < 0 { throw IglooError(taking: &error, status: status, origin: plugin) }
        // A plugin that filled the error and then succeeded must not leak it.
        error.release?(&error)
        switch status {
        case igloo_status(IGLOO_OK): return .ok
        case igloo_status(IGLOO_END): return .end
        case igloo_status(IGLOO_NEED_INPUT) where mayNeedInput: return .needsInput
        default: throw broken("answered status \(status), which is none of this call's")
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
