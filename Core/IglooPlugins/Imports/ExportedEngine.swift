// SPDX-License-Identifier: MIT

package import CIgloo
import IglooABI
import IglooArrow
package import IglooContracts

/// The engine as a table of functions for one front end. The table is never freed, since a plugin's
/// thread may outlive what it was asked to end.
// SAFETY: written by init only.
package final class ExportedEngine: @unchecked Sendable {
    package let table: UnsafePointer<igloo_engine>

    package init(_ engine: any QueryEngine, plugin: String) {
        let place = UnsafeMutablePointer<igloo_engine>.allocate(capacity: 1)
        place.initialize(
            to: igloo_engine(
                self: ExportedValue<any QueryEngine>.retained(engine), open_session: openSession,
                prepare: prepareStatement, execute: executeStatement, cancel: cancelStatement,
                close_statement: { ExportedValue<any QueryStatement>.release($0) },
                close_session: { ExportedValue<any QuerySession>.release($0) },
                facet: { _, id in
                    switch Int(id) {
                    case Int(IGLOO_FACET_ENGINE_1): engineServices.pointer
                    case Int(IGLOO_FACET_INGEST_1): engineIngest.pointer
                    default: nil
                    }
                }))
        table = UnsafePointer(place)
    }
}

private let engineServices = ConstantTable(
    igloo_engine_services(list: listTables, text: renderText, status: engineStatus))

private func openSession(
    _ engine: UnsafeMutableRawPointer?, _ context: UnsafePointer<igloo_ctx>?,
    _ credentials: igloo_bytes, _ settings: UnsafePointer<igloo_value>?, _ count: Int,
    _ out: UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
    _ error: UnsafeMutablePointer<igloo_error>?
) -> igloo_status {
    exported(error) { () throws(IglooError) in
        let out = try required(out)
        var values: [String: String] = [:]
        for value in Array(settings, count: count) {
            guard value.type == UInt32(IGLOO_OPT_STRING) else {
                throw IglooError(
                    .invalidArgument, "the setting \(String(value.name)) is not given as text")
            }
            values[String(value.name)] = String(value.s)
        }
        let session = try ExportedValue<any QueryEngine>.at(engine).openSession(
            credentials: Array(credentials), settings: values, CallContext(ofPlugin: context))
        out.pointee = ExportedValue<any QuerySession>.retained(session)
    }
}

private func prepareStatement(
    _ session: UnsafeMutableRawPointer?, _ context: UnsafePointer<igloo_ctx>?, _ sql: igloo_str,
    _ out: UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
    _ parameters: UnsafeMutablePointer<ArrowSchema>?,
    _ columns: UnsafeMutablePointer<ArrowSchema>?, _ error: UnsafeMutablePointer<igloo_error>?
) -> igloo_status {
    exported(error) { () throws(IglooError) in
        let (out, parameters, columns) = (
            try required(out), try required(parameters), try required(columns)
        )
        let statement = try ExportedValue<any QuerySession>.at(session).prepare(
            String(sql), CallContext(ofPlugin: context))
        statement.parameters.export(to: parameters)
        statement.columns.export(to: columns)
        out.pointee = ExportedValue<any QueryStatement>.retained(statement)
    }
}

private func executeStatement(
    _ pointer: UnsafeMutableRawPointer?, _ context: UnsafePointer<igloo_ctx>?,
    _ parameters: UnsafeMutablePointer<ArrowDeviceArray>?,
    _ schema: UnsafePointer<ArrowSchema>?,
    _ out: UnsafeMutablePointer<igloo_reader>?, _ rowCount: UnsafeMutablePointer<Int64>?,
    _ error: UnsafeMutablePointer<igloo_error>?
) -> igloo_status {
    exported(error) { () throws(IglooError) in
        var row: RecordBatch?
        if let parameters {
            do throws(ArrowError) {
                guard let schema else { throw ArrowError(.invalid, "they have no types") }
                row = try RecordBatch(
                    importing: parameters, schema: Schema(borrowing: schema), validation: .full)
            } catch {
                throw IglooError(.invalidArgument, "the parameters: \(error)")
            }
        }
        let (out, rowCount) = (try required(out), try required(rowCount))
        let statement = try ExportedValue<any QueryStatement>.at(pointer)
        switch try statement.execute(row, CallContext(ofPlugin: context)) {
        case .rows(let reader):
            rowCount.pointee = -1
            out.pointee = igloo_reader(exporting: reader)
        case .done(let count): rowCount.pointee = max(count, 0)
        }
    }
}

private func cancelStatement(
    _ engine: UnsafeMutableRawPointer?, _ queryId: igloo_str
) -> igloo_status {
    exported(nil) { () throws(IglooError) in
        try ExportedValue<any QueryEngine>.at(engine).cancel(queryId: String(queryId))
    }
}

// MARK: - Services

private func listTables(
    _ session: UnsafeMutableRawPointer?, _ context: UnsafePointer<igloo_ctx>?,
    _ out: UnsafeMutablePointer<igloo_reader>?, _ error: UnsafeMutablePointer<igloo_error>?
) -> igloo_status {
    exported(error) { () throws(IglooError) in
        let out = try required(out)
        out.pointee = igloo_reader(
            exporting: try ExportedValue<any QuerySession>.at(session).listTables(
                CallContext(ofPlugin: context)))
    }
}

private func renderText(
    _ session: UnsafeMutableRawPointer?, _ context: UnsafePointer<igloo_ctx>?,
    _ schema: UnsafePointer<ArrowSchema>?, _ moved: UnsafeMutablePointer<ArrowDeviceArray>?,
    _ out: UnsafeMutablePointer<ArrowDeviceArray>?, _ error: UnsafeMutablePointer<igloo_error>?
) -> igloo_status {
    exported(error) { () throws(IglooError) in
        let moved = try required(moved)
        let batch: RecordBatch
        do throws(ArrowError) {
            guard let schema else { throw ArrowError(.invalid, "it has no columns") }
            batch = try RecordBatch(importing: moved, schema: Schema(borrowing: schema))
        } catch {
            throw IglooError(.invalidArgument, "a batch to be shown: \(error)")
        }
        let out = try required(out)
        try ExportedValue<any QuerySession>.at(session).text(
            of: batch, CallContext(ofPlugin: context)
        ).export(to: out)
    }
}

private func engineStatus(
    _ engine: UnsafeMutableRawPointer?, _ out: UnsafeMutablePointer<igloo_engine_status>?,
    _ error: UnsafeMutablePointer<igloo_error>?
) -> igloo_status {
    exported(error) { () throws(IglooError) in
        let out = try required(out)
        let status = try ExportedValue<any QueryEngine>.at(engine).status()
        out.pointee = igloo_engine_status(
            uptime_ns: status.uptimeNanoseconds, sessions: status.sessionCount,
            running: status.runningCount, ended: status.endedCount)
    }
}

extension CallContext {
    /// The context of a call that a front end makes.
    init(ofPlugin context: UnsafePointer<igloo_ctx>?) {
        guard let context = context?.pointee else {
            self.init()
            return
        }
        self.init(
            cancellation: context.cancelled.map { CancellationToken(polling: $0) }
                ?? CancellationToken(),
            deadlineNanoseconds: context.deadline_ns == 0 ? nil : context.deadline_ns,
            queryId: String(context.query_id), user: String(context.user))
        trace = context.trace
    }
}
