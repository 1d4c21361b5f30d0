// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// Byte arrays with their byte counts in front: views into the page.
final class PlainBytesDecoder: ValueDecoder {
    private let page: PageMemory
    private let sink: ViewSink
    private var position = 0
    /// Whether each value must be looked at to know that it is text.
    private let checksText: Bool

    init(_ page: PageMemory, _ sink: ViewSink, isText: Bool) {
        self.page = page
        self.sink = sink
        checksText = isText && !TextCheck.isASCII(page.values)
    }

    override func decode(
        _ count: Int, into target: UnsafeMutableRawPointer
    ) throws(IglooError) {
        let buffer = page.buffer
        let hadBuffer = sink.buffers.last?.baseAddress == buffer.baseAddress
        let bufferIndex = sink.index(of: buffer)
        let views = target.assumingMemoryBound(to: BinaryView.self)
        let base = page.values.baseAddress!
        let byteCount = page.values.count
        let start = base - buffer.baseAddress
        var at = position
        var longest = 0
        var index = 0
        while index < count {
            guard at &+ 4 <= byteCount else { throw cutShort(count - index) }
            let length = Int(base.loadUnaligned(fromByteOffset: at, as: UInt32.self))
            at &+= 4
            guard length <= byteCount &- at else { throw cutShort(count - index) }
            views[index] = BinaryView(
                padded: base + at, count: length, bufferIndex: bufferIndex, offset: start &+ at)
            longest = max(longest, length)
            if checksText { try TextCheck.check(base + at, length) }
            at &+= length
            index &+= 1
        }
        position = at
        if !hadBuffer && longest <= BinaryView.inlineByteCountMax { sink.removeLast() }
    }

    private func cutShort(_ missing: Int) -> IglooError {
        malformed("byte arrays are cut short: \(missing) more are expected")
    }

    override func skip(_ count: Int) throws(IglooError) {
        let base = page.values.baseAddress!
        let byteCount = page.values.count
        var index = 0
        while index < count {
            guard position + 4 <= byteCount else { throw cutShort(count - index) }
            let length = Int(base.loadUnaligned(fromByteOffset: position, as: UInt32.self))
            guard length <= byteCount - position - 4 else { throw cutShort(count - index) }
            position += 4 + length
            index += 1
        }
    }
}

/// All byte counts, then all bytes: DELTA_LENGTH_BYTE_ARRAY.
final class DeltaLengthDecoder: ValueDecoder {
    private static let stepCount = 1024
    private let page: PageMemory
    private let sink: ViewSink
    private var lengths: DeltaDecoder
    private var position: Int
    private let checksText: Bool
    private let scratch: PooledMemory

    init(_ page: PageMemory, _ sink: ViewSink, isText: Bool) throws(IglooError) {
        self.page = page
        self.sink = sink
        scratch = try PooledMemory(byteCapacity: Self.stepCount * 8)
        lengths = try DeltaDecoder(page.values)
        position = try lengths.endPosition()
        checksText =
            isText
            && !TextCheck.isASCII(UnsafeRawBufferPointer(rebasing: page.values[position...]))
    }

    override func decode(
        _ count: Int, into target: UnsafeMutableRawPointer
    ) throws(IglooError) {
        let views = target.assumingMemoryBound(to: BinaryView.self)
        let bufferIndex = sink.index(of: page.buffer)
        let base = page.values.baseAddress!
        let start = base - page.buffer.baseAddress
        var done = 0
        while done < count {
            let piece = min(Self.stepCount, count - done)
            let steps = scratch.base.assumingMemoryBound(to: Int64.self)
            try lengths.decode(piece, into: steps)
            for index in 0..<piece {
                let length = try checked(steps[index])
                views[done + index] = BinaryView(
                    padded: base + position, count: length, bufferIndex: bufferIndex,
                    offset: start + position)
                if checksText { try TextCheck.check(base + position, length) }
                position += length
            }
            done += piece
        }
    }

    private func checked(_ length: Int64) throws(IglooError) -> Int {
        guard length >= 0, length <= page.values.count - position else {
            throw malformed("a byte array of \(length) bytes is cut short")
        }
        return Int(length)
    }

    override func skip(_ count: Int) throws(IglooError) {
        var rest = count
        while rest > 0 {
            let piece = min(Self.stepCount, rest)
            let steps = scratch.base.assumingMemoryBound(to: Int64.self)
            try lengths.decode(piece, into: steps)
            for index in 0..<piece { position += try checked(steps[index]) }
            rest -= piece
        }
    }
}

/// Byte arrays as what they share with the one before and the rest: DELTA_BYTE_ARRAY.
final class DeltaBytesDecoder: ValueDecoder {
    private static let stepCount = 4096
    private let page: PageMemory
    private let sink: ViewSink
    private let isText: Bool
    private var prefixes: DeltaDecoder
    private var lengths: DeltaDecoder
    /// The page's bytes from the suffixes' counts on.
    private let suffixes: UnsafeRawBufferPointer
    private var position: Int
    // The value before, in the memory that holds it.
    private var previousMemory: PooledMemory?
    private var previousOffset = 0
    private var previousCount = 0
    private let scratch: PooledMemory

    init(_ page: PageMemory, _ sink: ViewSink, isText: Bool) throws(IglooError) {
        self.page = page
        self.sink = sink
        self.isText = isText
        scratch = try PooledMemory(byteCapacity: Self.stepCount * 16)
        prefixes = try DeltaDecoder(page.values)
        let second = try prefixes.endPosition()
        suffixes = UnsafeRawBufferPointer(rebasing: page.values[second...])
        lengths = try DeltaDecoder(suffixes)
        position = try lengths.endPosition()
    }

    override func decode(
        _ count: Int, into target: UnsafeMutableRawPointer
    ) throws(IglooError) {
        var done = 0
        while done < count {
            let piece = min(Self.stepCount, count - done)
            try step(piece, target.assumingMemoryBound(to: BinaryView.self) + done)
            done += piece
        }
    }

    override func skip(_ count: Int) throws(IglooError) {
        var rest = count
        while rest > 0 {
            let piece = min(Self.stepCount, rest)
            try step(piece, nil)
            rest -= piece
        }
    }

    private func step(
        _ count: Int, _ views: UnsafeMutablePointer<BinaryView>?
    ) throws(IglooError) {
        let prefix = scratch.base.assumingMemoryBound(to: Int64.self)
        let suffix = prefix + Self.stepCount
        try prefixes.decode(count, into: prefix)
        try lengths.decode(count, into: suffix)
        let total = try byteCount(count, prefix, suffix)
        let memory = try PooledMemory(byteCapacity: total)
        let bufferIndex = views == nil ? 0 : sink.index(of: memory.buffer(byteCount: total))
        rebuild(count, prefix, suffix, memory.base)
        try checkText(memory.base, total, count, prefix, suffix)
        if let views {
            var at = 0
            var index = 0
            while index < count {
                let length = Int(prefix[index] &+ suffix[index])
                views[index] = BinaryView(
                    padded: memory.base + at, count: length, bufferIndex: bufferIndex, offset: at)
                at &+= length
                index &+= 1
            }
        }
        // The last value is what the next one begins like.
        previousCount = count > 0 ? Int(prefix[count - 1] + suffix[count - 1]) : previousCount
        if count > 0 { (previousMemory, previousOffset) = (memory, total - previousCount) }
    }

    /// Puts the values together, one after the other; all byte counts have been checked.
    private func rebuild(
        _ count: Int, _ prefix: UnsafePointer<Int64>, _ suffix: UnsafePointer<Int64>,
        _ target: UnsafeMutableRawPointer
    ) {
        var to = target
        var previous = UnsafeRawPointer(previousMemory?.base ?? target) + previousOffset
        var from = suffixes.baseAddress! + position
        var index = 0
        while index < count {
            let (shared, own) = (Int(prefix[index]), Int(suffix[index]))
            to.copyMemory(from: previous, byteCount: shared)
            (to + shared).copyMemory(from: from, byteCount: own)
            previous = UnsafeRawPointer(to)
            from += own
            to += shared &+ own
            index &+= 1
        }
        position = from - suffixes.baseAddress!
    }

    private func checkText(
        _ bytes: UnsafeRawPointer, _ total: Int, _ count: Int, _ prefix: UnsafePointer<Int64>,
        _ suffix: UnsafePointer<Int64>
    ) throws(IglooError) {
        guard isText,
            !TextCheck.isASCII(UnsafeRawBufferPointer(start: bytes, count: total))
        else { return }
        var at = 0
        for index in 0..<count {
            let length = Int(prefix[index] + suffix[index])
            try TextCheck.check(bytes + at, length)
            at += length
        }
    }

    /// The bytes of the next values together, each prefix and suffix checked.
    private func byteCount(
        _ count: Int, _ prefix: UnsafePointer<Int64>, _ suffix: UnsafePointer<Int64>
    ) throws(IglooError) -> Int {
        var total = 0
        var before = previousCount
        var rest = suffixes.count - position
        for index in 0..<count {
            guard prefix[index] >= 0, prefix[index] <= before else {
                throw malformed("a byte array shares \(prefix[index]) of \(before) bytes")
            }
            guard suffix[index] >= 0, suffix[index] <= rest else {
                throw malformed("a byte array of \(suffix[index]) bytes is cut short")
            }
            rest -= Int(suffix[index])
            before = Int(prefix[index]) + Int(suffix[index])
            total += before
            guard total <= Int(Int32.max) else {
                throw IglooError(.resourceExhausted, "byte arrays are larger than 2 GiB")
            }
        }
        return total
    }
}

/// Byte arrays that are no views in Arrow: decimals, and fixed-length ones as differences.
final class ConvertedBytesDecoder: ValueDecoder {
    private static let stepCount = 1024
    private let inner: ValueDecoder
    private let sink: ViewSink
    /// The byte count that each value must have; `nil` = any.
    private let width: Int?
    private let conversion: ValueConversion
    private let outputWidth: Int
    private let views: PooledMemory
    private let value: PooledMemory

    init(
        _ inner: ValueDecoder, _ sink: ViewSink, width: Int?, _ conversion: ValueConversion
    ) throws(IglooError) {
        self.inner = inner
        self.sink = sink
        self.width = width
        self.conversion = conversion
        outputWidth = conversion.outputByteWidth(stored: width ?? 0)
        views = try PooledMemory(byteCapacity: Self.stepCount * 16)
        value = try PooledMemory(byteCapacity: max(width ?? 0, 16))
    }

    override func decode(
        _ count: Int, into target: UnsafeMutableRawPointer
    ) throws(IglooError) {
        var done = 0
        while done < count {
            let piece = min(Self.stepCount, count - done)
            sink.reset(first: nil)
            try inner.decode(piece, into: views.base)
            for index in 0..<piece {
                try convert(views.base + index * 16, target + (done + index) * outputWidth)
            }
            done += piece
        }
    }

    private func convert(
        _ raw: UnsafeRawPointer, _ target: UnsafeMutableRawPointer
    ) throws(IglooError) {
        let view = raw.load(as: BinaryView.self)
        let bytes =
            view.isInline ? raw + 4 : sink.buffers[view.bufferIndex].baseAddress + view.offset
        if let width {
            guard view.count == width else {
                throw malformed("a value of \(view.count) bytes where \(width) are expected")
            }
            // Into padded memory: conversions read past the end.
            value.base.copyMemory(from: bytes, byteCount: width)
            try conversion.apply(value.base, width: width, count: 1, into: target)
        } else {
            try ValueConversion.extend(bytes, view.count, into: target, outputWidth)
        }
    }

    override func skip(_ count: Int) throws(IglooError) {
        sink.reset(first: nil)
        try inner.skip(count)
    }
}
