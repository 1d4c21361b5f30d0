// SPDX-License-Identifier: MIT

import IglooArrow
import IglooConnectorTesting
import IglooContracts
import IglooFiles
import Testing

@testable import CSVConnector

/// Options beyond the dialect; the expected rows are those of DuckDB 1.4's `read_csv`.
@Suite struct CSVOptionTests {
    private func types(_ answer: Answer) -> [String] {
        answer.schema.fields.map { SQLTypeName.name($0.type) }
    }

    @Test func wideDelimiters() throws {
        let folder = try Folder()
        let path = try folder.write("t.csv", "a||b\r\n1||x|y\r\n2||\"p||q\"\r\n|||z\r\n")
        let answer = try readTable(path, ["delim": .string("||")])
        #expect(answer.names == ["a", "b"])
        #expect(answer.rows == [["1", "x|y"], ["2", "p||q"], [nil, "|z"]])
        let overlapping = try folder.write("o.csv", "aabaacaab1\n2aabaac3aab4\n")
        let rows = try readTable(
            overlapping, ["delim": .string("aab"), "header": .bool(false)]
        ).rows
        #expect(rows == [[nil, "aac", "1"], ["2", "aac3", "4"]])
    }

    /// Splits and pieces may end within a delimiter.
    @Test func wideDelimitersInParts() throws {
        let folder = try Folder()
        let lines = (0..<2000).map { "\($0)<=>\"t<=>\n\($0)\"<=>\($0 % 7)" }
        let path = try folder.write("t.csv", "k<=>t<=>m\n" + lines.joined(separator: "\n"))
        let whole = try readTable(path, ["delim": .string("<=>")])
        #expect(whole.rows.count == 2000 && whole.rows[1999] == ["1999", "t<=>\n1999", "4"])
        let parts = try readTable(path, ["delim": .string("<=>")], splitByteCount: 301)
        #expect(parts.rows == whole.rows && parts.splitCount > 100)
    }

    @Test func encodings() throws {
        let folder = try Folder()
        let text = "name,n\nZoë,1\n日本🐧,2\n"
        let little: [UInt8] =
            [0xFF, 0xFE] + text.utf16.flatMap { unit in [unit & 255, unit >> 8].map { UInt8($0) } }
        let big: [UInt8] =
            [0xFE, 0xFF] + text.utf16.flatMap { unit in [unit >> 8, unit & 255].map { UInt8($0) } }
        let expected: [[String?]] = [["Zoë", "1"], ["日本🐧", "2"]]
        for (name, bytes) in [("le.csv", little), ("be.csv", big)] {
            let path = try folder.write(name, bytes)
            #expect(try readTable(path).rows == expected)
            #expect(try readTable(path, ["encoding": .string("utf-16")]).rows == expected)
            let split = try readTable(path, splitByteCount: 3)
            #expect(split.rows == expected && split.splitCount == 1)
        }
        let bare = try folder.write("bare.csv", Array(big.dropFirst(2)))
        #expect(try readTable(bare, ["encoding": .string("utf-16be")]).rows == expected)
        let latin = try folder.write("l.csv", Array("a,b\n1,".utf8) + [0xE9, 0x0A])
        #expect(try readTable(latin, ["encoding": .string("latin-1")]).rows == [["1", "é"]])
        #expect(failure { _ = try readTable(latin) }?.hint?.contains("latin-1") == true)
        let torn = try folder.write("torn.csv", Array(little.dropLast()))
        #expect(failure { _ = try readTable(torn) }?.code == .invalidData)
        let lone = try folder.write("lone.csv", [0xFF, 0xFE, 0x61, 0, 0x0A, 0, 0, 0xDC, 0x0A, 0])
        #expect(failure { _ = try readTable(lone) }?.message.contains("byte 6") == true)
    }

    /// Characters that end in the next piece of the file.
    @Test func longEncodedFiles() throws {
        let folder = try Folder()
        let text = "x,t\n" + (0..<40_000).map { "\($0),🐧\($0)é\n" }.joined()
        let bytes: [UInt8] =
            [0xFF, 0xFE] + text.utf16.flatMap { unit in [unit & 255, unit >> 8].map { UInt8($0) } }
        let answer = try readTable(try folder.write("t.csv", bytes))
        #expect(answer.rows.count == 40_000 && answer.rows[39_999] == ["39999", "🐧39999é"])
    }

    @Test func shortRecordsArePadded() throws {
        let folder = try Folder()
        let path = try folder.write("t.csv", "a,b,c\n1,2\n3,4,5\n6\n")
        let answer = try readTable(path, ["null_padding": .bool(true)])
        #expect(answer.rows == [["1", "2", nil], ["3", "4", "5"], ["6", nil, nil]])
        #expect(answer.notices.isEmpty)
        let long = try folder.write("l.csv", "a,b\n1,2\n3,4,5\n6,7\n8,9\n")
        let options: [String: OptionValue] = [
            "null_padding": .bool(true), "columns": .list(["a INT", "b INT"]),
            "header": .bool(true), "on_error": .string("skip"),
        ]
        let rest = try readTable(long, options)
        #expect(rest.rows.count == 3)
        #expect(rest.notices[0].message.hasPrefix("1 malformed record of"))
    }

    @Test func whatMeansNull() throws {
        let folder = try Folder()
        let path = try folder.write("t.csv", "a,b\n1,\"NA\"\n2,NA\n3,\n")
        var options: [String: OptionValue] = ["nullstr": .list(["NA"])]
        #expect(try readTable(path, options).rows.map { $0[1] } == ["NA", nil, ""])
        options["allow_quoted_nulls"] = .bool(true)
        #expect(try readTable(path, options).rows.map { $0[1] } == [nil, nil, ""])
        options = ["force_not_null": .list(["B"])]
        #expect(try readTable(path, options).rows.map { $0[1] } == ["NA", "NA", ""])
        options = ["force_not_null": .list(["bb"])]
        let error = failure { _ = try readTable(path, options) }
        #expect(error?.hint == "did you mean 'b'?" && error?.sqlState == .undefinedColumn)
    }

    @Test func names() throws {
        let folder = try Folder()
        let path = try folder.write("t.csv", "Net Price,1x,select,Größe (m)\n1,2,3,4\n")
        let answer = try readTable(path, ["normalize_names": .bool(true)])
        #expect(answer.names == ["net_price", "_1x", "_select", "größe_m"])
        #expect(answer.rows == [["1", "2", "3", "4"]])
        let bare = try folder.write("b.csv", "1,2\n3,4\n")
        #expect(try readTable(bare, ["names": .list(["x"])]).names == ["x", "column1"])
    }

    @Test func typesAskedForAndGuessed() throws {
        let folder = try Folder()
        let path = try folder.write("t.csv", "a,b,c\n1,2.5,2024-01-01\n2,3.5,2024-01-02\n")
        var answer = try readTable(path, ["types": .list(["VARCHAR", "DECIMAL(4,1)"])])
        #expect(types(answer) == ["VARCHAR", "DECIMAL(4,1)", "DATE"])
        answer = try readTable(path, ["types": .list(["C VARCHAR"])])
        #expect(types(answer) == ["BIGINT", "DOUBLE", "VARCHAR"])
        answer = try readTable(path, ["auto_type_candidates": .list(["DOUBLE", "VARCHAR"])])
        #expect(types(answer) == ["DOUBLE", "DOUBLE", "VARCHAR"])
        answer = try readTable(path, ["all_varchar": .bool(true)])
        #expect(types(answer) == ["VARCHAR", "VARCHAR", "VARCHAR"] && answer.rows.count == 2)
        for bad in [["zz VARCHAR"], ["INT", "INT", "INT", "INT"]] {
            #expect(failure { _ = try readTable(path, ["types": .list(bad)]) } != nil)
        }
        let error = failure {
            _ = try readTable(path, ["auto_type_candidates": .list(["DECIMAL(3,1)"])])
        }
        #expect(error?.code == .invalidArgument)
    }

    @Test func commentsAndSkippedLines() throws {
        let folder = try Folder()
        var path = try folder.write("c.csv", "# x\na,b\n1,2\n# z\n3,4\n")
        #expect(try readTable(path, ["comment": .string("#")]).rows == [["1", "2"], ["3", "4"]])
        path = try folder.write("s.csv", "junk\njunk2,3\na,b\n1,2\n")
        #expect(try readTable(path, ["skip": .integer(2)]).rows == [["1", "2"]])
        path = try folder.write("d.csv", "d,t\n31/12/2024,31/12/2024 10:00\n")
        let answer = try readTable(
            path,
            [
                "dateformat": .string("%d/%m/%Y"), "timestampformat": .string("%d/%m/%Y %H:%M"),
            ])
        #expect(types(answer) == ["DATE", "TIMESTAMP"])
        #expect(answer.rows == [["20088", "1735639200000000"]])
    }
}
