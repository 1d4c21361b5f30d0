// SPDX-License-Identifier: MIT

import IglooArrow
import IglooConnectorTesting
import IglooContracts
import IglooFiles
import Testing

@testable import CSVConnector

/// Tables of `key=value` folders; the expected schemas are DuckDB's.
@Suite struct CSVPartitionTests {
    private func sales() throws -> Folder {
        let folder = try Folder()
        for year in [2023, 2024] {
            for month in ["01", "02"] {
                try folder.write(
                    "year=\(year)/month=\(month)/x.csv", "a,b\n\(year % 10),\(month)\n")
            }
        }
        return folder
    }

    @Test func keysAreColumns() throws {
        let folder = try sales()
        let answer = try readTable(folder.path + "/**/*.csv")
        #expect(answer.names == ["a", "b", "month", "year"])
        #expect(answer.schema.fields.map(\.type) == [.int64, .utf8View, .utf8View, .int64])
        #expect(answer.rows[0] == ["3", "01", "01", "2023"])
        #expect(answer.rows[3] == ["4", "02", "02", "2024"])
        let some = try readTable(folder.path, columns: [3, 0, 3])
        #expect(some.rows[3] == ["2024", "4", "2024"])
        let named = try readTable(folder.path, ["filename": .bool(true)])
        #expect(named.names == ["a", "b", "filename", "month", "year"])
        #expect(named.rows[0][2] == folder.path + "/year=2023/month=01/x.csv")
        let none = try readTable(folder.path, ["hive_partitioning": .bool(false)])
        #expect(none.names == ["a", "b"])
        let typed = try readTable(
            folder.path, ["hive_types": .list(["month TINYINT", "year VARCHAR"])])
        #expect(typed.schema.fields.map(\.type).suffix(2) == [.int8, .utf8View])
        #expect(typed.rows[3].suffix(2) == ["2", "2024"])
        let texts = try readTable(folder.path, ["hive_types_autocast": .bool(false)])
        #expect(texts.schema.fields[3].type == .utf8View)
    }

    @Test func keysThatAreOddOrMissing() throws {
        let folder = try Folder()
        try folder.write("o/a=7/x.csv", "a,b\n1,2\n")
        let hidden = try readTable(folder.path + "/o/*/*.csv")
        #expect(hidden.names == ["a", "b"] && hidden.rows == [["7", "2"]])
        try folder.write("n/k=__HIVE_DEFAULT_PARTITION__/x.csv", "a\n1\n")
        try folder.write("n/k=3/x.csv", "a\n1\n")
        #expect(try readTable(folder.path + "/n/*/*.csv").rows == [["1", "3"], ["1", nil]])
        try folder.write("d/k=2024-01-01/x.csv", "a\n1\n")
        #expect(try readTable(folder.path + "/d/*/*.csv").rows == [["1", "19723"]])
        try folder.write("d/k=a%20b%2/x.csv", "a\n1\n")
        let mixed = try readTable(folder.path + "/d/*/*.csv").rows.map { $0[1] }
        #expect(mixed == ["2024-01-01", "a b%2"])
        try folder.write("d/x.csv", "a\n1\n")
        #expect(try readTable(folder.path + "/d/**/*.csv").names == ["a"])
        let error = failure {
            _ = try readTable(folder.path + "/d/**/*.csv", ["hive_partitioning": .bool(true)])
        }
        #expect(error?.code == .invalidArgument && error?.message.contains("none") == true)
        let cast = failure {
            _ = try readTable(folder.path + "/d/*/*.csv", ["hive_types": .list(["k INT"])])
        }
        #expect(cast?.message.contains("is not a INTEGER") == true)
    }

    @Test func conditionsOnPathsLeaveFilesOut() throws {
        let folder = try sales()
        let year = PushdownExpression.column(3, .int64)
        let month = PushdownExpression.column(2, .utf8View)
        func literal(_ value: Scalar, _ type: DataType) -> PushdownExpression {
            .literal(value, type)
        }
        let is2024 = PushdownExpression.call(
            .equal, [year, literal(.int(2024), .int64)], .bool)
        let late = PushdownExpression.call(
            .greater, [month, literal(.text("01"), .utf8View)], .bool)
        let among = PushdownExpression.call(
            .isIn, [year, literal(.int(2023), .int64), literal(.int(1), .int64)], .bool)
        let aboutRows = PushdownExpression.call(
            .equal, [.column(0, .int64), literal(.int(3), .int64)], .bool)
        let cases: [(PushdownExpression, Int, Verdict)] = [
            (is2024, 2, .exact), (late, 2, .exact), (among, 2, .exact),
            (aboutRows, 4, .unsupported),
            (.call(.or, [is2024, late], .bool), 3, .exact),
            (.call(.and, [is2024, late], .bool), 1, .exact),
            (.call(.not, [is2024], .bool), 2, .exact),
            (.call(.isNull, [year], .bool), 0, .exact),
            (.call(.or, [is2024, aboutRows], .bool), 4, .unsupported),
            (.call(.hasPrefix, [month, literal(.text("0"), .utf8View)], .bool), 4, .exact),
        ]
        for (condition, rowCount, verdict) in cases {
            var question = Question()
            question.conjuncts = [condition]
            let answer = try csvConnector.answer(folder.path, [:], question)
            #expect(answer.plan.conjuncts == [verdict], "\(condition)")
            #expect(answer.rows.count == rowCount, "\(condition)")
        }
    }
}
