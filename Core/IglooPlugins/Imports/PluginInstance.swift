// SPDX-License-Identifier: MIT

import CIgloo
import IglooContracts

typealias FacetFunction =
    @convention(c) (UnsafeMutableRawPointer?, UInt32) -> UnsafeRawPointer?

/// An instance in a plugin; destroyed when nothing that came from it is left.
// SAFETY: instance functions are fully concurrent by the ABI; the pointer is the plugin's own.
final class PluginInstance: @unchecked Sendable {
    let pointer: UnsafeMutableRawPointer
    private let kind: ImportedKind
    let health = InstanceHealth()

    init(
        _ kind: ImportedKind, _ values: OptionValues, _ context: CallContext
    ) throws(IglooError) {
        self.kind = kind
        pointer = try kind.makeInstance(values, context)
    }

    /// A call may still be at work on one that is given up.
    deinit { if !health.isPoisoned { kind.end(pointer) } }

    var call: PluginCall {
        var call = kind.call
        call.health = health
        return call
    }

    /// A call whose answer may be PENDING.
    var waitingCall: PluginCall {
        var call = call
        call.mayPend = true
        return call
    }

    /// The functions of an optional ability; `nil` when the instance has it not.
    func facet<Functions: BitwiseCopyable>(_ id: UInt32, _ type: Functions.Type) -> Functions? {
        kind.facet?(pointer, id)?.assumingMemoryBound(to: Functions.self).pointee
    }
}
