// SPDX-License-Identifier: MIT

/// What one buffer of a layout holds, and so how many bytes a number of elements needs.
package enum BufferShape: Hashable, Sendable {
    /// One bit an element.
    case bits
    /// So many bytes an element.
    case fixed(byteWidth: Int)
    /// One offset more than elements, each of that many bytes.
    case offsets(byteWidth: Int)
    /// The bytes that the last of the offsets before it reaches to.
    case bytes

    /// What a load of an element needs the address to be a multiple of, up to 16.
    package var alignment: Int {
        switch self {
        case .bits, .bytes: 1
        case .fixed(let byteWidth): [2, 4, 8, 16].contains(byteWidth) ? byteWidth : 1
        case .offsets(let byteWidth): byteWidth
        }
    }

    /// Bytes that the first `count` elements take, `nil` when the number overflows; for `.bytes`
    /// the layout alone cannot say, so zero.
    package func byteCount(for count: Int) -> Int? {
        switch self {
        case .bits: return count / 8 + (count % 8 == 0 ? 0 : 1)
        case .fixed(let byteWidth):
            let (product, overflow) = count.multipliedReportingOverflow(by: byteWidth)
            return overflow ? nil : product
        case .offsets(let byteWidth):
            if count == 0 { return 0 }
            let (sum, tooMany) = count.addingReportingOverflow(1)
            let (product, overflow) = sum.multipliedReportingOverflow(by: byteWidth)
            return tooMany || overflow ? nil : product
        case .bytes: return 0
        }
    }
}

extension DataType {
    /// The buffers of this type's layout, without validity and without the data buffers of views.
    package var bufferShapes: [BufferShape] {
        switch self {
        case .bool: [.bits]
        case .utf8, .binary: [.offsets(byteWidth: 4), .bytes]
        case .largeUtf8, .largeBinary: [.offsets(byteWidth: 8), .bytes]
        case .utf8View, .binaryView: [.fixed(byteWidth: 16)]
        case .list, .map: [.offsets(byteWidth: 4)]
        case .largeList: [.offsets(byteWidth: 8)]
        case .listView: [.fixed(byteWidth: 4), .fixed(byteWidth: 4)]
        case .largeListView: [.fixed(byteWidth: 8), .fixed(byteWidth: 8)]
        case .null, .structure, .fixedSizeList, .runEndEncoded: []
        case .union(.sparse, _, _): [.fixed(byteWidth: 1)]
        case .union(.dense, _, _): [.fixed(byteWidth: 1), .fixed(byteWidth: 4)]
        case .logical(let type): type.storage.bufferShapes
        default: [.fixed(byteWidth: fixedByteWidth ?? 0)]
        }
    }

    /// What an address of values in buffer `index` must be a multiple of to be loaded.
    package func alignment(ofBuffer index: Int) -> Int {
        switch self {
        // Int128 is loaded with aligned instructions, and a decimal256 is made of two.
        case .decimal128, .decimal256: 16
        // Views and intervals are made of eight-byte words.
        case .utf8View, .binaryView, .interval(.monthDayNano): 8
        case .interval(.dayTime): 4
        case .fixedSizeBinary: 1
        case .logical(let type): type.storage.alignment(ofBuffer: index)
        default: bufferShapes[index].alignment
        }
    }

    /// Whether arrays of this type may have a bitmap of their own.
    package var hasValidity: Bool {
        switch self {
        case .null, .union, .runEndEncoded: false
        default: true
        }
    }

    /// Whether any number of data buffers follows the views.
    package var isView: Bool { storage == .utf8View || storage == .binaryView }

    /// Bytes of one offset (or list view count), for the types that have them.
    package var offsetByteWidth: Int? {
        switch self {
        case .utf8, .binary, .list, .map, .listView, .union(.dense, _, _): 4
        case .largeUtf8, .largeBinary, .largeList, .largeListView: 8
        default: nil
        }
    }

    /// Whether any number of elements takes no more memory than one: counts of such arrays cost
    /// nothing, and so prove nothing.
    package var isStorageFree: Bool {
        switch self {
        case .null, .runEndEncoded: true
        case .fixedSizeBinary(let byteCount): byteCount == 0
        case .fixedSizeList(let field, let count): count == 0 || field.type.isStorageFree
        case .structure(let fields): fields.allSatisfy(\.type.isStorageFree)
        default: false
        }
    }
}
