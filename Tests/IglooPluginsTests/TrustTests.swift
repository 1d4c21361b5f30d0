// SPDX-License-Identifier: MIT

import Foundation
import IglooContracts
import Testing

@testable import IglooPlugins

/// What the manifest demands of plugins is demanded before anything of them is read.
@Suite struct TrustTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try set(0o755, folder.path)
    }

    private func set(_ mode: Int, _ path: String) throws {
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }

    private func registry(_ text: String) throws -> PluginRegistry {
        let path = try folder.write(
            "igloo.toml", "manifest = 1\n[plugins]\ndirs = [\".\"]\n" + text)
        try set(0o644, path)
        return PluginRegistry(manifest: try Manifest.read(path: path))
    }

    private func connector(_ text: String) throws -> any Connector {
        let registry = try registry(text)
        return try registry.makeConnector(
            try registry.connector(named: "numbers"), options: [], CallContext())
    }

    private func hash(_ path: String) throws -> ContentHash {
        try ContentHash(of: try FileByteSource(path: path))
    }

    @Test func aHashIsThatOfTheSystem() throws {
        let path = try folder.write("x", [UInt8](repeating: 7, count: 3_000_001))
        let theirs = try PluginFixtures.run(["sha256sum", path]).output.prefix(64)
        #expect(try hash(path).description == theirs)
        #expect(ContentHash(hexadecimal: theirs.uppercased()) == (try hash(path)))
        #expect(ContentHash(hexadecimal: theirs.dropLast() + "g") == nil)
        #expect(ContentHash(hexadecimal: "") == nil)
    }

    @Test func pinnedFilesMustHashToTheirPin() throws {
        let path = try PluginFixtures.compile(into: folder)
        let pin = try hash(path)
        let pinned = "trust = \"pinned\"\n[[plugin]]\nid = \"numbers\"\n"
        let none = try failure { try connector(pinned) }
        #expect(
            none.message.hasSuffix(
                "the plugin \"numbers\" (\(path)) is refused by trust.sha256: found no sha256 "
                    + "of it in the manifest, wanted one, as trust = \"pinned\" demands"), "\(none)"
        )
        #expect(none.hint == "igloo plugin pin --manifest \(folder.path)/igloo.toml")
        #expect(none.code == .permissionDenied)
        // Nothing of the file is parsed before: it could be anything.
        let wrong = String(repeating: "ab", count: 32)
        try folder.write("igloo-letters.so", [1, 2, 3])
        let torn = try failure {
            try registry(
                "trust = \"pinned\"\n[[plugin]]\nid = \"letters\"\nsha256 = \"\(wrong)\""
            ).connector(named: "letters")
        }
        #expect(torn.message.contains("trust.sha256: found 039058c6"), "\(torn)")
        #expect(torn.message.contains("wanted \(wrong)"), "\(torn)")
        let trusted = try connector(pinned + "sha256 = \"\(pin)\"")
        #expect(try trusted.listSchemas(CallContext()) == ["main"])
        // A pin counts at every level.
        let other = try failure {
            try connector("[[plugin]]\nid = \"numbers\"\nsha256 = \"\(wrong)\"")
        }
        #expect(other.message.contains("found \(pin)"), "\(other)")
    }

    @Test(arguments: ["signed", "strict"])
    func signedFilesMustBeSignedWithAKeyOfTheManifest(level: String) throws {
        let path = try PluginFixtures.compile(into: folder)
        let text =
            "trust = \"\(level)\"\nkeys = [\"a.pub\", \"b.pub\"]\n[[plugin]]\nid = \"numbers\"\n"
        let (a, b, c) = (
            try Ed25519Key.generate(), try Ed25519Key.generate(), try Ed25519Key.generate()
        )
        for (name, key) in [("a.pub", a), ("b.pub", b)] {
            try folder.write(name, try key.pem(.public))
            try set(0o644, "\(folder.path)/\(name)")
        }
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        func refused(_ words: String) throws {
            let error = try failure { try connector(text) }
            #expect(error.message.contains("refused by trust.signature"), "\(error)")
            #expect(error.message.contains(words), "\(error)")
        }
        try refused("no signature of 64 bytes in \(path).sig")
        try folder.write("igloo-numbers.so.sig", try c.sign(bytes))
        try refused("is of none of the keys")
        try folder.write("igloo-numbers.so.sig", try b.sign(bytes))
        #expect(try connector(text).listSchemas(CallContext()) == ["main"])
        // Not in place: the one that was loaded goes on with its own.
        try FileManager.default.removeItem(atPath: path)
        try folder.write("igloo-numbers.so", bytes + [0])
        try refused("is of none of the keys")
        try set(0o666, "\(folder.path)/a.pub")
        let open = try failure { try connector(text) }
        #expect(open.message.contains("trust.key_owner"), "\(open)")
    }

    /// Keys and signatures are those of OpenSSL's own program.
    @Test func signaturesAreOrdinary() throws {
        let file = try folder.write("data", "not only plugins can be signed")
        try #require(
            try PluginFixtures.run([
                "openssl", "genpkey", "-algorithm", "ed25519", "-out", "\(folder.path)/key.pem",
            ]).status == 0)
        let key = try Ed25519Key(.private, pemFile: "\(folder.path)/key.pem")
        try folder.write("key.pub", try key.pem(.public))
        try folder.write("data.sig", try key.sign(Array("not only plugins can be signed".utf8)))
        let verified = try PluginFixtures.run([
            "openssl", "pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", "\(folder.path)/key.pub",
            "-sigfile", "\(file).sig", "-in", file,
        ])
        #expect(verified.output.contains("Verified Successfully"), "\(verified)")
        let wrong = try failure { try Ed25519Key(.private, pemFile: "\(folder.path)/key.pub") }
        #expect(wrong.message.contains("no private Ed25519 key"), "\(wrong)")
        _ = try PluginFixtures.run([
            "openssl", "genpkey", "-algorithm", "rsa", "-out", "\(folder.path)/rsa.pem",
        ])
        #expect(throws: IglooError.self) {
            try Ed25519Key(.private, pemFile: "\(folder.path)/rsa.pem")
        }
    }

    /// What is loaded are the bytes that were checked, whatever becomes of the file.
    @Test func strictLoadsASealedCopy() throws {
        let path = try PluginFixtures.compile(into: folder)
        let source = try FileByteSource(path: path).sealedCopy()
        #expect(try ContentHash(of: source) == (try hash(path)))
        #expect(!FileManager.default.createFile(atPath: source.descriptorPath, contents: Data([1])))
        #expect(try ContentHash(of: source) == (try hash(path)))
    }

    @Test func whatOthersMayWriteIsRefused() throws {
        let path = try PluginFixtures.compile(into: folder)
        let pinned =
            "trust = \"pinned\"\n[[plugin]]\nid = \"numbers\"\nsha256 = \"\(try hash(path))\"\n"
        func refused(_ check: String, _ found: String, _ advice: String) throws {
            let error = try failure { try connector(pinned) }
            #expect(error.message.contains("refused by \(check): found \(found)"), "\(error)")
            #expect(error.hint == advice)
        }
        try set(0o775, path)
        try refused("trust.owner", "\(path) with mode 0775", "chmod g-w \(path)")
        try set(0o755, path)
        try set(0o777, folder.path)
        try refused("trust.owner", "\(folder.path) with mode 0777", "chmod go-w \(folder.path)")
        // Not even in development.
        #expect(try failure { try connector("auto = true") }.message.contains("trust.owner"))
        // In a sticky folder nobody replaces what is not theirs.
        try set(0o1777, folder.path)
        _ = try connector(pinned)
        try set(0o755, folder.path)
        let registry = try registry(pinned)
        try set(0o666, "\(folder.path)/igloo.toml")
        let manifest = try failure { try registry.connector(named: "numbers") }
        #expect(manifest.message.contains("trust.manifest_owner"), "\(manifest)")
        guard geteuid() == 0 else { return }
        try #require(chown(path, 4711, 4711) == 0)
        let owner = try failure { try connector(pinned) }
        #expect(owner.message.contains("\(path) owned by user 4711, wanted root"), "\(owner)")
        // For development, whose they are does not matter.
        _ = try connector("auto = true")
    }

    @Test func aLibraryThatIsLoadedIsCheckedForEachManifest() throws {
        _ = try PluginFixtures.compile(into: folder)
        _ = try connector("auto = true")
        let error = try failure { try connector("trust = \"pinned\"\nauto = true") }
        #expect(error.message.contains("trust.sha256"), "\(error)")
    }
}
