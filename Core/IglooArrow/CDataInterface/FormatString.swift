// SPDX-License-Identifier: MIT

/// The type strings of the C Data Interface, such as `tsu:UTC` or `+w:3`.
///
/// - Source: Arrow C Data Interface, "Data type description -- format strings".
enum FormatString {
    /// How `type` is spelled. Dictionaries are spelled as their indexes.
    static func encode(_ type: DataType) -> String {
        if let simple = simpleTypes.first(where: { $0.type == type }) { return simple.format }
        switch type {
        case .decimal32(let precision, let scale): return "d:\(precision),\(scale),32"
        case .decimal64(let precision, let scale): return "d:\(precision),\(scale),64"
        case .decimal128(let precision, let scale): return "d:\(precision),\(scale)"
        case .decimal256(let precision, let scale): return "d:\(precision),\(scale),256"
        case .fixedSizeBinary(let byteCount): return "w:\(byteCount)"
        case .timestamp(let unit, let zone): return "ts\(letter(of: unit)):\(zone ?? "")"
        case .dictionary(let index, _, _): return encode(index)
        case .list: return "+l"
        case .largeList: return "+L"
        case .listView: return "+vl"
        case .largeListView: return "+vL"
        case .fixedSizeList(_, let count): return "+w:\(count)"
        case .structure: return "+s"
        case .map: return "+m"
        case .runEndEncoded: return "+r"
        case .union(let mode, let typeIds, _):
            let ids = typeIds.map(String.init).joined(separator: ",")
            return "+u\(mode == .dense ? "d" : "s"):\(ids)"
        case .logical(let type): return encode(type.storage)
        default: preconditionFailure("\(type) has no format string")
        }
    }

    /// The type spelled `format` over the given children; dictionaries are the caller's business.
    static func decode(
        _ format: String, children: [Field], keysSorted: Bool
    ) throws(ArrowError) -> DataType {
        let type: DataType
        if format.hasPrefix("+") {
            type = try decodeNested(format, children: children, keysSorted: keysSorted)
        } else {
            guard children.isEmpty else {
                throw ArrowError(.invalid, "type \"\(format)\" cannot have children")
            }
            type = try decodeFlat(format)
        }
        try type.checkShape()
        return type
    }

    private static func decodeFlat(_ format: String) throws(ArrowError) -> DataType {
        if let simple = simpleTypes.first(where: { $0.format == format }) { return simple.type }
        guard let colon = format.firstIndex(of: ":") else { throw unknown(format) }
        let argument = format[format.index(after: colon)...]
        switch format[..<colon] {
        case "w":
            guard let byteCount = Int(argument) else { throw unknown(format) }
            return .fixedSizeBinary(byteCount: byteCount)
        case "d": return try decodeDecimal(format, argument)
        case "tss", "tsm", "tsu", "tsn":
            let unit: TimeUnit =
                switch format.utf8[format.utf8.index(format.startIndex, offsetBy: 2)] {
                case UInt8(ascii: "s"): .second
                case UInt8(ascii: "m"): .millisecond
                case UInt8(ascii: "u"): .microsecond
                default: .nanosecond
                }
            return .timestamp(unit, timeZone: argument.isEmpty ? nil : String(argument))
        default: throw unknown(format)
        }
    }

    private static func decodeDecimal(
        _ format: String, _ argument: Substring
    ) throws(ArrowError) -> DataType {
        let parts = argument.split(separator: ",", omittingEmptySubsequences: false)
        guard parts.count == 2 || parts.count == 3,
            let precision = Int(parts[0]), let scale = Int(parts[1])
        else { throw unknown(format) }
        switch parts.count == 3 ? parts[2] : "128" {
        case "32": return .decimal32(precision: precision, scale: scale)
        case "64": return .decimal64(precision: precision, scale: scale)
        case "128": return .decimal128(precision: precision, scale: scale)
        case "256": return .decimal256(precision: precision, scale: scale)
        default: throw unknown(format)
        }
    }

    private static func decodeNested(
        _ format: String, children: [Field], keysSorted: Bool
    ) throws(ArrowError) -> DataType {
        func only() throws(ArrowError) -> Field {
            guard children.count == 1 else {
                throw ArrowError(
                    .invalid, "type \"\(format)\" needs 1 child and has \(children.count)")
            }
            return children[0]
        }
        switch format {
        case "+s": return .structure(children)
        case "+l": return .list(try only())
        case "+L": return .largeList(try only())
        case "+vl": return .listView(try only())
        case "+vL": return .largeListView(try only())
        case "+m": return .map(entries: try only(), keysSorted: keysSorted)
        case "+r":
            guard children.count == 2 else {
                throw ArrowError(.invalid, "type \"+r\" needs 2 children and has \(children.count)")
            }
            return .runEndEncoded(runEnds: children[0], values: children[1])
        default: break
        }
        let argument = format.split(separator: ":", maxSplits: 1).dropFirst().first ?? ""
        if format.hasPrefix("+w:"), let count = Int(argument) {
            return .fixedSizeList(try only(), count: count)
        }
        guard format.hasPrefix("+ud:") || format.hasPrefix("+us:") else { throw unknown(format) }
        var typeIds: [Int8] = []
        for part in argument.split(separator: ",", omittingEmptySubsequences: true) {
            guard let id = Int8(part) else { throw unknown(format) }
            typeIds.append(id)
        }
        return .union(
            format.hasPrefix("+ud:") ? .dense : .sparse, typeIds: typeIds, fields: children)
    }

    private static func unknown(_ format: String) -> ArrowError {
        ArrowError(.invalid, "unknown Arrow type string \"\(format)\"")
    }

    private static func letter(of unit: TimeUnit) -> String {
        switch unit {
        case .second: "s"
        case .millisecond: "m"
        case .microsecond: "u"
        case .nanosecond: "n"
        }
    }

    private static let simpleTypes: [(format: String, type: DataType)] = [
        ("n", .null), ("b", .bool), ("c", .int8), ("C", .uint8), ("s", .int16), ("S", .uint16),
        ("i", .int32), ("I", .uint32), ("l", .int64), ("L", .uint64), ("e", .float16),
        ("f", .float32), ("g", .float64), ("z", .binary), ("Z", .largeBinary),
        ("vz", .binaryView), ("u", .utf8), ("U", .largeUtf8), ("vu", .utf8View),
        ("tdD", .date32), ("tdm", .date64), ("tts", .time32(.second)),
        ("ttm", .time32(.millisecond)), ("ttu", .time64(.microsecond)),
        ("ttn", .time64(.nanosecond)), ("tDs", .duration(.second)),
        ("tDm", .duration(.millisecond)), ("tDu", .duration(.microsecond)),
        ("tDn", .duration(.nanosecond)), ("tiM", .interval(.yearMonth)),
        ("tiD", .interval(.dayTime)), ("tin", .interval(.monthDayNano)),
    ]
}
