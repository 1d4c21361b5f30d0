// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// Gathers lists of texts.
struct TextLists: ~Copyable {
    /// Items of each list so far.
    var counts: [Int] = []
    private var writer = ViewWriter(count: 0)
    private var itemValidity = ValidityBuilder()
    private var total = 0

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        writer.append(bytes)
        itemValidity.appendValid()
        total += 1
    }

    /// An item put together from parts.
    mutating func append(_ body: (inout ViewWriter) -> Void) {
        body(&writer)
        writer.close()
        itemValidity.appendValid()
        total += 1
    }

    mutating func appendNull() {
        writer.appendEmpty()
        itemValidity.appendNull()
        total += 1
    }

    mutating func finish(_ type: DataType, validity: Buffer?) throws(IglooError) -> ArrayData {
        try ListLayout.list(type, counts: counts, validity: validity, items: finishItems())
    }

    /// The items alone.
    mutating func finishItems() -> ArrayData {
        writer.finish(.utf8View, count: total, validity: itemValidity.finish())
    }
}
