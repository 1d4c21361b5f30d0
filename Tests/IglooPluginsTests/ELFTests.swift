// SPDX-License-Identifier: MIT

import Foundation
import IglooArrowTesting
import IglooContracts
import Testing

@testable import IglooPlugins

@Suite struct ELFTests {
    @Test func readsAPlugin() throws {
        let folder = try TemporaryFolder()
        let path = try PluginFixtures.compile(into: folder)
        let image = try ELFImage(FileByteSource(path: path))
        #expect(image.machine == ELFImage.hostMachine)
        #expect(image.isBoundNow)
        #expect(!image.hasTextRelocations)
        #expect(image.exports == ["igloo_plugin_0"])
        #expect(image.needed.contains("libc.so.6"))
        let note = try LoadChecks.note(of: image)
        #expect(note.id == "numbers")
        #expect(note.version == "1.0")
        #expect(note.connectors == ["numbers"])
        #expect(note.fileExtensions == ["num"])
        #expect(note.runtime == "c")
        #expect(note.needs == 1)
    }

    @Test func readsTheSwiftPlugin() throws {
        let image = try ELFImage(FileByteSource(path: PluginFixtures.memoryPlugin))
        #expect(image.exports == ["igloo_plugin_0"])
        #expect(!image.needed.contains { $0.contains("libswift") })
        #expect(try LoadChecks.note(of: image).functions == ["read_memory"])
    }

    @Test func surplusExportsAndLazyBindingShow() throws {
        let folder = try TemporaryFolder()
        let path = try PluginFixtures.compile(into: folder, fault: "EXPORT", linking: .exportingAll)
        let exports = try ELFImage(FileByteSource(path: path)).exports
        #expect(exports.contains("another_symbol") && exports.contains("igloo_plugin_0"))
        let lazy = try PluginFixtures.compile(into: folder, linking: .lazily, name: "lazy.so")
        #expect(try !ELFImage(FileByteSource(path: lazy)).isBoundNow)
    }

    @Test func refusesWhatIsNoSharedObject() throws {
        #expect(throws: IglooError.self) { try ELFImage([UInt8]()) }
        #expect(throws: IglooError.self) { try ELFImage(Array("#!/bin/sh\n".utf8)) }
        #expect(throws: IglooError.self) { try ELFImage([UInt8](repeating: 0, count: 64)) }
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: "/proc/self/exe")).prefix(64))
        #expect(throws: IglooError.self) { try ELFImage(bytes) }
        let error = try failure { try PluginFile("x", path: "/nowhere/igloo-x.so", TrustDemands()) }
        #expect(error.code == .notFound)
        #expect(
            try failure { try PluginFile("x", path: "/usr", TrustDemands()) }.message
                .contains("regular file"))
    }

    @Test func everyTruncationIsAnError() throws {
        let bytes = try pluginBytes()
        var count = 0
        while count < bytes.count {
            // What is read of the file ends before its section headers do.
            if let image = try? ELFImage(Array(bytes[0..<count])) {
                #expect(image.exports == ["igloo_plugin_0"])
            }
            count += count < 2048 ? 1 : 37
        }
    }

    /// Neither traps nor reads without end, whatever the bytes say.
    @Test func flippedBytesNeverTrap() throws {
        let bytes = try pluginBytes()
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<20_000 {
            var broken = bytes
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                // Headers, notes and dynamic section are where it matters.
                let span = Bool.random(using: &generator) ? min(1024, bytes.count) : bytes.count
                let index = Int.random(in: 0..<span, using: &generator)
                broken[index] = UInt8.random(in: 0...255, using: &generator)
            }
            _ = try? LoadChecks.note(of: ELFImage(broken))
        }
    }

    @Test func notesAreReadWithCare() throws {
        func note(_ text: String) throws -> PluginNote {
            try PluginNote([0, 0, 0, 0, 1, 0, 0, 0] + Array(text.utf8) + [0])
        }
        let good = try note("id=a\nversion=1\nkinds=connector:x,secrets:y\nfuture=1\nfiles=CSV\n")
        #expect(good.connectors == ["x"])
        #expect(good.kinds.count == 2)
        #expect(good.fileExtensions == ["csv"])
        for text in [
            "", "id=a", "version=1", "id=../a\nversion=1", "id=a\nversion=1\nkinds=x",
            "id=a\nversion=1\nkinds=a:b:c", "id=a\nversion=1\nneeds=-1", "id\nversion=1",
            "id=A\nversion=1",
        ] {
            #expect(throws: IglooError.self, "\(text)") { try note(text) }
        }
        #expect(throws: IglooError.self) { try PluginNote([0, 0, 0, 0, 1, 0, 0]) }
        #expect(throws: IglooError.self) { try PluginNote([0, 0, 0, 0, 1, 0, 0, 0]) }
        #expect(throws: IglooError.self) {
            try PluginNote([0, 0, 0, 0, 1, 0, 0, 0, 105, 100, 61, 255, 0])
        }
    }

    private func pluginBytes() throws -> [UInt8] {
        let folder = try TemporaryFolder()
        let path = try PluginFixtures.compile(into: folder)
        return [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    }
}
