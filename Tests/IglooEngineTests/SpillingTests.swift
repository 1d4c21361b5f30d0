// SPDX-License-Identifier: MIT

import Foundation
import IglooContracts
import IglooEngine
import IglooEngineTesting
import IglooSQLLogic
import Testing

/// Operators that write rows to temporary files: the same rows come out, and nothing stays behind.
@Suite struct SpillingTests {
    /// A file of the numbers to 50,000.
    private static let numbers: String = {
        let path = FileManager.default.temporaryDirectory
            .appendingPathComponent("igloo-numbers-\(getpid()).csv").path
        let lines = (1...50_000).map { "\($0)\n" }.joined()
        _ = FileManager.default.createFile(atPath: path, contents: Data(("i\n" + lines).utf8))
        atexit { try? FileManager.default.removeItem(atPath: SpillingTests.numbers) }
        return path
    }()

    /// 50,000 rows with keys of several kinds, NULLs and texts too long to stand in a view.
    private static let rows = """
        (SELECT i, i % 12007 AS key, nullif(i % 7, 3) AS few,
            'a text that is long enough to stand elsewhere ' || (i * 7919 % 24989) AS words
        FROM '\(numbers)')
        """

    /// Texts of which the limit holds a part.
    private static let long = "(SELECT i, few, words || words || words AS long FROM \(rows))"

    /// Texts that compressing makes no smaller.
    private static let hard: String = {
        let parts = (0..<8).map { "md5((i + \($0)00000)::text)" }
        return "(SELECT i, \(parts.joined(separator: " || ")) AS hard FROM '\(numbers)')"
    }()

    private static let statements = [
        "SELECT i, words FROM \(rows) ORDER BY words DESC, i",
        "SELECT i, sum(few) OVER (PARTITION BY key ORDER BY i), "
            + "lag(words) OVER (PARTITION BY key ORDER BY i) FROM \(rows) ORDER BY i",
        "SELECT count(*), sum(a.i), sum(b.few), min(b.words) FROM \(rows) a "
            + "JOIN \(rows) b ON a.i = b.key",
        "SELECT count(*), count(b.i), sum(a.i) FROM \(rows) a LEFT JOIN \(rows) b "
            + "ON a.words = b.words AND b.few >= 0",
        "SELECT count(*), count(a.i), count(b.i) FROM \(rows) a FULL JOIN \(rows) b "
            + "ON a.i = b.key + 45000",
        "SELECT count(*), sum(i) FROM \(rows) WHERE i NOT IN (SELECT key FROM \(rows))",
        "SELECT count(*), sum(i) FROM \(rows) a WHERE EXISTS "
            + "(SELECT 1 FROM \(rows) b WHERE b.key = a.i AND b.words <> a.words)",
        "SELECT words, count(*), sum(few), min(key), max(words || 'x') FROM \(rows) GROUP BY words "
            + "ORDER BY words",
        "SELECT key, count(DISTINCT few), string_agg(words, ',' ORDER BY i), median(i), "
            + "array_agg(few ORDER BY i) FILTER (WHERE i > 9) FROM \(rows) GROUP BY key "
            + "ORDER BY key",
        "SELECT count(*), sum(i) FROM (SELECT DISTINCT words, i FROM \(rows))",
        "SELECT count(*), min(words), sum(key) FROM (SELECT words, key FROM \(rows) "
            + "INTERSECT SELECT words, key FROM \(rows) WHERE key > 3000)",
        "SELECT count(*), min(words), sum(i) FROM (SELECT words, i FROM \(rows) "
            + "EXCEPT ALL SELECT words, i FROM \(rows) WHERE key > 3000)",
        "SELECT a.i, count(*), count(b.i), min(b.long) FROM "
            + "(SELECT i FROM '\(numbers)' WHERE i % 9000 IN (0, 1)) a "
            + "LEFT JOIN \(long) b ON a.i > b.i + 2 AND b.long <> '' GROUP BY a.i ORDER BY a.i",
        "SELECT count(*), count(a.i), count(b.i), sum(b.i), max(b.long) FROM "
            + "(SELECT i FROM '\(numbers)' WHERE i % 20000 = 7) a "
            + "FULL JOIN \(long) b ON a.i < b.i AND b.few > 2",
        "SELECT count(*), sum(a.i) FROM '\(numbers)' a WHERE a.i % 10000 = 1 AND NOT EXISTS "
            + "(SELECT 1 FROM \(long) b WHERE a.i > b.i + 3 AND b.long > 'a text' || a.i)",
        "WITH t AS MATERIALIZED (SELECT * FROM \(long)) SELECT (SELECT count(*) FROM t), "
            + "(SELECT min(long) FROM t WHERE i > 10), (SELECT sum(i) FROM t WHERE few = 2)",
        "SELECT quantile_disc(long, 0.3), mode(long), median(i), quantile_cont(i / 3, [0.9, 0.1]), "
            + "mad(few), entropy(few), median(TIMESTAMP '2020-01-01' + i * INTERVAL '1 second') "
            + "FROM \(long)",
        "SELECT count(DISTINCT long), max(DISTINCT long), count(*), "
            + "array_agg(DISTINCT few ORDER BY few), median(DISTINCT few) FROM \(long)",
        "SELECT first(i ORDER BY long), last(few ORDER BY long DESC, i), histogram(few), "
            + "any_value(few ORDER BY long, i), md5(string_agg(i::text, ',' ORDER BY long, i)), "
            + "len(array_agg(few ORDER BY long)), mode() WITHIN GROUP (ORDER BY long) FROM \(long)",
        "SELECT i > 7 AS big, median(i), mode(long), count(DISTINCT long), "
            + "quantile_disc(few, [0.2, 0.5]), array_agg(i ORDER BY long DESC)[1:5] "
            + "FROM \(long) GROUP BY big ORDER BY big",
    ]

    /// A session that may hold little.
    private static func session(limit: String, folder: String) throws -> EngineSession {
        let session = try EngineSession()
        for setting in ["memory_limit = '\(limit)'", "temp_directory = '\(folder)'"] {
            guard case .done = session.run("SET \(setting)") else {
                throw IglooError(.internalError, "cannot SET \(setting)")
            }
        }
        return session
    }

    private static func withFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("igloo-spilling-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(folder.path)
    }

    private static func describe(_ outcome: LogicOutcome) -> String {
        if case .rows(let rows, _) = outcome { return "\(rows)" }
        return "\(outcome)"
    }

    @Test(arguments: statements)
    func rowsAreTheSameInLittleMemory(sql: String) throws {
        try Self.withFolder { folder in
            let wanted = Self.describe(try EngineSession().run(sql))
            let session = try Self.session(limit: "12MB", folder: folder)
            #expect(Self.describe(session.run(sql)) == wanted)
            guard case .rows(let plan, _) = session.run("EXPLAIN (ANALYZE) \(sql)") else {
                Issue.record("no plan")
                return
            }
            // The keys of NOT IN alone find room.
            let spills = plan.contains { $0[0]?.contains("spilled") == true }
            #expect(spills || sql.contains("NOT IN"), "\(plan)")
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [])
        }
    }

    @Test func foldersThatCannotBeWrittenToAreNamed() throws {
        let sql = "SELECT * FROM \(Self.rows) ORDER BY words"
        try Self.withFolder { folder in
            let gone = folder + "/gone"
            let outcome = try Self.session(limit: "12MB", folder: gone).run(sql)
            guard case .failure(let state, let message) = outcome else {
                Issue.record("no error")
                return
            }
            #expect(state == "58P01")
            #expect(message.contains("'\(gone)'"))
        }
    }

    @Test(arguments: [
        "SELECT * FROM \(rows) ORDER BY words", statements[2],
        "SELECT max(b.hard) FROM '\(numbers)' a LEFT JOIN \(hard) b ON a.i > b.i AND b.hard > 'a' "
            + "WHERE a.i % 9000 = 1",
        "SELECT mode(hard) FROM \(hard)", "SELECT count(DISTINCT hard) FROM \(hard)",
    ])
    func aFullDiskIsAnErrorThatNamesTheFolder(sql: String) throws {
        // Where tests may mount one: a file system of 1 MiB.
        try Self.withFolder { folder in
            let mount = Process()
            mount.executableURL = URL(fileURLWithPath: "/bin/mount")
            mount.arguments = ["-t", "tmpfs", "-o", "size=1m", "tmpfs", folder]
            mount.standardError = FileHandle.nullDevice
            guard (try? mount.run()) != nil else { return }
            mount.waitUntilExit()
            guard mount.terminationStatus == 0 else { return }
            defer {
                let unmount = Process()
                unmount.executableURL = URL(fileURLWithPath: "/bin/umount")
                unmount.arguments = [folder]
                try? unmount.run()
                unmount.waitUntilExit()
            }
            let session = try Self.session(limit: "12MB", folder: folder)
            guard case .failure(let state, let message) = session.run(sql) else {
                Issue.record("no error")
                return
            }
            #expect(state == "53100")
            #expect(message.contains("'\(folder)'"))
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [])
            // The disk is free again, and the session goes on.
            for _ in 0..<500 where Self.openFileCount(below: folder) > 0 { usleep(10_000) }
            let attributes = try FileManager.default.attributesOfFileSystem(forPath: folder)
            let free = try #require(attributes[.systemFreeSize] as? Int)
            #expect(free > 900_000)
            guard case .rows = session.run("SELECT 1") else {
                Issue.record("the session is lost")
                return
            }
        }
    }

    @Test(arguments: [
        "SELECT a.words FROM \(rows) a, \(rows) b WHERE a.few = b.few ORDER BY a.words, b.words",
        "SELECT count(*) FROM \(rows) a LEFT JOIN \(long) b ON a.i > b.i AND a.words < b.long",
    ])
    func aCancelledStatementLeavesNoFile(sql: String) throws {
        try Self.withFolder { folder in
            let session = try Self.session(limit: "12MB", folder: folder).session
            let cancellation = CancellationToken()
            let thread = Thread {
                while Self.openFileCount(below: folder) == 0 { usleep(1_000) }
                cancellation.cancel()
            }
            thread.start()
            #expect(throws: IglooError.self) {
                guard case .rows(let stream) = try session.execute(sql, cancellation: cancellation)
                else { return }
                while try stream.next() != nil {}
            }
            for _ in 0..<500 where Self.openFileCount(below: folder) > 0 { usleep(10_000) }
            #expect(Self.openFileCount(below: folder) == 0)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [])
        }
    }

    /// Files of this process that have no name and stand in the folder.
    private static func openFileCount(below folder: String) -> Int {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
        return names.count { name in
            let link = try? FileManager.default.destinationOfSymbolicLink(
                atPath: "/proc/self/fd/\(name)")
            return link?.hasPrefix(folder) == true
        }
    }
}
