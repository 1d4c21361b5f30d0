// SPDX-License-Identifier: MIT

public import IglooContracts

/// Reads what `HandleEncoder` wrote, trusting none of it: handles come from another process.
///
/// Every function throws `invalidArgument` where the bytes end too early or hold nonsense.
public struct HandleDecoder: Sendable {
    private let bytes: [UInt8]
    private let what: String
    private var position = 0

    /// - Parameters:
    ///   - tag: the first byte these bytes must have.
    ///   - what: names the bytes in errors: "csv table handle".
    public init(_ bytes: [UInt8], tag: UInt8, _ what: String) throws(IglooError) {
        self.bytes = bytes
        self.what = what
        guard let first = bytes.first else { throw malformed("it is empty") }
        guard first == tag else {
            throw malformed("it begins with \(first) instead of \(tag)")
        }
        position = 1
    }

    /// The bytes not yet read.
    public var remainingCount: Int { bytes.count - position }

    public mutating func byte() throws(IglooError) -> UInt8 {
        guard position < bytes.count else { throw malformed("it ends too early") }
        defer { position += 1 }
        return bytes[position]
    }

    public mutating func bool() throws(IglooError) -> Bool {
        switch try byte() {
        case 0: return false
        case 1: return true
        case let other: throw malformed("\(other) is not a truth value")
        }
    }

    public mutating func unsigned() throws(IglooError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let next = try byte()
            guard shift < 63 || next <= 1 else { throw malformed("a number is too large") }
            value |= UInt64(next & 0x7F) << shift
            if next & 0x80 == 0 { return value }
            shift += 7
        }
    }

    public mutating func int64() throws(IglooError) -> Int64 {
        let raw = try unsigned()
        return Int64(bitPattern: raw >> 1) ^ -Int64(bitPattern: raw & 1)
    }

    public mutating func int() throws(IglooError) -> Int { Int(try int64()) }

    /// A number of things that are at least a byte each, hence never more than bytes are left.
    public mutating func count() throws(IglooError) -> Int {
        let raw = try unsigned()
        guard raw <= UInt64(remainingCount) else {
            throw malformed("it claims \(raw) elements in \(remainingCount) bytes")
        }
        return Int(raw)
    }

    /// An index below `limit`.
    public mutating func index(below limit: Int) throws(IglooError) -> Int {
        let value = try int()
        guard value >= 0 && value < limit else {
            throw malformed("index \(value) is not below \(limit)")
        }
        return value
    }

    public mutating func double() throws(IglooError) -> Double {
        var bits: UInt64 = 0
        for shift in 0..<8 { bits |= UInt64(try byte()) << UInt64(shift * 8) }
        return Double(bitPattern: bits)
    }

    public mutating func blob() throws(IglooError) -> [UInt8] {
        let count = try count()
        defer { position += count }
        return Array(bytes[position..<position + count])
    }

    public mutating func string() throws(IglooError) -> String {
        guard let text = String(validating: try blob(), as: UTF8.self) else {
            throw malformed("a text is not UTF-8")
        }
        return text
    }

    public mutating func optionalString() throws(IglooError) -> String? {
        try bool() ? try string() : nil
    }

    public mutating func optionalInt64() throws(IglooError) -> Int64? {
        try bool() ? try int64() : nil
    }

    /// One of an enumeration's cases by its number.
    public mutating func choice<Choice: RawRepresentable>(
        _ what: String
    ) throws(IglooError) -> Choice where Choice.RawValue == UInt8 {
        let raw = try byte()
        guard let known = Choice(rawValue: raw) else {
            throw malformed("\(what) \(raw) is unknown")
        }
        return known
    }

    public mutating func optionalChoice<Choice: RawRepresentable>(
        _ what: String
    ) throws(IglooError) -> Choice? where Choice.RawValue == UInt8 {
        guard let raw = try optionalInt64() else { return nil }
        guard let known = UInt8(exactly: raw).flatMap(Choice.init) else {
            throw malformed("\(what) \(raw) is unknown")
        }
        return known
    }

    public mutating func ints() throws(IglooError) -> [Int] {
        let count = try count()
        var values: [Int] = []
        values.reserveCapacity(count)
        for _ in 0..<count { values.append(try int()) }
        return values
    }

    public mutating func strings() throws(IglooError) -> [String] {
        let count = try count()
        var values: [String] = []
        for _ in 0..<count { values.append(try string()) }
        return values
    }

    public func expectEnd() throws(IglooError) {
        if remainingCount > 0 { throw malformed("\(remainingCount) bytes are left over") }
    }

    public func malformed(_ why: String) -> IglooError {
        IglooError(
            .invalidArgument, "malformed \(what): \(why) (at byte \(position) of \(bytes.count))")
    }
}
