// SPDX-License-Identifier: MIT

import CIgloo
import IglooABI
import IglooArrow
import IglooContracts

let exportedJoinTable = igloo_join(join: joinPlans)

private func joinPlans(
    _ instance: UnsafeMutableRawPointer?, _ context: UnsafePointer<igloo_ctx>?,
    _ request: UnsafePointer<igloo_join_request>?, _ out: UnsafeMutablePointer<igloo_blob>?,
    _ schema: UnsafeMutablePointer<ArrowSchema>?, _ error: UnsafeMutablePointer<igloo_error>?
) -> igloo_status {
    exported(error) { () throws(IglooError) in
        let (out, schema) = (try required(out), try required(schema))
        guard let request else {
            throw IglooError(.invalidArgument, "the host passed no request")
        }
        guard let joining = try ExportedConnector.at(instance).joining else {
            throw IglooError(.unsupported, "the connector joins no tables")
        }
        let table = try joining.join(try JoinRequest(request.pointee), CallContext(context))
        out.pointee = igloo_blob(exporting: table.handle)
        table.schema.export(to: schema)
    }
}

extension JoinRequest {
    /// The request as the host wrote it.
    ///
    /// - Throws: `unsupported` for a type of join that is not known; `invalidArgument` for
    ///   malformed expressions.
    init(_ request: igloo_join_request) throws(IglooError) {
        guard let kind = Kind(rawValue: request.type), request.flags == 0 else {
            throw IglooError(.unsupported, "a join of type \(request.type) is not known")
        }
        let decoder = try ExpressionDecoder(Array(request.exprs))
        self.init(
            kind, left: Array(request.left), right: Array(request.right),
            conjuncts: try decoder.expressions(
                Array(request.conjuncts, count: request.n_conjuncts)))
    }
}
