// SPDX-License-Identifier: MIT

import IglooArrow
import IglooParquet
import Testing

/// Every encoding, type, codec, null and nesting that pyarrow writes.
struct OwnFileTests {
    @Test(arguments: Places.files)
    func `a file reads as pyarrow reads it`(name: String) throws {
        let file = try Places.open(name)
        let rows = Rendering.rows(try readAll(file))
        let expected = try Places.expected(name)
        #expect(rows.count == expected.count)
        for (index, (row, wanted)) in zip(rows, expected).enumerated() where row != wanted {
            Issue.record("row \(index): \(row) instead of \(wanted)")
            break
        }
    }

    @Test(arguments: Places.files, [1, 7, 64])
    func `batches of any count hold the same rows`(name: String, count: Int) throws {
        var options = ParquetOptions()
        options.batchRowCount = count
        options.checksPages = true
        let rows = Rendering.rows(try readAll(try Places.open(name, options)))
        #expect(rows == (try Places.expected(name)))
    }

    @Test(arguments: Places.files)
    func `small decimals and kept dictionaries are the same values`(name: String) throws {
        var options = ParquetOptions()
        options.prefersDecimal64 = true
        options.keepsDictionaries = true
        let file = try Places.open(name, options)
        for field in file.schema.fields {
            if case .decimal128(let precision, _) = field.type { #expect(precision > 18) }
        }
        #expect(Rendering.rows(try readAll(file)) == (try Places.expected(name)))
    }
}
