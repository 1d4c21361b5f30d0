// SPDX-License-Identifier: MIT
import CIgloo

/// Reads the numbers and buffers of one level of a foreign array, trusting neither.
struct ForeignArrayReader {
    private let array: ArrowArray
    private let type: DataType
    private let owner: ForeignArrayOwner
    let count: Int
    /// Zero for an array without elements, whose buffers need not exist.
    let offset: Int

    init(_ array: ArrowArray, type: DataType, owner: ForeignArrayOwner) throws(ArrowError) {
        self.array = array
        self.type = type
        self.owner = owner
        guard array.length >= 0, array.offset >= 0, array.null_count >= -1,
            array.null_count <= array.length,
            array.length <= Int64(ArrayData.countMax), array.offset <= Int64(ArrayData.countMax)
        else {
            throw ArrowError(
                .invalid,
                "an array of \(type) has length \(array.length), offset \(array.offset), "
                    + "\(array.null_count) nulls")
        }
        count = Int(array.length)
        offset = count == 0 ? 0 : Int(array.offset)
        try checkNumbers()
    }

    private func checkNumbers() throws(ArrowError) {
        let shapeCount = type.bufferShapes.count + (type.hasValidity ? 1 : 0)
        let isRight =
            type.isView
            ? array.n_buffers >= Int64(shapeCount + 1) : array.n_buffers == Int64(shapeCount)
        guard isRight, array.n_buffers == 0 || array.buffers != nil else {
            throw ArrowError(
                .invalid, "an array of \(type) has \(array.n_buffers) buffers, not \(shapeCount)")
        }
        let childCount = type.childFields.count
        guard array.n_children == Int64(childCount), childCount == 0 || array.children != nil else {
            throw ArrowError(
                .invalid, "an array of \(type) has \(array.n_children) children, not \(childCount)")
        }
        if array.dictionary != nil {
            guard case .dictionary = type else {
                throw ArrowError(.invalid, "an array of \(type) has a dictionary")
            }
        }
    }

    func child(_ pointer: UnsafeMutablePointer<ArrowArray>?) throws(ArrowError) -> ArrowArray {
        guard let pointer else { throw ArrowError(.invalid, "the array is missing") }
        guard pointer.pointee.release != nil else {
            throw ArrowError(.invalid, "the Arrow array is released already")
        }
        return pointer.pointee
    }

    func validity() throws(ArrowError) -> Buffer? {
        guard type.hasValidity, count > 0, array.null_count != 0 else { return nil }
        guard let address = array.buffers[0] else {
            if array.null_count <= 0 { return nil }
            throw ArrowError(
                .invalid, "an array of \(type) has \(array.null_count) nulls and no validity bitmap"
            )
        }
        return Buffer(
            baseAddress: address, byteCount: Bitmap.byteCount(forBits: offset + count), owner: owner
        )
    }

    func buffers() throws(ArrowError) -> [Buffer] {
        var buffers: [Buffer] = []
        for (index, shape) in type.bufferShapes.enumerated() {
            let byteCount: Int?
            if count == 0 {
                byteCount = 0
            } else if shape == .bytes {
                byteCount = try lastOffset(in: buffers[index - 1])
            } else {
                byteCount = shape.byteCount(for: offset + count)
            }
            guard let byteCount else {
                throw ArrowError(.invalid, "an array of \(count) \(type) is too large")
            }
            let position = index + (type.hasValidity ? 1 : 0)
            let buffer = try self.buffer(position, byteCount: byteCount)
            buffers.append(buffer.aligned(to: type.alignment(ofBuffer: index)))
        }
        if type.isView && count > 0 { buffers += try dataBuffers() }
        return buffers
    }

    private func buffer(_ position: Int, byteCount: Int) throws(ArrowError) -> Buffer {
        if byteCount == 0 { return .empty }
        guard let address = array.buffers[position] else {
            throw ArrowError(
                .invalid, "buffer \(position) of an array of \(count) \(type) is missing")
        }
        return Buffer(baseAddress: address, byteCount: byteCount, owner: owner)
    }

    private func lastOffset(in offsets: Buffer) throws(ArrowError) -> Int {
        let last =
            type.offsetByteWidth == 8
            ? Int(offsets.pointer(as: Int64.self)[offset + count])
            : Int(offsets.pointer(as: Int32.self)[offset + count])
        guard last >= 0 else {
            throw ArrowError(.invalid, "the last offset of an array of \(type) is \(last)")
        }
        return last
    }

    /// The data buffers of views: between the views and the last buffer, which holds their sizes.
    private func dataBuffers() throws(ArrowError) -> [Buffer] {
        let dataCount = Int(array.n_buffers) - 3
        if dataCount == 0 { return [] }
        guard let sizes = array.buffers[Int(array.n_buffers) - 1] else {
            throw ArrowError(.invalid, "an array of \(type) lacks the sizes of its data buffers")
        }
        var buffers: [Buffer] = []
        for index in 0..<dataCount {
            let byteCount = sizes.loadUnaligned(fromByteOffset: index * 8, as: Int64.self)
            guard byteCount >= 0 else {
                throw ArrowError(
                    .invalid, "data buffer \(index) of an array of \(type) has \(byteCount) bytes")
            }
            buffers.append(try buffer(index + 2, byteCount: Int(byteCount)))
        }
        return buffers
    }
}
