// SPDX-License-Identifier: MIT

import IglooContracts
import IglooFormats

/// Text of statements, and what errors call it.
struct ScriptText {
    var bytes: [UInt8]
    /// A file's path; `nil` where a place in the text is enough.
    var name: String?

    init(_ text: String) { bytes = Array(text.utf8) }

    /// - Throws: what keeps the file from being read.
    init(path: String) throws(IglooError) {
        let descriptor = try PlatformFiles.openForReading(path)
        defer { PlatformFiles.close(descriptor) }
        bytes = []
        while true {
            let more = try PlatformFiles.read(descriptor, byteCountMax: 1 << 16, name: path)
            if more.isEmpty { break }
            bytes += more
        }
        name = path
        // Some editors put a mark in front.
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
    }
}

/// Whole lines of standard input, as they arrive.
struct InputLines {
    private var pending: [UInt8] = []
    private var start = 0
    private var isAtEnd = false

    /// The next line without its end; `nil` at the end of the input.
    mutating func next() throws(IglooError) -> ArraySlice<UInt8>? {
        var searched = start
        while true {
            if let end = pending[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                defer { start = end + 1 }
                return pending[start..<end]
            }
            if isAtEnd {
                defer { start = pending.count }
                return start < pending.count ? pending[start...] : nil
            }
            pending.removeFirst(start)
            start = 0
            searched = pending.count
            let more = try PlatformFiles.read(0, byteCountMax: 1 << 16, name: "standard input")
            isAtEnd = more.isEmpty
            pending += more
        }
    }
}
