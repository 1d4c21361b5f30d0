// SPDX-License-Identifier: MIT

import CIgloo
import IglooABI
import IglooContracts

/// A kind that the ABI has a form for.
protocol ExportableKind: PluginKind {
    var form: KindForm { get }
}

/// What of a kind is functions and numbers of the ABI.
struct KindForm {
    typealias Create =
        @convention(c) (
            UnsafePointer<igloo_kind>?, UnsafePointer<igloo_value>?, Int, UnsafePointer<igloo_ctx>?,
            UnsafeMutablePointer<UnsafeMutableRawPointer?>?, UnsafeMutablePointer<igloo_error>?
        ) -> igloo_status
    typealias Destroy = @convention(c) (UnsafeMutableRawPointer?) -> Void
    typealias Facet = @convention(c) (UnsafeMutableRawPointer?, UInt32) -> UnsafeRawPointer?

    var number: UInt32
    var capabilities: UInt64 = 0
    var table: ConstantTable
    var create: Create
    var destroy: Destroy
    var facet: Facet?
}

/// What `create` of a kind does.
///
/// - Parameter wrap: what stands behind the host's pointer for an instance of this kind.
func createInstance<Kind: PluginKind, Value: Sendable>(
    of type: Kind.Type, _ kind: UnsafePointer<igloo_kind>?, _ values: UnsafePointer<igloo_value>?,
    _ count: Int, _ context: UnsafePointer<igloo_ctx>?,
    _ out: UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
    _ error: UnsafeMutablePointer<igloo_error>?, _ wrap: (Kind, Kind.Instance) -> Value
) -> igloo_status {
    exported(error) { () throws(IglooError) in
        guard let kind = Exported.plugin?.kind(at: kind, type) else {
            throw IglooError(.invalidArgument, "the host asked for a kind this plugin has not")
        }
        let out = try required(out)
        let instance = try kind.create(OptionValues(values, count: count), CallContext(context))
        out.pointee = ExportedValue.retained(wrap(kind, instance))
    }
}

extension OptionValues {
    /// The values as the host passes them.
    init(_ values: UnsafePointer<igloo_value>?, count: Int) {
        self.init()
        for value in Array(values, count: count) { self[String(value.name)] = OptionValue(value) }
    }
}

extension OptionValue {
    init(_ value: igloo_value) {
        switch Int(value.type) {
        case IGLOO_OPT_BOOL: self = .bool(value.i != 0)
        case IGLOO_OPT_INT, IGLOO_OPT_DURATION, IGLOO_OPT_SIZE:
            self = .integer(value.i)
        case IGLOO_OPT_DOUBLE: self = .double(value.d)
        case IGLOO_OPT_LIST:
            self = .list(Array(value.list, count: Int(value.n_list)).map { String($0) })
        default: self = .string(String(value.s))
        }
    }
}
