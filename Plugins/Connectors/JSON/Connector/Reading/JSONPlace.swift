// SPDX-License-Identifier: MIT

import IglooContracts
import IglooFiles

/// Turns a place in a file into words.
enum JSONPlace {
    /// An error about the content at `offset`, with its line and column.
    static func error(
        _ fault: JSONFault, _ file: FileReference, _ content: FileContent,
        offset: Int64, excerpt: String, isGuessed: Bool
    ) -> IglooError {
        var place = "'\(file.path)'"
        if let lines = try? content.opened(try FileReader(file)).lines(upTo: offset) {
            // Both counted from 1, the column in bytes.
            place += ", line \(lines.count + 1), column \(offset - lines.lastStart + 1)"
        }
        if let name = fault.column { place += ", field '\(name)'" }
        var hint: String?
        if fault.kind == .mismatch && isGuessed {
            hint =
                "the type was guessed from a sample: say sample_size=-1, or all columns with"
                + " their types in columns"
        } else if fault.kind == .syntax {
            hint = "on_error='skip' leaves malformed records of newline-delimited files out"
        }
        return IglooError(
            .invalidData, "\(place): \(fault.message); the record: \(excerpt)", hint: hint,
            sqlState: .invalidTextRepresentation)
    }
}
