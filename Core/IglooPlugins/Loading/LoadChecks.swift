// SPDX-License-Identifier: MIT

import CIgloo
import IglooContracts

/// The one place that decides whether a file may be loaded. Everything here is known before any
/// code of it runs; checks of owner, hash and signature belong here too.
enum LoadChecks {
    static let entrySymbol = "igloo_plugin_\(IGLOO_EPOCH)"

    /// Reads the note of the file at `path` and checks that it is fit to be loaded.
    ///
    /// - Throws: what is wrong with it, naming the path.
    static func note(ofFile path: String) throws(IglooError) -> PluginNote {
        do throws(IglooError) {
            return try note(of: ELFImage(FileByteSource(path: path)))
        } catch {
            var error = error
            if !error.message.contains(path) { error.message = "\(path): \(error.message)" }
            throw error
        }
    }

    static func note(of image: ELFImage) throws(IglooError) -> PluginNote {
        guard image.machine == ELFImage.hostMachine else {
            throw refused(
                "it is for \(ELFImage.name(ofMachine: image.machine)), this host is "
                    + ELFImage.name(ofMachine: ELFImage.hostMachine))
        }
        guard let payload = image.note else {
            throw refused("it has no Igloo note, so it is no plugin")
        }
        let note = try PluginNote(payload)
        try checkVersion(note)
        try checkExports(image.exports)
        guard image.isBoundNow else {
            throw refused("it binds symbols lazily", hint: "link it with -z now -z defs")
        }
        guard !image.hasTextRelocations else {
            throw refused("it has text relocations", hint: "compile it with -fPIC")
        }
        return note
    }

    /// Epoch 0 is not yet stable: both sides must be built from the same header.
    private static func checkVersion(_ note: PluginNote) throws(IglooError) {
        guard note.epoch == IGLOO_EPOCH else {
            throw refused(
                "it was built for epoch \(note.epoch) of the ABI, this host speaks \(IGLOO_EPOCH)",
                hint: "build the plugin with this version of Igloo's SDK")
        }
        guard note.minor == IGLOO_MINOR, note.needs <= IGLOO_MINOR else {
            throw refused(
                "it was built for ABI \(note.epoch).\(note.minor) and needs minor \(note.needs), "
                    + "this host speaks \(IGLOO_EPOCH).\(IGLOO_MINOR)",
                hint: "build the plugin with this version of Igloo's SDK")
        }
    }

    private static func checkExports(_ exports: [String]) throws(IglooError) {
        guard exports.contains(entrySymbol) else {
            throw refused("it does not export \(entrySymbol)")
        }
        // Entry points of several epochs may stand side by side.
        let others = exports.filter { !isEntrySymbol($0) }
        guard others.isEmpty else {
            let shown = others.sorted().prefix(3).joined(separator: ", ")
            throw refused(
                "it exports \(others.count) symbols beyond its entry point: \(shown)",
                hint: "link it with the version script igloo.map")
        }
    }

    private static func isEntrySymbol(_ name: String) -> Bool {
        let prefix = "igloo_plugin_"
        let digits = name.dropFirst(prefix.count)
        return name.hasPrefix(prefix) && !digits.isEmpty && digits.allSatisfy(\.isNumber)
    }

    private static func refused(_ what: String, hint: String? = nil) -> IglooError {
        IglooError(.invalidData, "the plugin cannot be loaded: \(what)", hint: hint)
    }
}
