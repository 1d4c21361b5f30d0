// SPDX-License-Identifier: MIT

import Foundation
import IglooEngine
import IglooEngineTesting
import IglooSQLLogic
import Testing

/// COPY to files and from them.
@Suite struct CopyTests {
    private let session: EngineSession
    private let folder: String

    init() throws {
        session = try EngineSession()
        folder = NSTemporaryDirectory() + "igloo-copy-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        run(
            "CREATE TABLE t (i integer, s text, d date, m decimal(8, 2), b boolean, "
                + "x double precision)")
        run(
            """
            INSERT INTO t VALUES (1, 'plain', '2024-01-31', 1.5, true, 0.1),
              (2, 'comma, "quote"', NULL, -2, false, 1e300), (3, '', '1999-12-31', 0, NULL, 'nan'),
              (4, NULL, NULL, NULL, NULL, NULL), (5, 'zwei\nZeilen', NULL, 7.25, true, -0.5),
              (6, '0123', NULL, 1, false, 3)
            """)
    }

    private func run(_ sql: String) {
        if case .failure(let state, let message) = session.run(sql) {
            Issue.record("\(sql): \(state) \(message)")
        }
    }

    private func rows(_ sql: String) -> [[String?]] {
        switch session.run(sql) {
        case .rows(let rows, _): return rows
        case .failure(let state, let message): Issue.record("\(sql): \(state) \(message)")
        case .done: Issue.record("\(sql): no rows")
        }
        return []
    }

    private func state(_ sql: String) -> String {
        if case .failure(let state, _) = session.run(sql) { return state }
        return "no error"
    }

    @Test(arguments: [
        ("x.csv", ""), ("x.tsv", ""), ("x.txt", "(FORMAT csv, DELIMITER '|', HEADER false)"),
        ("y.csv", "(NULL 'NULL', FORCE_QUOTE *)"), ("z.csv", "WITH CSV HEADER DELIMITER ';'"),
        ("x.json", ""), ("y.json", "(ARRAY true)"), ("x.ndjson", ""), ("x.parquet", ""),
        ("y.parquet", "(COMPRESSION zstd, ROW_GROUP_SIZE 2)"), ("q.csv", "(QUOTE '''')"),
    ])
    func thereAndBack(name: String, options: String) throws {
        let path = "\(folder)/\(name)"
        run("COPY t TO '\(path)' \(options)")
        run("CREATE TABLE back AS FROM t WITH NO DATA")
        // What says how to write is known from the file when it is read.
        let isText = name.hasSuffix("csv") || name.hasSuffix("tsv") || name.hasSuffix("txt")
        let reading = options.replacingOccurrences(of: ", FORCE_QUOTE *", with: "")
        run("COPY back FROM '\(path)' \(isText ? reading : "")")
        #expect(rows("SELECT * FROM back ORDER BY i") == rows("SELECT * FROM t ORDER BY i"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [name])
    }

    /// Lists of uuids came back as other uuids.
    @Test(arguments: ["parquet", "csv"])
    func partsGoToFoldersNamedByTheirValues(_ format: String) throws {
        let path = "\(folder)/parts-\(format)"
        run(
            "CREATE TABLE p AS VALUES (1, 'a', true), (2, 'b/=%', true), (3, NULL, false), (4, 'a', true)"
        )
        run("COPY p TO '\(path)' (FORMAT \(format), PARTITION_BY (column2, column3))")
        #expect(
            rows(
                "FROM read_\(format)('\(path)/column2=a/column3=true/data_0.\(format)', "
                    + "hive_partitioning = false) ORDER BY 1") == [["1"], ["4"]])
        #expect(
            rows(
                "SELECT column1, column2, column3 FROM read_\(format)('\(path)/*/*/*.\(format)', "
                    + "hive_partitioning = true) ORDER BY 1")
                == [
                    ["1", "a", "true"], ["2", "b/=%", "true"], ["3", nil, "false"],
                    ["4", "a", "true"],
                ])
        guard
            case .failure(_, let message) = session.run(
                "COPY p TO '\(path)' (FORMAT \(format), PARTITION_BY column2)")
        else {
            Issue.record("a folder with files in it was written to")
            return
        }
        #expect(message.contains("is not empty"))
        run(
            "COPY p TO '\(path)' (FORMAT \(format), PARTITION_BY (column2, column3), "
                + "OVERWRITE_OR_IGNORE true, WRITE_PARTITION_COLUMNS true)")
        #expect(
            rows(
                "FROM read_\(format)('\(path)/column2=a/column3=true/data_0.\(format)', "
                    + "hive_partitioning = false) ORDER BY 1"
            ).first == ["1", "a", "true"])
    }

    @Test func logicalTypesWithinOthersComeBack() throws {
        let path = "\(folder)/x.parquet"
        let values = """
            SELECT [uuid 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', NULL] AS u,
                {'i': uuid '00000000-0000-0000-0000-000000000001', 'j': json '{"a":1}'} AS s
            """
        run("COPY (\(values)) TO '\(path)'")
        #expect(rows("SELECT u, s FROM '\(path)'") == rows(values))
        #expect(
            rows("SELECT unnest(u)::text FROM '\(path)'")
                == [["a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"], [nil]])
    }

    @Test func queriesAndColumns() throws {
        let path = "\(folder)/x.csv"
        run("COPY (SELECT i AS \"the number\", s FROM t WHERE i < 3 ORDER BY i) TO '\(path)'")
        #expect(
            try Places.text(path) == "the number,s\n1,plain\n2,\"comma, \"\"quote\"\"\"\n")
        run("COPY t (s, i) TO '\(path)' (HEADER false, NULL '-')")
        #expect(try Places.text(path).hasPrefix("plain,1\n"))
        run("CREATE TABLE part (a integer DEFAULT 7, b text, c text)")
        run("COPY part (c, a) FROM '\(path)' (HEADER false, NULL '-')")
        #expect(
            rows("SELECT a, b, c FROM part WHERE a IN (1, 4) ORDER BY a")
                == [["1", nil, "plain"], ["4", nil, nil]])
    }

    @Test func jsonGoesByName() throws {
        let path = "\(folder)/x.json"
        try Data("{\"s\": \"x\", \"i\": 5}\n{\"i\": 6}\n".utf8).write(
            to: URL(fileURLWithPath: path))
        run("CREATE TABLE named (i bigint, s text, more date DEFAULT '2000-01-01')")
        run("COPY named FROM '\(path)'")
        #expect(
            rows("FROM named ORDER BY i")
                == [["5", "x", "2000-01-01"], ["6", nil, "2000-01-01"]])
        run("CREATE TABLE less (i bigint)")
        #expect(state("COPY less FROM '\(path)'") == "42703")
    }

    @Test func whatIsWrongIsSaid() throws {
        let path = "\(folder)/x.csv"
        #expect(state("COPY nothing TO '\(path)'") == "42P01")
        #expect(state("COPY t (nothing) TO '\(path)'") == "42703")
        #expect(state("COPY t TO '\(folder)/x.what'") == "22023")
        #expect(state("COPY t TO '\(path)' (FORMAT what)") == "22023")
        #expect(state("COPY t TO '\(path)' (DELIMITER 'ab')") == "22023")
        #expect(state("COPY t TO '\(path)' (NOTHING 1)") == "22023")
        #expect(state("COPY t TO '\(path)' (HEADER perhaps)") == "22023")
        #expect(state("COPY t TO '\(path)' (HEADER, HEADER)") == "22023")
        #expect(state("COPY t TO '\(folder)/no/x.csv'") == "58P01")
        #expect(state("COPY t FROM STDIN") == "0A000")
        #expect(state("COPY (SELECT 1 / (i - 6) FROM t) TO '\(path)'") == "22012")
        // Nothing is left of what failed.
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [])
        #expect(state("COPY t FROM '\(path)'") != "no error")
        try Data("i,s\n1,x\n".utf8).write(to: URL(fileURLWithPath: path))
        #expect(state("COPY t FROM '\(path)'") != "no error")
        run("CREATE TABLE two (i integer CHECK (i < 5), s text)")
        try Data("i,s\n1,x\n7,y\n".utf8).write(to: URL(fileURLWithPath: path))
        #expect(state("COPY two FROM '\(path)'") == "23514")
        try Data("i,s\n1,x\nseven,y\n".utf8).write(to: URL(fileURLWithPath: path))
        #expect(state("COPY two FROM '\(path)'") == "22P02")
        #expect(rows("SELECT count(*) FROM two") == [["0"]])
    }

    @Test func aFileIsReplacedAtOnce() throws {
        let path = "\(folder)/x.csv"
        run("COPY (SELECT i FROM t ORDER BY i) TO '\(path)'")
        run("COPY (SELECT i * 2 AS i FROM '\(path)' ORDER BY i) TO '\(path)'")
        #expect(try Places.text(path) == "i\n2\n4\n6\n8\n10\n12\n")
    }
}
