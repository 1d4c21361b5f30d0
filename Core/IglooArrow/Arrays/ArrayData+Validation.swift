// SPDX-License-Identifier: MIT

/// How closely data from outside is looked at.
public enum ValidationLevel: Sendable {
    /// Sizes of buffers, first and last offsets, children: constant time a column.
    case structure
    /// Every offset, view, index, run end and character too: time linear in the data.
    case full
}

extension ArrayData {
    /// No array has more elements, nor starts further into its buffers. Far beyond any memory,
    /// it keeps sums and products of counts from overflowing.
    public static let countMax = 1 << 56

    /// Refuses an array whose parts contradict each other.
    ///
    /// After `.structure` no slice of the array reads outside its buffers, unless an offset,
    /// view or index in the midst of the data leads astray; after `.full` none does. What stands
    /// in the place of nulls is undefined in Arrow and not looked at: it must not be followed. Nor
    /// are numbers: a decimal may have more digits than its type, a time be later than midnight.
    ///
    /// - Throws: `ArrowError.invalid`, which names the field.
    /// - Complexity: by `level`: O(columns) or O(data).
    public func validate(_ level: ValidationLevel = .full) throws(ArrowError) {
        try validate(level, dictionaries: true)
    }

    /// Leaves out the dictionaries' contents, for those who have looked at them before.
    package func validate(
        _ level: ValidationLevel, dictionaries: Bool
    ) throws(ArrowError) {
        try type.checkShape()
        try checkCounts()
        try checkBuffers()
        try checkChildren()
        for (index, child) in children.enumerated() {
            do throws(ArrowError) {
                try child.validate(level, dictionaries: dictionaries)
            } catch {
                throw error.inside("field \"\(type.childFields[index].name)\"")
            }
        }
        if dictionaries, let dictionary {
            do throws(ArrowError) {
                try dictionary.validate(level)
            } catch {
                throw error.inside("dictionary")
            }
        }
        if level == .full { try checkContents() }
    }

    func invalid(_ message: String) -> ArrowError {
        ArrowError(.invalid, "an array of \(count) \(type) \(message)")
    }

    private func checkCounts() throws(ArrowError) {
        guard count <= Self.countMax, offset <= Self.countMax else {
            throw invalid("from \(offset) on is too large")
        }
        guard (0...count).contains(nullCount) else { throw invalid("has \(nullCount) nulls") }
        guard let validity else {
            guard nullCount == 0 || type == .null else {
                throw invalid("has \(nullCount) nulls and no validity bitmap")
            }
            return
        }
        guard type.hasValidity else { throw invalid("has a validity bitmap") }
        let needed = Bitmap.byteCount(forBits: offset + count)
        guard validity.byteCount >= needed else {
            throw invalid("has \(validity.byteCount) of \(needed) bytes of validity")
        }
    }

    private func checkBuffers() throws(ArrowError) {
        let shapes = type.bufferShapes
        guard type.isView ? buffers.count >= 1 : buffers.count == shapes.count else {
            throw invalid("has \(buffers.count) buffers, not \(shapes.count)")
        }
        for (index, shape) in shapes.enumerated() {
            guard let needed = shape.byteCount(for: offset + count) else {
                throw invalid("is too large")
            }
            guard buffers[index].byteCount >= needed else {
                throw invalid(
                    "has \(buffers[index].byteCount) of \(needed) bytes in buffer \(index)")
            }
        }
        switch type {
        case .utf8, .binary, .largeUtf8, .largeBinary:
            try checkOffsetRange(limit: buffers[1].byteCount, "bytes")
        default: break
        }
    }

    /// The first and the last offset: what lies between them is the contents' business.
    private func checkOffsetRange(limit: Int, _ unit: String) throws(ArrowError) {
        guard offset + count > 0 else { return }
        let (first, last) =
            type.offsetByteWidth == 8
            ? (Int(values(as: Int64.self)[0]), Int(values(as: Int64.self)[count]))
            : (Int(values(as: Int32.self)[0]), Int(values(as: Int32.self)[count]))
        guard first >= 0, first <= last, last <= limit else {
            throw invalid("has offsets from \(first) to \(last) into \(limit) \(unit)")
        }
    }

    private func checkChildren() throws(ArrowError) {
        let fields = type.childFields
        guard children.count == fields.count else {
            throw invalid("has \(children.count) children, not \(fields.count)")
        }
        for (child, field) in zip(children, fields) where child.type != field.type {
            throw invalid("has a child of \(child.type) for field \"\(field.name)\"")
        }
        switch type {
        case .structure, .union(.sparse, _, _):
            for child in children where child.count < offset + count {
                throw invalid("from \(offset) on has a child of \(child.count) elements")
            }
        case .fixedSizeList(_, let width):
            let (needed, overflow) = (offset + count).multipliedReportingOverflow(by: width)
            guard !overflow, children[0].count >= needed else {
                throw invalid("from \(offset) on has \(children[0].count) values")
            }
        case .list, .largeList: try checkOffsetRange(limit: children[0].count, "values")
        case .map:
            try checkOffsetRange(limit: children[0].count, "entries")
            let entries = children[0]
            guard entries.nullCount == 0, entries.children.first?.nullCount == 0 else {
                throw invalid("has entries or keys that are null")
            }
        case .runEndEncoded: try checkRuns()
        case .dictionary(_, let value, _):
            guard let dictionary, dictionary.type == value else {
                throw invalid("has a dictionary of \(dictionary.map { "\($0.type)" } ?? "nothing")")
            }
            return
        default: break
        }
        guard dictionary == nil else { throw invalid("has a dictionary") }
    }

    private func checkRuns() throws(ArrowError) {
        let (runEnds, runValues) = (children[0], children[1])
        guard runEnds.count == runValues.count, runEnds.nullCount == 0 else {
            throw invalid(
                "has \(runEnds.count) run ends, \(runEnds.nullCount) of them null, for "
                    + "\(runValues.count) values")
        }
        // The children are looked at later: this must hold before one of them is read.
        guard let width = runEnds.type.fixedByteWidth, runEnds.buffers.count == 1,
            runEnds.offset <= Self.countMax, runEnds.count <= Self.countMax,
            runEnds.buffers[0].byteCount / width >= runEnds.offset + runEnds.count
        else { throw invalid("has too few run ends") }
        let last = runEnds.count == 0 ? 0 : runEnds.runEnd(at: runEnds.count - 1)
        guard last >= offset + count else {
            throw invalid("from \(offset) on has runs that end at \(last)")
        }
    }

    /// A run end as an `Int`; for arrays of int16, int32 and int64.
    @inline(__always)
    func runEnd(at index: Int) -> Int {
        switch type {
        case .int16: Int(values(as: Int16.self)[index])
        case .int32: Int(values(as: Int32.self)[index])
        default: Int(values(as: Int64.self)[index])
        }
    }
}

extension RecordBatch {
    /// Refuses a batch whose columns contradict themselves, each other or the schema.
    ///
    /// - Throws: `ArrowError.invalid`, which names the column.
    public func validate(_ level: ValidationLevel = .full) throws(ArrowError) {
        for (column, field) in zip(columns, schema.fields) {
            do throws(ArrowError) {
                guard column.type == field.type, column.count == rowCount else {
                    throw column.invalid("stands for \(rowCount) rows of \(field.type)")
                }
                try column.validate(level)
            } catch {
                throw error.inside("column \"\(field.name)\"")
            }
        }
    }
}
