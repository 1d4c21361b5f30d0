// SPDX-License-Identifier: MIT

import Foundation
import IglooArrow
import IglooConnectorTesting
import IglooContracts
import Testing

@testable import CSVConnector

/// Compressed files, made by the system's gzip and zstd.
@Suite struct CSVCompressionTests {
    private func pack(_ tool: String, _ path: String) throws -> String? {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [tool, "-kqf", path]
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            print("skipped: no \(tool) on this machine")
            return nil
        }
        return path + (tool == "gzip" ? ".gz" : ".zst")
    }

    @Test(arguments: ["gzip", "zstd"]) func readsAndRefuses(tool: String) throws {
        let folder = try Folder()
        let lines = (0..<60_000).map { "\($0),\"text \($0 % 7)\",\($0).5" }
        let plain = try folder.write("t.csv", lines.joined(separator: "\n") + "\n")
        let expected = try readTable(plain).rows
        guard let packed = try pack(tool, plain) else { return }
        let answer = try readTable(packed, splitByteCount: 1000)
        #expect(answer.rows == expected && answer.splitCount == 1)
        // The first bytes tell, not the name.
        let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: packed)))
        #expect(try readTable(try folder.write("other.csv", bytes)).rows.count == 60_000)
        #expect(try readTable(packed, ["compression": .string(tool)], limit: 5).rows.count == 5)
        for count in [bytes.count - 1, bytes.count - 9, bytes.count / 2, 30, 10] {
            let torn = try folder.write("torn.csv", Array(bytes[..<count]))
            let error = failure { _ = try readTable(torn) }
            #expect(error?.code == .invalidData, "\(count): \(String(describing: error))")
        }
        // Several members or frames in a row are one content.
        let twice = try readTable(try folder.write("twice.csv", bytes + bytes))
        #expect(twice.rows == expected + expected)
        let error = failure { _ = try readTable(plain, ["compression": .string(tool)]) }
        #expect(error?.code == .invalidData)
        let fault = try folder.write("f.csv", "a,b\n1,2\nx\n")
        guard let packedFault = try pack(tool, fault) else { return }
        let message = failure {
            let columns = OptionValue.list(["a INT", "b INT"])
            _ = try readTable(packedFault, ["columns": columns, "delim": .string(",")])
        }?.message
        #expect(message?.contains("line 3") == true)
    }
}
