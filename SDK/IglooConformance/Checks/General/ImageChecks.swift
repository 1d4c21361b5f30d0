// SPDX-License-Identifier: MIT

import CIgloo
import IglooABI
import IglooContracts
import IglooPlugins

/// What the file shows without being loaded.
enum ImageChecks {
    static let all: [Check] = [
        Check("elf.note_present") { bench in
            let note = try bench.note()
            try require(
                note.epoch == IGLOO_EPOCH,
                "the note is of epoch \(note.epoch), this kit of \(IGLOO_EPOCH)")
        },
        Check("elf.note_matches_descriptor", noteMatchesDescriptor),
        Check("elf.bind_now") { bench in
            try require(
                try bench.image().isBoundNow, "symbols are bound lazily: link with -z now")
        },
        Check("elf.nodelete") { bench in
            try require(
                try bench.image().isNeverUnloaded,
                "the object may be unloaded: link with -z nodelete")
        },
        Check("elf.exports_only_entry") { bench in
            let exports = try bench.image().exports
            try require(
                exports.contains("igloo_plugin_\(IGLOO_EPOCH)"),
                "igloo_plugin_\(IGLOO_EPOCH) is not exported")
            // Entry points of several epochs may stand side by side.
            let others = exports.filter {
                !$0.hasPrefix("igloo_plugin_") || !$0.dropFirst(13).allSatisfy(\.isNumber)
            }
            try require(
                others.isEmpty,
                "\(others.count) symbols beyond the entry point are exported: "
                    + others.sorted().prefix(5).joined(separator: ", "))
        },
        Check("elf.no_textrel_no_execstack") { bench in
            let image = try bench.image()
            try require(!image.hasTextRelocations, "it has text relocations: compile with -fPIC")
            try require(
                !image.hasExecutableStack,
                "it demands an executable stack: link with -z noexecstack")
        },
        Check("elf.runtime_declared_truthfully", runtimeDeclaredTruthfully),
        Check("elf.undefined_only_allowed_libs") { bench in
            let others = try bench.image().needed.filter { library in
                !systemLibraries.contains { library.hasPrefix($0) }
                    && !bench.configuration.libraries.contains(library)
            }
            try require(
                others.isEmpty,
                "it needs \(others.joined(separator: ", ")): link it statically, or name it under "
                    + "libraries in conformance.toml")
        },
    ]

    /// Of the C library and the compilers.
    private static let systemLibraries = [
        "libc.so", "libm.so", "libdl.so", "libpthread.so", "librt.so", "libutil.so", "ld-linux",
        "libgcc_s.so", "libstdc++.so", "libatomic.so", "libswift",
    ]

    private static func noteMatchesDescriptor(_ bench: Bench) throws {
        let note = try bench.note()
        let plugin = try bench.plugin()
        try require(
            note.id == plugin.id && note.version == plugin.version,
            "the note says \(note.id) \(note.version), the descriptor \(plugin.id) "
                + plugin.version)
        let descriptor = plugin.pointer.pointee
        try require(
            note.needs == descriptor.needs_minor,
            "the note needs minor \(note.needs), the descriptor \(descriptor.needs_minor)")
        try require(
            descriptor.wire_min <= descriptor.wire_max,
            "it understands its own bytes from \(descriptor.wire_min) to \(descriptor.wire_max)")
        for kind in TestedKind.all {
            let offered = plugin.kinds.filter { $0.pointee.kind == UInt32(kind.number) }
                .map { String($0.pointee.name) }.sorted()
            let noted = note.kinds.filter { $0.kind == kind.word }.map(\.name).sorted()
            try require(
                offered == noted,
                "the note names the \(kind.plural) \(noted), the descriptor \(offered)")
        }
    }

    private static func runtimeDeclaredTruthfully(_ bench: Bench) throws {
        let image = try bench.image()
        let runtime = try bench.note().runtime
        let hasSwift = image.sections.contains { $0.hasPrefix("swift5_") }
        let needsSwift = image.needed.contains { $0.hasPrefix("libswift") }
        switch runtime {
        case "c", "c++", "cpp", "rust", "zig":
            try require(
                !hasSwift && !needsSwift,
                "the note says runtime=\(runtime), and there is Swift in it")
        case "swift-static":
            try require(
                !needsSwift, "the note says runtime=swift-static, and it needs libswift*.so")
            try require(
                hasSwift || image.sections.isEmpty,
                "the note says runtime=swift-static, and there is no Swift in it")
        case _ where runtime.hasPrefix("swift-shared:"):
            try require(
                needsSwift, "the note says runtime=\(runtime), and it needs no libswift*.so")
        default:
            throw CheckEnd.failed(
                "the note says runtime=\(runtime): there are c, cpp, rust, zig, swift-static and "
                    + "swift-shared:TOOLCHAIN")
        }
    }
}
