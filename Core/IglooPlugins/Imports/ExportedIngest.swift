// SPDX-License-Identifier: MIT

import CIgloo
import IglooABI
import IglooArrow
import IglooContracts

/// The engine's facet INGEST.
let engineIngest = ConstantTable(igloo_ingest(ingest: openIngest))

/// Rows of a client on their way into a table, with the columns of their batches.
private struct ExportedIngest: Sendable {
    let rows: any RowIngest
    let columns: Schema
}

private func openIngest(
    _ session: UnsafeMutableRawPointer?, _ context: UnsafePointer<igloo_ctx>?,
    _ table: igloo_str, _ schema: UnsafePointer<ArrowSchema>?,
    _ out: UnsafeMutablePointer<igloo_sink>?, _ error: UnsafeMutablePointer<igloo_error>?
) -> igloo_status {
    exported(error) { () throws(IglooError) in
        let out = try required(out)
        let columns: Schema
        do throws(ArrowError) {
            guard let schema else { throw ArrowError(.invalid, "there are none") }
            columns = try Schema(borrowing: schema)
        } catch {
            throw IglooError(.invalidArgument, "the columns of the rows: \(error)")
        }
        let rows = try ExportedValue<any QuerySession>.at(session).ingest(
            into: String(table), columns: columns, CallContext(ofPlugin: context))
        out.pointee = igloo_sink(
            self: ExportedValue<ExportedIngest>.retained(
                ExportedIngest(rows: rows, columns: columns)),
            write: writeRows, finish: finishRows,
            cancel: { try? ExportedValue<ExportedIngest>.at($0).rows.cancel() },
            release: { ExportedValue<ExportedIngest>.release($0) })
    }
}

private func writeRows(
    _ sink: UnsafeMutableRawPointer?, _ context: UnsafePointer<igloo_ctx>?,
    _ moved: UnsafeMutablePointer<ArrowDeviceArray>?, _ error: UnsafeMutablePointer<igloo_error>?
) -> igloo_status {
    exported(error) { () throws(IglooError) in
        let moved = try required(moved)
        let ingest = try ExportedValue<ExportedIngest>.at(sink)
        let batch: RecordBatch
        do throws(ArrowError) {
            batch = try RecordBatch(
                importing: moved, schema: ingest.columns, validation: .full)
        } catch {
            throw IglooError(.invalidArgument, "a batch of rows: \(error)")
        }
        try ingest.rows.write(batch, CallContext(ofPlugin: context))
    }
}

/// The fragment is the number of rows.
private func finishRows(
    _ sink: UnsafeMutableRawPointer?, _ context: UnsafePointer<igloo_ctx>?,
    _ fragment: UnsafeMutablePointer<igloo_blob>?, _ error: UnsafeMutablePointer<igloo_error>?
) -> igloo_status {
    exported(error) { () throws(IglooError) in
        let fragment = try required(fragment)
        let count = try ExportedValue<ExportedIngest>.at(sink).rows.finish(
            CallContext(ofPlugin: context))
        fragment.pointee = igloo_blob(
            exporting: withUnsafeBytes(of: count.littleEndian) { Array($0) })
    }
}
