// SPDX-License-Identifier: MIT

import IglooContracts

/// Bytes that nobody vouches for: every access is checked.
package protocol ByteSource {
    var byteCount: Int { get }

    /// The bytes `offset ..< offset + count`, or `nil` when they are not all there.
    func read(offset: Int, count: Int) -> [UInt8]?
}

extension [UInt8]: ByteSource {
    package var byteCount: Int { count }

    package func read(offset: Int, count: Int) -> [UInt8]? {
        guard offset >= 0, count >= 0, offset <= self.count, count <= self.count - offset else {
            return nil
        }
        return Array(self[offset..<(offset + count)])
    }
}

extension [UInt8] {
    /// The little-endian number at `offset`, or `nil` when it is not all there.
    func number<Value: FixedWidthInteger & UnsignedInteger>(
        at offset: Int, as type: Value.Type = Value.self
    ) -> Value? {
        let width = Value.bitWidth / 8
        guard offset >= 0, width <= count, offset <= count - width else { return nil }
        var value: Value = 0
        for index in (0..<width).reversed() { value = value << 8 | Value(self[offset + index]) }
        return value
    }

    /// The text from `offset` to the next NUL, or `nil` when there is none, or none so near that it
    /// can be a name.
    func text(at offset: Int, byteCountMax: Int = 4_096) -> String? {
        guard offset >= 0, offset < count,
            let end = self[offset...].prefix(byteCountMax).firstIndex(of: 0)
        else { return nil }
        return String(decoding: self[offset..<end], as: UTF8.self)
    }
}
