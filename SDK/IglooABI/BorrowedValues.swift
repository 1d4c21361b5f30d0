// SPDX-License-Identifier: MIT

public import CIgloo

extension String {
    /// A copy of text of the other side, with what is not UTF-8 replaced.
    public init(_ text: igloo_str) {
        self = String(
            decoding: UnsafeBufferPointer(borrowing: text.p, count: text.n), as: UTF8.self)
    }
}

extension [UInt8] {
    /// A copy of bytes of the other side.
    public init(_ bytes: igloo_bytes) {
        self = Array(UnsafeBufferPointer(borrowing: bytes.p, count: bytes.n))
    }

    /// A copy of a blob, which is released.
    public init(taking blob: inout igloo_blob) {
        self = Array(igloo_bytes(p: UnsafePointer(blob.p), n: blob.n))
        blob.release?(&blob)
        blob.release = nil
    }
}

extension Array where Element: BitwiseCopyable {
    /// A copy of a list of the other side; a missing pointer makes it empty.
    public init(_ pointer: UnsafePointer<Element>?, count: Int) {
        self = Array(UnsafeBufferPointer(borrowing: pointer, count: count))
    }
}

extension UnsafeBufferPointer {
    /// A pointer and a count from the other side: no pointer, or a count no memory can have, is
    /// "nothing".
    fileprivate init<Raw>(borrowing pointer: UnsafePointer<Raw>?, count: Int) {
        let isPossible = count > 0 && count <= Int.max / 2 / MemoryLayout<Element>.stride
        self.init(
            start: pointer.flatMap {
                isPossible
                    ? UnsafeRawPointer($0).assumingMemoryBound(to: Element.self) : nil
            }, count: pointer != nil && isPossible ? count : 0)
    }
}

extension Double {
    /// NaN stands for "unknown" in the ABI.
    public init(known value: Double?) { self = value ?? .nan }
    public var known: Double? { isNaN ? nil : self }
}

extension Int64 {
    /// Negative numbers stand for "unknown" in the ABI.
    public init(known value: Int64?) { self = value ?? -1 }
    public var known: Int64? { self < 0 ? nil : self }
}

extension igloo_blob {
    /// Bytes for the other side, which releases them.
    public init(exporting bytes: [UInt8]) {
        let arena = Arena()
        self.init(
            p: arena.array(bytes), n: bytes.count,
            release: { blob in Arena.release(owner: blob?.pointee.owner) },
            owner: arena.retained())
    }
}
