// SPDX-License-Identifier: MIT

import Foundation
import IglooArrow
import IglooConnectorTesting
import IglooContracts
import IglooFiles
import Testing

@testable import CSVConnector

private func types(_ answer: Answer) -> [String] {
    answer.schema.fields.map { SQLTypeName.name($0.type) }
}

private func names(_ answer: Answer) -> [String] { answer.schema.fields.map(\.name) }

@Suite struct CSVReadingTests {
    @Test func typesAndNulls() throws {
        let folder = try Folder()
        let path = try folder.write(
            "t.csv",
            #"""
            id,price,ok,day,at,zoned,clock,name
            1,1.5,true,2024-02-29,2024-02-29 12:00:00,2024-01-01T00:00:00+02:00,12:30:00,"a ""b"""
            -2,1e3,FALSE,1969-12-31,1970-01-01T00:00:00.000001,2024-01-01 00:00:00Z,00:00:01.5,""
            ,,,,,,,

            """#)
        let answer = try readTable(path)
        #expect(
            types(answer) == [
                "BIGINT", "DOUBLE", "BOOLEAN", "DATE", "TIMESTAMP", "TIMESTAMPTZ", "TIME",
                "VARCHAR",
            ])
        #expect(
            answer.rows[0] == [
                "1", "1.5", "true", "19782", "1709208000000000", "1704060000000000",
                "45000000000", "a \"b\"",
            ])
        #expect(answer.rows[1][3] == "-1" && answer.rows[1][4] == "1" && answer.rows[1][7] == "")
        #expect(answer.rows[2] == Array(repeating: nil, count: 8))
        let some = try readTable(path, columns: [7, 0, 0])
        #expect(some.rows.map { $0[2] } == ["1", "-2", nil] && some.rows[0][0] == "a \"b\"")
        #expect(try readTable(path, columns: []).rows.count == 3)
    }

    @Test(arguments: [",", ";", "\t", "|"], ["\n", "\r\n", "\r"])
    func dialects(delimiter: String, newline: String) throws {
        let folder = try Folder()
        let lines =
            ["a\(delimiter)b c\(delimiter)d"]
            + (0..<50).map { "\($0)\(delimiter)\"x\(delimiter)\(newline)\($0)\"\(delimiter)1.5" }
        let path = try folder.write("t.csv", lines.joined(separator: newline))
        let answer = try readTable(path)
        #expect(names(answer) == ["a", "b c", "d"] && answer.rows.count == 50)
        #expect(types(answer) == ["BIGINT", "VARCHAR", "DOUBLE"])
        #expect(answer.rows[49] == ["49", "x\(delimiter)\(newline)49", "1.5"])
    }

    @Test func headersMarksAndPreambles() throws {
        let folder = try Folder()
        var path = try folder.write("a.csv", "\u{FEFF}x,y\n1,2\n")
        #expect(names(try readTable(path)) == ["x", "y"])
        path = try folder.write("b.csv", "1,2\n3,4\n")
        #expect(names(try readTable(path)) == ["column0", "column1"])
        #expect(try readTable(path).rows.count == 2)
        #expect(try readTable(path, ["header": .bool(true)]).rows.count == 1)
        path = try folder.write("c.csv", "Report of May\n\nx;y\n1;2\n3;4\n")
        #expect(try readTable(path).rows == [["1", "2"], ["3", "4"]])
        path = try folder.write("d.csv", "# note, with, commas\nx,y\n1,2\n# more\n3,4\n")
        #expect(try readTable(path).rows == [["1", "2"], ["3", "4"]])
        path = try folder.write("e.csv", "junk\njunk,\nx,y\n1,2\n")
        #expect(try readTable(path, ["skip": .integer(2)]).rows == [["1", "2"]])
        path = try folder.write("f.csv", "x,x,,X\n1,2,3,4\n")
        #expect(names(try readTable(path)) == ["x", "x_1", "column2", "X_2"])
        path = try folder.write("g.tbl", "1|a|\n2|b|\n")
        #expect(try readTable(path).rows == [["1", "a"], ["2", "b"]])
        path = try folder.write("i.csv", "a,b\n\"x\"  ,\"y, z\" \n")
        #expect(try readTable(path).rows == [["x", "y, z"]])
        path = try folder.write("j.csv", "zip,n\n08008,10\n90210,0\n")
        #expect(try readTable(path).rows == [["08008", "10"], ["90210", "0"]])
        path = try folder.write("h.csv", "one\n1\n\n2\n")
        #expect(try readTable(path).rows == [["1"], [nil], ["2"]])
    }

    @Test func options() throws {
        let folder = try Folder()
        var path = try folder.write("a.csv", "d;n;t\n31.12.2023;1,5;NA\n1.1.2024;2;-\n")
        var answer = try readTable(
            path,
            [
                "dateformat": .string("%d.%m.%Y"), "decimal_separator": .string(","),
                "null": .list(["NA", "-"]),
            ])
        #expect(types(answer) == ["DATE", "DOUBLE", "VARCHAR"])
        #expect(answer.rows == [["19722", "1.5", nil], ["19723", "2.0", nil]])
        path = try folder.write("b.csv", "1,2.345,007\n2,1,8\n")
        answer = try readTable(
            path, ["columns": .list(["{'k': 'INTEGER', 'v': 'DECIMAL(10,2)', 'z': VARCHAR}"])])
        #expect(names(answer) == ["k", "v", "z"])
        #expect(answer.rows == [["1", "235", "007"], ["2", "100", "8"]])
        answer = try readTable(path, ["all_varchar": .bool(true), "header": .bool(false)])
        #expect(answer.rows[0] == ["1", "2.345", "007"])
        path = try folder.write("c.csv", "a,b\n'x, y',2\n'it\\'s',3\n")
        answer = try readTable(path, ["quote": .string("'"), "escape": .string("\\")])
        #expect(answer.rows == [["x, y", "2"], ["it's", "3"]])
        answer = try readTable(path, ["quote": .string("'"), "escape": .string("\\")], limit: 1)
        #expect(answer.rows.count == 1)
        answer = try readTable(
            path, ["filename": .bool(true), "delim": .string(";")], columns: [1])
        #expect(answer.rows[0] == [path])
    }

    @Test func severalFiles() throws {
        let folder = try Folder()
        try folder.write("a.csv", "x,y\n1,2\n")
        try folder.write("b.csv", "y,x\n3,4.5\n")
        try folder.write("c.csv", "")
        #expect(try readTable(folder.path + "/*.csv").rows == [["1.0", "2"], ["4.5", "3"]])
        try folder.write("d.csv", "x,z\n5,hi\n")
        let error = try #require(failure { _ = try readTable(folder.path + "/*.csv") })
        #expect(error.code == .invalidData && error.message.contains("d.csv"))
        #expect(error.hint?.contains("union_by_name") == true)
        let answer = try readTable(folder.path + "/*.csv", ["union_by_name": .bool(true)])
        #expect(names(answer) == ["x", "y", "z"])
        #expect(answer.rows.last == ["5.0", nil, "hi"])
    }

    @Test func thousandFiles() throws {
        let folder = try Folder()
        for number in 0..<1000 {
            try folder.write("f-\(number).csv", "id,name\n\(number),file \(number)\n")
        }
        let answer = try readTable(folder.path)
        #expect(answer.rows.count == 1000 && types(answer) == ["BIGINT", "VARCHAR"])
        #expect(Set(answer.rows.map { $0[0] }).count == 1000)
    }

    @Test func emptyAndHeaderOnly() throws {
        let folder = try Folder()
        let empty = try folder.write("empty.csv", "")
        #expect(names(try readTable(empty)) == ["column0"])
        #expect(try readTable(empty).rows.isEmpty)
        #expect(try readTable(empty, ["columns": .list(["a INT"])]).rows.isEmpty)
        let header = try folder.write("header.csv", "a,b\n")
        #expect(try readTable(header).rows.isEmpty)
        #expect(names(try readTable(header)) == ["a", "b"])
        let blank = try folder.write("blank.csv", "\n\n")
        #expect(names(try readTable(blank)) == ["column0"])
        #expect(try readTable(blank, ["names": .list(["x", "y"])]).names == ["x", "y"])
    }
}

@Suite struct CSVFaultTests {
    private func table(_ folder: Folder) throws -> String {
        try folder.write("t.csv", "a,b\n1,x\n2\n3,y,z\n\"4\"q,u\n5,v\n")
    }

    @Test func malformedRecordsSayWhere() throws {
        let folder = try Folder()
        let options: [String: OptionValue] = [
            "delim": .string(","), "columns": .list(["a INT", "b TEXT"]),
        ]
        let error = try #require(failure { _ = try readTable(try table(folder), options) })
        #expect(error.code == .invalidData)
        #expect(error.message.contains("line 3") && error.message.contains("1 fields instead of 2"))
        var skipping = options
        skipping["on_error"] = .string("skip")
        let skipped = try readTable(try table(folder), skipping)
        #expect(skipped.rows == [["1", "x"], ["5", "v"]])
        #expect(skipped.notices.count == 1 && skipped.notices[0].message.hasPrefix("3 malformed"))
        #expect(try readTable(try table(folder), skipping, columns: [1]).rows.count == 2)
        #expect(try readTable(try table(folder), skipping, columns: []).rows.count == 2)
        var nulling = options
        nulling["on_error"] = .string("null")
        let nulled = try readTable(try table(folder), nulling)
        #expect(nulled.rows == [["1", "x"], ["2", nil], ["3", "y"], [nil, "u"], ["5", "v"]])
    }

    @Test func valuesThatDoNotFitTheSample() throws {
        let folder = try Folder()
        let lines = (0..<30_000).map { $0 == 29_990 ? "\($0),none" : "\($0),\($0)" }
        let path = try folder.write("t.csv", "id,amount\n" + lines.joined(separator: "\n"))
        let error = try #require(failure { _ = try readTable(path) })
        #expect(error.message.contains("line 29992") && error.message.contains("'amount'"))
        #expect(error.message.contains("'none'") && error.message.contains("BIGINT"))
        #expect(error.hint?.contains("sample_size=-1") == true)
        #expect(
            failure { _ = try readTable(path, splitByteCount: 10_000) }?.message == error.message)
        let whole = try readTable(path, ["sample_size": .integer(-1)])
        #expect(types(whole) == ["BIGINT", "VARCHAR"] && whole.rows.count == 30_000)
        #expect(try readTable(path, columns: [0]).rows.count == 30_000)
        let skipped = try readTable(path, ["ignore_errors": .bool(true)], splitByteCount: 20_000)
        #expect(skipped.rows.count == 29_999)
    }

    @Test func unclosedQuotes() throws {
        let folder = try Folder()
        let path = try folder.write("t.csv", "a,b\n1,2\n3,\"4\n5,6\n")
        let error = try #require(
            failure { _ = try readTable(path, ["delim": .string(","), "header": .bool(true)]) })
        #expect(error.message.contains("line 3") && error.message.contains("not closed"))
        let skipped = try readTable(
            path,
            [
                "delim": .string(","), "header": .bool(true), "on_error": .string("skip"),
                "quote": .string("\""),
            ])
        #expect(skipped.rows == [["1", "2"], ["5", "6"]])
        let long = try folder.write(
            "l.csv", "a,b\n1,2\n3,\"" + String(repeating: "x\n", count: 5000))
        let tooLong = failure {
            _ = try readTable(
                long,
                [
                    "delim": .string(","), "quote": .string("\""), "max_line_size": .integer(100),
                    "header": .bool(true),
                ])
        }
        #expect(tooLong?.code == .invalidData)
    }

    @Test func invalidText() throws {
        let folder = try Folder()
        let path = try folder.write("t.csv", Array("a,b\nx,1\n".utf8) + [0xFF, 0x2C, 0x32, 0x0A])
        let error = try #require(failure { _ = try readTable(path) })
        #expect(error.message.contains("UTF-8") && error.message.contains("line 3"))
        #expect(try readTable(path, columns: [1]).rows.count == 2)
        #expect(try readTable(path, ["on_error": .string("null")]).rows[1] == [nil, "2"])
        let wide = try folder.write("w.csv", [0xFF, 0xFE, 0, 0, 0x61, 0, 0, 0])
        #expect(failure { _ = try readTable(wide) }?.code == .unsupported)
    }

    @Test func changedWhileRead() throws {
        let folder = try Folder()
        let path = try folder.write("t.csv", "a\n1\n2\n")
        let context = CallContext()
        let connector = try csvConnector.create(OptionValues(), context)
        let table = try connector.openTable(schema: "", name: path, context)
        let plan = try connector.plan(ScanRequest(table: table.handle, columns: [0]), context)
        try folder.write("t.csv", "a\n1\n2\n3\n")
        let error = failure {
            let source = try connector.splits(handle: plan.handle, targetByteCount: 100, context)
            _ = try source.next(countMax: 1, context)
        }
        #expect(error?.code == .invalidState)
    }

    @Test func badOptionsAreErrors() throws {
        let folder = try Folder()
        let path = try folder.write("t.csv", "a\n1\n")
        let bad: [[String: OptionValue]] = [
            ["delim": .string("abcde")], ["delim": .string("\n")], ["quote": .string("ü")],
            ["delim": .string(";"), "quote": .string(";")], ["columns": .list(["a"])],
            ["columns": .list(["a FANCY"])], ["columns": .list(["a DECIMAL(50,2)"])],
            ["sample_size": .integer(0)], ["skip": .integer(-1)], ["max_line_size": .integer(0)],
            ["dateformat": .string("%Q")], ["decimal_separator": .string("x")],
            ["auto_detect": .bool(false)],
        ]
        for options in bad {
            #expect(failure { _ = try readTable(path, options) }?.code == .invalidArgument)
        }
    }
}
