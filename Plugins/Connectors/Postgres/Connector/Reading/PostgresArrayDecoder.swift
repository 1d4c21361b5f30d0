// SPDX-License-Identifier: MIT

import IglooArrow

/// Arrays of one dimension as lists.
///
/// - Source: `array_send` in PostgreSQL 15, src/backend/utils/adt/arrayfuncs.c: int32 dimensions,
///   int32 flags, int32 element type, a count and a lower bound each, then length and value of each
///   element, -1 for NULL.
final class PostgresArrayDecoder: PostgresColumnDecoder {
    private let element: PostgresColumnDecoder
    private var lists: ListBuilder
    private var childCount = 0

    init(_ type: PostgresType) {
        element = PostgresColumnDecoder.make(type)
        lists = ListBuilder(PostgresType.array(type).arrow)
    }

    override func append(_ bytes: UnsafeRawBufferPointer) throws(PostgresValueError) {
        guard bytes.count >= 12 else { throw .length(bytes.count, "array") }
        let dimensions = PostgresBytes.integer(bytes, as: Int32.self)
        if dimensions == 0 { return try close() }
        guard dimensions == 1 else {
            throw PostgresValueError(
                "an array of \(dimensions) dimensions cannot be read as a list",
                hint: "cast it to text or unnest it in a view")
        }
        guard bytes.count >= 20 else { throw .length(bytes.count, "array") }
        let count = PostgresBytes.integer(bytes, at: 12, as: Int32.self)
        var offset = 20
        for _ in 0..<max(0, count) {
            guard bytes.count - offset >= 4 else { throw .length(bytes.count, "array") }
            let length = Int(PostgresBytes.integer(bytes, at: offset, as: Int32.self))
            offset += 4
            if length < 0 {
                try element.appendNull()
            } else {
                guard bytes.count - offset >= length else { throw .length(bytes.count, "array") }
                try element.append(
                    UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + length]))
                offset += length
            }
            childCount += 1
        }
        try close()
    }

    private func close() throws(PostgresValueError) {
        do {
            try lists.append(childCount: childCount)
        } catch {
            throw PostgresValueError("a batch of arrays has too many elements")
        }
    }

    override func appendNull() throws(PostgresValueError) {
        do {
            try lists.appendNull(childCount: childCount)
        } catch {
            throw PostgresValueError("a batch of arrays has too many elements")
        }
    }

    override func finish() -> ArrayData {
        childCount = 0
        return lists.finish(values: element.finish())
    }
}
