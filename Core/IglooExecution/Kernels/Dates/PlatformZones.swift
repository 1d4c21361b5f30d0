// SPDX-License-Identifier: MIT

import Glibc
import IglooContracts

/// Reads the system's time zones.
///
/// - Source: RFC 8536, "The Time Zone Information Format (TZif)".
enum PlatformZones {
    private static let directory = "/usr/share/zoneinfo/"
    private static let byteCountMax = 1 << 20
    private static let known = Locked<[String: ZoneRules]>([:])

    static func rules(_ name: String) throws(IglooError) -> ZoneRules {
        if let rules = known.withLock({ $0[name] }) { return rules }
        let rules = try read(name)
        known.withLock { $0[name] = rules }
        return rules
    }

    private static func read(_ name: String) throws(IglooError) -> ZoneRules {
        let isPlain = name.utf8.allSatisfy { byte in
            byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A || byte >= 0x30 && byte <= 0x39
                || byte == 0x2F || byte == 0x5F || byte == 0x2D || byte == 0x2B
        }
        guard isPlain, !name.isEmpty, !name.hasPrefix("/"),
            let bytes = file(directory + name) ?? spelled(name).flatMap({ file(directory + $0) })
        else {
            throw IglooError(
                .invalidArgument, "time zone \"\(Faults.shortened(name))\" not recognised",
                hint: "use UTC or a name such as Europe/Berlin")
        }
        guard let rules = ZoneFile(bytes).rules() else {
            throw IglooError(.invalidData, "the system's file of time zone \(name) is damaged")
        }
        return rules
    }

    /// The name as the system spells it, where only the letters' case differs.
    private static func spelled(_ name: String) -> String? {
        var found = ""
        for part in name.split(separator: "/") {
            guard let folder = opendir(directory + found) else { return nil }
            defer { closedir(folder) }
            var match: String?
            while match == nil, let entry = readdir(folder) {
                let own = withUnsafePointer(to: &entry.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
                if own.lowercased() == part.lowercased() { match = own }
            }
            guard let match else { return nil }
            found += found.isEmpty ? match : "/" + match
        }
        return found
    }

    private static func file(_ path: String) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0 || bytes.count > byteCountMax { return nil }
            if count == 0 { return bytes }
            bytes.append(contentsOf: chunk[..<count])
        }
    }
}
