// SPDX-License-Identifier: MIT

import Foundation
import IglooEngineTesting
import IglooSQLLogic
import Testing

/// The files of Tests/SQL: what SQL means here, as text.
///
/// With `IGLOO_COMPLETE=1` in the environment the results in the files are replaced by those that
/// the engine gives; look at the difference before it is committed.
@Suite struct SQLFileTests {
    private static let folder = Places.root.appendingPathComponent("Tests/SQL").path

    static let names =
        ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
        .filter { $0.hasSuffix(".slt") }.sorted()

    @Test(arguments: names)
    func everyRecordAgrees(name: String) throws {
        let path = "\(Self.folder)/\(name)"
        let file = try LogicFile(contentsOf: path)
        let session = try EngineSession()
        if ProcessInfo.processInfo.environment["IGLOO_COMPLETE"] != nil {
            let text = file.completed(by: session, engine: "igloo")
            try Data(text.utf8).write(to: URL(fileURLWithPath: path))
            return
        }
        for verdict in LogicRunner(session, engine: "igloo", .strict).run(file)
        where verdict.kind != .agrees {
            Issue.record("\(name):\(verdict.record.line): \(verdict.record.sql)\n\(verdict.reason)")
        }
    }

    /// Whatever operators write to temporary files, the rows are the same.
    @Test(arguments: names)
    func everyRecordAgreesWhenOperatorsSpill(name: String) throws {
        let file = try LogicFile(contentsOf: "\(Self.folder)/\(name)")
        let session = try EngineSession()
        for setting in ["debug_force_spilling = on", "temp_file_encryption = on"] {
            guard case .done = session.run("SET \(setting)") else {
                Issue.record("cannot SET \(setting)")
                return
            }
        }
        for verdict in LogicRunner(session, engine: "igloo", .strict).run(file)
        where verdict.kind != .agrees {
            Issue.record("\(name):\(verdict.record.line): \(verdict.record.sql)\n\(verdict.reason)")
        }
    }

    @Test func thereAreFiles() { #expect(Self.names.count >= 12) }
}
