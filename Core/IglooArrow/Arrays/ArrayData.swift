// SPDX-License-Identifier: MIT

/// A column of values in Arrow's memory layout: the one form in which data moves through Igloo.
///
/// `buffers` holds the buffers of the layout in Arrow's order *without* the validity bitmap:
///
/// | types | buffers |
/// |---|---|
/// | bool | values as bits |
/// | fixed width, dictionary | values (for a dictionary: the indexes) |
/// | utf8, binary (large: int64) | int32 offsets, bytes |
/// | utf8View, binaryView | 16-byte views, then any number of data buffers |
/// | list, map (large: int64) | int32 offsets |
/// | listView (large: int64) | int32 offsets, int32 counts |
/// | structure, fixedSizeList, runEndEncoded, null | none |
/// | union | type ids; dense: int32 offsets too |
///
/// `offset` counts elements and applies to validity and buffers alike, as in the C Data Interface:
/// element `i` of the array is element `offset + i` of the buffers. Children of a structure or
/// sparse union are sliced by the parent's offset too; offsets of lists are absolute.
///
/// - Threads: immutable, hence free to share.
public final class ArrayData: Sendable {
    public let type: DataType
    /// Number of elements.
    public let count: Int
    /// Elements to skip in validity and buffers.
    public let offset: Int
    /// One bit an element, 1 = valid; `nil` when nothing is null.
    public let validity: Buffer?
    public let buffers: [Buffer]
    public let children: [ArrayData]
    public let dictionary: ArrayData?
    /// Number of nulls, counted when the array was made.
    public let nullCount: Int

    /// Puts an array together from its parts. Nothing is checked here: data from outside goes
    /// through `validate()` first.
    ///
    /// - Parameter nullCount: `nil` counts the bits of `validity`.
    public init(
        type: DataType, count: Int, offset: Int = 0, nullCount: Int? = nil,
        validity: Buffer? = nil, buffers: [Buffer] = [], children: [ArrayData] = [],
        dictionary: ArrayData? = nil
    ) {
        precondition(count >= 0 && offset >= 0, "negative count or offset")
        self.type = type
        self.count = count
        self.offset = offset
        self.buffers = buffers
        self.children = children
        self.dictionary = dictionary
        if let nullCount {
            self.nullCount = nullCount
        } else if type == .null {
            self.nullCount = count
        } else if let validity {
            self.nullCount =
                count
                - Bitmap.countOnes(validity.pointer(), offset: offset, count: count)
        } else {
            self.nullCount = 0
        }
        self.validity = self.nullCount == 0 || type == .null ? nil : validity
    }

    /// The elements from `start` on, sharing this array's memory.
    public func slice(_ start: Int, count: Int) -> ArrayData {
        precondition(start >= 0 && count >= 0 && start + count <= self.count, "slice out of bounds")
        if start == 0 && count == self.count { return self }
        return ArrayData(
            type: type, count: count, offset: offset + start,
            nullCount: nullCount == 0 ? 0 : nil, validity: validity, buffers: buffers,
            children: children, dictionary: dictionary)
    }

    /// Whether element `index` is null in the array's own bitmap.
    ///
    /// Unions and run-end encoded arrays have none: ask their values.
    @inlinable
    public func isNull(_ index: Int) -> Bool {
        if let validity { return !Bitmap.isSet(validity.pointer(), offset + index) }
        return type == .null
    }

    /// The fixed-width values from the first element on. Valid as long as the array is.
    @inlinable
    public func values<Element: BitwiseCopyable>(
        as type: Element.Type = Element.self
    ) -> UnsafePointer<Element> {
        buffers[0].pointer(as: Element.self) + offset
    }
}
