// SPDX-License-Identifier: MIT

import CIgloo
package import IglooContracts

/// Reads how a plugin was built, without running anything of it.
package enum PluginLint {
    package struct Finding: Hashable, Sendable {
        /// Errors keep a host or the conformance kit from accepting the plugin.
        package var isError: Bool
        /// `check: found ..., wanted ...`.
        package var text: String
        package var advice: String?
    }

    /// - Throws: when the file cannot be opened or is no shared object.
    package static func findings(ofFile path: String) throws(IglooError) -> [Finding] {
        let file = try PluginFile(
            PluginDirectory.likelyId(of: path), path: path, TrustDemands())
        let image = try ELFImage(file.source)
        var findings = LoadChecks.refusals(of: image).map { finding($0) }
        if !image.isNeverUnloaded {
            findings.append(
                finding(
                    Refusal(
                        "elf.nodelete", found: "that it may be unloaded", wanted: "that it stays",
                        advice: "link it with -z nodelete")))
        }
        findings += libraries(image)
        if let note = try? LoadChecks.parsedNote(of: image) {
            findings += noteFindings(note, image, path: file.path)
        }
        return findings + size(file, image)
    }

    /// The note of a plugin that may be loaded.
    package static func note(ofFile path: String) throws(IglooError) -> PluginNote {
        try PluginFile(PluginDirectory.likelyId(of: path), path: path, TrustDemands()).note()
    }

    private static func finding(_ refusal: Refusal) -> Finding {
        Finding(isError: true, text: refusal.text, advice: refusal.advice)
    }

    private static func warning(
        _ check: String, found: String, wanted: String, advice: String?
    ) -> Finding {
        Finding(
            isError: false, text: "\(check): found \(found), wanted \(wanted)", advice: advice)
    }

    /// What every Debian has.
    private static let commonLibraries = [
        "libc.so", "libm.so", "libdl.so", "libpthread.so", "librt.so", "libstdc++.so",
        "libgcc_s.so",
        "ld-linux", "libutil.so",
    ]

    private static func libraries(_ image: ELFImage) -> [Finding] {
        let others = image.needed.filter { name in
            !commonLibraries.contains { name.hasPrefix($0) } && !name.hasPrefix("libswift")
                && !name.contains("Foundation")
        }
        if others.isEmpty { return [] }
        return [
            warning(
                "elf.undefined_only_allowed_libs", found: others.joined(separator: ", "),
                wanted: "nothing that a system may lack",
                advice: "say in the plugin's documentation which packages it needs")
        ]
    }

    private static let runtimes = ["c", "rust", "swift-static"]

    private static func noteFindings(
        _ note: PluginNote, _ image: ELFImage, path: String
    ) -> [Finding] {
        var findings: [Finding] = []
        let sharedSwift = image.needed.filter { $0.hasPrefix("libswift") }
        if !runtimes.contains(note.runtime) || !sharedSwift.isEmpty {
            findings.append(
                finding(
                    Refusal(
                        "elf.runtime_declared_truthfully",
                        found: "runtime=\(note.runtime)"
                            + (sharedSwift.isEmpty ? "" : ", linked to \(sharedSwift[0])"),
                        wanted: "runtime=\(runtimes.joined(separator: ", "))",
                        advice: sharedSwift.isEmpty
                            ? "mend the line runtime= of the note" : "link it with -static-stdlib"))
            )
        }
        let names = PluginDirectory.fileNames(ofPlugin: note.id)
        if !names.contains(where: { path.hasSuffix("/" + $0) }) {
            findings.append(
                warning(
                    "file.name", found: path.split(separator: "/").last.map { String($0) } ?? path,
                    wanted: names[0], advice: "folders are searched for files of that name"))
        }
        for kind in note.kinds where !PluginLibrary.knownWords.contains(kind.kind) {
            findings.append(
                warning(
                    "note.kinds", found: "\(kind.kind):\(kind.name)", wanted: "kinds of this host",
                    advice: "this host makes no use of that kind"))
        }
        if note.license.isEmpty {
            findings.append(
                warning(
                    "note.license", found: "no licence in the note", wanted: "license=MIT or alike",
                    advice: "users want to know"))
        }
        return findings
    }

    private static func size(_ file: PluginFile, _ image: ELFImage) -> [Finding] {
        let hasFoundation = image.needed.contains { $0.contains("Foundation") }
        guard hasFoundation || file.source.byteCount > 40 << 20 else { return [] }
        return [
            warning(
                "file.size", found: "\(file.source.byteCount >> 20) MiB", wanted: "less than 40",
                advice: "strip it, and use Glibc instead of Foundation, which takes 50 MB")
        ]
    }
}
