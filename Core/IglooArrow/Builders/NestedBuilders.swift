// SPDX-License-Identifier: MIT

/// Builds lists over a child that the caller builds beside it, with whichever builder suits.
///
/// After a list's elements have been appended to the child's builder, `append(childCount:)` closes
/// the list.
public struct ListBuilder: ~Copyable {
    private let type: DataType
    private let isLarge: Bool
    private var offsets = BufferBuilder()
    private var validity = ValidityBuilder()

    /// - Parameter type: a `list`, `largeList` or `map`.
    public init(_ type: DataType) {
        switch type {
        case .list, .map: isLarge = false
        case .largeList: isLarge = true
        default: preconditionFailure("\(type) is not made of lists with offsets")
        }
        self.type = type
        offsets.append(zeros: isLarge ? 8 : 4)
    }

    public var count: Int { validity.count }

    /// Closes a list that reaches up to the child's element `childCount`.
    ///
    /// - Throws: `ArrowError.exhausted` when 32-bit offsets do not reach that far.
    public mutating func append(childCount: Int) throws(ArrowError) {
        try appendOffset(childCount)
        validity.appendValid()
    }

    /// Appends a null list; the child has `childCount` elements so far.
    ///
    /// - Throws: `ArrowError.exhausted` when 32-bit offsets do not reach that far.
    public mutating func appendNull(childCount: Int) throws(ArrowError) {
        try appendOffset(childCount)
        validity.appendNull()
    }

    private mutating func appendOffset(_ offset: Int) throws(ArrowError) {
        if isLarge {
            offsets.append(Int64(offset))
        } else if let offset = Int32(exactly: offset) {
            offsets.append(offset)
        } else {
            throw ArrowError(
                .exhausted, "an array of \(type) cannot hold more than 2^31 - 1 values")
        }
    }

    /// The lists over `values`, the finished child; the builder starts empty again.
    public mutating func finish(values: ArrayData) -> ArrayData {
        let (count, nullCount) = (validity.count, validity.nullCount)
        defer { offsets.append(zeros: isLarge ? 8 : 4) }
        return ArrayData(
            type: type, count: count, nullCount: nullCount, validity: validity.finish(),
            buffers: [offsets.finish()], children: [values])
    }
}

/// Builds structures over children that the caller builds beside it; each of them needs a value,
/// be it null, for every structure.
public struct StructureBuilder: ~Copyable {
    private let type: DataType
    private var validity = ValidityBuilder()

    public init(_ fields: [Field]) { type = .structure(fields) }

    public var count: Int { validity.count }

    public mutating func append() { validity.appendValid() }

    public mutating func appendNull() { validity.appendNull() }

    /// The structures of the finished children; the builder starts empty again.
    public mutating func finish(children: [ArrayData]) -> ArrayData {
        let (count, nullCount) = (validity.count, validity.nullCount)
        precondition(
            children.count == type.childFields.count && children.allSatisfy { $0.count == count },
            "a structure needs one value of each child")
        return ArrayData(
            type: type, count: count, nullCount: nullCount, validity: validity.finish(),
            children: children)
    }
}
