// SPDX-License-Identifier: MIT

import IglooArrow

/// Hashes and equality of keys. Values that SQL calls equal (0 and -0, all NaNs) hash alike.
enum KeyHash {
    /// One hash a row; `nil` for a key with a NULL, which is never a duplicate.
    static func hashes(of columns: [ArrayData], count: Int) -> [UInt64?] {
        var hashes = [UInt64?](repeating: 0x9E37_79B9_7F4A_7C15, count: count)
        for column in columns { mix(column, into: &hashes) }
        return hashes
    }

    static func areEqual(_ left: [ArrayData], _ i: Int, _ right: [ArrayData], _ j: Int) -> Bool {
        zip(left, right).allSatisfy { normal($0.scalar(at: i)) == normal($1.scalar(at: j)) }
    }

    private static func normal(_ value: Scalar) -> Scalar {
        guard case .float(let number) = value else { return value }
        return .float(number.isNaN ? .nan : number == 0 ? 0 : number).bits
    }

    private static func mix(_ column: ArrayData, into hashes: inout [UInt64?]) {
        switch column.type {
        case .int8: mix(column, Int8.self, &hashes) { UInt64(truncatingIfNeeded: $0) }
        case .int16: mix(column, Int16.self, &hashes) { UInt64(truncatingIfNeeded: $0) }
        case .int32, .date32: mix(column, Int32.self, &hashes) { UInt64(truncatingIfNeeded: $0) }
        case .int64, .timestamp, .time64, .decimal64:
            mix(column, Int64.self, &hashes) { UInt64(bitPattern: $0) }
        case .utf8View, .binaryView:
            for i in hashes.indices {
                guard let hash = hashes[i] else { continue }
                hashes[i] = column.isNull(i) ? nil : mixed(hash, bytes: column.bytes(at: i))
            }
        default:
            for i in hashes.indices {
                guard let hash = hashes[i] else { continue }
                let value = normal(column.scalar(at: i))
                hashes[i] =
                    value.isNull
                    ? nil : mixed(hash, UInt64(truncatingIfNeeded: value.hashValue))
            }
        }
    }

    @inline(__always)
    private static func mix<Value: BitwiseCopyable>(
        _ column: ArrayData, _ type: Value.Type, _ hashes: inout [UInt64?],
        _ word: (Value) -> UInt64
    ) {
        let values = column.values(as: Value.self)
        var i = 0
        while i < hashes.count {
            if let hash = hashes[i] {
                hashes[i] = column.isNull(i) ? nil : mixed(hash, word(values[i]))
            }
            i &+= 1
        }
    }

    @inline(__always)
    private static func mixed(_ hash: UInt64, _ word: UInt64) -> UInt64 {
        let product = (hash ^ word).multipliedFullWidth(by: 0xD6E8_FEB8_6659_FD93)
        return product.high ^ product.low &+ 0xA076_1D64_78BD_642F
    }

    private static func mixed(_ hash: UInt64, bytes: UnsafeRawBufferPointer) -> UInt64 {
        var hash = mixed(hash, UInt64(bytes.count))
        var place = 0
        while place + 8 <= bytes.count {
            hash = mixed(hash, bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self))
            place += 8
        }
        var rest: UInt64 = 0
        while place < bytes.count {
            rest = rest << 8 | UInt64(bytes[place])
            place += 1
        }
        return mixed(hash, rest)
    }
}

extension Scalar {
    /// A float by its bits, so that a NaN equals itself.
    fileprivate var bits: Scalar {
        if case .float(let value) = self { .uint(value.bitPattern) } else { self }
    }
}
