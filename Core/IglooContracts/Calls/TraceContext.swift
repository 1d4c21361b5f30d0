// SPDX-License-Identifier: MIT

/// By which the parts of one request find together in traces: W3C Trace Context.
public struct TraceContext: Hashable, Sendable {
    /// The trace's 16 bytes, the first half in big-endian order above the second; 0 = none.
    public var traceId: UInt128
    /// The caller's span; 0 = none.
    public var spanId: UInt64

    public static let none = TraceContext(traceId: 0, spanId: 0)

    public init(traceId: UInt128, spanId: UInt64) {
        self.traceId = traceId
        self.spanId = spanId
    }

    /// From a header of HTTP: `00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01`; `nil` for
    /// what is none.
    ///
    /// - Source: https://www.w3.org/TR/trace-context/
    public init?(header: String) {
        let parts = header.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count >= 4, parts[0] != "ff", parts[0] != "00" || parts.count == 4,
            Self.number(parts[0], digitCount: 2) != nil,
            let trace = Self.number(parts[1], digitCount: 32), trace != 0,
            let span = Self.number(parts[2], digitCount: 16), span != 0,
            Self.number(parts[3], digitCount: 2) != nil
        else { return nil }
        self.init(traceId: trace, spanId: UInt64(truncatingIfNeeded: span))
    }

    /// Digits are in lower case.
    private static func number(_ text: Substring, digitCount: Int) -> UInt128? {
        guard text.utf8.count == digitCount,
            text.utf8.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) })
        else { return nil }
        return UInt128(text, radix: 16)
    }
}
