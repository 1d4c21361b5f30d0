// SPDX-License-Identifier: MIT
public import CIgloo

extension ArrayData {
    /// Writes this array to `destination`, sharing its memory.
    ///
    /// - Ownership: the memory lives until whoever receives the structure has called its
    ///   `release`; what stood in `destination` is overwritten.
    /// - Threads: `release` may be called on any thread.
    public func export(to destination: UnsafeMutablePointer<ArrowArray>) {
        var pointers: [UnsafeRawPointer?] = []
        if type.hasValidity { pointers.append(validity?.baseAddress) }
        for buffer in buffers { pointers.append(buffer.baseAddress) }
        let dataByteCounts = type.isView ? buffers.dropFirst().map { Int64($0.byteCount) } : nil
        let box = ExportedArray(
            keeping: self, pointers: pointers, dataByteCounts: dataByteCounts, children: children,
            dictionary: dictionary)
        box.export(to: destination, count: count, offset: offset, nullCount: nullCount)
    }
}

extension RecordBatch {
    /// Writes this batch to `destination` as a struct array, sharing its memory.
    ///
    /// - Ownership: the memory lives until whoever receives the structure has called its
    ///   `release`; what stood in `destination` is overwritten.
    /// - Threads: `release` may be called on any thread.
    public func export(to destination: UnsafeMutablePointer<ArrowArray>) {
        let box = ExportedArray(
            keeping: nil, pointers: [nil], dataByteCounts: nil, children: columns, dictionary: nil)
        box.export(to: destination, count: rowCount, offset: 0, nullCount: 0)
    }
}

private func releaseExportedArray(_ pointer: UnsafeMutablePointer<ArrowArray>?) {
    guard let pointer, pointer.pointee.release != nil, let data = pointer.pointee.private_data
    else { return }
    pointer.pointee.release = nil
    Unmanaged<ExportedArray>.fromOpaque(data).release()
}

/// What an exported array points at; frees it when released.
///
/// Every child has a box of its own, so that a consumer may move a child out and keep it alone.
private final class ExportedArray {
    private let array: ArrayData?
    private let pointers: UnsafeMutableBufferPointer<UnsafeRawPointer?>
    private let dataByteCounts: UnsafeMutableBufferPointer<Int64>?
    private let children: UnsafeMutableBufferPointer<UnsafeMutablePointer<ArrowArray>?>
    private let dictionary: UnsafeMutablePointer<ArrowArray>?

    init(
        keeping array: ArrayData?, pointers: [UnsafeRawPointer?], dataByteCounts: [Int64]?,
        children: [ArrayData], dictionary: ArrayData?
    ) {
        self.array = array
        var pointers = pointers
        if let dataByteCounts {
            // At least one, for an allocation of nothing may have no address.
            let copy = UnsafeMutableBufferPointer<Int64>.allocate(
                capacity: max(dataByteCounts.count, 1))
            copy.initialize(repeating: 0)
            for (index, byteCount) in dataByteCounts.enumerated() { copy[index] = byteCount }
            self.dataByteCounts = copy
            pointers.append(UnsafeRawPointer(copy.baseAddress))
        } else {
            self.dataByteCounts = nil
        }
        self.pointers = .allocate(capacity: pointers.count)
        _ = self.pointers.initialize(from: pointers)
        self.children = .allocate(capacity: children.count)
        for (index, child) in children.enumerated() {
            self.children.initializeElement(at: index, to: Self.exported(child))
        }
        self.dictionary = dictionary.map { Self.exported($0) }
    }

    deinit {
        for child in children {
            if let child { Self.free(child) }
        }
        if let dictionary { Self.free(dictionary) }
        children.deallocate()
        pointers.deallocate()
        dataByteCounts?.deallocate()
    }

    func export(
        to destination: UnsafeMutablePointer<ArrowArray>, count: Int, offset: Int, nullCount: Int
    ) {
        destination.initialize(
            to: ArrowArray(
                length: Int64(count), null_count: Int64(nullCount), offset: Int64(offset),
                n_buffers: Int64(pointers.count), n_children: Int64(children.count),
                buffers: pointers.baseAddress, children: children.baseAddress,
                dictionary: dictionary, release: releaseExportedArray,
                private_data: Unmanaged.passRetained(self).toOpaque()))
    }

    private static func exported(_ array: ArrayData) -> UnsafeMutablePointer<ArrowArray> {
        let pointer = UnsafeMutablePointer<ArrowArray>.allocate(capacity: 1)
        array.export(to: pointer)
        return pointer
    }

    /// A child that the consumer has moved out is released already, its memory still ours.
    private static func free(_ pointer: UnsafeMutablePointer<ArrowArray>) {
        pointer.pointee.release?(pointer)
        pointer.deallocate()
    }
}
