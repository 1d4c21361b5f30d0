// SPDX-License-Identifier: MIT

public import IglooArrow

/// A column rendered as text.
@safe
public struct TextColumn {
    /// Of type `utf8View`.
    private let array: ArrayData
    // SAFETY: the views belong to `array`, which is immutable and lives as long as this value.
    private let views: UnsafePointer<BinaryView>
    private let hasNulls: Bool
    /// The text was made from a number or another value, so that it is plain ASCII.
    public let isMade: Bool

    public init(_ array: ArrayData, isMade: Bool) {
        precondition(array.type == .utf8View, "texts are rendered as views")
        self.array = array
        unsafe views = array.values(as: BinaryView.self)
        hasNulls = array.nullCount > 0
        self.isMade = isMade
    }

    public var count: Int { array.count }

    @inline(__always)
    public func isNull(_ row: Int) -> Bool { hasNulls && array.isNull(row) }

    /// The cell's bytes, valid as long as the column is.
    @inline(__always)
    public func bytes(_ row: Int) -> UnsafeRawBufferPointer {
        let view = unsafe views[row]
        let start =
            unsafe view.isInline
            ? UnsafeRawPointer(views + row) + 4
            : array.buffers[view.bufferIndex + 1].baseAddress + view.offset
        return unsafe UnsafeRawBufferPointer(start: start, count: view.count)
    }

    /// The cell's text; empty for NULL.
    public func text(_ row: Int) -> String {
        isNull(row) ? "" : unsafe String(decoding: bytes(row), as: UTF8.self)
    }

    /// Whether the cell's bytes are visible ASCII characters and blanks.
    @inline(__always)
    public func isPlain(_ row: Int) -> Bool {
        let bytes = unsafe bytes(row)
        var index = 0
        while index < bytes.count {
            let byte = unsafe bytes[index]
            if byte < 0x20 || byte >= 0x7F { return false }
            index &+= 1
        }
        return true
    }
}
