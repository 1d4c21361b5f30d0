// SPDX-License-Identifier: MIT

import Foundation
import IglooContracts
import IglooEngineTesting
import IglooSQLLogic
import Testing

@testable import IglooEngine

/// What a source tells the user, from the plugin to the session.
@Suite struct NoticeTests {
    @Test func rowsLeftOutAreTold() throws {
        let path = FileManager.default.temporaryDirectory
            .appendingPathComponent("igloo-\(UUID().uuidString).csv").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data("a,b\n1,2\n3,4,5,6\n7,8\n".utf8).write(to: URL(fileURLWithPath: path))
        let session = try EngineSession()
        let options = "header = true, columns = ['a INTEGER', 'b INTEGER'], on_error = 'skip'"
        let outcome = session.run("SELECT sum(a) FROM read_csv('\(path)', \(options))")
        guard case .rows(let rows, _) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(rows == [["8"]])
        let notices = session.session.takeNotices()
        #expect(notices.count == 1)
        #expect(notices.first?.message.hasPrefix("1 malformed record") == true, "\(notices)")
        #expect(session.session.takeNotices().isEmpty)
    }

    @Test func notManyAreKept() {
        let notices = SessionNotices()
        for number in 0..<1000 { notices.add(Notice("\(number)")) }
        let taken = notices.take()
        #expect(taken.count == SessionNotices.countMax + 1)
        #expect(taken.last == Notice("900 more notices were left out"))
        #expect(notices.take().isEmpty)
    }
}
