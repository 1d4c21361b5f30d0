// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// New UUIDs, and what old ones say.
///
/// - Source: RFC 9562.
enum UUIDs {
    /// - Parameter call: `uuid_extract_version` or `uuid_extract_timestamp`.
    static func extraction(_ call: FunctionCall) -> Kernel? {
        let type = call.result
        let body: (UInt128) -> Int64?
        switch call.name {
        case "uuid_extract_version": body = version
        case "uuid_extract_timestamp": body = microseconds
        default: return nil
        }
        return { (call) throws(IglooError) in
            let values = call.value(0, Int128.self)
            var isPresent = [Bool](repeating: false, count: call.count)
            var builder = BufferBuilder(byteCapacity: call.count * 8)
            for row in 0..<call.count {
                let found = call.isValid(row) ? body(UUIDText.bits(values(row))) : nil
                isPresent[row] = found != nil
                builder.append(found ?? 0)
            }
            let present = Bits.make(call.count) { isPresent[$0] }
            return call.result(
                type, [builder.finish()],
                validity: Bits.and(call.validity, present, count: call.count))
        }
    }

    private static func version(_ bits: UInt128) -> Int64? {
        let variant = bits >> 62 & 3
        return variant == 2 ? Int64(bits >> 76 & 15) : nil
    }

    /// Since 1970: of version 1 in steps of 100 ns since 1582, of version 7 in milliseconds.
    private static func microseconds(_ bits: UInt128) -> Int64? {
        switch version(bits) {
        case 1?:
            let steps = (bits >> 64 & 0xFFF) << 48 | (bits >> 80 & 0xFFFF) << 32 | bits >> 96
            return Int64(steps) / 10 - 12_219_292_800_000_000
        case 7?: return Int64(bits >> 80) * 1_000
        default: return nil
        }
    }

    static func random(_ call: KernelCall) throws(IglooError) -> ArrayData {
        var generator = SystemRandomNumberGenerator()
        var builder = BufferBuilder(byteCapacity: call.count * 16)
        for _ in 0..<call.count {
            let high = generator.next() & ~0xF000 | 0x4000
            let low = generator.next() & ~(3 << 62) | 1 << 63
            builder.append(UUIDText.value(UInt128(high) << 64 | UInt128(low)))
        }
        return call.result(DataType.uuid.storage, [builder.finish()], validity: nil)
    }
}
