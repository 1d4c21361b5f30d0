// SPDX-License-Identifier: MIT

import CIgloo
import IglooContracts

/// Leases, and the keys that go with them.
enum LeaseChecks {
    static let all: [Check] = [
        Check("kv.lease_expiry_deletes", expiry), Check("kv.lease_renew_keeps", renewal),
    ]

    private static func key(_ name: String) -> [UInt8] { Array("leases/\(name)".utf8) }

    private static func requireGone(_ lease: Int64, _ store: MetadataStoreInstance) throws {
        for (what, body) in [
            ("renewed", { _ = try store.renew(lease) }), ("revoked", { try store.revoke(lease) }),
            ("given a key", { _ = try store.commit(then: [.put(key("late"), [1], lease: lease)]) }),
        ] as [(String, () throws -> Void)] {
            do {
                try body()
                throw CheckEnd.failed("a lease that has expired is \(what)")
            } catch let failure as CallFailure {
                try require(
                    failure.status == IGLOO_E_NOT_FOUND,
                    "a lease that has expired is to be \(what): \(failure), not NOT_FOUND")
            }
        }
    }

    private static func expiry(_ bench: Bench) throws {
        let store = try bench.instance(as: MetadataStoreInstance.self)
        _ = try store.commit(then: [.delete(.prefix("leases/"))])
        let watch = try store.watch(.prefix("leases/"))
        let lease = try store.grant(milliseconds: 700)
        _ = try store.commit(
            then: [
                .put(key("a"), [1], lease: lease), .put(key("b"), [1]),
                .put(key("c"), [1], lease: lease),
            ])
        try require(
            try store.range(.prefix("leases/")).items.map(\.lease) == [lease, 0, lease],
            "keys do not tell their leases")
        // Without its lease a key stays.
        _ = try store.commit(then: [.put(key("c"), [2])])
        let deadline = MonotonicClock.nanoseconds() + 10_000_000_000
        while try store.range(.one(key("a"))).items.count > 0 {
            try require(
                MonotonicClock.nanoseconds() < deadline,
                "10 s after a lease of 0.7 s its key is there")
            Clock.sleep(milliseconds: 20)
        }
        let left = try store.range(.prefix("leases/")).items.map(\.key)
        try require(
            left == [key("b"), key("c")],
            "keys without a lease went with one: \(left.count) are left")
        try requireGone(lease, store)
        var deleted: [[UInt8]] = []
        while deleted.isEmpty {
            let page = try require(try watch.next(), "the end of a lease is not told to watches")
            deleted += page.items.filter(\.isDeleted).map(\.key)
        }
        try require(deleted == [key("a")], "a lease that expired deleted \(deleted.count) keys")
        let other = try store.grant(milliseconds: 60_000)
        _ = try store.commit(then: [.put(key("d"), [1], lease: other)])
        try store.revoke(other)
        try require(
            try store.range(.one(key("d"))).items.isEmpty,
            "a lease is revoked, and its key is there")
        try requireGone(other, store)
    }

    private static func renewal(_ bench: Bench) throws {
        let store = try bench.instance(as: MetadataStoreInstance.self)
        let lease = try store.grant(milliseconds: 1_500)
        _ = try store.commit(then: [.put(key("kept"), [1], lease: lease)])
        for _ in 0..<8 {
            Clock.sleep(milliseconds: 400)
            let left = try store.renew(lease)
            try require(
                (1...60_000).contains(left), "a lease of 1.5 s has \(left) ms once it is renewed")
            try require(
                try store.range(.one(key("kept"))).items.count == 1,
                "a key went although its lease was renewed in time")
        }
        try store.revoke(lease)
    }
}
