// SPDX-License-Identifier: MIT

import CIglooTOML

/// A value of a TOML document and the place where it stands.
package struct TOMLValue {
    package indirect enum Content {
        case table([TOMLEntry])
        case array([TOMLValue])
        case string(String)
        case integer(Int64)
        case double(Double)
        case bool(Bool)
        /// Dates and times, of which a manifest has no use.
        case time
    }

    package var content: Content
    package var place: TOMLPlace

    /// What it is, for messages.
    package var kind: String {
        switch content {
        case .table: "a table"
        case .array: "a list"
        case .string: "a text"
        case .integer, .double: "a number"
        case .bool: "a truth value"
        case .time: "a date or time"
        }
    }
}

package struct TOMLEntry {
    package var key: String
    package var place: TOMLPlace
    package var value: TOMLValue
}

/// Counted from 1.
package struct TOMLPlace {
    package var line: UInt32
    package var column: UInt32

    init(_ place: igloo_toml_place) {
        line = place.line
        column = place.column
    }
}

/// Text that is no TOML.
package struct TOMLError: Error {
    package var message: String
    package var place: TOMLPlace
}

package enum TOMLDocument {
    /// Parses a document, in the order of its keys in the file.
    package static func parse(_ text: String) throws(TOMLError) -> [TOMLEntry] {
        var failure = igloo_toml_failure()
        let bytes = Array(text.utf8)
        let document = bytes.withUnsafeBufferPointer { buffer in
            buffer.withMemoryRebound(to: CChar.self) {
                igloo_toml_parse($0.baseAddress, $0.count, &failure)
            }
        }
        guard let document else {
            let message = withUnsafeBytes(of: failure.message) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            throw TOMLError(message: message, place: TOMLPlace(failure.place))
        }
        defer { igloo_toml_free(document) }
        return igloo_toml_root(document).map { entries($0) } ?? []
    }

    private static func entries(_ table: OpaquePointer) -> [TOMLEntry] {
        var entries: [TOMLEntry] = []
        for index in 0..<igloo_toml_count(table) {
            let entry = igloo_toml_entry_at(table, index)
            guard let contents = entry.value else { continue }
            entries.append(
                TOMLEntry(
                    key: text(entry.key), place: TOMLPlace(entry.place), value: value(contents)))
        }
        return entries.sorted {
            ($0.place.line, $0.place.column) < ($1.place.line, $1.place.column)
        }
    }

    private static func value(_ value: OpaquePointer) -> TOMLValue {
        let content: TOMLValue.Content
        switch igloo_toml_kind_of(value) {
        case IGLOO_TOML_TABLE: content = .table(entries(value))
        case IGLOO_TOML_ARRAY:
            content = .array(
                (0..<igloo_toml_count(value)).compactMap { index in
                    igloo_toml_element_at(value, index).map { self.value($0) }
                })
        case IGLOO_TOML_STRING: content = .string(text(igloo_toml_string(value)))
        case IGLOO_TOML_INTEGER: content = .integer(igloo_toml_integer(value))
        case IGLOO_TOML_FLOAT: content = .double(igloo_toml_float(value))
        case IGLOO_TOML_BOOL: content = .bool(igloo_toml_bool(value))
        default: content = .time
        }
        return TOMLValue(content: content, place: TOMLPlace(igloo_toml_place_of(value)))
    }

    private static func text(_ text: igloo_toml_text) -> String {
        String(
            decoding: UnsafeRawBufferPointer(start: text.bytes, count: text.count), as: UTF8.self)
    }
}
