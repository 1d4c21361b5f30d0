// SPDX-License-Identifier: MIT

import CIgloo
import IglooABI
import IglooArrow
import IglooContracts
import IglooPlugins

/// An instance of a connector under test.
final class ConnectorInstance: Instance {
    private let functions: igloo_connector

    override init(
        _ kind: UnsafePointer<igloo_kind>, _ values: OptionValues, _ call: Call = Call()
    ) throws {
        functions = try Self.functions(kind, as: igloo_connector.self)
        try require(
            functions.list != nil && functions.open_table != nil && functions.plan != nil
                && functions.splits != nil && functions.open != nil && functions.ping != nil,
            "the connector's table of functions has holes")
        try super.init(kind, values, call)
    }

    func ping(_ call: Call = Call()) throws {
        try call.run("ping") { functions.ping(pointer, $0, $1) }
    }

    // MARK: - Lists and tables

    func list(
        _ what: Int, schema: String = "", prefix: String = "", _ call: Call = Call()
    ) throws -> Reader {
        let arena = Arena()
        var reader = igloo_reader()
        let (schema, prefix) = (arena.str(schema), arena.str(prefix))
        try call.run("list", leftovers: { reader.release == nil ? [] : ["a reader"] }) {
            functions.list(pointer, $0, UInt32(what), schema, prefix, &reader, $1)
        }
        withExtendedLifetime(arena) {}
        return try Reader(taking: reader, of: self, "list")
    }

    func openTable(
        _ name: String, schema: String = "", _ call: Call = Call()
    ) throws -> OpenedTable {
        let arena = Arena()
        let (schema, name) = (arena.str(schema), arena.str(name))
        var handle = igloo_blob()
        var columns = ArrowSchema()
        try call.run(
            "open_table",
            leftovers: {
                (handle.release != nil || handle.n != 0 ? ["a handle"] : [])
                    + (columns.release == nil ? [] : ["a schema"])
            }
        ) { functions.open_table(pointer, $0, schema, name, &handle, &columns, $1) }
        withExtendedLifetime(arena) {}
        let bytes = Array(taking: &handle)
        try require(columns.release != nil, "open_table answered OK and gave no schema")
        return OpenedTable(handle: bytes, schema: try Schema(importing: &columns))
    }

    // MARK: - Scans

    func plan(_ request: ScanRequest, _ call: Call = Call()) throws -> ScanAnswer {
        let encoded = EncodedScan(request)
        return try withExtendedLifetime(encoded) { try plan(encoded.request, call) }
    }

    /// A guard behind the verdicts that no plugin may touch.
    private static let guardByte: UInt8 = 0xA5

    func plan(_ wire: igloo_scan_request, _ call: Call = Call()) throws -> ScanAnswer {
        var wire = wire
        let count = wire.n_conjuncts
        var verdicts = [UInt8](repeating: 0, count: count) + [Self.guardByte]
        var columns = ArrowSchema()
        var answer = igloo_scan_answer()
        answer.est_rows = .nan
        answer.est_bytes = .nan
        defer { answer.release?(&answer) }
        try verdicts.withUnsafeMutableBufferPointer { buffer in
            answer.conjuncts = buffer.baseAddress
            _ = try call.run(
                "plan",
                leftovers: {
                    (answer.release != nil || answer.handle.n != 0 ? ["an answer"] : [])
                        + (columns.release == nil ? [] : ["a schema"])
                }
            ) { functions.plan(pointer, $0, &wire, &columns, &answer, $1) }
        }
        try require(
            verdicts.removeLast() == Self.guardByte, "plan wrote behind the array of verdicts")
        try require(columns.release != nil, "plan answered OK and gave no schema")
        var result = ScanAnswer(
            schema: try Schema(importing: &columns), handle: Array(answer.handle),
            conjunctCount: count)
        result.conjuncts = try verdicts.map { try verdict($0) }
        result.aggregate = try verdict(answer.aggregate)
        result.sort = try verdict(answer.sort)
        result.limit = try verdict(answer.limit)
        result.snapshot = Array(answer.snapshot)
        result.estimatedRowCount = answer.est_rows.known
        result.estimatedByteCount = answer.est_bytes.known
        result.remoteText = String(answer.remote_text)
        result.reasons = Array(answer.reasons, count: answer.n_reasons).map { String($0) }
        try require(
            answer.n_reasons == 0 || answer.n_reasons == count,
            "plan gave \(answer.n_reasons) reasons for \(count) conjuncts")
        return result
    }

    private func verdict(_ value: UInt8) throws -> Verdict {
        try require(
            Verdict(rawValue: value), "plan answered the verdict \(value), which there is none of")
    }

    func splits(
        _ handle: [UInt8], targetByteCount: Int64 = 64 << 20, _ call: Call = Call()
    ) throws -> SplitReader {
        let arena = Arena()
        let bytes = arena.bytes(handle)
        var source = igloo_split_source()
        try call.run("splits", leftovers: { source.release == nil ? [] : ["a source"] }) {
            functions.splits(pointer, $0, bytes, targetByteCount, &source, $1)
        }
        withExtendedLifetime(arena) {}
        return try SplitReader(taking: source, of: self)
    }

    func open(_ handle: [UInt8], _ split: [UInt8], _ call: Call = Call()) throws -> Reader {
        let arena = Arena()
        let (handle, split) = (arena.bytes(handle), arena.bytes(split))
        var reader = igloo_reader()
        try call.run("open", leftovers: { reader.release == nil ? [] : ["a reader"] }) {
            functions.open(pointer, $0, handle, split, &reader, $1)
        }
        withExtendedLifetime(arena) {}
        return try Reader(taking: reader, of: self, "open")
    }

    // MARK: - Statistics

    /// - Returns: `nil` when nothing is known.
    func statistics(
        _ handle: [UInt8], columns: [Int], _ call: Call = Call()
    ) throws -> TableStatistics? {
        let facet = try require(
            facet(IGLOO_FACET_STATS_1), "the plugin declares statistics and has no facet for them")
        let function = try require(
            facet.assumingMemoryBound(to: igloo_stats.self).pointee.stats,
            "the facet of statistics has no function")
        let arena = Arena()
        let bytes = arena.bytes(handle)
        let indexes = columns.map { UInt32($0) }
        var out = igloo_table_stats()
        defer { out.release?(&out) }
        let answer = try call.run(
            "stats", mayEnd: true, leftovers: { out.release == nil ? [] : ["statistics"] }
        ) { function(pointer, $0, bytes, indexes, indexes.count, &out, $1) }
        withExtendedLifetime(arena) {}
        return answer == .end ? nil : try TableStatistics(out)
    }
}
