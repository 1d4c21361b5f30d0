// SPDX-License-Identifier: MIT

import Foundation
import IglooConnectorTesting
import Testing

/// A connector that does one thing wrong, and the check that must say so.
struct Wrong: Sendable, CustomTestStringConvertible {
    var name: String
    var check: String
    var flags: [String]

    init(_ name: String, _ check: String, _ flags: [String] = []) {
        self.name = name
        self.check = check
        self.flags = flags
    }

    var testDescription: String { "\(name) \(flags.joined(separator: " "))" }

    static let properLinking = ["-Wl,-z,now", "-Wl,-z,nodelete", "-Wl,-z,noexecstack"]

    /// Each breaks one promise of igloo.h, or of the linking recipe.
    static let all: [Wrong] = [
        Wrong("NOTHING", "elf.bind_now", ["-Wl,-z,lazy"]),
        Wrong("NOTHING", "elf.nodelete", ["-Wl,-z,now"]),
        Wrong("NOTHING", "elf.no_textrel_no_execstack", ["-Wl,-z,execstack"]),
        Wrong("TWO_SYMBOLS", "elf.exports_only_entry", ["-DWRONG_SYMBOL=1"]),
        Wrong("NO_NOTE", "elf.note_present", ["-DWRONG_NOTE_ABSENT=1"]),
        Wrong("OTHER_VERSION", "elf.note_matches_descriptor", ["-DWRONG_VERSION=1"]),
        Wrong("FALSE_RUNTIME", "elf.runtime_declared_truthfully", ["-DWRONG_NOTE_RUNTIME=1"]),
        Wrong("LIBRARY", "elf.undefined_only_allowed_libs", ["-Wl,--no-as-needed,-lresolv"]),
        Wrong("THREAD_IN_ENTRY", "entry.no_threads_before_create"),
        Wrong("THREAD_LEFT", "stop.joins_all_threads"),
        Wrong("LOCALE_CHANGED", "process.signals_locale_cwd_untouched"),
        Wrong("SIGNAL_CHANGED", "process.signals_locale_cwd_untouched"),
        Wrong("FOLDER_CHANGED", "process.signals_locale_cwd_untouched"),
        Wrong("DESCRIPTOR_LEFT", "process.no_fd_leak_without_cloexec"),
        Wrong("DESCRIPTOR_INHERITED", "process.no_fd_leak_without_cloexec"),
        Wrong("SECRET_LOGGED", "options.secret_never_logged"),
        Wrong("SECRET_IN_ERROR", "options.secret_never_logged"),
        Wrong("UNDOCUMENTED_OPTION", "options.table_well_formed", ["-DWRONG_OPTION_DOC=1"]),
        Wrong("INSTANCE_LEAK", "destroy.releases_everything"),
        Wrong("OUT_HANDLE", "error.no_out_handle_on_failure"),
        Wrong("CODE_OUT_OF_RANGE", "error.codes_in_range_and_class_flags"),
        Wrong("BAD_SQLSTATE", "error.sqlstate_shape"),
        Wrong("CALL_LEAK", "memory.no_leak_per_call"),
        Wrong("BATCH_DIES_WITH_READER", "memory.array_outlives_reader"),
        Wrong("GIVES_BACK_TOO_MUCH", "memory.reserve_balanced"),
        Wrong("DEAF_TO_CANCEL", "cancel.during_next_within_100ms"),
        Wrong("AGAIN_AFTER_END", "cancel.idempotent_and_after_end"),
        Wrong("PENDING_WITHOUT_WAKER", "poll.pending_only_with_waker"),
        Wrong("NEVER_WAKES", "poll.wake_always_comes"),
        Wrong("PREFIX_IGNORED", "list.prefix_and_special_names"),
        Wrong("LIST_COLUMNS", "list.schemas_tables_shape"),
        Wrong("WRONG_NOT_FOUND", "table.not_found"),
        Wrong("SCHEMA_DIFFERS", "scan.schema_equals_answer"),
        Wrong("MALFORMED_OFFSETS", "scan.batches_wellformed"),
        Wrong("SHORT_CHILD", "scan.batches_wellformed"),
        Wrong("WRONG_NULL_COUNT", "scan.batches_wellformed"),
        Wrong("MISALIGNED", "scan.batches_wellformed"),
        Wrong("ROWS_WITHOUT_COLUMNS", "scan.zero_columns_count"),
        Wrong("IMPURE_PLAN", "plan.pure_same_request_same_answer"),
        Wrong("PLAN_WITH_EFFECT", "plan.no_side_effects_unused_plans_are_free"),
        Wrong("VERDICT_TOO_MANY", "plan.untouched_verdicts_are_unsupported"),
        Wrong("UNKNOWN_OP_FAILS", "plan.unknown_op_is_unsupported"),
        Wrong("TRUSTS_BLOB", "plan.truncated_blob_is_invalid_not_crash"),
        Wrong("POINTER_IN_HANDLE", "plan.handle_survives_process_restart"),
        Wrong("HUGE_HANDLE", "plan.handle_below_1MiB"),
        Wrong("COLLATION_NE", "filter.string_padding_case_collation"),
        Wrong("TRAILING_SPACES", "filter.string_padding_case_collation"),
        Wrong("NAN_BELOW", "filter.nan_and_negative_zero"),
        Wrong("NEGATIVE_ZERO", "filter.nan_and_negative_zero"),
        Wrong("NULL_IS_TRUE", "filter.three_valued_logic"),
        Wrong("SUBSET_AS_INEXACT", "filter.inexact_is_superset"),
        Wrong("LIMIT_UNDER_INEXACT", "limit.exact_and_inexact"),
        Wrong("LIMIT_PER_SPLIT", "limit.exact_and_inexact"),
        Wrong("UNORDERED", "splits.order_claim_true"),
        Wrong("NULLS_AT_WRONG_END", "topn.ties_nulls_order"),
        Wrong("GROUP_IN_TWO_SPLITS", "splits.partition_claim_true"),
        Wrong("NO_GROUP_OF_NOTHING", "aggregate.empty_input_and_all_null"),
        Wrong("MINIMUM_OF_NULLS", "aggregate.empty_input_and_all_null"),
        Wrong("JOIN_NULLS_MATCH", "join.null_keys"),
        Wrong("JOIN_LOSES_UNMATCHED", "join.each_type_equals_oracle"),
        Wrong("LOST_SPLIT", "splits.partition_rows_exactly_once"),
        Wrong("DOUBLED_SPLIT", "splits.partition_rows_exactly_once"),
        Wrong("TOO_MANY_SPLITS", "splits.lazy_and_bounded_by_max"),
        Wrong("FALSE_BOUNDS", "stats.bounds_contain_data"),
        Wrong("FALSE_EXACT_COUNT", "stats.exact_means_exact"),
        Wrong("TOKEN_STANDS_STILL", "fresh.token_changes_iff_data_changes"),
        Wrong("TOKEN_EACH_TIME", "fresh.token_changes_iff_data_changes"),
        Wrong("WAITS_FOR_NOTHING", "wait.wakes_on_commit"),
        Wrong("SLEEPS_THROUGH", "wait.wakes_on_commit"),
        Wrong("CHANGES_SINCE_NEVER", "changes.compacted_reported"),
        Wrong("FACET_NOT_DECLARED", "negative.undeclared_facets_null"),
        Wrong("DECLARED_NO_FACET", "negative.undeclared_facets_null"),
    ]
}

/// The kit finds nothing wrong with a connector in C that does everything right, and exactly the
/// defect of each of its wrong brothers.
@Suite(.serialized) final class WrongPluginTests {
    private static let sources = "\(KitRun.root)/Tests/Plugins/Wrong/Connector"
    private let folder: String

    init() throws {
        let url = FileManager.default.temporaryDirectory
            .appendingPathComponent("igloo-wrong-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        folder = url.path
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    private func compile(_ wrong: Wrong) throws -> String {
        let path = "\(folder)/igloo-wrong.so"
        let isAboutLinking = wrong.name == "NOTHING" && !wrong.flags.isEmpty
        let linking =
            isAboutLinking
            ? ["-Wl,-z,noexecstack"] : Wrong.properLinking
        let include = "-I\(KitRun.root)/SDK/CIgloo/include"
        let (status, output) = try KitRun.start(
            ["cc", "-std=gnu11", "-O1", "-fPIC", "-shared", "-Wall", "-Wextra", "-Werror", include]
                + [
                    "tables.c", "batches.c", "plans.c", "joins.c", "readers.c", "changes.c",
                    "connector.c", "plugin.c", "-o", path,
                ]
                + ["-DWRONG=\(wrong.name)", "-Wl,-z,defs"]
                + ["-Wl,--version-script=\(KitRun.root)/SDK/CIgloo/igloo.map"] + linking
                + wrong.flags, folder: Self.sources)
        try #require(status == 0, "\(output)")
        return path
    }

    /// The tables are made once for all of them.
    private static let tables: String = {
        let url = FileManager.default.temporaryDirectory
            .appendingPathComponent("igloo-rows-\(getpid())")
        try? FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        return url.path
    }()

    private func run(_ plugin: String, _ more: [String]) throws -> (Int32, KitRun.Report) {
        try KitRun.run(
            plugin, ["--config", "\(Self.sources)/conformance.toml"] + more,
            environment: ["IGLOO_ROWS": Self.tables])
    }

    @Test func theRightOnePasses() throws {
        let (status, report) = try run(try compile(Wrong("NOTHING", "")), [])
        #expect(report.failures.isEmpty)
        #expect(status == 0 && report.passed)
    }

    @Test(arguments: Wrong.all)
    func eachWrongOneIsCaught(wrong: Wrong) throws {
        let (status, report) = try run(try compile(wrong), ["--only", wrong.check])
        #expect(status == 1)
        #expect(report.failures.count == 1, "\(report.checks)")
    }
}
