// SPDX-License-Identifier: MIT

import CIgloo
import IglooABI
import IglooContracts

let exportedChangesTable = igloo_changes(
    token: changeToken, changes: changedRows, wait: waitForChange)

private func changes(
    _ instance: UnsafeMutableRawPointer?
) throws(IglooError) -> any ConnectorChanges {
    guard let changes = try ExportedConnector.at(instance).changes else {
        throw IglooError(.unsupported, "the connector does not tell how fresh its tables are")
    }
    return changes
}

private func changeToken(
    _ instance: UnsafeMutableRawPointer?, _ context: UnsafePointer<igloo_ctx>?,
    _ table: igloo_bytes, _ out: UnsafeMutablePointer<igloo_blob>?,
    _ age: UnsafeMutablePointer<Int64>?, _ error: UnsafeMutablePointer<igloo_error>?
) -> igloo_status {
    exported(error) { () throws(IglooError) in
        let (out, age) = (try required(out), try required(age))
        let token = try changes(instance).token(table: Array(table), CallContext(context))
        out.pointee = igloo_blob(exporting: token.bytes)
        switch token.age {
        case .unknown: age.pointee = 0
        case .nanoseconds(let count): age.pointee = max(0, count)
        case .untilChange: age.pointee = -1
        }
    }
}

private func changedRows(
    _ instance: UnsafeMutableRawPointer?, _ context: UnsafePointer<igloo_ctx>?,
    _ table: igloo_bytes, _ from: igloo_bytes, _ to: igloo_bytes,
    _ out: UnsafeMutablePointer<igloo_reader>?, _ error: UnsafeMutablePointer<igloo_error>?
) -> igloo_status {
    exported(error) { () throws(IglooError) in
        let out = try required(out)
        out.pointee = ExportedReader.export(
            try changes(instance).changes(
                table: Array(table), from: Array(from), to: Array(to), CallContext(context)))
    }
}

private func waitForChange(
    _ instance: UnsafeMutableRawPointer?, _ context: UnsafePointer<igloo_ctx>?,
    _ table: igloo_bytes, _ after: igloo_bytes, _ out: UnsafeMutablePointer<igloo_blob>?,
    _ error: UnsafeMutablePointer<igloo_error>?
) -> igloo_status {
    exported(error) { () throws(IglooError) in
        let out = try required(out)
        out.pointee = igloo_blob(
            exporting: try changes(instance).wait(
                table: Array(table), after: Array(after), CallContext(context)))
    }
}
