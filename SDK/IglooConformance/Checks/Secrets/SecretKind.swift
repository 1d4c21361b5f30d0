// SPDX-License-Identifier: MIT

import CIgloo
import IglooContracts

extension TestedKind {
    static let secrets = TestedKind(
        number: IGLOO_SECRETS, word: "secrets", plural: "secret providers",
        checks: SecretChecks.all, make: { try SecretInstance($0, $1, $2) },
        use: { instance, bench in
            let provider: SecretInstance = try instance.expected()
            guard let reference = bench.configuration.secret.reference else { return }
            _ = try provider.fetch(reference)
        },
        provoke: { instance, bench in
            let provider: SecretInstance = try instance.expected()
            let missing = bench.configuration.secret.missing.map { [$0] } ?? []
            return try TestedKind.countFailures(
                (missing + ["", "\0", "no/such/secret#anywhere", "../../etc/shadow"]).map { word in
                    { _ = try provider.fetch(word) }
                })
        })
}
