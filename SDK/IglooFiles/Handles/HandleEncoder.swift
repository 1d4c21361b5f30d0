// SPDX-License-Identifier: MIT

/// Writes the opaque bytes of a handle or split: small, position-independent, byte order fixed.
///
/// Integers are LEB128 (signed ones zigzag), texts and blobs carry their byte count in front.
/// A first byte, chosen by the connector, says what the bytes are and in which version.
public struct HandleEncoder: Sendable {
    public private(set) var bytes: [UInt8]

    /// - Parameter tag: what these bytes are; change it whenever their meaning changes.
    public init(tag: UInt8) { bytes = [tag] }

    public mutating func append(_ byte: UInt8) { bytes.append(byte) }

    public mutating func append(_ flag: Bool) { bytes.append(flag ? 1 : 0) }

    public mutating func append(unsigned value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    public mutating func append(_ value: Int64) {
        append(unsigned: UInt64(bitPattern: (value << 1) ^ (value >> 63)))
    }

    public mutating func append(_ value: Int) { append(Int64(value)) }

    public mutating func append(_ value: Double) {
        var bits = value.bitPattern
        for _ in 0..<8 {
            bytes.append(UInt8(truncatingIfNeeded: bits))
            bits >>= 8
        }
    }

    public mutating func append(_ text: String) {
        append(unsigned: UInt64(text.utf8.count))
        bytes.append(contentsOf: text.utf8)
    }

    public mutating func append(_ text: String?) {
        append(text != nil)
        if let text { append(text) }
    }

    public mutating func append(_ value: Int64?) {
        append(value != nil)
        if let value { append(value) }
    }

    public mutating func append(blob: [UInt8]) {
        append(unsigned: UInt64(blob.count))
        bytes.append(contentsOf: blob)
    }

    public mutating func append(_ values: [Int]) {
        append(unsigned: UInt64(values.count))
        for value in values { append(value) }
    }

    public mutating func append(_ values: [String]) {
        append(unsigned: UInt64(values.count))
        for value in values { append(value) }
    }
}
