// SPDX-License-Identifier: MIT

import CIgloo
import IglooABI
import IglooContracts

/// A source of splits in a plugin; released when it is let go.
// SAFETY: `next` is called by one thread at a time, by the protocol's contract; `cancel` touches
// nothing but constants.
final class ImportedSplitSource: SplitSource, @unchecked Sendable {
    private let source: igloo_split_source
    private let instance: PluginInstance
    private let account: UInt64
    /// The flags that the plugin may still poll.
    private var tokens: [CancellationToken]
    private var isAtEnd = false

    /// Takes over `source` and, unless it throws, `account`.
    init(
        _ source: igloo_split_source, _ instance: PluginInstance, account: UInt64,
        _ context: CallContext
    ) throws(IglooError) {
        guard source.next != nil, source.cancel != nil, source.release != nil else {
            source.release?(source.`self`)
            throw instance.call.broken("gave a source of splits whose functions are missing")
        }
        self.source = source
        self.instance = instance
        self.account = account
        tokens = [context.cancellation]
    }

    deinit {
        source.release?(source.`self`)
        MemoryAccounts.close(account)
    }

    func next(countMax: Int, _ context: CallContext) throws(IglooError) -> [Split]? {
        guard !isAtEnd, let next = source.next else { return nil }
        if tokens.last !== context.cancellation { tokens.append(context.cancellation) }
        var call = instance.call
        call.account = account
        var page = igloo_splits()
        do throws(IglooError) {
            let answer = try call.run(context) { ctx, error in
                next(source.`self`, ctx, max(1, countMax), &page, error)
            }
            isAtEnd = answer == .end
        } catch {
            isAtEnd = true
            throw error
        }
        if isAtEnd { return nil }
        defer { page.release?(&page) }
        guard page.n <= max(1, countMax), page.items != nil || page.n == 0 else {
            throw call.broken("gave \(page.n) splits where \(countMax) were asked for")
        }
        return Array(page.items, count: page.n).map { split in
            Split(
                payload: Array(split.payload), rowCount: split.est_rows.known,
                byteCount: split.est_bytes.known)
        }
    }

    func cancel() { source.cancel?(source.`self`) }
}
