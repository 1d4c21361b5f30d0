// SPDX-License-Identifier: MIT

/// Builds an array of any type, value by value: the convenient way, not the fast one.
///
/// - Threads: one at a time.
public final class ArrayBuilder {
    /// The type of the values' storage.
    public let type: DataType
    private let declaredType: DataType
    public private(set) var count = 0
    var validity = ValidityBuilder()
    /// Values, bits, offsets, views or type ids.
    var main = BufferBuilder()
    /// Bytes, counts of list views, or offsets into a dense union's members.
    var second = BufferBuilder()
    var children: [ArrayBuilder] = []
    /// The distinct values of a dictionary, and where each stands.
    var dictionaryValues: ArrayBuilder?
    var dictionaryPlaces: [Scalar: Int] = [:]
    /// The value of the run that is still growing.
    var openRun: Scalar?

    public init(_ type: DataType) {
        declaredType = type
        self.type = type.storage
        start()
    }

    private func start() {
        count = 0
        children = declaredType.childFields.map { ArrayBuilder($0.type) }
        if case .dictionary(_, let value, _) = type { dictionaryValues = ArrayBuilder(value) }
        dictionaryPlaces = [:]
        openRun = nil
        if case .offsets(let byteWidth) = type.bufferShapes.first { main.append(zeros: byteWidth) }
    }

    /// Appends a value, in the form that `ArrayData.scalar(at:)` gives it.
    ///
    /// - Throws: `ArrowError.invalid` for a value that the type does not hold, after which the
    ///   builder is to be thrown away; `.exhausted` when offsets, indexes or run ends overflow.
    public func append(_ value: Scalar) throws(ArrowError) {
        if value.isNull {
            try appendNull()
            return
        }
        try appendValue(value)
        if type.hasValidity { validity.appendValid() }
        count += 1
    }

    /// Appends a null: in the type's bitmap or, for want of one, in its first member or its run.
    ///
    /// - Throws: `ArrowError.invalid` for a union without members; `.exhausted` as above.
    public func appendNull() throws(ArrowError) {
        switch type {
        case .null: break
        case .bool: appendBit(false)
        case .utf8, .largeUtf8, .binary, .largeBinary: appendOffset(second.byteCount)
        case .list, .largeList, .map: appendOffset(children[0].count)
        case .listView, .largeListView:
            main.append(zeros: type.offsetByteWidth ?? 0)
            second.append(zeros: type.offsetByteWidth ?? 0)
        case .structure: for child in children { try child.appendNull() }
        case .fixedSizeList(_, let width): for _ in 0..<width { try children[0].appendNull() }
        case .union(let mode, let typeIds, _):
            guard let id = typeIds.first else { throw mismatch(.null) }
            try appendMember(mode, id: id, child: 0, .null)
        case .runEndEncoded: try appendRun(.null)
        case .utf8View, .binaryView: main.append(BinaryView())
        default: main.append(zeros: type.fixedByteWidth ?? 0)
        }
        if type.hasValidity { validity.appendNull() }
        count += 1
    }

    /// The array; the builder starts empty again.
    public func finish() -> ArrayData {
        let count = count
        let nullCount = validity.nullCount
        let dataBuffers = type.isView && second.byteCount > 0 ? [second.finish()] : []
        var buffers: [Buffer] = []
        if !type.bufferShapes.isEmpty { buffers.append(main.finish()) }
        if type.bufferShapes.count > 1 { buffers.append(second.finish()) }
        let array = ArrayData(
            type: declaredType, count: count, nullCount: type == .null ? count : nullCount,
            validity: validity.finish(), buffers: buffers + dataBuffers,
            children: children.map { $0.finish() }, dictionary: dictionaryValues?.finish())
        start()
        return array
    }

    /// Whether decimals may have any value of their width.
    var isUUID: Bool { declaredType == .uuid }

    func mismatch(_ value: Scalar) -> ArrowError {
        ArrowError(.invalid, "an array of \(type) cannot hold \(value)")
    }

    // MARK: - The buffers

    func appendBit(_ bit: Bool) {
        if count & 7 == 0 { main.append(UInt8(0)) }
        if bit { Bitmap.set(main.pointer(), count) }
    }

    func appendOffset(_ offset: Int) {
        if type.offsetByteWidth == 8 {
            main.append(Int64(offset))
        } else {
            main.append(Int32(truncatingIfNeeded: offset))
        }
    }

    /// Refuses what 32-bit offsets do not reach.
    func checkReach(_ end: Int) throws(ArrowError) {
        if type.offsetByteWidth != 8 && end > Int(Int32.max) {
            throw ArrowError(
                .exhausted, "an array of \(type) cannot hold more than 2^31 - 1 bytes or values")
        }
    }
}

// MARK: - Run ends, which grow with their run

extension ArrayBuilder {
    func removeLastRunEnd() {
        count -= 1
        main.setByteCount(main.byteCount - (type.fixedByteWidth ?? 0))
    }

    func noteRunEnd() { count += 1 }
}
