// SPDX-License-Identifier: MIT

import IglooContracts

/// Decodes the hybrid of run-length encoding and bit-packing: levels, booleans, dictionary
/// indexes.
///
/// - Source: parquet-format, `Encodings.md`, "RLE/Bit-Packing Hybrid".
struct RunDecoder {
    private let bytes: UnsafeRawPointer
    private let byteCount: Int
    private let width: Int
    private var position = 0
    /// What is left of the current run.
    private var runRest = 0
    private var isPacked = false
    private var runValue: UInt32 = 0
    /// Where the packed run begins, and the next of its values.
    private var packed: UnsafeRawPointer
    private var packedIndex = 0

    /// - Parameter bytes: padded, valid as long as the decoder.
    init(_ bytes: UnsafeRawBufferPointer, width: Int) {
        self.bytes = bytes.baseAddress ?? UnsafeRawPointer(bitPattern: 64)!
        byteCount = bytes.count
        self.width = width
        packed = self.bytes
    }

    /// Zeros without end: the levels of columns that have none.
    static var zeros: RunDecoder { RunDecoder(allZero: ()) }

    private init(allZero: ()) {
        self.init(UnsafeRawBufferPointer(start: nil, count: 0), width: 0)
        runRest = Int.max
    }

    private mutating func nextRun() throws(IglooError) {
        let head = try varint()
        if head & 1 == 0 {
            runRest = Int(head >> 1)
            isPacked = false
            runValue = try value()
        } else {
            let (count, overflow) = Int(head >> 1).multipliedReportingOverflow(by: 8)
            let rest = byteCount - position
            isPacked = true
            packed = bytes + position
            packedIndex = 0
            // Some writers leave out the end of the last group.
            let available = width == 0 ? count : rest / width * 8 + rest % width * 8 / width
            guard !overflow else { throw malformed("a run is too long") }
            runRest = min(count, available)
            guard runRest > 0 || count == 0 else { throw malformed("a run is cut short") }
            position += min(rest, count / 8 * width)
        }
    }

    private mutating func varint() throws(IglooError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            guard position < byteCount else { throw malformed("runs end too early") }
            let next = bytes.load(fromByteOffset: position, as: UInt8.self)
            position += 1
            guard shift < 35 else { throw malformed("a run is too long") }
            value |= UInt64(next & 0x7F) << shift
            if next & 0x80 == 0 { return value }
            shift += 7
        }
    }

    private mutating func value() throws(IglooError) -> UInt32 {
        let count = (width + 7) / 8
        guard count <= byteCount - position else { throw malformed("a run is cut short") }
        var value: UInt32 = 0
        for index in 0..<count {
            let byte = bytes.load(fromByteOffset: position + index, as: UInt8.self)
            value |= UInt32(byte) << UInt32(index * 8)
        }
        position += count
        if width < 32 && value >> UInt32(width) != 0 {
            throw malformed("a run's value \(value) has more than \(width) bits")
        }
        return value
    }

    /// Runs of no values have no end: each takes bytes, so this ends.
    private mutating func fill() throws(IglooError) {
        while runRest == 0 { try nextRun() }
    }

    /// Decodes values of up to 32 bits.
    mutating func decode(
        _ count: Int, into target: UnsafeMutablePointer<UInt32>
    ) throws(IglooError) {
        var done = 0
        while done < count {
            try fill()
            let piece = min(runRest, count - done)
            if isPacked {
                BitUnpacking.unpack(
                    packed, start: packedIndex, width: width, count: piece, into: target + done)
                packedIndex += piece
            } else {
                (target + done).update(repeating: runValue, count: piece)
            }
            runRest -= piece
            done += piece
        }
    }

    /// Decodes levels of up to 8 bits, and counts those that equal `wanted`.
    mutating func decodeLevels(
        _ count: Int, into target: UnsafeMutablePointer<UInt8>, max: Int
    ) throws(IglooError) -> Int {
        var done = 0
        var full = 0
        let wanted = UInt8(truncatingIfNeeded: max)
        while done < count {
            try fill()
            let piece = min(runRest, count - done)
            if isPacked {
                BitUnpacking.unpackBytes(
                    packed, start: packedIndex, width: width, count: piece, into: target + done)
                packedIndex += piece
                let (equal, isSound) = Self.count(target + done, piece, wanted)
                guard isSound else { throw malformed("a level is above \(max)") }
                full += equal
            } else {
                guard runValue <= UInt32(max) else {
                    throw malformed("level \(runValue) is above \(max)")
                }
                (target + done).update(repeating: UInt8(runValue), count: piece)
                if runValue == UInt32(max) { full += piece }
            }
            runRest -= piece
            done += piece
        }
        return full
    }

    private static func count(
        _ levels: UnsafePointer<UInt8>, _ count: Int, _ wanted: UInt8
    ) -> (equal: Int, isSound: Bool) {
        var equal = 0
        var isHigher: UInt8 = 0
        var index = 0
        while index < count {
            // Bytes in the inner loop, so that it is done in vectors.
            let end = min(index &+ 128, count)
            var few: UInt8 = 0
            while index < end {
                few &+= levels[index] == wanted ? 1 : 0
                isHigher |= levels[index] > wanted ? 1 : 0
                index &+= 1
            }
            equal &+= Int(few)
        }
        return (equal, isHigher == 0)
    }

    /// Passes over values.
    mutating func skip(_ count: Int) throws(IglooError) {
        var rest = count
        while rest > 0 {
            try fill()
            let piece = min(runRest, rest)
            if isPacked { packedIndex += piece }
            runRest -= piece
            rest -= piece
        }
    }
}

/// Levels in the retired bit-packed encoding, whose bits run from the most significant down.
enum BitPackedLevels {
    static func byteCount(_ count: Int, width: Int) -> Int {
        let (bits, overflow) = count.multipliedReportingOverflow(by: width)
        return overflow ? Int.max : bits / 8 + (bits % 8 == 0 ? 0 : 1)
    }

    /// Rewrites such levels as a run that `RunDecoder` reads: a header and packed bytes, each
    /// value's bits turned to the other order.
    static func rewritten(_ bytes: UnsafeRawBufferPointer, _ count: Int, width: Int) -> [UInt8] {
        var result: [UInt8] = []
        let groups = UInt64((count + 7) / 8)
        var head = groups << 1 | 1
        while head >= 0x80 {
            result.append(UInt8(truncatingIfNeeded: head) | 0x80)
            head >>= 7
        }
        result.append(UInt8(truncatingIfNeeded: head))
        let start = result.count
        result += Array(repeating: 0, count: Int(groups) * width + PooledMemory.padding)
        for index in 0..<count {
            for bit in 0..<width {
                let from = index * width + bit
                guard bytes[from >> 3] >> UInt8(7 - from & 7) & 1 == 1 else { continue }
                let to = index * width + (width - 1 - bit)
                result[start + to >> 3] |= 1 << UInt8(to & 7)
            }
        }
        return result
    }
}
