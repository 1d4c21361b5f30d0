// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

extension ValueConversion {
    /// Turns `count` stored values of `width` bytes into decoded ones.
    ///
    /// `source` may be read 16 bytes past its end; the two memories do not overlap.
    func apply(
        _ source: UnsafeRawPointer, width: Int, count: Int, into target: UnsafeMutableRawPointer
    ) throws(IglooError) {
        switch self {
        case .none, .views: target.copyMemory(from: source, byteCount: count * width)
        case .bits, .null: break
        case .narrow(let byteCount):
            if byteCount == 1 {
                Self.convert(source, count, target) { (value: Int32) in
                    Int8(truncatingIfNeeded: value)
                }
            } else {
                Self.convert(source, count, target) { (value: Int32) in
                    Int16(truncatingIfNeeded: value)
                }
            }
        case .int32ToInt64: Self.convert(source, count, target) { (value: Int32) in Int64(value) }
        case .int32ToInt128:
            Self.convert(source, count, target) { (value: Int32) in Int128(value) }
        case .int64ToInt128:
            Self.convert(source, count, target) { (value: Int64) in Int128(value) }
        case .bigEndian(let byteCount):
            try Self.bigEndian(source, width, count, target, byteCount)
        case .int96(let unit): Self.int96(source, count, target, unit)
        case .interval: Self.intervals(source, count, target)
        }
    }

    @inline(__always)
    private static func convert<From: BitwiseCopyable, To: BitwiseCopyable>(
        _ source: UnsafeRawPointer, _ count: Int, _ target: UnsafeMutableRawPointer,
        _ body: (From) -> To
    ) {
        let out = target.assumingMemoryBound(to: To.self)
        var index = 0
        while index < count {
            out[index] = body(
                source.loadUnaligned(
                    fromByteOffset: index &* MemoryLayout<From>.stride, as: From.self))
            index &+= 1
        }
    }

    // MARK: - Big-endian decimals

    private static func bigEndian(
        _ source: UnsafeRawPointer, _ width: Int, _ count: Int,
        _ target: UnsafeMutableRawPointer, _ byteCount: Int
    ) throws(IglooError) {
        switch byteCount {
        case 8 where width <= 8:
            let out = target.assumingMemoryBound(to: Int64.self)
            let shift = Int64(64 - width * 8)
            var index = 0
            while index < count {
                let word = source.loadUnaligned(fromByteOffset: index &* width, as: Int64.self)
                out[index] = Int64(bigEndian: word) &>> shift
                index &+= 1
            }
        case 16 where width <= 16:
            let out = target.assumingMemoryBound(to: Int128.self)
            let shift = Int128(128 - width * 8)
            var index = 0
            while index < count {
                let word = source.loadUnaligned(fromByteOffset: index &* width, as: Int128.self)
                out[index] = Int128(bigEndian: word) &>> shift
                index &+= 1
            }
        default:
            for index in 0..<count {
                try extend(
                    source + index * width, width, into: target + index * byteCount, byteCount)
            }
        }
    }

    /// One big-endian number of any byte count, sign-extended or cut where nothing is lost.
    static func extend(
        _ source: UnsafeRawPointer, _ width: Int, into target: UnsafeMutableRawPointer,
        _ byteCount: Int
    ) throws(IglooError) {
        let isNegative = width > 0 && source.load(as: UInt8.self) & 0x80 != 0
        let fill: UInt8 = isNegative ? 0xFF : 0
        for index in 0..<byteCount {
            let byte =
                index < width
                ? source.load(fromByteOffset: width - 1 - index, as: UInt8.self) : fill
            target.storeBytes(of: byte, toByteOffset: index, as: UInt8.self)
        }
        guard width > byteCount else { return }
        let top = target.load(fromByteOffset: byteCount - 1, as: UInt8.self)
        var isSound = top & 0x80 == fill & 0x80
        for index in 0..<(width - byteCount) {
            isSound = isSound && source.load(fromByteOffset: index, as: UInt8.self) == fill
        }
        guard isSound else {
            throw malformed("a decimal of \(width) bytes does not fit into \(byteCount)")
        }
    }

    // MARK: - Times

    private static func int96(
        _ source: UnsafeRawPointer, _ count: Int, _ target: UnsafeMutableRawPointer,
        _ unit: TimeUnit
    ) {
        let out = target.assumingMemoryBound(to: Int64.self)
        let unitsPerDay = unit.unitsPerSecond * 86_400
        let nanosecondsPerUnit = 1_000_000_000 / unit.unitsPerSecond
        for index in 0..<count {
            let value = source + index * 12
            let nanoseconds = value.loadUnaligned(as: Int64.self)
            let julianDay = value.loadUnaligned(fromByteOffset: 8, as: UInt32.self)
            // 2440588 is 1970-01-01.
            let days = Int64(julianDay) - 2_440_588
            out[index] = days &* unitsPerDay &+ nanoseconds / nanosecondsPerUnit
        }
    }

    private static func intervals(
        _ source: UnsafeRawPointer, _ count: Int, _ target: UnsafeMutableRawPointer
    ) {
        for index in 0..<count {
            let value = source + index * 12
            let out = target + index * 16
            out.copyMemory(from: value, byteCount: 8)
            let milliseconds = value.loadUnaligned(fromByteOffset: 8, as: UInt32.self)
            out.storeBytes(of: Int64(milliseconds) * 1_000_000, toByteOffset: 8, as: Int64.self)
        }
    }
}
