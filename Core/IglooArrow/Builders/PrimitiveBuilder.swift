// SPDX-License-Identifier: MIT

/// The validity bitmap of an array under construction: costs nothing until the first null.
public struct ValidityBuilder: ~Copyable {
    private var bits = BufferBuilder()
    @usableFromInline var total = 0
    @usableFromInline var nulls = 0

    @inlinable public var count: Int { total }
    @inlinable public var nullCount: Int { nulls }

    public init() {}

    @inlinable @inline(__always)
    public mutating func appendValid() {
        if nulls > 0 { appendBit(true) }
        total &+= 1
    }

    public mutating func appendValid(count additional: Int) {
        if nullCount > 0 {
            for _ in 0..<additional { appendValid() }
        } else {
            total += additional
        }
    }

    public mutating func appendNull() {
        if nullCount == 0 { materialise() }
        appendBit(false)
        total &+= 1
        nulls &+= 1
    }

    private mutating func materialise() {
        bits = BufferBuilder(byteCapacity: Bitmap.byteCount(forBits: count + 64))
        let full = count >> 3
        for _ in 0..<full { bits.append(UInt8.max) }
        if count & 7 != 0 { bits.append(UInt8(1 &<< (count & 7)) &- 1) }
    }

    @usableFromInline
    mutating func appendBit(_ bit: Bool) {
        if count & 7 == 0 { bits.append(UInt8(0)) }
        if bit { Bitmap.set(bits.pointer(), count) }
    }

    /// The bitmap, or `nil` when nothing was null; starts empty again.
    public mutating func finish() -> Buffer? {
        defer {
            total = 0
            nulls = 0
        }
        return nullCount == 0 ? nil : bits.finish()
    }
}

/// Builds an array of fixed-width values.
public struct PrimitiveBuilder<Element: BitwiseCopyable>: ~Copyable {
    private let type: DataType
    private let zero: Element
    @usableFromInline var values = BufferBuilder()
    @usableFromInline var validity = ValidityBuilder()

    /// - Parameter zero: what stands in the place of nulls.
    public init(_ type: DataType, zero: Element) {
        precondition(
            type.fixedByteWidth == MemoryLayout<Element>.stride,
            "\(type) does not store its values as \(Element.self)")
        self.type = type
        self.zero = zero
    }

    public var count: Int { validity.count }

    @inlinable @inline(__always)
    public mutating func append(_ value: Element) {
        values.append(value)
        validity.appendValid()
    }

    public mutating func appendNull() {
        values.append(zero)
        validity.appendNull()
    }

    public mutating func finish() -> ArrayData {
        let count = validity.count
        let nullCount = validity.nullCount
        return ArrayData(
            type: type, count: count, nullCount: nullCount, validity: validity.finish(),
            buffers: [values.finish()])
    }
}

/// Builds an array of booleans.
public struct BoolBuilder: ~Copyable {
    private var bits = BufferBuilder()
    private var validity = ValidityBuilder()

    public init() {}

    public var count: Int { validity.count }

    @inline(__always)
    public mutating func append(_ value: Bool) {
        appendBit(value)
        validity.appendValid()
    }

    public mutating func appendNull() {
        appendBit(false)
        validity.appendNull()
    }

    @inline(__always)
    private mutating func appendBit(_ value: Bool) {
        let count = validity.count
        if count & 7 == 0 { bits.append(UInt8(0)) }
        if value { Bitmap.set(bits.pointer(), count) }
    }

    public mutating func finish() -> ArrayData {
        let count = validity.count
        let nullCount = validity.nullCount
        return ArrayData(
            type: .bool, count: count, nullCount: nullCount, validity: validity.finish(),
            buffers: [bits.finish()])
    }
}
