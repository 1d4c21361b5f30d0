// SPDX-License-Identifier: MIT

import Foundation
import IglooContracts
import Testing

@testable import IglooPlugins

/// What stands for secrets in a manifest.
@Suite struct SecretTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func registry(_ text: String) throws -> PluginRegistry {
        PluginRegistry(
            manifest: try Manifest.parse(
                "manifest = 1\n[[plugin]]\nid = \"memory\"\npath = \"\(PluginFixtures.memoryPlugin)\"\n"
                    + text, path: "\(folder.path)/m.toml"))
    }

    /// What the connector was given for its option `token`.
    private func token(_ reference: String, _ more: String = "") throws -> String {
        let registry = try registry(
            "[catalog.c]\nconnector = \"memory\"\ntoken = { secret = \"\(reference)\" }\n" + more)
        let catalogs = registry.manifest?.catalogs ?? []
        let schemas = try registry.open(catalogs[0], CallContext()).listSchemas(CallContext())
        return schemas.first { $0.hasPrefix("token=") } ?? ""
    }

    @Test func filesAndVariables() throws {
        let path = try folder.write("token", "hunter2\n")
        #expect(try token("file:token") == "token=string(\"hunter2\")")
        #expect(try token("file:\(path)") == "token=string(\"hunter2\")")
        setenv("IGLOO_TEST_SECRET", "swordfish", 1)
        #expect(try token("env:IGLOO_TEST_SECRET") == "token=string(\"swordfish\")")
    }

    @Test func whatIsMissingIsTold() throws {
        let unset = try failure { try token("env:IGLOO_TEST_UNSET") }
        #expect(unset.code == .notFound, "\(unset)")
        #expect(
            unset.message.hasPrefix("\(folder.path)/m.toml:7:9: option \"token\": the environment"),
            "\(unset)")
        let file = try failure { try token("file:gone") }
        #expect(file.code == .notFound && file.message.contains("\(folder.path)/gone"), "\(file)")
        _ = try folder.write("empty", "\n")
        #expect(try failure { try token("file:empty") }.message.contains("is empty"))
        try folder.write("bytes", [0xFF])
        #expect(try failure { try token("file:bytes") }.message.contains("is not text"))
        let open = try folder.write("open", "hunter2")
        try FileManager.default.setAttributes([.posixPermissions: 0o666], ofItemAtPath: open)
        let weak = try failure { try token("file:open") }
        #expect(weak.code == .permissionDenied && !"\(weak)".contains("hunter2"), "\(weak)")
        let provider = try failure { try token("valut:x", "[secrets.vault]\nplugin = \"memory\"") }
        #expect(provider.hint == "did you mean \"vault\"?", "\(provider)")
    }

    @Test func providersArePlugins() throws {
        setenv("IGLOO_TEST_SALT", "salt", 1)
        let vault =
            "[secrets.vault]\nplugin = \"memory\"\nsalt = { secret = \"env:IGLOO_TEST_SALT\" }\n"
        #expect(try token("vault:word", vault) == "token=string(\"word+salt\")")
        let broken = try failure { try token("vault:broken", vault) }
        #expect(broken.message.hasSuffix("the vault is sealed") && broken.hint == "unseal it")
        #expect(broken.origin == "memory" && broken.code == .permissionDenied)
        #expect(try failure { try token("vault:bytes", vault) }.message.contains("is not text"))
        let unconfigured = try failure {
            try token("vault:word", "[secrets.vault]\nplugin = \"memory\"")
        }
        #expect(unconfigured.message.contains("needs the option \"salt\""), "\(unconfigured)")
        let none = try failure { try token("vault:word", "[secrets.vault]\nplugin = \"nobody\"") }
        #expect(none.message.contains("\"nobody\""), "\(none)")
        let lifetime = try LoadedLibraries.library(at: PluginFixtures.memoryPlugin)
            .kinds(of: SecretProviderKind.self)[0].create(
                OptionValues(["salt": .string("x")]), CallContext()
            )
            .fetch("a", CallContext())
        #expect(lifetime.lifetimeNanoseconds == 5 && lifetime.version == [7])
    }

    @Test func onlyTextsCanBeSecrets() throws {
        let registry = try registry(
            "[catalog.c]\nconnector = \"memory\"\ncount = { secret = \"env:HOME\" }\n")
        let catalog = try #require(registry.manifest?.catalogs.first)
        let error = try failure { try registry.open(catalog, CallContext()) }
        #expect(error.message.contains("\"count\"") && error.message.contains("cannot be a secret"))
        // References are shown, what they stand for is not.
        let other = try self.registry(
            "[catalog.c]\nconnector = \"memory\"\ntoken = { secret = \"env:HOME\" }\n")
        let explained = try other.explain(try #require(other.manifest?.catalogs.first))
        #expect(
            explained.first { $0.specification.name == "token" }?.value
                == "{ secret = \"env:HOME\" }")
        #expect(other.problems().isEmpty)
    }
}
