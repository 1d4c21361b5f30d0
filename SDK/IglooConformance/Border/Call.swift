// SPDX-License-Identifier: MIT

import CIgloo
import IglooABI
import IglooContracts

/// An error that a plugin answered a call with.
struct CallFailure: Error, CustomStringConvertible {
    /// The function that failed.
    var function: String
    var status: Int32
    var flags: UInt32
    var sqlState: [UInt8]
    var message: String
    var hint: String

    var description: String {
        "\(function) answered \(status): \(message.isEmpty ? "no message" : message)"
    }

    /// Every text that a user may see.
    var texts: [String] { [message, hint] }

    /// The errors of all calls so far.
    static let all = Locked<[CallFailure]>([])
}

/// What travels with calls into a plugin.
final class Call {
    enum Answer {
        case ok, end, pending, needsInput
    }

    let token = CancellationToken()
    /// `CLOCK_MONOTONIC`; 0 = none.
    var deadlineNanoseconds: Int64 = 0
    var waker: Waker?
    var account: UInt64 = 0
    /// The transaction that the call belongs to; empty = none.
    var transaction: [UInt8] = []
    var queryId = "conformance"

    /// Calls a function, and looks at how it answers.
    ///
    /// - Parameter leftovers: what the function left in its out-parameters.
    /// - Throws: `CallFailure` for a negative status; `CheckEnd` for one that is none of this call.
    @discardableResult
    func run(
        _ function: String, mayEnd: Bool = false, mayNeedInput: Bool = false,
        leftovers: () -> [String] = { [] },
        _ body: (UnsafePointer<igloo_ctx>, UnsafeMutablePointer<igloo_error>) -> igloo_status
    ) throws -> Answer {
        let arena = Arena()
        var ctx = igloo_ctx()
        ctx.cancelled = token.address
        ctx.deadline_ns = deadlineNanoseconds
        ctx.query_id = arena.str(queryId)
        ctx.user = arena.str("conformance")
        ctx.memory_account = account
        ctx.txn = arena.bytes(transaction)
        ctx.waker = waker?.pointer
        var error = igloo_error()
        let status = withExtendedLifetime((arena, token, waker)) { body(&ctx, &error) }
        defer { error.release?(&error) }
        if status < 0 {
            for leftover in leftovers() {
                Breaches.add(
                    .outHandle, "\(function) answered \(status) and left \(leftover) behind")
            }
            throw Self.failure(function, status, error)
        }
        if error.release != nil || error.code != 0 {
            Breaches.add(.errorOnSuccess, "\(function) answered \(status) and filled the error")
        }
        switch Int(status) {
        case IGLOO_OK: return .ok
        case IGLOO_END where mayEnd: return .end
        case IGLOO_NEED_INPUT where mayNeedInput: return .needsInput
        case IGLOO_PENDING where waker != nil: return .pending
        case IGLOO_PENDING:
            throw CheckEnd.failed("\(function) answered PENDING to a call without a waker")
        default:
            throw CheckEnd.failed(
                "\(function) answered status \(status), which is none of this call's")
        }
    }

    private static func failure(
        _ function: String, _ status: Int32, _ error: igloo_error
    ) -> CallFailure {
        let failure = CallFailure(
            function: function, status: status, flags: error.flags,
            sqlState: withUnsafeBytes(of: error.sqlstate) { Array($0) },
            message: String(error.message), hint: String(error.hint))
        if error.code != 0 && error.code != status {
            Breaches.add(
                .errorCode,
                "\(function) answered \(status) with the code \(error.code) in its error")
        }
        if !(-16 ... -1).contains(status) && status != -64 && status != -65 {
            Breaches.add(.errorCode, "\(function) answered \(status), which is no code of igloo.h")
        }
        if error.flags & ~15 != 0 {
            Breaches.add(.errorCode, "\(function) failed with the unknown flags \(error.flags)")
        }
        if !isWellFormed(failure.sqlState) {
            let text = String(decoding: failure.sqlState.prefix { $0 != 0 }, as: UTF8.self)
            Breaches.add(.sqlState, "\(function) failed with the SQLSTATE \"\(text)\"")
        }
        CallFailure.all.withLock { if $0.count < 100_000 { $0.append(failure) } }
        return failure
    }

    /// Five digits and upper-case letters, then NULs; or nothing at all.
    private static func isWellFormed(_ state: [UInt8]) -> Bool {
        if state.allSatisfy({ $0 == 0 }) { return true }
        return state[5...].allSatisfy { $0 == 0 }
            && state[..<5].allSatisfy { (48...57).contains($0) || (65...90).contains($0) }
    }
}
