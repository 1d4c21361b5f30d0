// SPDX-License-Identifier: MIT

import IglooArrow

/// Where the fields and lines of a piece of text end.
///
/// - Threads: one at a time.
final class CSVIndex {
    private var fieldMemory: UnsafeMutablePointer<UInt32>
    private var lineMemory: UnsafeMutablePointer<UInt32>
    private var byteCapacity = 0
    /// Number of fields that end in the text.
    private(set) var fieldCount = 0
    /// Number of lines that end in the text.
    private(set) var lineCount = 0
    /// Bytes up to the end of the last whole line.
    private(set) var completeByteCount = 0
    /// The text ends inside quotes.
    private(set) var endsInsideQuotes = false

    init() {
        fieldMemory = .allocate(capacity: 1)
        lineMemory = .allocate(capacity: 1)
    }

    deinit {
        fieldMemory.deallocate()
        lineMemory.deallocate()
    }

    /// Offsets of the bytes that end the fields. Element -1 stands for the beginning, so that a
    /// field always begins one after the end before it, in wrapping arithmetic.
    var fieldEnds: UnsafePointer<UInt32> { UnsafePointer(fieldMemory + 1) }
    /// Indexes into `fieldEnds` of each line's last field.
    var lineEnds: UnsafePointer<UInt32> { UnsafePointer(lineMemory) }

    /// Indexes `count` bytes, which begin with a record; 64 more must be readable.
    func build(_ bytes: UnsafePointer<UInt8>, _ count: Int, _ dialect: CSVDialect) {
        reserve(count)
        let fields = fieldMemory + 1
        let lines = lineMemory
        var (fieldCount, lineCount) = (0, 0)
        var scanner = CSVScanner(dialect)
        scanner.scan(bytes, count) { offset, ends, newlines in
            var bits = ends
            while bits != 0 {
                let bit = bits.trailingZeroBitCount
                fields[fieldCount] = UInt32(truncatingIfNeeded: offset &+ bit)
                lines[lineCount] = UInt32(truncatingIfNeeded: fieldCount)
                lineCount &+= Int(truncatingIfNeeded: newlines &>> UInt64(bit) & 1)
                fieldCount &+= 1
                bits &= bits &- 1
            }
            return true
        }
        self.fieldCount = fieldCount
        self.lineCount = lineCount
        endsInsideQuotes = scanner.isInsideQuotes
        completeByteCount = lineCount == 0 ? 0 : Int(fields[Int(lines[lineCount - 1])]) + 1
    }

    private func reserve(_ byteCount: Int) {
        guard byteCount > byteCapacity else { return }
        fieldMemory.deallocate()
        lineMemory.deallocate()
        // Every byte may end a field; the emitting loop writes one line end ahead.
        fieldMemory = .allocate(capacity: byteCount + 2)
        lineMemory = .allocate(capacity: byteCount + 2)
        fieldMemory[0] = .max
        byteCapacity = byteCount
    }
}
