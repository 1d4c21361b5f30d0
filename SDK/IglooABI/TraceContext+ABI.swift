// SPDX-License-Identifier: MIT

public import CIgloo
public import IglooContracts

extension igloo_ctx {
    /// The ids of trace and span, in the order of their bytes.
    public var trace: TraceContext {
        get {
            TraceContext(
                traceId: withUnsafeBytes(of: trace_id) {
                    UInt128(bigEndian: $0.loadUnaligned(as: UInt128.self))
                },
                spanId: withUnsafeBytes(of: span_id) {
                    UInt64(bigEndian: $0.loadUnaligned(as: UInt64.self))
                })
        }
        set {
            withUnsafeMutableBytes(of: &trace_id) { bytes in
                bytes.storeBytes(of: newValue.traceId.bigEndian, as: UInt128.self)
            }
            withUnsafeMutableBytes(of: &span_id) { bytes in
                bytes.storeBytes(of: newValue.spanId.bigEndian, as: UInt64.self)
            }
        }
    }
}
