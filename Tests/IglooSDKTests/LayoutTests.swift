// SPDX-License-Identifier: MIT

import CIgloo
import Foundation
import Testing

/// The layout of the ABI is frozen: what the compilers make of the header is what it was.
@Suite struct LayoutTests {
    private let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private func golden() throws -> String {
        try String(
            contentsOf: root.appendingPathComponent("Tests/Plugins/C/layout.golden"),
            encoding: .utf8)
    }

    @Test(arguments: [["cc", "-std=c11"], ["c++", "-std=c++17", "-x", "c++"]])
    func compilersAgree(compiler: [String]) throws {
        let program = FileManager.default.temporaryDirectory
            .appendingPathComponent("igloo-layout-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: program) }
        let compiled = try run(
            compiler + [
                "-Wall", "-Wextra", "-Werror", "-I\(root.path)/SDK/CIgloo/include",
                "\(root.path)/Tests/Plugins/C/layout.c", "-o", program,
            ])
        try #require(compiled.status == 0, "\(compiled.output)")
        let printed = try run([program]).output
        #expect(
            try printed == golden(), "if this is meant, write it to Tests/Plugins/C/layout.golden")
    }

    /// What Swift imports has the sizes that C sees.
    @Test func swiftAgrees() throws {
        let sizes: [String: Int] = [
            "igloo0_str": MemoryLayout<igloo_str>.size,
            "igloo0_blob": MemoryLayout<igloo_blob>.size,
            "igloo0_error": MemoryLayout<igloo_error>.size,
            "igloo0_ctx": MemoryLayout<igloo_ctx>.size,
            "igloo0_reader": MemoryLayout<igloo_reader>.size,
            "igloo0_host": MemoryLayout<igloo_host>.size,
            "igloo0_option": MemoryLayout<igloo_option>.size,
            "igloo0_value": MemoryLayout<igloo_value>.size,
            "igloo0_kind": MemoryLayout<igloo_kind>.size,
            "igloo0_plugin": MemoryLayout<igloo_plugin>.size,
            "igloo0_expr_header": MemoryLayout<igloo_expr_header>.size,
            "igloo0_expr_node": MemoryLayout<igloo_expr_node>.size,
            "igloo0_agg": MemoryLayout<igloo_agg>.size,
            "igloo0_sort": MemoryLayout<igloo_sort>.size,
            "igloo0_scan_request": MemoryLayout<igloo_scan_request>.size,
            "igloo0_scan_answer": MemoryLayout<igloo_scan_answer>.size,
            "igloo0_split": MemoryLayout<igloo_split>.size,
            "igloo0_splits": MemoryLayout<igloo_splits>.size,
            "igloo0_split_source": MemoryLayout<igloo_split_source>.size,
            "igloo0_connector": MemoryLayout<igloo_connector>.size,
            "igloo0_column_stats": MemoryLayout<igloo_column_stats>.size,
            "igloo0_table_stats": MemoryLayout<igloo_table_stats>.size,
            "igloo0_write_request": MemoryLayout<igloo_write_request>.size,
            "igloo0_sink": MemoryLayout<igloo_sink>.size,
            "igloo0_write": MemoryLayout<igloo_write>.size,
            "igloo0_txn": MemoryLayout<igloo_txn>.size,
            "igloo0_changes": MemoryLayout<igloo_changes>.size,
            "igloo0_runtime_filter": MemoryLayout<igloo_runtime_filter>.size,
            "igloo0_runtime_filters": MemoryLayout<igloo_runtime_filters>.size,
            "igloo0_function_info": MemoryLayout<igloo_function_info>.size,
            "igloo0_functions": MemoryLayout<igloo_functions>.size,
            "igloo0_secrets": MemoryLayout<igloo_secrets>.size,
            "igloo0_cache_meta": MemoryLayout<igloo_cache_meta>.size,
            "igloo0_cache": MemoryLayout<igloo_cache>.size,
            "igloo0_transport": MemoryLayout<igloo_transport>.size,
            "igloo0_batch": MemoryLayout<igloo_batch>.size,
            "igloo0_operator": MemoryLayout<igloo_operator>.size,
            "igloo0_kv_item": MemoryLayout<igloo_kv_item>.size,
            "igloo0_kv_page": MemoryLayout<igloo_kv_page>.size,
            "igloo0_kv_compare": MemoryLayout<igloo_kv_compare>.size,
            "igloo0_kv_op": MemoryLayout<igloo_kv_op>.size,
            "igloo0_kv_watch": MemoryLayout<igloo_kv_watch>.size,
            "igloo0_kv": MemoryLayout<igloo_kv>.size,
            "igloo0_engine": MemoryLayout<igloo_engine>.size,
            "igloo0_engine_status": MemoryLayout<igloo_engine_status>.size,
            "igloo0_engine_services": MemoryLayout<igloo_engine_services>.size,
            "igloo0_ingest": MemoryLayout<igloo_ingest>.size,
            "igloo0_metrics": MemoryLayout<igloo_metrics>.size,
            "igloo0_frontend": MemoryLayout<igloo_frontend>.size,
        ]
        let lines = try golden().split(separator: "\n").map(String.init)
        for (name, size) in sizes { #expect(lines.contains("sizeof \(name) \(size)")) }
        #expect(MemoryLayout<igloo_ctx>.offset(of: \.memory_account) == 96)
        #expect(MemoryLayout<igloo_kind>.offset(of: \.create) == 48)
        #expect(MemoryLayout<igloo_scan_answer>.offset(of: \.handle) == 16)
    }

    /// Nothing of the header is missing in the golden file.
    @Test func theGoldenFileIsComplete() throws {
        let header = try String(
            contentsOf: root.appendingPathComponent("SDK/CIgloo/include/igloo.h"), encoding: .utf8)
        let golden = try golden()
        for tag in header.matches(of: /struct (igloo0_\w+) \{/).map(\.1) {
            #expect(tag == "igloo0_note" || golden.contains("sizeof \(tag) "), "\(tag)")
        }
        for name in header.matches(of: /#define (IGLOO_FACET_\w+)/).map(\.1) {
            #expect(golden.contains("\(name) "), "\(name)")
        }
    }

    private func run(_ arguments: [String]) throws -> (status: Int32, output: String) {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: output, as: UTF8.self))
    }
}
