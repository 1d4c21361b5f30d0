// SPDX-License-Identifier: MIT

import Glibc

/// Numbers as C's `printf` writes them.
enum PlatformFormatting {
    /// - Parameter pattern: one conversion, of `f`, `e`, `g` or their kind.
    static func double(_ pattern: String, _ value: Double) -> String {
        var buffer = [CChar](repeating: 0, count: 2_048)
        let count = withVaList([value]) { vsnprintf(&buffer, buffer.count, pattern, $0) }
        let end = min(max(Int(count), 0), buffer.count - 1)
        return String(decoding: buffer[..<end].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
