// SPDX-License-Identifier: MIT

import CIglooKernels
import Glibc

/// What this process may use of the machine.
public enum MachineLimits {
    /// The processors of the affinity mask, less if the cgroup grants less; `IGLOO_THREADS` wins.
    public static func threadCount() -> Int {
        if let text = getenv("IGLOO_THREADS").map({ String(cString: $0) }),
            let count = Int(text), count > 0
        {
            return min(count, 1_024)
        }
        let granted = ControlGroup.ofThisProcess.compactMap(\.processorCount).min() ?? .max
        return max(1, min(Int(igloo_processor_count()), granted))
    }

    /// The bytes this process may hold: the cgroup's limit or the machine's memory.
    public static func memoryByteCount() -> Int {
        let physical = sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))
        let granted = ControlGroup.ofThisProcess.compactMap(\.memoryByteCount).min() ?? .max
        return min(physical, granted)
    }
}

/// A control group that bounds this process (Linux, Documentation/admin-guide/cgroup-v2).
struct ControlGroup {
    let folder: String

    private static let root = "/sys/fs/cgroup"

    /// The group of this process and all groups above it: each may set a limit.
    static var ofThisProcess: [ControlGroup] {
        var groups = [ControlGroup(folder: root), ControlGroup(folder: root + "/memory")]
        var path = ""
        for step in ownPath(firstLine("/proc/self/cgroup")) {
            path += "/" + step
            groups.append(ControlGroup(folder: root + path))
        }
        return groups
    }

    /// The steps of the path in a line such as `0::/user.slice/session.scope`; none for version 1.
    static func ownPath(_ line: String?) -> [Substring] {
        guard let line, line.hasPrefix("0::/") else { return [] }
        return line.dropFirst(4).split(separator: "/").filter { $0 != ".." }
    }

    var memoryByteCount: Int? {
        for name in ["memory.max", "memory.limit_in_bytes"] {
            if let line = Self.firstLine("\(folder)/\(name)"), let limit = Int(line), limit > 0 {
                return limit
            }
        }
        return nil
    }

    var processorCount: Int? { Self.firstLine("\(folder)/cpu.max").flatMap(Self.processorCount) }

    /// The processors that a quota such as `150000 100000` (microseconds a period) comes to.
    static func processorCount(_ line: String) -> Int? {
        let parts = line.split(separator: " ").map { Int($0) }
        guard parts.count == 2, let quota = parts[0], let period = parts[1], quota > 0, period > 0
        else { return nil }
        return max(1, quota / period + (quota % period == 0 ? 0 : 1))
    }

    private static func firstLine(_ path: String) -> String? {
        guard let file = fopen(path, "re") else { return nil }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1_024)
        let count = fread(&bytes, 1, bytes.count, file)
        let line = bytes.prefix(count).prefix { $0 != 0x0A }
        return String(decoding: line, as: UTF8.self)
    }
}
