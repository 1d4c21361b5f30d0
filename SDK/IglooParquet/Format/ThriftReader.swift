// SPDX-License-Identifier: MIT

/// What can be wrong with bytes of Thrift's compact protocol.
enum ThriftError: Error {
    /// More bytes are needed.
    case cutShort
    case malformed(String)
}

/// Reads Thrift's compact protocol, trusting nothing.
///
/// - Source: Apache Thrift, `doc/specs/thrift-compact-protocol.md`.
struct ThriftReader {
    enum Kind: UInt8 {
        case stop = 0, yes, no, byte, int16, int32, int64, double, binary, list, set, map, structure
        case uuid
    }

    private let bytes: UnsafeRawBufferPointer
    private(set) var position = 0

    /// Unknown fields may be nested this deep.
    private static let depthMax = 32

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    var remainingCount: Int { bytes.count - position }

    mutating func byte() throws(ThriftError) -> UInt8 {
        guard position < bytes.count else { throw .cutShort }
        defer { position += 1 }
        return bytes[position]
    }

    mutating func varint() throws(ThriftError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let next = try byte()
            guard shift < 63 || next <= 1 else { throw .malformed("a number is too large") }
            value |= UInt64(next & 0x7F) << shift
            if next & 0x80 == 0 { return value }
            shift += 7
        }
    }

    private mutating func zigzag() throws(ThriftError) -> Int64 {
        let raw = try varint()
        return Int64(bitPattern: raw >> 1) ^ -Int64(bitPattern: raw & 1)
    }

    // MARK: - Fields

    /// Calls `body` for each field of a structure; fields that it answers `false` to are skipped.
    mutating func forEachField(
        _ body: (inout ThriftReader, Int16, Kind) throws(ThriftError) -> Bool
    ) throws(ThriftError) {
        var id: Int16 = 0
        while true {
            let head = try byte()
            if head == 0 { return }
            guard let kind = Kind(rawValue: head & 0x0F), kind != .stop else {
                throw .malformed("a field has the unknown type \(head & 0x0F)")
            }
            let delta = Int16(head >> 4)
            if delta == 0 {
                guard let explicit = Int16(exactly: try zigzag()) else {
                    throw .malformed("a field's number is too large")
                }
                id = explicit
            } else {
                let (next, overflow) = id.addingReportingOverflow(delta)
                guard !overflow else { throw .malformed("a field's number is too large") }
                id = next
            }
            if try !body(&self, id, kind) { try skip(kind) }
        }
    }

    /// Calls `body` for each element of a list of structures or others.
    mutating func forEachElement(
        _ kind: Kind, _ body: (inout ThriftReader, Kind) throws(ThriftError) -> Void
    ) throws(ThriftError) {
        let (element, count) = try listHeader(kind)
        var index = 0
        while index < count {
            try body(&self, element)
            index += 1
        }
    }

    private mutating func listHeader(_ kind: Kind) throws(ThriftError) -> (Kind, Int) {
        guard kind == .list || kind == .set else { throw Self.mismatch("a list", kind) }
        let head = try byte()
        guard let element = Kind(rawValue: head & 0x0F), element != .stop else {
            throw .malformed("a list is of the unknown type \(head & 0x0F)")
        }
        let count = head >> 4 == 15 ? try varint() : UInt64(head >> 4)
        // Each element takes a byte at least.
        guard count <= UInt64(remainingCount) else { throw .cutShort }
        return (element, Int(count))
    }

    // MARK: - Values

    func bool(_ kind: Kind) throws(ThriftError) -> Bool {
        switch kind {
        case .yes: return true
        case .no: return false
        default: throw Self.mismatch("a truth value", kind)
        }
    }

    /// A truth value as a list holds it.
    mutating func boolElement(_ kind: Kind) throws(ThriftError) -> Bool {
        guard kind == .yes || kind == .no else { throw Self.mismatch("a truth value", kind) }
        return try byte() == 1
    }

    mutating func int64(_ kind: Kind) throws(ThriftError) -> Int64 {
        switch kind {
        case .int16, .int32, .int64: return try zigzag()
        case .byte: return Int64(Int8(bitPattern: try byte()))
        default: throw Self.mismatch("a number", kind)
        }
    }

    mutating func int32(_ kind: Kind) throws(ThriftError) -> Int32 {
        guard let value = Int32(exactly: try int64(kind)) else {
            throw .malformed("a number does not fit into 32 bits")
        }
        return value
    }

    /// Bytes, valid as long as the reader's.
    mutating func binary(_ kind: Kind) throws(ThriftError) -> UnsafeRawBufferPointer {
        guard kind == .binary else { throw Self.mismatch("bytes", kind) }
        let count = try varint()
        guard count <= UInt64(remainingCount) else { throw .cutShort }
        defer { position += Int(count) }
        return UnsafeRawBufferPointer(rebasing: bytes[position..<position + Int(count)])
    }

    mutating func array(_ kind: Kind) throws(ThriftError) -> [UInt8] { Array(try binary(kind)) }

    mutating func string(_ kind: Kind) throws(ThriftError) -> String {
        String(decoding: try binary(kind), as: UTF8.self)
    }

    private static func mismatch(_ wanted: String, _ kind: Kind) -> ThriftError {
        .malformed("a field is of type \(kind) where \(wanted) is expected")
    }

    // MARK: - What is not known

    mutating func skip(_ kind: Kind, depth: Int = 0, isElement: Bool = false) throws(ThriftError) {
        guard depth < Self.depthMax else { throw .malformed("it is nested too deeply") }
        switch kind {
        case .stop: throw .malformed("a value of no type")
        case .yes, .no: if isElement { _ = try byte() }
        case .byte: _ = try byte()
        case .int16, .int32, .int64: _ = try varint()
        case .double: try skip(byteCount: 8)
        case .uuid: try skip(byteCount: 16)
        case .binary: _ = try binary(kind)
        case .list, .set:
            let (element, count) = try listHeader(kind)
            for _ in 0..<count { try skip(element, depth: depth + 1, isElement: true) }
        case .map: try skipMap(depth)
        case .structure: try skipStructure(depth)
        }
    }

    private mutating func skipStructure(_ depth: Int) throws(ThriftError) {
        while true {
            let head = try byte()
            if head == 0 { return }
            guard let kind = Kind(rawValue: head & 0x0F) else {
                throw .malformed("a field has the unknown type \(head & 0x0F)")
            }
            if head >> 4 == 0 { _ = try varint() }
            try skip(kind, depth: depth + 1)
        }
    }

    private mutating func skipMap(_ depth: Int) throws(ThriftError) {
        let count = try varint()
        guard count <= UInt64(remainingCount) else { throw .cutShort }
        if count == 0 { return }
        let kinds = try byte()
        guard let key = Kind(rawValue: kinds >> 4), let value = Kind(rawValue: kinds & 0x0F) else {
            throw .malformed("a map is of unknown types")
        }
        for _ in 0..<count {
            try skip(key, depth: depth + 1, isElement: true)
            try skip(value, depth: depth + 1, isElement: true)
        }
    }

    private mutating func skip(byteCount: Int) throws(ThriftError) {
        guard byteCount <= remainingCount else { throw .cutShort }
        position += byteCount
    }
}
