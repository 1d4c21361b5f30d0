// SPDX-License-Identifier: MIT

import CIgloo
import IglooContracts

/// What a shared object must be to be loaded, as far as it is known before any code of it runs.
/// Whether its file is to be trusted was asked before: `TrustChecks`.
enum LoadChecks {
    static let entrySymbol = "igloo_plugin_\(IGLOO_EPOCH)"

    /// The note of an object that is fit to be loaded.
    static func note(of image: ELFImage) throws(Refusal) -> PluginNote {
        if let first = refusals(of: image).first { throw first }
        return try parsedNote(of: image)
    }

    /// All that is wrong with it.
    static func refusals(of image: ELFImage) -> [Refusal] {
        [machine(image), epoch(image), exports(image), binding(image), segments(image)]
            .compactMap(\.self)
    }

    private static let link = "igloo plugin build links it so"

    private static func machine(_ image: ELFImage) -> Refusal? {
        if image.machine == ELFImage.hostMachine { return nil }
        return Refusal(
            "elf.machine", found: "code for \(ELFImage.name(ofMachine: image.machine))",
            wanted: ELFImage.name(ofMachine: ELFImage.hostMachine),
            advice: "build it for this machine")
    }

    static func parsedNote(of image: ELFImage) throws(Refusal) -> PluginNote {
        guard let payload = image.note else {
            throw Refusal(
                "elf.note_present", found: "no Igloo note", wanted: "one, as every plugin has",
                advice: "it is no plugin, or it lacks IGLOO_NOTE(...)")
        }
        do throws(IglooError) {
            return try PluginNote(payload)
        } catch {
            throw Refusal(
                "elf.note_present", found: error.message, wanted: "lines of key=value",
                advice: "see IGLOO_NOTE in igloo.h")
        }
    }

    /// Epoch 0 is not yet stable: both sides must be built from the same header.
    private static func epoch(_ image: ELFImage) -> Refusal? {
        let note: PluginNote
        do throws(Refusal) {
            note = try parsedNote(of: image)
        } catch {
            return error
        }
        if note.epoch == IGLOO_EPOCH && note.minor == IGLOO_MINOR && note.needs <= IGLOO_MINOR {
            return nil
        }
        return Refusal(
            "abi.epoch",
            found: "epoch \(note.epoch), ABI \(note.epoch).\(note.minor), which needs minor "
                + "\(note.needs)",
            wanted: "ABI \(IGLOO_EPOCH).\(IGLOO_MINOR), which this host speaks",
            advice: "build the plugin with this version of Igloo's SDK")
    }

    private static func exports(_ image: ELFImage) -> Refusal? {
        guard image.exports.contains(entrySymbol) else {
            return Refusal(
                "elf.entry_symbol", found: "that it does not export \(entrySymbol)",
                wanted: "that entry point", advice: "see igloo_plugin_0 in igloo.h")
        }
        // Entry points of several epochs may stand side by side.
        let others = image.exports.filter { !isEntrySymbol($0) }
        if others.isEmpty { return nil }
        let shown = others.sorted().prefix(3).joined(separator: ", ")
        return Refusal(
            "elf.exports_only_entry",
            found: "\(others.count) symbols beyond the entry point: \(shown)",
            wanted: "none", advice: "link it with the version script igloo.map: \(link)")
    }

    private static func isEntrySymbol(_ name: String) -> Bool {
        let prefix = "igloo_plugin_"
        let digits = name.dropFirst(prefix.count)
        return name.hasPrefix(prefix) && !digits.isEmpty && digits.allSatisfy(\.isNumber)
    }

    private static func binding(_ image: ELFImage) -> Refusal? {
        if image.isBoundNow { return nil }
        return Refusal(
            "elf.bind_now", found: "that it binds symbols lazily",
            wanted: "that all are bound when it is loaded",
            advice: "link it with -z now -z defs: \(link)")
    }

    private static func segments(_ image: ELFImage) -> Refusal? {
        if image.hasTextRelocations {
            return Refusal(
                "elf.no_textrel_no_execstack", found: "text relocations", wanted: "none",
                advice: "compile it with -fPIC")
        }
        if image.hasExecutableStack {
            return Refusal(
                "elf.no_textrel_no_execstack", found: "a demand for an executable stack",
                wanted: "none", advice: "link it with -z noexecstack")
        }
        return nil
    }
}
