// SPDX-License-Identifier: MIT
public import CIgloo

extension ArrayData {
    /// Takes over an array of `type` that another library made, sharing its memory.
    ///
    /// The interface does not say how large buffers are: that follows from type, count and
    /// offsets, so a producer whose numbers lie makes us read beyond its memory. What can be seen
    /// to be wrong is refused.
    ///
    /// - Ownership: moved: `source` is marked released, on errors too. The foreign array is
    ///   released once, when the last buffer over it is gone.
    /// - Threads: that release may run on any thread.
    /// - Parameter validation: `.full` also looks at every offset, view and index.
    /// - Throws: `ArrowError.invalid`.
    public convenience init(
        importing source: UnsafeMutablePointer<ArrowArray>, type: DataType,
        validation: ValidationLevel = .structure
    ) throws(ArrowError) {
        let owner = ForeignArrayOwner(try ForeignArray(moving: source))
        try self.init(reading: owner.array.contents, type: type, owner: owner)
        try validate(validation)
    }

    private convenience init(
        reading array: ArrowArray, type: DataType, owner: ForeignArrayOwner
    ) throws(ArrowError) {
        let reader = try ForeignArrayReader(array, type: type, owner: owner)
        let validity = try reader.validity()
        let fields = type.childFields
        var children: [ArrayData] = []
        for (index, field) in fields.enumerated() {
            do throws(ArrowError) {
                let child = try reader.child(array.children?[index])
                children.append(try ArrayData(reading: child, type: field.type, owner: owner))
            } catch {
                throw error.inside("field \"\(field.name)\"")
            }
        }
        var dictionary: ArrayData?
        if case .dictionary(_, let value, _) = type {
            do throws(ArrowError) {
                let values = try reader.child(array.dictionary)
                dictionary = try ArrayData(reading: values, type: value, owner: owner)
            } catch {
                throw error.inside("dictionary")
            }
        }
        self.init(
            type: type, count: reader.count, offset: reader.offset,
            nullCount: array.null_count == -1 || !type.hasValidity ? nil : Int(array.null_count),
            validity: validity,
            buffers: NullSlots.cleared(
                try reader.buffers(), type: type, count: reader.count, offset: reader.offset,
                validity: validity, dictionaryCount: dictionary?.count ?? 0),
            children: children, dictionary: dictionary)
    }
}

extension RecordBatch {
    /// Takes over a struct array that another library made as rows of `schema`.
    ///
    /// - Ownership: moved: `source` is marked released, on errors too. The foreign array is
    ///   released once, when the last buffer over it is gone.
    /// - Throws: `ArrowError.invalid`, also when a whole row is null.
    public init(
        importing source: UnsafeMutablePointer<ArrowArray>, schema: Schema,
        validation: ValidationLevel = .structure
    ) throws(ArrowError) {
        let rows = try ArrayData(
            importing: source, type: .structure(schema.fields), validation: validation)
        guard rows.nullCount == 0 else {
            throw ArrowError(.invalid, "\(rows.nullCount) rows of the record batch are null")
        }
        self.init(
            schema: schema,
            columns: rows.children.map { $0.slice(rows.offset, count: rows.count) },
            rowCount: rows.count)
    }
}
