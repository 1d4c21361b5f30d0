// SPDX-License-Identifier: MIT

import CIgloo
import IglooArrow
import IglooContracts
import IglooPlugins

/// What a check works on: the plugin, instances of it, the data sets. Everything is made when it is
/// first asked for.
final class Bench {
    let request: ConformanceRequest
    let workspace: Workspace
    let configuration: Configuration
    let tested: TestedKind
    private var loaded: LoadedPlugin?
    /// What the plugin gave to be shown to people, beyond logs and errors; `nil` = nobody asks.
    var shown: [String]?

    init(request: ConformanceRequest, workspace: Workspace, configuration: Configuration) {
        self.request = request
        tested = .chosen(configuration, plugin: request.plugin)
        self.workspace = workspace
        self.configuration = configuration
    }

    /// Random numbers of this run, other ones for each purpose.
    func random(_ purpose: Int = 0) -> Random {
        var random = Random(seed: request.seed &+ UInt64(purpose) &* 0x9E37_79B9)
        _ = random.next()
        return random
    }

    // MARK: - The plugin

    func image() throws -> ELFImage { try ELFImage(FileByteSource(path: request.plugin)) }

    func note() throws -> PluginNote {
        let payload = try require(try image().note, "the file has no Igloo note")
        return try PluginNote(payload)
    }

    func plugin() throws -> LoadedPlugin {
        if let loaded { return loaded }
        let plugin = try LoadedPlugin(request.plugin)
        loaded = plugin
        return plugin
    }

    func kind() throws -> UnsafePointer<igloo_kind> {
        try plugin().kind(tested, named: configuration.kindName)
    }

    // MARK: - Instances

    /// The configuration's options, checked by the plugin's table of them.
    func values(
        _ changes: [GivenOption] = [], kind: UnsafePointer<igloo_kind>? = nil
    ) throws -> OptionValues {
        let kind = try kind ?? self.kind()
        let names = Set(changes.map(\.name))
        let given = configuration.options.filter { !names.contains($0.name) } + changes
        return try OptionChecker(KindOptions.specifications(kind), owner: "the \(tested.word)")
            .check(given)
    }

    /// An instance of whatever kind is tested.
    func instance(_ changes: [GivenOption] = [], _ call: Call = Call()) throws -> Instance {
        try tested.make(try kind(), try values(changes), call)
    }

    /// An instance of the kind that a check is of.
    func instance<Kind: Instance>(
        as type: Kind.Type, _ changes: [GivenOption] = [], _ call: Call = Call()
    ) throws -> Kind {
        try instance(changes, call).expected()
    }

    func connector(_ changes: [GivenOption] = []) throws -> ConnectorInstance {
        try instance(as: ConnectorInstance.self, changes)
    }

    /// Does a little of what an instance is for.
    func use(_ instance: Instance) throws { try tested.use(instance, self) }

    // MARK: - Tables

    /// The source's name of a data set's table.
    func tableName(_ set: String) -> String { configuration.tables[set] ?? set }

    /// - Throws: skips the check when the configuration gives no data, or none of this table.
    func requireTable(_ set: String) throws {
        guard request.configuration != nil else {
            throw CheckEnd.skipped("no data: --config says how it gets into the source")
        }
        if let reason = configuration.lost[set] {
            throw CheckEnd.skipped("the source holds no table \(set): \(reason)")
        }
    }

    func open(_ set: String, _ instance: ConnectorInstance) throws -> OpenedTable {
        try requireTable(set)
        return try instance.openTable(tableName(set), schema: configuration.schema)
    }

    func fixture(_ set: DataSet, _ instance: ConnectorInstance) throws -> Fixture {
        try Fixture(set, try open(set.name, instance), configuration)
    }

    /// Any table, for checks that need one and do not care for its rows.
    func hostile(_ instance: ConnectorInstance) throws -> Fixture {
        try fixture(.hostile, instance)
    }

    /// How soon a cancelled call must return.
    var cancelMilliseconds: Int { configuration.cancelMilliseconds }

    // MARK: - Other processes

    /// Goes on in another process, which has nothing but these bytes; gives what it answers.
    func continueElsewhere(_ word: String, _ parts: [[UInt8]]) throws -> String {
        let text = ([word] + parts.map { Hex.text($0) }).joined(separator: "\n")
        let path = "\(workspace.path)/continue-\(word)"
        try PlatformIO.writeFile(path, Array(text.utf8))
        let child = try require(
            PlatformChild.run(
                request.childArguments + ["--workspace", workspace.path, "--continue", path],
                limitSeconds: 50), "another process cannot be started")
        try require(
            child.end == .exited(0), "in another process: \(child.end)\n\(child.output)")
        return child.result
    }
}

/// Bytes as text.
enum Hex {
    static func text(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count * 2)
        for byte in bytes { text += [digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
        return String(decoding: text, as: UTF8.self)
    }

    /// `nil` for what is none.
    static func bytes(_ text: Substring) -> [UInt8]? {
        let digits = text.utf8.map { Character(UnicodeScalar($0)).hexDigitValue }
        guard digits.count % 2 == 0, !digits.contains(nil) else { return nil }
        return stride(from: 0, to: digits.count, by: 2).map {
            UInt8(digits[$0]! << 4 | digits[$0 + 1]!)
        }
    }
}
