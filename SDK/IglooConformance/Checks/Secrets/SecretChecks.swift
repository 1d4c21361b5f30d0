// SPDX-License-Identifier: MIT

import CIgloo
import IglooContracts

/// Providers of secrets, over the one that the configuration names.
enum SecretChecks {
    static let all: [Check] = [
        Check("secrets.fetch_ok", fetchOK),
        Check("secrets.missing_is_not_found", missing),
        Check("secrets.release_wipes_memory", releaseWipes),
        Check("secrets.no_secret_in_logs", noSecretInLogs),
        // From here on the secret is another one.
        Check("secrets.rotation_changes_version", rotation),
    ]

    private static func known(_ bench: Bench) throws -> (reference: String, value: String) {
        guard let reference = bench.configuration.secret.reference,
            let value = bench.configuration.secret.value
        else { throw CheckEnd.skipped("conformance.toml has no [secret] with reference and value") }
        return (reference, value)
    }

    private static func fetchOK(_ bench: Bench) throws {
        let provider = try bench.instance(as: SecretInstance.self)
        let (reference, value) = try known(bench)
        let threads = (0..<8).map { _ in
            HostThread {
                for _ in 0..<20 {
                    let secret = try provider.fetch(reference)
                    // Neither the one nor the other is shown.
                    try require(
                        secret.bytes == Array(value.utf8),
                        "the secret has \(secret.bytes.count) bytes, or others than the "
                            + "\(value.utf8.count) that are right")
                }
            }
        }
        for thread in threads { try thread.join() }
        try LeakMeter.requireNone("fetch", bench) { _ = try provider.fetch(reference) }
    }

    private static func missing(_ bench: Bench) throws {
        let provider = try bench.instance(as: SecretInstance.self)
        guard let missing = bench.configuration.secret.missing else {
            throw CheckEnd.skipped("conformance.toml names no reference without a secret")
        }
        do {
            _ = try provider.fetch(missing)
        } catch let failure as CallFailure {
            try require(
                failure.status == IGLOO_E_NOT_FOUND,
                "a secret that is not there: \(failure), not NOT_FOUND")
            return try Breaches.requireNone(.outHandle)
        }
        throw CheckEnd.failed("a secret that is not there is found")
    }

    private static func rotation(_ bench: Bench) throws {
        let provider = try bench.instance(as: SecretInstance.self)
        let (reference, _) = try known(bench)
        let first = try provider.fetch(reference)
        for _ in 0..<3 {
            try require(
                try provider.fetch(reference).version == first.version,
                "the secret is the same, and its version is another one")
        }
        guard let command = bench.configuration.secret.rotateCommand else {
            throw CheckEnd.skipped("conformance.toml names no command that changes the secret")
        }
        if first.version.isEmpty { throw CheckEnd.skipped("its secrets have no versions") }
        try bench.workspace.run(command, bench.configuration)
        // Whoever keeps a secret for a while may do so for as long as it said.
        let end =
            MonotonicClock.nanoseconds() + min(max(first.lifetimeNanoseconds, 0), 20_000_000_000)
            + 5_000_000_000
        var later = try provider.fetch(reference)
        while later.bytes == first.bytes && MonotonicClock.nanoseconds() < end {
            Clock.sleep(milliseconds: 50)
            later = try provider.fetch(reference)
        }
        try require(later.bytes != first.bytes, "the secret was changed, and the old one comes")
        try require(
            later.version != first.version, "the secret was changed, and its version is the same")
    }

    /// Allocators write a few words into what is freed; the rest shows whether it was overwritten.
    private static func releaseWipes(_ bench: Bench) throws {
        let provider = try bench.instance(as: SecretInstance.self)
        let (reference, _) = try known(bench)
        for _ in 0..<20 {
            let secret = try provider.fetch(reference)
            let run = 8
            guard secret.bytes.count >= run else {
                throw CheckEnd.skipped("a secret of fewer than \(run) bytes shows nothing")
            }
            let same = (0...secret.bytes.count - run).contains { start in
                secret.remains.count >= start + run
                    && secret.remains[start..<start + run] == secret.bytes[start..<start + run]
            }
            try require(!same, "after its release a secret stands in memory")
        }
    }

    private static func noSecretInLogs(_ bench: Bench) throws {
        let provider = try bench.instance(as: SecretInstance.self)
        let (reference, value) = try known(bench)
        _ = try provider.fetch(reference)
        _ = try bench.tested.provoke(provider, bench)
        let call = Call()
        call.token.cancel()
        _ = try? provider.fetch(reference, call)
        provider.destroy()
        let seen =
            TestHost.record.withLock { $0.lines }
            + CallFailure.all.withLock { $0.flatMap(\.texts) }
        if let text = seen.first(where: { $0.contains(value) }) {
            throw CheckEnd.failed(
                "the secret is shown: \(text.replacing(value, with: "<the secret>"))")
        }
    }
}
