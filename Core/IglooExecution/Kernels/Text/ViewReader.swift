// SPDX-License-Identifier: MIT

import IglooArrow

/// Reads the bytes of a text or binary vector row by row. Valid as long as the vector is.
struct ViewReader {
    let views: UnsafePointer<BinaryView>
    private let buffers: [UnsafeRawPointer]
    private let step: Int

    init(_ vector: Vector) {
        views = vector.array.values(as: BinaryView.self)
        step = vector.step
        var buffers: [UnsafeRawPointer] = []
        for buffer in vector.array.buffers.dropFirst() { buffers.append(buffer.baseAddress) }
        self.buffers = buffers
    }

    @inline(__always)
    func view(_ row: Int) -> BinaryView { views[row &* step] }

    /// What stands under nulls must not be read: see `KernelCall.isValid`.
    @inline(__always)
    subscript(row: Int) -> UnsafeRawBufferPointer {
        let place = views + row &* step
        let view = place.pointee
        let start =
            view.isInline
            ? UnsafeRawPointer(place) + 4 : buffers[view.bufferIndex] + view.offset
        return UnsafeRawBufferPointer(start: start, count: view.count)
    }
}

extension UnsafeRawBufferPointer {
    var text: String { String(decoding: self, as: UTF8.self) }
}
