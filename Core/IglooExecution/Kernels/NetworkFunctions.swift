// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// Functions and operators of inet and cidr.
///
/// - Source: `network.c` in src/backend/utils/adt of PostgreSQL.
enum NetworkFunctions {
    static func kernel(_ call: FunctionCall) -> Kernel? {
        guard let first = call.declared.first, isAddress(first) else { return nil }
        switch call.name {
        case "host": return texts { $0.host }
        case "abbrev":
            let isNetwork = first == .logical(.cidr)
            return texts { isNetwork ? abbreviated($0) : $0.text(isNetwork: false) }
        case "masklen": return numbers { Int32($0.prefixCount) }
        case "family": return numbers { $0.isWide ? 6 : 4 }
        case "network": return addresses { with($0, bits: $0.bits & ~$0.hostMask) }
        case "broadcast": return addresses { with($0, bits: $0.bits | $0.hostMask) }
        case "netmask": return addresses { whole(with($0, bits: ~$0.hostMask & allBits($0))) }
        case "hostmask": return addresses { whole(with($0, bits: $0.hostMask)) }
        case "set_masklen": return setMaskLength(isNetwork: first == .logical(.cidr))
        case "inet_same_family": return test { $0.isWide == $1.isWide }
        case "<<": return test { holds($1, $0, orEqual: false) }
        case "<<=": return test { holds($1, $0, orEqual: true) }
        case ">>": return test { holds($0, $1, orEqual: false) }
        case ">>=": return test { holds($0, $1, orEqual: true) }
        case "inet_overlaps":
            return test { holds($0, $1, orEqual: true) || holds($1, $0, orEqual: true) }
        case "inet_merge":
            return merged("cannot merge addresses from different families") { left, right in
                var count = min(left.prefixCount, right.prefixCount)
                while count > 0 && !sharesPrefix(left, right, count) { count -= 1 }
                var result = left
                result.prefixCount = count
                return with(result, bits: left.bits & ~result.hostMask)
            }
        case "&":
            return merged("cannot AND inet values of different sizes") {
                with(longer($0, $1), bits: $0.bits & $1.bits)
            }
        case "|":
            return merged("cannot OR inet values of different sizes") {
                with(longer($0, $1), bits: $0.bits | $1.bits)
            }
        case "+", "-":
            return call.declared.count == 2 && isAddress(call.declared[1])
                ? distance() : offset(isNegative: call.name == "-")
        default: return nil
        }
    }

    private static func isAddress(_ type: DataType) -> Bool {
        type == .logical(.inet) || type == .logical(.cidr)
    }

    // MARK: - Addresses

    private static func allBits(_ address: NetworkAddress) -> UInt128 {
        address.isWide ? .max : UInt128(UInt32.max)
    }

    private static func with(_ address: NetworkAddress, bits: UInt128) -> NetworkAddress {
        var address = address
        address.bits = bits
        return address
    }

    private static func whole(_ address: NetworkAddress) -> NetworkAddress {
        var address = address
        address.prefixCount = address.bitCount
        return address
    }

    private static func longer(
        _ left: NetworkAddress, _ right: NetworkAddress
    ) -> NetworkAddress {
        left.prefixCount >= right.prefixCount ? left : right
    }

    private static func sharesPrefix(
        _ left: NetworkAddress, _ right: NetworkAddress, _ count: Int
    ) -> Bool {
        var mask = left
        mask.prefixCount = count
        return (left.bits ^ right.bits) & ~mask.hostMask & allBits(left) == 0
    }

    private static func holds(
        _ outer: NetworkAddress, _ inner: NetworkAddress, orEqual: Bool
    ) -> Bool {
        outer.isWide == inner.isWide
            && (orEqual
                ? outer.prefixCount <= inner.prefixCount : outer.prefixCount < inner.prefixCount)
            && sharesPrefix(outer, inner, outer.prefixCount)
    }

    /// A network's text without the zero bytes that its length implies.
    private static func abbreviated(_ address: NetworkAddress) -> String {
        guard !address.isWide else { return address.text(isNetwork: true) }
        let count = max((address.prefixCount + 7) / 8, 1)
        let parts = address.host.split(separator: ".").prefix(count)
        return "\(parts.joined(separator: "."))/\(address.prefixCount)"
    }

    // MARK: - Kernels

    private static func texts(_ body: @escaping (NetworkAddress) -> String) -> Kernel {
        { (call) throws(IglooError) in
            let reader = ViewReader(call.arguments[0])
            var writer = ViewWriter(count: call.count)
            for row in 0..<call.count {
                if call.isValid(row) {
                    writer.append(body(NetworkAddress(stored: reader[row].characters.span)))
                } else {
                    writer.appendEmpty()
                }
            }
            return writer.finish(call)
        }
    }

    private static func numbers(_ body: @escaping (NetworkAddress) -> Int32) -> Kernel {
        { (call) throws(IglooError) in
            let reader = ViewReader(call.arguments[0])
            var builder = BufferBuilder(byteCapacity: call.count * 4)
            for row in 0..<call.count {
                builder.append(
                    call.isValid(row)
                        ? body(NetworkAddress(stored: reader[row].characters.span)) : 0)
            }
            return call.result(.int32, [builder.finish()], validity: call.validity)
        }
    }

    private static func addresses(
        _ body: @escaping (NetworkAddress) -> NetworkAddress
    ) -> Kernel {
        written { (call, row) throws(IglooError) in
            body(address(call, 0, row))
        }
    }

    private static func written(
        _ body: @escaping (KernelCall, Int) throws(IglooError) -> NetworkAddress
    ) -> Kernel {
        { (call) throws(IglooError) in
            var writer = ViewWriter(count: call.count)
            for row in 0..<call.count {
                if call.isValid(row) {
                    try body(call, row).stored.withUnsafeBytes { writer.append($0) }
                } else {
                    writer.appendEmpty()
                }
            }
            return writer.finish(call, .binaryView)
        }
    }

    private static func address(
        _ call: KernelCall, _ index: Int, _ row: Int
    ) -> NetworkAddress {
        NetworkAddress(stored: ViewReader(call.arguments[index])[row].characters.span)
    }

    private static func test(
        _ body: @escaping (NetworkAddress, NetworkAddress) -> Bool
    ) -> Kernel {
        { (call) throws(IglooError) in
            call.bits(
                Bits.make(call.count) { row in
                    call.isValid(row) && body(address(call, 0, row), address(call, 1, row))
                })
        }
    }

    private static func merged(
        _ message: String,
        _ body: @escaping (NetworkAddress, NetworkAddress) -> NetworkAddress
    ) -> Kernel {
        written { (call, row) throws(IglooError) in
            let (left, right) = (address(call, 0, row), address(call, 1, row))
            guard left.isWide == right.isWide else {
                throw IglooError(
                    .invalidArgument, message, sqlState: .invalidParameterValue)
            }
            return body(left, right)
        }
    }

    private static func setMaskLength(isNetwork: Bool) -> Kernel {
        { (call) throws(IglooError) in
            let lengths = call.value(1, Int32.self)
            return try written { (call, row) throws(IglooError) in
                var result = address(call, 0, row)
                let length = lengths(row) == -1 ? result.bitCount : Int(lengths(row))
                guard (0...result.bitCount).contains(length) else {
                    throw IglooError(
                        .invalidArgument, "invalid mask length: \(lengths(row))",
                        sqlState: .invalidParameterValue)
                }
                result.prefixCount = length
                return isNetwork ? with(result, bits: result.bits & ~result.hostMask) : result
            }(call)
        }
    }

    // MARK: - Arithmetic

    private static func outOfRange() -> IglooError {
        IglooError(.outOfRange, "result is out of range")
    }

    private static func offset(isNegative: Bool) -> Kernel {
        { (call) throws(IglooError) in
            let counts = call.value(1, Int64.self)
            return try written { (call, row) throws(IglooError) in
                let left = address(call, 0, row)
                let count = counts(row)
                let isDown = isNegative != (count < 0)
                let size = UInt128(count.magnitude)
                let (bits, overflow) =
                    isDown
                    ? left.bits.subtractingReportingOverflow(size)
                    : left.bits.addingReportingOverflow(size)
                guard !overflow, bits <= allBits(left) else { throw outOfRange() }
                return with(left, bits: bits)
            }(call)
        }
    }

    private static func distance() -> Kernel {
        { (call) throws(IglooError) in
            var builder = BufferBuilder(byteCapacity: call.count * 8)
            for row in 0..<call.count {
                guard call.isValid(row) else {
                    builder.append(Int64(0))
                    continue
                }
                let (left, right) = (address(call, 0, row), address(call, 1, row))
                guard left.isWide == right.isWide else {
                    throw IglooError(
                        .invalidArgument, "cannot subtract inet values of different sizes",
                        sqlState: .invalidParameterValue)
                }
                let isLess = left.bits < right.bits
                let size = isLess ? right.bits - left.bits : left.bits - right.bits
                guard let magnitude = Int64(exactly: size) else { throw outOfRange() }
                builder.append(isLess ? -magnitude : magnitude)
            }
            return call.result(.int64, [builder.finish()], validity: call.validity)
        }
    }
}
