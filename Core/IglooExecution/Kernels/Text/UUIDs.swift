// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// New UUIDs.
///
/// - Source: RFC 9562, version 4.
enum UUIDs {
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
