// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooParquet

/// Writes rows in the form of `reference.py`.
enum Rendering {
    static func rows(_ batches: [RecordBatch]) -> [String] {
        var lines: [String] = []
        for batch in batches {
            for row in 0..<batch.rowCount {
                lines.append(batch.columns.map { value($0, row) }.joined(separator: "|"))
            }
        }
        return lines
    }

    static func value(_ array: ArrayData, _ index: Int) -> String {
        if array.isNull(index) { return "null" }
        switch array.type {
        case .bool:
            return Bitmap.isSet(array.buffers[0].pointer(), array.offset + index)
                ? "true" : "false"
        case .int8: return "\(array.values(as: Int8.self)[index])"
        case .int16: return "\(array.values(as: Int16.self)[index])"
        case .int32, .date32, .time32, .decimal32: return "\(array.values(as: Int32.self)[index])"
        case .int64, .time64, .timestamp, .decimal64, .date64, .duration:
            return "\(array.values(as: Int64.self)[index])"
        case .uint8: return "\(array.values(as: UInt8.self)[index])"
        case .uint16: return "\(array.values(as: UInt16.self)[index])"
        case .uint32: return "\(array.values(as: UInt32.self)[index])"
        case .uint64: return "\(array.values(as: UInt64.self)[index])"
        case .decimal128: return "\(array.values(as: Int128.self)[index])"
        case .decimal256: return array.values(as: Int256.self)[index].description
        case .float16: return float(Double(array.values(as: Float16.self)[index]))
        case .float32: return float(Double(array.values(as: Float.self)[index]))
        case .float64: return float(array.values(as: Double.self)[index])
        case .utf8View, .binaryView: return hex(viewBytes(array, index))
        case .fixedSizeBinary(let count):
            let start = array.buffers[0].baseAddress + (array.offset + index) * count
            return hex(Array(UnsafeRawBufferPointer(start: start, count: count)))
        case .list, .map:
            let offsets = array.values(as: Int32.self)
            let items = (offsets[index]..<offsets[index + 1]).map {
                value(array.children[0], Int($0))
            }
            return "[" + items.joined(separator: ",") + "]"
        case .structure:
            let items = array.children.map { value($0, array.offset + index) }
            return "{" + items.joined(separator: ",") + "}"
        case .dictionary:
            return value(array.dictionary!, Int(array.values(as: Int32.self)[index]))
        default: return "no form for \(array.type)"
        }
    }

    static func viewBytes(_ array: ArrayData, _ index: Int) -> [UInt8] {
        let view = array.values(as: BinaryView.self)[index]
        if view.isInline {
            return withUnsafeBytes(of: view) { Array($0[4..<4 + view.count]) }
        }
        let data = array.buffers[1 + view.bufferIndex]
        return Array(data.bytes[view.offset..<view.offset + view.count])
    }

    private static func float(_ value: Double) -> String {
        if value.isNaN { return "nan" }
        let digits = String(value.bitPattern, radix: 16)
        return "f" + String(repeating: "0", count: 16 - digits.count) + digits
    }

    private static func hex(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = [UInt8(ascii: "x")]
        for byte in bytes { text += [digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
        return String(decoding: text, as: UTF8.self)
    }
}

/// All batches of a file, each checked to be sound Arrow.
func readAll(
    _ file: ParquetFile, rowGroups: [Int]? = nil, columns: [Int]? = nil,
    filter: RowFilter? = nil, limit: Int64? = nil
) throws -> [RecordBatch] {
    let reader = try ParquetReader(
        file, rowGroups: rowGroups, columns: columns, filter: filter, limit: limit)
    var batches: [RecordBatch] = []
    while let batch = try reader.next(CallContext()) {
        try batch.validate(.full)
        batches.append(batch)
    }
    return batches
}
