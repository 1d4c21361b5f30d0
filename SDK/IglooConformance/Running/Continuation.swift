// SPDX-License-Identifier: MIT

import IglooContracts
import IglooPlugins

/// The other half of checks that go on in another process, with nothing but opaque bytes.
enum Continuation {
    /// Reads splits of a planned scan; the answer is a digest of the rows.
    static func run(_ path: String, _ bench: Bench) throws {
        let file = try FileByteSource(path: path)
        let bytes = try require(
            file.read(offset: 0, count: file.byteCount), "\(path) cannot be read whole")
        let lines = String(decoding: bytes, as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: false)
        try require(lines.first == "read" && lines.count >= 2, "\(path) is no continuation")
        let parts = try lines.dropFirst().map { try require(Hex.bytes($0), "\(path): no bytes") }
        let instance = try bench.instance()
        var rows: [Row] = []
        for split in parts.dropFirst() {
            rows += try instance.open(parts[0], split).rows()
        }
        PlatformIO.write(digest(rows), to: PlatformChild.resultDescriptor)
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
