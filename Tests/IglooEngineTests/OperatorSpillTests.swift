// SPDX-License-Identifier: MIT

import Foundation
import IglooEngine
import IglooEngineTesting
import IglooSQLLogic
import Testing

/// Operators of plugins in C under a small limit, and such as have to wait.
@Suite struct OperatorSpillTests {
    private static let sorting = Result {
        try CompiledPlugin.folder("sorting.c", id: "sorting")
    }
    private static let pending = Result {
        try CompiledPlugin.folder("pending.c", id: "pending")
    }
    /// A prime: the numbers below it in a strange order, each once.
    private static let count = 300_007
    private static let numbers = "SELECT range * 7919 % \(count) AS n FROM range(\(count))"

    private func session(_ settings: String...) throws -> EngineSession {
        let engine = try Engine(
            EngineConfiguration(
                pluginDirectories: [try Self.sorting.get(), try Self.pending.get()],
                threadCount: 4))
        let session = EngineSession(engine.makeSession())
        for setting in settings { _ = session.run("SET \(setting)") }
        return session
    }

    private func text(_ session: EngineSession, _ sql: String) -> String {
        switch session.run(sql) {
        case .done: "done"
        case .failure(let state, let message): "\(state): \(message)"
        case .rows(let rows, _):
            rows.map { $0.map { $0 ?? "NULL" }.joined(separator: "|") }.joined(separator: "\n")
        }
    }

    private func sorted(_ folder: String) -> String {
        "SELECT n FROM external_sort((\(Self.numbers)), '\(folder)')"
    }

    private func expectSorted(_ session: EngineSession, _ sql: String) {
        guard case .rows(let rows, _) = session.run(sql) else {
            Issue.record("no rows: \(text(session, sql))")
            return
        }
        #expect(rows.count == Self.count)
        let misplaced = rows.indices.first { rows[$0][0] != String($0) }
        #expect(misplaced == nil)
    }

    @Test(arguments: ["memory_limit = '2MB'", "debug_force_spilling = on"])
    func spillsAndAnswersRightly(_ setting: String) throws {
        let session = try session(setting)
        let folder = FileManager.default.temporaryDirectory.path
        expectSorted(session, sorted(folder))
        let plan = text(session, "EXPLAIN (ANALYZE) \(sorted(folder))")
        #expect(plan.contains("spilled"), "\(plan)")
    }

    @Test func keepsWhatFits() throws {
        let session = try session()
        expectSorted(session, sorted(""))
        let plan = text(session, "EXPLAIN (ANALYZE) \(sorted(""))")
        #expect(!plan.contains("spilled"), "\(plan)")
    }

    /// Two that compete, and a join above.
    @Test func sharesMemoryWithOthers() throws {
        let session = try session("memory_limit = '6MB'")
        let folder = FileManager.default.temporaryDirectory.path
        #expect(
            text(
                session,
                "SELECT count(*), sum(a.n) FROM external_sort((\(Self.numbers)), '\(folder)') a "
                    + "JOIN external_sort((\(Self.numbers)), '\(folder)') b ON a.n = b.n")
                == "\(Self.count)|\(Self.count * (Self.count - 1) / 2)")
    }

    @Test func whatCannotSpillFails() throws {
        let session = try session("memory_limit = '2MB'")
        #expect(text(session, sorted("")) == "53200: external_sort was given no folder")
        #expect(
            text(session, sorted("/dev/full"))
                == "53100: external_sort finds no space left on its disk")
        #expect(text(session, "SELECT 1") == "1")
    }

    @Test(arguments: ["thread", "early", "spurious", "late"])
    func pendingStepsAreAskedAgain(_ mode: String) throws {
        let session = try session()
        #expect(
            text(session, "SELECT rows FROM pending((SELECT * FROM range(100000)), '\(mode)')")
                == "100000")
    }

    /// A step that nobody wakes holds no thread, and ends with its statement.
    @Test(arguments: ["never", "stubborn"])
    func stepsThatNeverWakeEnd(_ mode: String) throws {
        let session = try session("statement_timeout = '300ms'")
        let start = Date()
        let answer = text(session, "SELECT * FROM pending((SELECT 1), '\(mode)')")
        #expect(answer.hasPrefix("57014"), "\(answer)")
        #expect(Date().timeIntervalSince(start) < 3)
    }
}
