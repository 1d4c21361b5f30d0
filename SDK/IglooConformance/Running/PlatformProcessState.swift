// SPDX-License-Identifier: MIT

import CIglooConformance
import Glibc

/// What of this process a plugin must not change, or must give back.
struct PlatformProcessState: Equatable {
    var handlers: [String] = []
    var locale = ""
    var folder = ""
    var mask: mode_t = 0
    var environment: [String] = []
    var limits: [String] = []

    static func now() -> PlatformProcessState {
        var state = PlatformProcessState()
        for number in 1..<Int32(65) {
            var action = sigaction()
            guard sigaction(number, nil, &action) == 0 else { continue }
            let handler = unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
            state.handlers.append("\(signalName(number)): \(handler) \(action.sa_flags)")
        }
        state.locale = setlocale(LC_ALL, nil).map { String(cString: $0) } ?? ""
        if let path = getcwd(nil, 0) {
            state.folder = String(cString: path)
            free(path)
        }
        state.mask = umask(0)
        umask(state.mask)
        var next = environ
        while let variable = next.pointee {
            state.environment.append(String(cString: variable))
            next += 1
        }
        for resource in [RLIMIT_NOFILE, RLIMIT_CORE, RLIMIT_STACK, RLIMIT_AS, RLIMIT_FSIZE] {
            var limit = rlimit()
            getrlimit(__rlimit_resource_t(resource.rawValue), &limit)
            state.limits.append("\(resource.rawValue): \(limit.rlim_cur) of \(limit.rlim_max)")
        }
        return state
    }

    /// What differs, in words.
    func changes(to later: PlatformProcessState) -> [String] {
        var changes = zip(handlers, later.handlers).filter { $0 != $1 }
            .map { "signal handler \($0) became \($1)" }
        if locale != later.locale { changes.append("locale \(locale) became \(later.locale)") }
        if folder != later.folder { changes.append("folder \(folder) became \(later.folder)") }
        if mask != later.mask { changes.append("umask \(mask) became \(later.mask)") }
        if environment != later.environment { changes.append("the environment changed") }
        if limits != later.limits { changes.append("limits \(limits) became \(later.limits)") }
        return changes
    }
}

/// What this process holds of the system's goods.
enum PlatformResources {
    /// Open descriptors, and what each leads to.
    static func descriptors() -> [Int32: String] {
        var result: [Int32: String] = [:]
        for name in names(in: "/proc/self/fd") {
            guard let number = Int32(name) else { continue }
            var buffer = [CChar](repeating: 0, count: 4_096)
            let count = readlink("/proc/self/fd/\(name)", &buffer, buffer.count - 1)
            // The folder that is being read is gone by now.
            if count > 0 && fcntl(number, F_GETFD) >= 0 {
                result[number] = String(
                    decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
            }
        }
        return result
    }

    /// Whether programs that this one starts would inherit it.
    static func isInherited(_ descriptor: Int32) -> Bool {
        let flags = fcntl(descriptor, F_GETFD)
        return flags >= 0 && flags & FD_CLOEXEC == 0
    }

    static func threadCount() -> Int { names(in: "/proc/self/task").count }

    /// Names of threads that still run.
    static func threadNames() -> [String] {
        names(in: "/proc/self/task").map { id in
            text("/proc/self/task/\(id)/comm").split(separator: "\n").first.map { String($0) } ?? ""
        }
    }

    static func residentByteCount() -> Int {
        let words = text("/proc/self/statm").split(separator: " ")
        return words.count > 1 ? (Int(words[1]) ?? 0) * Int(getpagesize()) : 0
    }

    /// What stands in the memory of this process, as far as there is some.
    static func bytes(at address: UInt, _ count: Int) -> [UInt8] {
        let descriptor = open("/proc/self/mem", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return [] }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: count)
        let read = pread(descriptor, &bytes, count, off_t(truncatingIfNeeded: address))
        return Array(bytes.prefix(max(read, 0)))
    }

    static func allocatedByteCount() -> Int { igloo_allocated_bytes() }

    /// So that what threads allocate is counted as well.
    static func useOneArena() { igloo_use_one_arena() }

    private static func names(in folder: String) -> [String] {
        guard let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names
    }

    private static func text(_ path: String) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        var buffer = [UInt8](repeating: 0, count: 4_096)
        let count = read(descriptor, &buffer, buffer.count)
        return String(decoding: buffer.prefix(max(count, 0)), as: UTF8.self)
    }
}
