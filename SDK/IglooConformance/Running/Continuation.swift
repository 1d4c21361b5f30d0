// SPDX-License-Identifier: MIT

import IglooContracts
import IglooPlugins

/// The other half of checks that go on in another process, with nothing but opaque bytes.
enum Continuation {
    private typealias Half = @Sendable (_ parts: [[UInt8]], _ bench: Bench) throws -> String

    /// By the word with which a check names its other half.
    private static let halves: [String: Half] = [
        "read": readSplits, "call": callFunction, "merge": mergePartials,
        "store": { try StoreReadingChecks.readAndDie($0.first ?? [], $1) },
        "client": StoreTransactionChecks.runClient,
        "peer": { try PeerChecks.die($0.first ?? [], $1) },
        "entry": { try CacheStorageChecks.find($0.first ?? [], $1) },
    ]

    static func run(_ path: String, _ bench: Bench) throws {
        let file = try FileByteSource(path: path)
        let bytes = try require(
            file.read(offset: 0, count: file.byteCount), "\(path) cannot be read whole")
        let lines = String(decoding: bytes, as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: false)
        let half = try require(
            lines.first.flatMap { halves[String($0)] }, "\(path) is no continuation")
        let parts = try lines.dropFirst().map { try require(Hex.bytes($0), "\(path): no bytes") }
        PlatformIO.write(try half(parts, bench), to: PlatformChild.resultDescriptor)
    }

    /// Reads splits of a planned scan; the answer is a digest of the rows.
    private static func readSplits(_ parts: [[UInt8]], _ bench: Bench) throws -> String {
        let instance = try bench.connector()
        let handle = try require(parts.first, "there is no plan to read")
        var rows: [Row] = []
        for split in parts.dropFirst() { rows += try instance.open(handle, split).rows() }
        return digest(rows)
    }

    /// Calls a function of the configuration.
    private static func callFunction(_ parts: [[UInt8]], _ bench: Bench) throws -> String {
        let call = try example(parts, bench)
        return digest([try call.bound.scalar(try call.batch(call.places))])
    }

    /// Merges partial values of an aggregate of the configuration.
    private static func mergePartials(_ parts: [[UInt8]], _ bench: Bench) throws -> String {
        let bytes = try require(parts.last, "there are no partial values")
        let results = try AggregateChecks.results(ofPartials: bytes, try example(parts, bench))
        return digest(results.map { [$0] })
    }

    private static func example(_ parts: [[UInt8]], _ bench: Bench) throws -> ExampleCall {
        let index = try require(
            parts.first.flatMap { Int(String(decoding: $0, as: UTF8.self)) }, "no call is named")
        return try ExampleCall(
            bench.configuration.calls[index], try bench.instance(as: FunctionInstance.self))
    }

    /// A number that rows have in common, whatever their order.
    static func digest(_ rows: [Row]) -> String {
        var sum: UInt64 = 0
        for row in rows {
            var hash: UInt64 = 0xCBF2_9CE4_8422_2325
            for byte in "\(RowComparison.key(row))".utf8 {
                hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3
            }
            sum &+= hash
        }
        return "\(rows.count) rows, \(sum)"
    }
}
