// SPDX-License-Identifier: MIT

/// Writes Thrift's compact protocol.
///
/// - Source: Apache Thrift, `doc/specs/thrift-compact-protocol.md`.
struct ThriftWriter {
    private(set) var bytes: [UInt8] = []
    /// The number of the last field of each open structure.
    private var lastIds: [Int16] = []

    // MARK: - Structures

    /// A structure at the top, or as an element of a list.
    mutating func structure(_ body: (inout ThriftWriter) -> Void) {
        lastIds.append(0)
        body(&self)
        lastIds.removeLast()
        bytes.append(0)
    }

    mutating func field(_ id: Int16, structure body: (inout ThriftWriter) -> Void) {
        head(id, .structure)
        structure(body)
    }

    mutating func field(_ id: Int16, _ value: Bool) { head(id, value ? .yes : .no) }

    mutating func field(_ id: Int16, byte value: Int8) {
        head(id, .byte)
        bytes.append(UInt8(bitPattern: value))
    }

    mutating func field(_ id: Int16, _ value: Int32) {
        head(id, .int32)
        zigzag(Int64(value))
    }

    mutating func field(_ id: Int16, _ value: Int64) {
        head(id, .int64)
        zigzag(value)
    }

    mutating func field(_ id: Int16, _ value: String) { field(id, Array(value.utf8)) }

    mutating func field(_ id: Int16, _ value: [UInt8]) {
        head(id, .binary)
        binary(value)
    }

    mutating func field<Element>(
        _ id: Int16, list: [Element], of kind: ThriftReader.Kind,
        _ body: (inout ThriftWriter, Element) -> Void
    ) {
        head(id, .list)
        if list.count < 15 {
            bytes.append(UInt8(list.count) << 4 | kind.rawValue)
        } else {
            bytes.append(0xF0 | kind.rawValue)
            varint(UInt64(list.count))
        }
        for element in list { body(&self, element) }
    }

    // MARK: - Elements

    mutating func binary(_ value: [UInt8]) {
        varint(UInt64(value.count))
        bytes += value
    }

    mutating func bool(_ value: Bool) { bytes.append(value ? 1 : 2) }

    mutating func zigzag(_ value: Int64) { varint(UInt64(bitPattern: value << 1 ^ value >> 63)) }

    private mutating func varint(_ value: UInt64) { bytes.append(varint: value) }

    private mutating func head(_ id: Int16, _ kind: ThriftReader.Kind) {
        let delta = id - lastIds[lastIds.count - 1]
        lastIds[lastIds.count - 1] = id
        if (1...15).contains(delta) {
            bytes.append(UInt8(delta) << 4 | kind.rawValue)
        } else {
            bytes.append(kind.rawValue)
            zigzag(Int64(id))
        }
    }
}

extension [UInt8] {
    mutating func append(varint value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        append(UInt8(rest))
    }

    /// The bytes of a value, lowest first.
    mutating func append<Value: FixedWidthInteger>(littleEndian value: Value) {
        Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
    }
}
