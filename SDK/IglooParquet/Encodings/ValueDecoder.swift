// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// Decodes the values of one page, nulls not counted, in steps.
///
/// - Threads: one at a time.
class ValueDecoder {
    /// Writes the next `count` values, each of the column's `outputByteWidth`.
    func decode(_ count: Int, into target: UnsafeMutableRawPointer) throws(IglooError) {
        preconditionFailure("a decoder must decode")
    }

    /// Passes over the next `count` values.
    func skip(_ count: Int) throws(IglooError) {
        preconditionFailure("a decoder must skip")
    }

    final func tooFew(_ available: Int, _ wanted: Int) -> IglooError {
        malformed("a page has \(available) more values where \(wanted) are expected")
    }
}

/// Values of a fixed byte width, one after the other.
final class PlainDecoder: ValueDecoder {
    private let page: PageMemory
    private var next: UnsafeRawPointer
    private var rest: Int
    private let width: Int
    private let conversion: ValueConversion

    init(_ page: PageMemory, width: Int, _ conversion: ValueConversion) {
        self.page = page
        next = page.values.baseAddress!
        self.width = width
        rest = page.values.count / width
        self.conversion = conversion
    }

    override func decode(
        _ count: Int, into target: UnsafeMutableRawPointer
    ) throws(IglooError) {
        guard count <= rest else { throw tooFew(rest, count) }
        try conversion.apply(next, width: width, count: count, into: target)
        next += count * width
        rest -= count
    }

    override func skip(_ count: Int) throws(IglooError) {
        guard count <= rest else { throw tooFew(rest, count) }
        next += count * width
        rest -= count
    }
}

/// Booleans as bits, into bytes of 0 and 1.
final class PlainBooleanDecoder: ValueDecoder {
    private let page: PageMemory
    private var next = 0

    init(_ page: PageMemory) { self.page = page }

    private func checkRest(_ count: Int) throws(IglooError) {
        let rest = page.values.count * 8 - next
        guard count <= rest else { throw tooFew(rest, count) }
    }

    override func decode(
        _ count: Int, into target: UnsafeMutableRawPointer
    ) throws(IglooError) {
        try checkRest(count)
        BitUnpacking.unpackBytes(
            page.values.baseAddress!, start: next, width: 1, count: count,
            into: target.assumingMemoryBound(to: UInt8.self))
        next += count
    }

    override func skip(_ count: Int) throws(IglooError) {
        try checkRest(count)
        next += count
    }
}

/// Booleans as runs.
final class RunBooleanDecoder: ValueDecoder {
    private let page: PageMemory
    private var runs: RunDecoder

    init(_ page: PageMemory) throws(IglooError) {
        self.page = page
        let values = page.values
        guard values.count >= 4 else { throw malformed("runs of booleans have no byte count") }
        let count = Int(UInt32(littleEndian: values.loadUnaligned(as: UInt32.self)))
        guard count <= values.count - 4 else {
            throw malformed("runs of booleans are cut short")
        }
        runs = RunDecoder(UnsafeRawBufferPointer(rebasing: values[4..<4 + count]), width: 1)
    }

    override func decode(
        _ count: Int, into target: UnsafeMutableRawPointer
    ) throws(IglooError) {
        let bytes = target.assumingMemoryBound(to: UInt8.self)
        _ = try runs.decodeLevels(count, into: bytes, max: 1)
    }

    override func skip(_ count: Int) throws(IglooError) { try runs.skip(count) }
}

/// Integers as differences.
final class DeltaIntegerDecoder: ValueDecoder {
    private static let stepCount = 1024
    private let page: PageMemory
    private var deltas: DeltaDecoder
    private let width: Int
    private let conversion: ValueConversion
    private let scratch: PooledMemory

    /// - Parameter width: of the stored type, 4 or 8.
    init(_ page: PageMemory, width: Int, _ conversion: ValueConversion) throws(IglooError) {
        self.page = page
        deltas = try DeltaDecoder(page.values)
        self.width = width
        self.conversion = conversion
        scratch = try PooledMemory(byteCapacity: Self.stepCount * 8)
    }

    override func decode(
        _ count: Int, into target: UnsafeMutableRawPointer
    ) throws(IglooError) {
        if width == 8 && conversion == .none {
            try deltas.decode(count, into: target.assumingMemoryBound(to: Int64.self))
            return
        }
        let outputWidth = conversion.outputByteWidth(stored: width)
        var done = 0
        while done < count {
            let piece = min(Self.stepCount, count - done)
            try step(piece, target + done * outputWidth)
            done += piece
        }
    }

    private func step(_ count: Int, _ target: UnsafeMutableRawPointer) throws(IglooError) {
        let raw = scratch.base
        try deltas.decode(count, into: raw.assumingMemoryBound(to: Int64.self))
        if width == 4 {
            // In place: each half lands where its whole was read before.
            let halves = raw.assumingMemoryBound(to: Int32.self)
            for index in 0..<count {
                halves[index] = Int32(
                    truncatingIfNeeded: raw.load(fromByteOffset: index * 8, as: Int64.self))
            }
        }
        try conversion.apply(raw, width: width, count: count, into: target)
    }

    override func skip(_ count: Int) throws(IglooError) {
        var rest = count
        while rest > 0 {
            let piece = min(Self.stepCount, rest)
            try deltas.decode(piece, into: scratch.base.assumingMemoryBound(to: Int64.self))
            rest -= piece
        }
    }
}

extension ValueConversion {
    /// Bytes of a decoded value whose stored form has `stored` bytes.
    func outputByteWidth(stored: Int) -> Int {
        switch self {
        case .none: stored
        case .bits: 1
        case .views: 16
        case .narrow(let byteCount), .bigEndian(let byteCount): byteCount
        case .int32ToInt64, .int96: 8
        case .int32ToInt128, .int64ToInt128, .interval: 16
        case .null: 0
        }
    }
}

/// The first bytes of all values, then the second ones, and so on.
final class ByteStreamSplitDecoder: ValueDecoder {
    private static let stepCount = 1024
    private let page: PageMemory
    private let width: Int
    private let valueCount: Int
    private var next = 0
    private let conversion: ValueConversion
    private let scratch: PooledMemory

    init(_ page: PageMemory, width: Int, _ conversion: ValueConversion) throws(IglooError) {
        self.page = page
        self.width = width
        self.conversion = conversion
        guard page.values.count % width == 0 else {
            throw malformed("\(page.values.count) bytes are no split streams of \(width) each")
        }
        valueCount = page.values.count / width
        let step = min(Self.stepCount, valueCount)
        scratch = try PooledMemory(byteCapacity: conversion == .none ? 0 : step * width)
    }

    override func decode(
        _ count: Int, into target: UnsafeMutableRawPointer
    ) throws(IglooError) {
        guard count <= valueCount - next else { throw tooFew(valueCount - next, count) }
        if conversion == .none {
            join(count, target)
            return
        }
        let outputWidth = conversion.outputByteWidth(stored: width)
        var done = 0
        while done < count {
            let piece = min(Self.stepCount, count - done)
            join(piece, scratch.base)
            try conversion.apply(
                scratch.base, width: width, count: piece, into: target + done * outputWidth)
            done += piece
        }
    }

    private func join(_ count: Int, _ target: UnsafeMutableRawPointer) {
        let source = page.values.baseAddress! + next
        let out = target.assumingMemoryBound(to: UInt8.self)
        let (width, stride) = (width, valueCount)
        var byte = 0
        while byte < width {
            let stream = (source + byte &* stride).assumingMemoryBound(to: UInt8.self)
            var index = 0
            while index < count {
                out[index &* width &+ byte] = stream[index]
                index &+= 1
            }
            byte &+= 1
        }
        next += count
    }

    override func skip(_ count: Int) throws(IglooError) {
        guard count <= valueCount - next else { throw tooFew(valueCount - next, count) }
        next += count
    }
}
