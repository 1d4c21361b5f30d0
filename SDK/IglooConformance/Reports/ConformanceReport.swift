// SPDX-License-Identifier: MIT

import IglooPlugins

/// The results of a run, for whoever writes them down.
struct ConformanceReport {
    let request: ConformanceRequest
    /// Tells this build of the plugin from others.
    let fingerprint: String
    var results: [CheckResult] = []

    static let kitVersion = "1"

    var isGood: Bool { !results.contains { $0.outcome.isBad } }

    /// How many ended in each way, in the order of the words.
    var counts: [(word: String, count: Int)] {
        ["pass", "fail", "crash", "timeout", "leak", "waived", "skip"].map { word in
            (word, results.count { $0.outcome.word == word })
        }
    }
}

/// FNV-1a of 64 bits over a file's bytes: enough to tell builds apart, no proof of anything.
enum Fingerprint {
    static func of(_ file: FileByteSource) -> String {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        var offset = 0
        while offset < file.byteCount {
            let count = min(1 << 20, file.byteCount - offset)
            guard let bytes = file.read(offset: offset, count: count) else { break }
            for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
            offset += count
        }
        let text = String(hash, radix: 16)
        return "fnv1a64:" + String(repeating: "0", count: 16 - text.count) + text
    }
}
