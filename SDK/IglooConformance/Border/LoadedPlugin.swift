// SPDX-License-Identifier: MIT

import CIgloo
import IglooABI
import IglooContracts
import IglooPlugins

/// A plugin that was loaded and entered.
struct LoadedPlugin {
    let path: String
    let enter: igloo_plugin_0_fn
    let pointer: UnsafePointer<igloo_plugin>

    /// - Throws: the dynamic linker's or the plugin's own words.
    init(_ path: String, host: UnsafePointer<igloo_host> = TestHost.table()) throws {
        self.path = path
        let symbol = try SharedObject.load(path, symbol: "igloo_plugin_\(IGLOO_EPOCH)")
        enter = unsafeBitCast(symbol, to: igloo_plugin_0_fn.self)
        switch Self.enter(enter, host) {
        case .success(let pointer): self.pointer = pointer
        case .failure(let failure): throw failure
        }
    }

    /// Calls an entry point.
    static func enter(
        _ enter: igloo_plugin_0_fn, _ host: UnsafePointer<igloo_host>
    ) -> Result<UnsafePointer<igloo_plugin>, CallFailure> {
        var error = igloo_error()
        defer { error.release?(&error) }
        if let pointer = enter(host, &error) { return .success(pointer) }
        return .failure(
            CallFailure(
                function: "the entry point", status: error.code, flags: error.flags,
                sqlState: withUnsafeBytes(of: error.sqlstate) { Array($0) },
                message: String(error.message), hint: String(error.hint)))
    }

    var id: String { String(pointer.pointee.id) }
    var version: String { String(pointer.pointee.version) }

    var kinds: [UnsafePointer<igloo_kind>] {
        guard let kinds = pointer.pointee.kinds, pointer.pointee.n_kinds <= 1_024 else { return [] }
        return (0..<Int(pointer.pointee.n_kinds)).map { kinds + $0 }
    }

    /// What it offers of a kind, under this name; without a name, its only one.
    func kind(_ tested: TestedKind, named name: String?) throws -> UnsafePointer<igloo_kind> {
        let offered = kinds.filter { $0.pointee.kind == UInt32(tested.number) }
        if let name {
            return try require(
                offered.first { String($0.pointee.name) == name },
                "the plugin offers no \(tested.word) \"\(name)\"")
        }
        try require(
            offered.count == 1,
            "the plugin offers \(offered.count) \(tested.plural): say which in conformance.toml, "
                + "\(tested.word) = \"...\"")
        return offered[0]
    }

    func stop(deadlineNanoseconds: Int64) { pointer.pointee.stop?(deadlineNanoseconds) }
}
