// SPDX-License-Identifier: MIT

import IglooContracts
import Testing

@testable import IglooPlugins

/// Plugins that are tried out in another process first.
@Suite struct ProbeTests {
    private let folder: TemporaryFolder
    private let cache: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        cache = try TemporaryFolder()
    }

    private func load(_ path: String, _ probe: PluginProbe) throws -> PluginLibrary {
        try LoadedLibraries.library(at: path, probe: probe)
    }

    @Test func aGoodPluginIsTriedOnce() throws {
        let path = try PluginFixtures.compile(into: folder)
        _ = try load(path, PluginFixtures.probe(cache))
        // The next process knows: the program that would try it is not even there.
        let other = try PluginFixtures.compile(into: folder, name: "igloo-again.so")
        var probe = PluginFixtures.probe(cache)
        probe.program = "/nowhere"
        _ = try load(other, probe)
        #expect(probe.quarantine.quarantined.isEmpty)
    }

    @Test func aCrashIsQuarantinedByContent() throws {
        let path = try PluginFixtures.compile(into: folder, fault: "CRASH")
        let probe = PluginFixtures.probe(cache)
        let error = try failure { try load(path, probe) }
        #expect(
            error.message
                == "the plugin \"numbers\" (\(path)) is refused by probe: found that it crashed with "
                + "signal 11 (Segmentation fault), saying \"here it comes\" when it was tried out "
                + "in a process of its own, wanted a plugin that loads and describes itself")
        #expect(error.hint == "mend it, or have it tried again: igloo plugin clear numbers")
        // Under another name and in another process it stays there.
        var later = PluginFixtures.probe(cache)
        later.program = "/nowhere"
        let bytes = try #require(
            try FileByteSource(path: path).read(
                offset: 0, count: FileByteSource(path: path).byteCount))
        let copy = try folder.write("igloo-copy.so", bytes)
        #expect(try failure { try load(copy, later) }.message.contains("signal 11"))
        #expect(later.quarantine.quarantined.map(\.plugin) == ["numbers"])
        #expect(try later.quarantine.clear(plugin: "other").isEmpty)
        #expect(try later.quarantine.clear(plugin: "numbers").count == 1)
        let again = try failure { try load(copy, later) }
        #expect(again.message.contains("cannot start /nowhere"), "\(again)")
    }

    @Test func aPluginThatHangsOrEndsTheProcess() throws {
        let hanging = try PluginFixtures.compile(into: folder, fault: "HANG")
        var probe = PluginFixtures.probe(cache)
        probe.timeoutMilliseconds = 500
        let late = try failure { try load(hanging, probe) }
        #expect(late.message.contains("did not answer within 500 ms"), "\(late)")
        let other = try TemporaryFolder()
        let ending = try PluginFixtures.compile(into: other, fault: "EXIT")
        let ended = try failure { try load(ending, PluginFixtures.probe(cache)) }
        #expect(ended.message.contains("ended the process with status 0"), "\(ended)")
    }

    /// The end of its output is not the end of a process.
    @Test func aProcessThatClosesItsOutputAndHangs() throws {
        let end = try ChildProcess.run(
            "/bin/sh", ["-c", "exec 1>&- 2>&-; sleep 60"], passing: 0, loadPath: nil,
            timeoutMilliseconds: 300)
        guard case .timeout = end.how else {
            Issue.record("it ended by \(end.how)")
            return
        }
    }

    /// One process quarantines, another one clears: the first one sees it.
    @Test func verdictsAreClearedFromOutside() throws {
        let (here, there) = (PluginFixtures.probe(cache), PluginFixtures.probe(cache))
        let path = try PluginFixtures.compile(into: folder, fault: "CRASH")
        let hash = try PluginFile("numbers", path: path, TrustDemands()).hash()
        _ = try failure { try load(path, here) }
        #expect(here.quarantine.verdict(of: hash)?.reason != nil)
        #expect(try there.quarantine.clear(plugin: "numbers").count == 1)
        #expect(here.quarantine.verdict(of: hash) == nil)
        // Where nothing can be kept the process alone remembers.
        let alone = Quarantine(folder: "/proc/nowhere")
        alone.keep(.init(hash: hash, plugin: "numbers", path: path, reason: "it crashed"))
        #expect(alone.verdict(of: hash)?.reason == "it crashed")
    }

    /// A plugin that refuses with an error may do so in this process, with all its words.
    @Test func errorsArriveWhole() throws {
        let path = try PluginFixtures.compile(into: folder, fault: "NULL_ERROR")
        let probe = PluginFixtures.probe(cache)
        #expect(try failure { try load(path, probe) }.message == "not on a Sunday")
        #expect(probe.quarantine.quarantined.isEmpty)
    }

    @Test func aPluginFromASealedCopy() throws {
        let path = try PluginFixtures.compile(into: folder)
        var demands = TrustDemands()
        demands.level = .strict
        let key = try Ed25519Key.generate()
        demands.keyPaths = [
            try folder.write("key.pub", String(decoding: key.pem(.public), as: UTF8.self))
        ]
        let file = try FileByteSource(path: path)
        let bytes = try #require(file.read(offset: 0, count: file.byteCount))
        try folder.write("igloo-numbers.so.sig", try key.sign(bytes))
        let library = try LoadedLibraries.library(
            at: path, demands, probe: PluginFixtures.probe(cache))
        #expect(library.kinds.map(\.name) == ["numbers"])
    }
}
