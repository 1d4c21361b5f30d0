// SPDX-License-Identifier: MIT

import IglooContracts
import IglooPlugins

/// What the author of a plugin tells the kit: `conformance.toml`.
struct Configuration {
    /// What is tested of the plugin: the word of the kind; `nil` = what its note says there is.
    var kind: String?
    /// Its name among the plugin's kinds; `nil` = the only one.
    var kindName: String?
    /// Shared objects that the plugin may need, beyond those of the C library and compilers.
    var libraries: [String] = []
    /// The least limit of a check.
    var timeoutSeconds: Int?
    /// How soon a call ends after it is cancelled.
    var cancelMilliseconds = 1_000
    /// Of an instance over the data sets.
    var options: [GivenOption] = []
    /// Of an instance whose source cannot be reached, over `options`; `nil` = there is no such.
    var badEndpoint: [GivenOption]?

    /// How the data sets get into the source; `nil` = they are there already.
    var loadCommand: String?
    /// What takes them away again.
    var unloadCommand: String?
    /// What adds a column to the table `stale`.
    var alterCommand: String?
    /// What makes the table `fresh`, with a column `id` of whole numbers, and adds a row to it each
    /// time it is run again.
    var changeCommand: String?
    var schema = ""
    var bigRowCount = 10_000_000
    /// The source's names of the tables, by the data sets' own.
    var tables: [String: String] = [:]
    /// Types other than the data sets', in Arrow's spelling, by `table.column`.
    var types: [String: String] = [:]
    /// Why a column or table cannot be held, by `table.column` or `table`.
    var lost: [String: String] = [:]
    var waivers: [Waiver] = []

    /// What functions and operators are tested with.
    var calls: [FunctionExample] = []
    var runs: [OperatorExample] = []
    var entries = EntrySettings()
    var store = StoreSettings()
    var streams = StreamSettings()
    var client = ClientSettings()
    var secret = SecretSettings()

    /// The folder of the file, from which commands run.
    var folder = ""

    /// A failure that is known.
    struct Waiver {
        var check: String
        var reason: String
        var ticket: String
        /// The last day, `2026-12-31`.
        var expires: String
    }

    /// - Parameter target: what stands for `{target}` in options and names of tables.
    static func read(path: String, target: String) throws(IglooError) -> Configuration {
        let file = try FileByteSource(path: path)
        guard file.byteCount <= 1 << 20, let bytes = file.read(offset: 0, count: file.byteCount),
            let text = String(validating: bytes, as: UTF8.self)
        else { throw IglooError(.invalidArgument, "\(path) is not text, or not of moderate size") }
        let entries: [TOMLEntry]
        do throws(TOMLError) {
            entries = try TOMLDocument.parse(text)
        } catch {
            throw IglooError(
                .invalidArgument,
                "\(path):\(error.place.line):\(error.place.column): \(error.message)")
        }
        return try ConfigurationReader(path: path, target: target).configuration(entries)
    }
}
