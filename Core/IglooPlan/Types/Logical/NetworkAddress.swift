// SPDX-License-Identifier: MIT

/// An address of a host, or of a network: inet and cidr.
///
/// - Source: `network.c`, `inet_net_pton.c` and `inet_net_ntop.c` in src/backend/utils/adt and
///   src/port of PostgreSQL.
public struct NetworkAddress: Hashable, Sendable {
    /// Whether it is IPv6.
    public var isWide: Bool
    /// The address, its last bit lowest.
    public var bits: UInt128
    /// So many of the first bits are the network's.
    public var prefixCount: Int

    public init(isWide: Bool, bits: UInt128, prefixCount: Int) {
        self.isWide = isWide
        self.bits = bits
        self.prefixCount = prefixCount
    }

    public var bitCount: Int { isWide ? 128 : 32 }

    /// Ones where the host's bits are.
    public var hostMask: UInt128 {
        let count = bitCount - prefixCount
        return count >= 128 ? .max : (1 << UInt128(count)) - 1
    }

    private var byteCount: Int { bitCount / 8 }

    // MARK: - Storage

    /// Family, network, count of its bits, host: ordered as PostgreSQL orders addresses.
    public var stored: [UInt8] {
        var bytes: [UInt8] = [isWide ? 6 : 4]
        append(bits & ~hostMask, to: &bytes)
        bytes.append(UInt8(prefixCount))
        append(bits & hostMask, to: &bytes)
        return bytes
    }

    private func append(_ word: UInt128, to bytes: inout [UInt8]) {
        for place in 0..<byteCount {
            bytes.append(UInt8(truncatingIfNeeded: word >> UInt128(8 * (byteCount - 1 - place))))
        }
    }

    /// - Parameter stored: what `stored` gave; anything else is some address.
    public init(stored bytes: Span<UInt8>) {
        isWide = bytes.count == 34
        bits = 0
        prefixCount = 0
        guard bytes.count == 34 || bytes.count == 10 else { return }
        let width = bytes.count / 2 - 1
        for place in 0..<width {
            bits = bits << 8 | UInt128(bytes[1 + place] | bytes[width + 2 + place])
        }
        prefixCount = min(Int(bytes[width + 1]), 8 * width)
    }

    // MARK: - Text

    /// - Parameter isNetwork: whether it is to be a cidr, whose host bits are zero and whose last
    ///   bytes may be left out.
    public init?(_ text: Span<UInt8>, isNetwork: Bool) {
        var scanner = AddressScanner(text)
        guard let address = scanner.address(isNetwork: isNetwork) else { return nil }
        self = address
    }

    /// The address, with `/` and the count of the network's bits unless that says nothing.
    public func text(isNetwork: Bool) -> String {
        isNetwork || prefixCount < bitCount ? "\(host)/\(prefixCount)" : host
    }

    /// The address alone.
    public var host: String {
        isWide
            ? wideHost
            : (0..<4).map { "\(bits >> UInt128(24 - 8 * $0) & 255)" }
                .joined(separator: ".")
    }

    private var wideHost: String {
        let words = (0..<8).map { UInt16(truncatingIfNeeded: bits >> UInt128(112 - 16 * $0)) }
        // The longest run of zeros, the first among equals, is left out.
        var (best, bestCount) = (0, 0)
        var count = 0
        for (index, word) in words.enumerated() {
            count = word == 0 ? count + 1 : 0
            if count > bestCount { (best, bestCount) = (index + 1 - count, count) }
        }
        if bestCount < 2 { bestCount = 0 }
        let isMapped =
            bestCount > 0 && best == 0
            && (bestCount == 6 || bestCount == 5 && words[5] == 0xFFFF)
        let parts = words.map { String($0, radix: 16) }
        var tail = Array(parts[(bestCount > 0 ? best + bestCount : 0)...])
        if isMapped {
            let last = NetworkAddress(isWide: false, bits: bits & 0xFFFF_FFFF, prefixCount: 32)
            tail = Array(tail.dropLast(2)) + [last.host]
        }
        if bestCount == 0 { return tail.joined(separator: ":") }
        return parts[..<best].joined(separator: ":") + "::" + tail.joined(separator: ":")
    }
}

/// Reads an address from its text.
private struct AddressScanner {
    private var text: [UInt8] = []
    private var index = 0

    init(_ text: Span<UInt8>) {
        for place in text.indices { self.text.append(text[place]) }
    }

    private var current: UInt8? { index < text.count ? text[index] : nil }

    private mutating func accept(_ byte: Unicode.Scalar) -> Bool {
        guard current == UInt8(ascii: byte) else { return false }
        index += 1
        return true
    }

    private mutating func number(digitCountMax: Int) -> Int? {
        let start = index
        var value = 0
        while let byte = current, byte &- 0x30 < 10, index - start < digitCountMax {
            value = value * 10 + Int(byte &- 0x30)
            index += 1
        }
        return index > start ? value : nil
    }

    mutating func address(isNetwork: Bool) -> NetworkAddress? {
        let isWide = text.contains(UInt8(ascii: ":"))
        var address = NetworkAddress(
            isWide: isWide, bits: 0, prefixCount: isWide ? 128 : 32)
        if isWide {
            guard let bits = wideBits() else { return nil }
            address.bits = bits
        } else {
            guard let (bits, byteCount) = narrowBits() else { return nil }
            address.bits = bits
            guard byteCount == 4 || isNetwork else { return nil }
            if isNetwork && current == nil && byteCount < 4 {
                address.prefixCount = Self.classful(bits, byteCount)
            }
        }
        if accept("/") {
            guard let count = number(digitCountMax: 3), count <= address.bitCount else {
                return nil
            }
            address.prefixCount = count
        }
        guard index == text.count else { return nil }
        if isNetwork && address.bits & address.hostMask != 0 { return nil }
        return address
    }

    /// How much of an abbreviated network there is when it does not say.
    private static func classful(_ bits: UInt128, _ byteCount: Int) -> Int {
        let first = bits >> 24
        if first == 224 && byteCount == 1 { return 4 }
        let least = first >= 240 ? 32 : first >= 224 ? 8 : first >= 192 ? 24 : first >= 128 ? 16 : 8
        return max(least, 8 * byteCount)
    }

    private mutating func narrowBits() -> (UInt128, byteCount: Int)? {
        var bits: UInt128 = 0
        var count = 0
        repeat {
            guard count < 4, let byte = number(digitCountMax: 3), byte < 256 else { return nil }
            bits |= UInt128(byte) << UInt128(24 - 8 * count)
            count += 1
        } while accept(".")
        return (bits, count)
    }

    private mutating func wideBits() -> UInt128? {
        var words: [UInt16] = []
        var gap: Int?
        if accept(":") {
            guard accept(":") else { return nil }
            gap = 0
        }
        while let byte = current, byte != UInt8(ascii: "/") {
            guard words.count < 8 else { return nil }
            let start = index
            guard let word = hexadecimal() else { return nil }
            if current == UInt8(ascii: ".") {
                index = start
                guard let (bits, byteCount) = narrowBits(), byteCount == 4, words.count <= 6 else {
                    return nil
                }
                words += [UInt16(bits >> 16), UInt16(bits & 0xFFFF)]
                break
            }
            words.append(word)
            guard accept(":") else { break }
            if accept(":") {
                guard gap == nil else { return nil }
                gap = words.count
            } else if current == nil || current == UInt8(ascii: "/") {
                return nil
            }
        }
        if let gap {
            guard words.count < 8 else { return nil }
            words.insert(contentsOf: Array(repeating: 0, count: 8 - words.count), at: gap)
        }
        guard words.count == 8 else { return nil }
        return words.reduce(0) { $0 << 16 | UInt128($1) }
    }

    private mutating func hexadecimal() -> UInt16? {
        let start = index
        var value: UInt16 = 0
        while let byte = current, index - start < 4 {
            let letter = byte | 0x20
            if byte &- 0x30 < 10 {
                value = value << 4 | UInt16(byte &- 0x30)
            } else if letter >= 0x61 && letter <= 0x66 {
                value = value << 4 | UInt16(letter - 0x57)
            } else {
                break
            }
            index += 1
        }
        return index > start ? value : nil
    }
}
