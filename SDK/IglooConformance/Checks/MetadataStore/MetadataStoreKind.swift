// SPDX-License-Identifier: MIT

import CIgloo
import IglooContracts

extension TestedKind {
    static let metadataStore = TestedKind(
        number: IGLOO_KV, word: "kv", plural: "metadata stores",
        checks: StoreTransactionChecks.all + WatchChecks.all + LeaseChecks.all
            + StoreReadingChecks.all,
        make: { try MetadataStoreInstance($0, $1, $2) },
        use: { instance, _ in
            let store: MetadataStoreInstance = try instance.expected()
            let key = Array("use/key".utf8)
            _ = try store.commit(then: [.put(key, [1, 2, 3])])
            let page = try store.range(.one(key))
            try require(
                page.items.map(\.value) == [[1, 2, 3]], "what was put is read as \(page.items)")
            _ = try store.commit(then: [.delete(.one(key))])
        },
        provoke: { instance, _ in
            let store: MetadataStoreInstance = try instance.expected()
            let call = Call()
            call.token.cancel()
            return try TestedKind.countFailures([
                { _ = try store.range(.one([])) },
                { _ = try store.range(.from([1]), revision: .max) },
                { _ = try store.commit(then: [.put([], [1])]) },
                { _ = try store.commit(then: [.put([1], [1]), .put([1], [2])]) },
                { _ = try store.commit(then: [.put([1], [1], lease: 987_654_321)]) },
                { _ = try store.renew(987_654_321) }, { try store.revoke(987_654_321) },
                { _ = try store.grant(milliseconds: -5) },
                { _ = try store.range(.from([1]), call) },
            ])
        })
}
