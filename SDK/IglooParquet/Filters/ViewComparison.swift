// SPDX-License-Identifier: MIT

import IglooArrow

/// Compares the values of an array of views, byte-wise.
struct ViewComparison {
    private let views: UnsafePointer<BinaryView>
    private let buffers: [UnsafeRawPointer]

    /// The array must outlive the comparison.
    init(_ array: ArrayData) {
        views = array.values(as: BinaryView.self)
        buffers = array.buffers.dropFirst().map(\.baseAddress)
    }

    @inline(__always)
    private func bytes(_ index: Int) -> UnsafeRawPointer {
        let view = views + index
        if view.pointee.isInline { return UnsafeRawPointer(view) + 4 }
        return buffers[view.pointee.bufferIndex] + view.pointee.offset
    }

    func isInline(_ index: Int) -> Bool { views[index].isInline }

    func text(_ index: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: bytes(index), count: views[index].count)
    }

    /// Where a text lies that is not inline.
    @inline(__always)
    func place(_ index: Int) -> (buffer: Int, start: Int, end: Int) {
        let view = views[index]
        return (view.bufferIndex, view.offset, view.offset &+ view.count)
    }

    /// As `memcmp`; the shorter of two that agree is less.
    private func order(_ index: Int, _ literal: UnsafeRawBufferPointer) -> Int {
        let count = views[index].count
        let shared = min(count, literal.count)
        if shared > 0 {
            let order = PlatformMemory.compare(bytes(index), literal.baseAddress!, shared)
            if order != 0 { return Int(order) }
        }
        return count - literal.count
    }

    func test(
        _ count: Int, _ mask: UnsafeMutablePointer<UInt8>, _ body: (UnsafeRawBufferPointer) -> Bool
    ) {
        each(count, mask) {
            body(UnsafeRawBufferPointer(start: bytes($0), count: views[$0].count))
        }
    }

    func compare(
        _ count: Int, _ operation: FilterOperation, _ value: [UInt8],
        _ mask: UnsafeMutablePointer<UInt8>
    ) {
        value.withUnsafeBytes { literal in
            switch operation {
            case .equal: equal(count, literal, mask, 1)
            case .notEqual: equal(count, literal, mask, 0)
            case .less: each(count, mask) { order($0, literal) < 0 }
            case .lessOrEqual: each(count, mask) { order($0, literal) <= 0 }
            case .greater: each(count, mask) { order($0, literal) > 0 }
            case .greaterOrEqual: each(count, mask) { order($0, literal) >= 0 }
            }
        }
    }

    @inline(__always)
    private func each(
        _ count: Int, _ mask: UnsafeMutablePointer<UInt8>, _ body: (Int) -> Bool
    ) {
        var index = 0
        while index < count {
            mask[index] = body(index) ? 1 : 0
            index &+= 1
        }
    }

    /// The first 8 bytes of a view, count and prefix, decide nearly always.
    private func equal(
        _ count: Int, _ literal: UnsafeRawBufferPointer, _ mask: UnsafeMutablePointer<UInt8>,
        _ whenEqual: UInt8
    ) {
        let wanted = Self.view(literal)
        let isInline = wanted.isInline
        var index = 0
        while index < count {
            let view = views[index]
            var isEqual = view.low == wanted.low
            if isEqual {
                isEqual = isInline ? view.high == wanted.high : order(index, literal) == 0
            }
            mask[index] = isEqual ? whenEqual : 1 &- whenEqual
            index &+= 1
        }
    }

    private static func view(_ literal: UnsafeRawBufferPointer) -> BinaryView {
        guard let base = literal.baseAddress, literal.count > 0 else { return BinaryView() }
        return BinaryView(base, count: literal.count, bufferIndex: 0, offset: 0)
    }

    func isIn(_ count: Int, _ values: [FilterValue], _ mask: UnsafeMutablePointer<UInt8>) {
        var literals: [[UInt8]] = []
        for case .bytes(let bytes) in values { literals.append(bytes) }
        literals.sort { $0.lexicographicallyPrecedes($1) }
        each(count, mask) { index in
            var low = 0
            var high = literals.count
            while low < high {
                let middle = (low + high) / 2
                let order = literals[middle].withUnsafeBytes { self.order(index, $0) }
                if order == 0 { return true }
                if order > 0 { low = middle + 1 } else { high = middle }
            }
            return false
        }
    }

    func hasPrefix(
        _ count: Int, _ prefix: [UInt8], _ isNegated: Bool, _ mask: UnsafeMutablePointer<UInt8>
    ) {
        prefix.withUnsafeBytes { literal in
            each(count, mask) { index in
                var has = views[index].count >= literal.count
                if has && literal.count > 0 {
                    has =
                        PlatformMemory.compare(
                            bytes(index), literal.baseAddress!, literal.count) == 0
                }
                return has != isNegated
            }
        }
    }
}
