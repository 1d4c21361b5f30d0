// SPDX-License-Identifier: MIT

import CIgloo
import IglooArrow
import IglooContracts
import Testing

@testable import IglooPlugins

/// Plugins that are not as they should be: each is refused or reported, none brings us down.
@Suite struct LoadingTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func load(_ fault: String?, linking: PluginFixtures.Linking = .proper) throws
        -> PluginLibrary
    {
        let path = try PluginFixtures.compile(into: folder, fault: fault, linking: linking)
        return try LoadedLibraries.library(at: path)
    }

    @Test(arguments: [
        ("EPOCH", "epoch 7"), ("MINOR", "0.99"), ("NO_NOTE", "no Igloo note"),
        ("NOTE_TEXT", "nonsense"), ("NO_ENTRY", "does not export igloo_plugin_0"),
    ])
    func refusedBeforeAnyCodeRuns(fault: String, words: String) throws {
        let error = try failure { try load(fault) }
        #expect(error.message.contains(words), "\(error)")
        #expect(error.message.contains("igloo-numbers.so"), "\(error)")
        #expect(error.code == .invalidData)
    }

    @Test func refusedForTheWayItIsLinked() throws {
        let twoSymbols = try failure { try load("EXPORT", linking: .exportingAll) }
        #expect(twoSymbols.message.contains("another_symbol"), "\(twoSymbols)")
        let lazy = try failure { try load(nil, linking: .lazily) }
        #expect(lazy.message.contains("lazily"), "\(lazy)")
        #expect(lazy.hint?.contains("-z now") == true)
    }

    @Test func truncatedFilesAreRefused() throws {
        let path = try PluginFixtures.compile(into: folder)
        let file = try FileByteSource(path: path)
        for count in [0, 10, 63, 64, 500, 4096] {
            let bytes = try #require(file.read(offset: 0, count: count))
            let torn = try folder.write("igloo-torn-\(count).so", bytes)
            let error = try failure { try LoadedLibraries.library(at: torn) }
            #expect(error.code == .invalidData && error.message.contains("torn"), "\(error)")
        }
    }

    /// libltdl says "file not found" here; the true reason is wanted.
    @Test func aMissingSymbolIsNamed() throws {
        let error = try failure { try load("SYMBOL") }
        #expect(error.message.contains("nobody_defines_this"), "\(error)")
        #expect(error.code == .unavailable)
    }

    @Test func theEntryMayRefuse() throws {
        let silent = try failure { try load("NULL") }
        #expect(silent.origin == "numbers")
        #expect(silent.message.contains("said no more"), "\(silent)")
        let other = try TemporaryFolder()
        let path = try PluginFixtures.compile(into: other, fault: "NULL_ERROR")
        let told = try failure { try LoadedLibraries.library(at: path) }
        #expect(told.code == .permissionDenied)
        #expect(told.sqlState == .insufficientPrivilege)
        #expect(told.message == "not on a Sunday")
        #expect(told.hint == "try tomorrow")
    }

    /// The entry point is called once, whatever came of it.
    @Test func aRefusalIsRemembered() throws {
        let path = try PluginFixtures.compile(into: folder, fault: "NULL_ONCE")
        for _ in 0..<2 {
            let told = try failure { try LoadedLibraries.library(at: path) }
            #expect(told.message == "not on a Sunday")
        }
    }

    @Test(arguments: [
        ("ID", "letters"), ("HOLES", "holes"), ("OPTION", "unknown type 99"),
    ])
    func descriptionsAreChecked(fault: String, words: String) throws {
        let error = try failure { try load(fault) }
        #expect(error.code == .internalError && error.origin == "numbers")
        #expect(error.message.contains(words), "\(error)")
    }

    private func connector(_ fault: String?) throws -> any Connector {
        let library = try load(fault)
        return try library.kinds(of: ConnectorKind.self)[0].create(OptionValues(), CallContext())
    }

    @Test func anInstanceThatIsNotThere() throws {
        #expect(try failure { try connector("NO_INSTANCE") }.message.contains("not there"))
    }

    @Test(arguments: ["SCHEMA"])
    func malformedSchemas(fault: String) throws {
        let connector = try connector(fault)
        let error = try failure {
            try connector.openTable(schema: "", name: "numbers", CallContext())
        }
        #expect(error.code == .internalError && error.origin == "numbers", "\(error)")
    }

    @Test(arguments: [
        ("PLAN_COLUMNS", "planned 2 columns where 1 were asked for"), ("VERDICT", "verdict 9"),
        ("AGGREGATE", "nobody asked for"), ("REASONS", "1 reasons for 0 conjuncts"),
    ])
    func plansAreChecked(fault: String, words: String) throws {
        let connector = try connector(fault)
        let error = try failure {
            try connector.plan(ScanRequest(table: [110], columns: [1]), CallContext())
        }
        #expect(error.code == .internalError && error.origin == "numbers")
        #expect(error.message.contains(words), "\(error)")
    }

    @Test(arguments: [
        "BATCH_COLUMNS", "BATCH_LENGTH", "BATCH_SHORT", "BATCH_BUFFERS", "BATCH_OFFSET",
        "BATCH_DEVICE", "BATCH_RELEASED", "NO_BATCH", "PENDING", "STATUS", "SILENT",
    ])
    func batchesAreChecked(fault: String) throws {
        let connector = try connector(fault)
        let reader = try connector.open(handle: [0, 1], split: [0], CallContext())
        let error = try failure { try reader.next(CallContext()) }
        #expect(error.origin == "numbers", "\(error)")
        #expect(
            error.code == (fault == "SILENT" ? .init(rawValue: -500) : .internalError), "\(error)")
        // After an error the reader is at its end.
        #expect(try reader.next(CallContext()) == nil)
    }

    @Test func readersWithoutFunctions() throws {
        let connector = try connector("READER_HOLES")
        let error = try failure {
            try connector.open(handle: [0], split: [0], CallContext())
        }
        #expect(error.message.contains("functions are missing"), "\(error)")
    }

    @Test func moreSplitsThanAskedFor() throws {
        let connector = try connector("SPLITS")
        let source = try connector.splits(handle: [0], targetByteCount: 1, CallContext())
        let error = try failure { try source.next(countMax: 2, CallContext()) }
        #expect(error.message.contains("splits"), "\(error)")
    }
}
