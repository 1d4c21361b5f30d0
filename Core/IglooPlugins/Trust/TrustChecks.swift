// SPDX-License-Identifier: MIT

import IglooContracts

/// Whether a file may be parsed and loaded, judged by who could have written it and by its bytes
/// as a whole.
enum TrustChecks {
    /// Where a plugin's signature stands.
    static func signaturePath(of path: String) -> String { path + ".sig" }

    /// Larger ones are no plugins: the largest known, with all of Foundation inside, has 60 MB.
    static let byteCountMax = 1 << 30

    /// - Parameter path: without links.
    static func checkOwners(_ path: String, _ demands: TrustDemands) throws(Refusal) {
        guard demands.level > .any else {
            try refuse(Ownership.openDoor(of: path), "trust.owner")
            return
        }
        try refuse(Ownership.weakness(of: path), "trust.owner")
        if let manifest = demands.manifestPath {
            try refuse(Ownership.weakness(of: Folders.resolved(manifest)), "trust.manifest_owner")
        }
    }

    static func checkContent(
        _ source: FileByteSource, path: String, _ demands: TrustDemands
    ) throws(Refusal) {
        guard source.byteCount <= byteCountMax else {
            throw Refusal(
                "trust.size", found: "\(source.byteCount) bytes", wanted: "at most \(byteCountMax)",
                advice: "strip it")
        }
        try checkPin(source, path: path, demands)
        if demands.level >= .signed { try checkSignature(source, path: path, demands) }
    }

    private static func checkPin(
        _ source: FileByteSource, path: String, _ demands: TrustDemands
    ) throws(Refusal) {
        let pin = "igloo plugin pin --manifest \(demands.manifestPath ?? "FILE")"
        guard let wanted = demands.pin else {
            guard demands.level == .pinned else { return }
            throw Refusal(
                "trust.sha256", found: "no sha256 of it in the manifest",
                wanted: "one, as trust = \"pinned\" demands", advice: pin, code: .permissionDenied)
        }
        let found = try hash(source)
        guard found == wanted else {
            throw Refusal(
                "trust.sha256", found: "\(found)", wanted: "\(wanted)",
                advice: "if the file was replaced on purpose: \(pin)", code: .permissionDenied)
        }
    }

    private static func hash(_ source: FileByteSource) throws(Refusal) -> ContentHash {
        do throws(IglooError) {
            return try FileHashes.hash(of: source)
        } catch {
            throw Refusal(
                "trust.sha256", found: error.message, wanted: "a file that can be read",
                code: error.code)
        }
    }

    private static func checkSignature(
        _ source: FileByteSource, path: String, _ demands: TrustDemands
    ) throws(Refusal) {
        func refusal(_ found: String, _ wanted: String, _ advice: String) -> Refusal {
            Refusal(
                "trust.signature", found: found, wanted: wanted, advice: advice,
                code: .permissionDenied)
        }
        let signaturePath = signaturePath(of: path)
        guard !demands.keyPaths.isEmpty else {
            throw refusal(
                "no keys in the manifest", "one whose signatures count",
                "write: keys = [\"NAME.pub\"] in [plugins]")
        }
        guard let file = try? FileByteSource(path: signaturePath),
            file.byteCount == Ed25519Key.signatureByteCount,
            let signature = file.read(offset: 0, count: file.byteCount)
        else {
            throw refusal(
                "no signature of \(Ed25519Key.signatureByteCount) bytes in \(signaturePath)",
                "one made with a key of the manifest", "igloo plugin sign --key KEY \(path)")
        }
        guard let bytes = source.read(offset: 0, count: source.byteCount) else {
            throw refusal("a file that cannot be read to its end", "all of it", "try again")
        }
        for keyPath in demands.keyPaths {
            try refuse(Ownership.weakness(of: Folders.resolved(keyPath)), "trust.key_owner")
            do throws(IglooError) {
                let key = try Ed25519Key(.public, pemFile: keyPath)
                if key.verifies(signature, of: bytes) { return }
            } catch {
                throw refusal(error.message, "a public key", "igloo plugin sign --new-key NAME")
            }
        }
        throw refusal(
            "a signature in \(signaturePath) that is of none of the keys",
            "one made with the key of \(demands.keyPaths.joined(separator: " or "))",
            "do not use it unless you know where it comes from")
    }

    private static func refuse(
        _ weakness: Ownership.Weakness?, _ check: String
    ) throws(Refusal) {
        guard let weakness else { return }
        throw Refusal(
            check, found: weakness.found, wanted: weakness.wanted, advice: weakness.advice,
            code: .permissionDenied)
    }
}
