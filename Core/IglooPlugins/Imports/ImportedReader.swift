// SPDX-License-Identifier: MIT

import CIgloo
import IglooABI
import IglooArrow
import IglooContracts

/// A reader in a plugin; released when it is let go.
// SAFETY: `next` is called by one thread at a time, by the protocol's contract; `cancel` touches
// nothing but constants.
final class ImportedReader: BatchReader, @unchecked Sendable {
    let schema: Schema
    private let reader: igloo_reader
    private let functions: Functions
    private let instance: PluginInstance
    /// What in the plugin has to outlive the reader, but for the instance.
    private let owner: (any Sendable)?
    private let account: UInt64
    /// The flags that the plugin may still poll.
    private var tokens: [CancellationToken]
    private var isAtEnd = false
    /// The plugin reads their bitmaps until the reader is released.
    private var filters: [RuntimeFilter] = []

    private struct Functions {
        let next:
            @convention(c) (
                UnsafeMutableRawPointer?, UnsafePointer<igloo_ctx>?,
                UnsafeMutablePointer<ArrowDeviceArray>?, UnsafeMutablePointer<igloo_error>?
            ) -> igloo_status
        let cancel: @convention(c) (UnsafeMutableRawPointer?) -> Void
        let release: @convention(c) (UnsafeMutableRawPointer?) -> Void
    }

    /// Takes over `reader` and, unless it throws, `account`.
    ///
    /// - Parameter owner: what has to outlive the reader, but for the instance.
    init(
        _ reader: igloo_reader, _ instance: PluginInstance, keeping owner: (any Sendable)?,
        account: UInt64, _ context: CallContext
    ) throws(IglooError) {
        let call = instance.call
        guard let next = reader.next, let cancel = reader.cancel, let release = reader.release,
            let readSchema = reader.schema
        else {
            reader.release?(reader.`self`)
            throw call.broken("gave a reader whose functions are missing")
        }
        do throws(IglooError) {
            schema = try Self.schema(reader.`self`, readSchema, call, context)
        } catch {
            release(reader.`self`)
            throw error
        }
        self.reader = reader
        functions = Functions(next: next, cancel: cancel, release: release)
        self.instance = instance
        self.owner = owner
        self.account = account
        tokens = [context.cancellation]
    }

    deinit {
        functions.release(reader.`self`)
        MemoryAccounts.close(account)
    }

    private static func schema(
        _ reader: UnsafeMutableRawPointer?,
        _ function:
            @convention(c) (
                UnsafeMutableRawPointer?, UnsafeMutablePointer<ArrowSchema>?,
                UnsafeMutablePointer<igloo_error>?
            ) -> igloo_status, _ call: PluginCall, _ context: CallContext
    ) throws(IglooError) -> Schema {
        var schema = ArrowSchema()
        _ = try call.run(context) { _, error in function(reader, &schema, error) }
        do throws(ArrowError) {
            return try Schema(importing: &schema)
        } catch {
            throw call.broken(error, "a reader's schema")
        }
    }

    func next(_ context: CallContext) throws(IglooError) -> RecordBatch? {
        if isAtEnd { return nil }
        if tokens.last !== context.cancellation { tokens.append(context.cancellation) }
        do throws(IglooError) {
            let batch = try read(context)
            isAtEnd = batch == nil
            return batch
        } catch {
            isAtEnd = true
            throw error
        }
    }

    private func read(_ context: CallContext) throws(IglooError) -> RecordBatch? {
        var call = instance.call
        call.account = account
        var array = ArrowDeviceArray()
        let answer = try call.run(context) { ctx, error in
            functions.next(reader.`self`, ctx, &array, error)
        }
        guard answer == .ok else { return nil }
        do throws(ArrowError) {
            return try RecordBatch(importing: &array, schema: schema)
        } catch {
            throw call.broken(error, "a batch")
        }
    }

    func cancel() { functions.cancel(reader.`self`) }

    func refine(_ filters: [RuntimeFilter], _ context: CallContext) throws(IglooError) {
        let facet = instance.facet(
            UInt32(IGLOO_FACET_RUNTIME_FILTER_1), igloo_runtime_filters.self)
        guard let refine = facet?.refine else {
            throw IglooError(.unsupported, "the connector takes no runtime filters")
        }
        self.filters += filters
        let arena = Arena()
        let encoded = filters.compactMap { igloo_runtime_filter($0, arena: arena) }
        var call = instance.call
        call.account = account
        _ = try call.run(context) { ctx, error in
            refine(
                instance.pointer, ctx, reader.`self`, arena.array(encoded), encoded.count, error)
        }
        withExtendedLifetime(arena) {}
    }
}
