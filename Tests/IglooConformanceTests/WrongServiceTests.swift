// SPDX-License-Identifier: MIT

import Foundation
import IglooConnectorTesting
import Testing

/// Plugins of other kinds than connectors, behind a proxy that does one thing wrong, and the check
/// that must say so.
struct WrongService: Sendable, CustomTestStringConvertible {
    /// The proxy in Tests/Plugins/Wrong/Proxy, without its extension.
    var proxy: String
    var name: String
    var check: String

    init(_ proxy: String, _ name: String, _ check: String) {
        self.proxy = proxy
        self.name = name
        self.check = check
    }

    var testDescription: String { "\(proxy) \(name)" }

    static let functions: [WrongService] = [
        WrongService("functions", "TAKES_ANY_TYPES", "functions.bind_rejects_wrong_types"),
        WrongService("functions", "REFUSES_WITH_INVALID", "functions.bind_rejects_wrong_types"),
        WrongService(
            "functions", "WRONG_IN_LARGE_BATCHES",
            "functions.scalar_equals_oracle_batch_sizes_0_1_n"),
        WrongService(
            "functions", "IGNORES_OFFSETS", "functions.scalar_equals_oracle_batch_sizes_0_1_n"),
        WrongService("functions", "READS_BENEATH_NULLS", "functions.null_behaviour_as_declared"),
        WrongService("functions", "COUNTS_ITS_CALLS", "functions.volatility_as_declared"),
        WrongService("functions", "MERGE_FORGETS", "functions.agg_update_merge_associative"),
        WrongService("functions", "POINTERS_IN_PARTIALS", "functions.agg_partial_round_trips_ipc"),
    ]

    static let operators: [WrongService] = [
        WrongService("operator", "OPERATOR_TAKES_ANY", "operator.bind_rejects_wrong_types"),
        WrongService("operator", "DROPS_SINGLE_ROWS", "operator.any_batch_boundaries"),
        WrongService("operator", "ENDS_WITH_FIRST_INPUT", "operator.input_end_order"),
        WrongService("operator", "SPILL_LIES", "operator.spill_frees"),
        WrongService("operator", "DEAF_OPERATOR", "operator.cancel_midway"),
    ]

    static let caches: [WrongService] = [
        WrongService("cache", "MISS_IS_EMPTY", "cache.miss_is_clean"),
        WrongService("cache", "LOSES_LAST_BATCH", "cache.put_get_bit_identical"),
        WrongService("cache", "VISIBLE_TOO_EARLY", "cache.visible_only_at_finish"),
        WrongService("cache", "LAST_WRITER_WINS", "cache.first_writer_wins"),
        WrongService("cache", "NEVER_EXPIRES", "cache.ttl_expires"),
        WrongService("cache", "TAG_IGNORED", "cache.remove_by_tag_happens_before"),
        WrongService("cache", "REMOVE_SPARES_WRITERS", "cache.remove_by_tag_happens_before"),
        WrongService("cache", "USAGE_LIES", "cache.limit_respected_evicts"),
    ]

    static let metadataStores: [WrongService] = [
        WrongService("kv", "BLIND_COMPARE", "kv.cas_linearizable"),
        WrongService("kv", "LOST_WRITE", "kv.cas_linearizable"),
        WrongService("kv", "READS_FROM_A_COPY", "kv.cas_linearizable"),
        WrongService("kv", "HALF_TRANSACTION", "kv.txn_atomic_multi_key"),
        WrongService("kv", "DOUBLED_EVENTS", "kv.watch_resume_from_revision"),
        WrongService("kv", "LOST_EVENTS", "kv.watch_no_gap_no_duplicate"),
        WrongService("kv", "LEASE_FOR_EVER", "kv.lease_expiry_deletes"),
        WrongService("kv", "LIMIT_IGNORED", "kv.range_paging_at_revision"),
        WrongService("kv", "TEXT_KEYS", "kv.binary_keys"),
    ]

    static let transports: [WrongService] = [
        WrongService("transport", "BOUND_TO_ZERO", "transport.listen_port_zero_reports"),
        WrongService("transport", "REORDERS", "transport.order_and_integrity_1GiB"),
        WrongService("transport", "DAMAGES", "transport.order_and_integrity_1GiB"),
        WrongService("transport", "END_ENDS_BOTH", "transport.half_close"),
        WrongService("transport", "RESET_IS_QUIET", "transport.reset_both_sides"),
        WrongService("transport", "EMPTY_FRAME_IS_END", "transport.frame_limits"),
        WrongService("transport", "BUFFERS_ALL", "transport.backpressure_bounded_memory"),
        WrongService("transport", "INVENTS_PEERS", "transport.identity_matches_credentials"),
    ]

    static let secrets: [WrongService] = [
        WrongService("secrets", "CUTS_SECRETS", "secrets.fetch_ok"),
        WrongService("secrets", "MISSING_IS_EMPTY", "secrets.missing_is_not_found"),
        WrongService("secrets", "ONE_VERSION", "secrets.rotation_changes_version"),
        WrongService("secrets", "LEAVES_SECRETS", "secrets.release_wipes_memory"),
        WrongService("secrets", "LOGS_SECRETS", "secrets.no_secret_in_logs"),
    ]

    static let frontEnds: [WrongService] = [
        WrongService("frontend", "REPORTS_PORT_ZERO", "frontend.bind_and_report"),
        WrongService("frontend", "BLAMES_THE_NETWORK", "frontend.auth_failure_code"),
        WrongService("frontend", "ROUNDS_NUMBERS", "frontend.result_types_round_trip"),
        WrongService("frontend", "CANCEL_GOES_NOWHERE", "frontend.cancel_from_client"),
        WrongService("frontend", "DRAIN_CUTS_OFF", "frontend.drain_finishes_inflight"),
        WrongService("frontend", "READS_AHEAD", "frontend.slow_client_backpressure"),
    ]

    static let all =
        functions + operators + caches + metadataStores + transports + frontEnds + secrets
}

/// The kit passes each proxy that does nothing wrong, and catches each of the others.
@Suite(.serialized) final class WrongServiceTests {
    private static let sources = "\(KitRun.root)/Tests/Plugins/Wrong/Proxy"
    private let folder: String

    init() throws {
        let url = FileManager.default.temporaryDirectory
            .appendingPathComponent("igloo-proxy-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        folder = url.path
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    private func compile(_ source: String, _ name: String, _ flags: [String]) throws -> String {
        let path = "\(folder)/\(name).so"
        let (status, output) = try KitRun.start(
            [
                "cc", "-std=gnu11", "-O1", "-fPIC", "-shared", "-Wall", "-Wextra", "-Werror",
                "-I\(KitRun.root)/SDK/CIgloo/include", source, "-o", path, "-Wl,-z,defs",
                "-Wl,--version-script=\(KitRun.root)/SDK/CIgloo/igloo.map",
            ] + Wrong.properLinking + flags, folder: Self.sources)
        try #require(status == 0, "\(output)")
        return path
    }

    /// The plugin that is behind a proxy.
    private func real(_ proxy: String) throws -> String {
        switch proxy {
        case "functions", "operator":
            try compile("../../C/\(proxy).c", "igloo-real", [])
        default: "\(KitRun.products)/lib\(Self.libraries[proxy] ?? "").so"
        }
    }

    private static let libraries = [
        "cache": "igloo-memory-cache", "kv": "igloo-sqlite-metadata", "transport": "igloo-tcp",
        "frontend": "igloo-http", "secrets": "memory-test-plugin",
    ]

    private func run(_ wrong: WrongService, _ more: [String]) throws -> (Int32, KitRun.Report) {
        let plugin = try compile(
            "\(wrong.proxy).c", "igloo-proxy",
            ["-DREAL=\"\(try real(wrong.proxy))\"", "-DWRONG=\(wrong.name)"])
        return try KitRun.run(
            plugin, ["--config", "\(Self.sources)/\(wrong.proxy).toml"] + more)
    }

    @Test(arguments: ["functions", "operator", "cache", "kv", "transport", "frontend", "secrets"])
    func theRightOnesPass(proxy: String) throws {
        let (status, report) = try run(
            WrongService(proxy, "NOTHING", ""), ["--only", "\(proxy).*,error.*,options.*"])
        #expect(report.failures.isEmpty)
        #expect(status == 0 && report.passed)
    }

    @Test(arguments: WrongService.all)
    func eachWrongOneIsCaught(wrong: WrongService) throws {
        let (status, report) = try run(wrong, ["--only", wrong.check])
        #expect(status == 1)
        #expect(report.failures.count == 1, "\(report.checks)")
    }
}
