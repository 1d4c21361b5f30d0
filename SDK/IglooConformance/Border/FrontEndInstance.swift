// SPDX-License-Identifier: MIT

import CIgloo
import IglooABI
import IglooContracts
import IglooPlugins

/// An instance of a front end under test, and the engine that it is given.
final class FrontEndInstance: Instance {
    var engine: EngineDouble { served.double }
    private let functions: igloo_frontend
    private let served: ServedEngine
    private let life = Locked(Life.idle)

    private enum Life {
        case idle, started, drained
    }

    override init(
        _ kind: UnsafePointer<igloo_kind>, _ values: OptionValues, _ call: Call = Call()
    ) throws {
        functions = try Self.functions(kind, as: igloo_frontend.self)
        try require(
            functions.start != nil && functions.drain != nil,
            "the front end's table of functions has holes")
        served = ServedEngine.take()
        try super.init(kind, values, call)
        // As the host does: what was started is drained before it goes.
        beforeDestruction = { [functions, pointer, life, served] in
            defer { served.giveBack() }
            guard life.withLock({ $0 }) == .started else { return }
            let call = Call()
            call.deadlineNanoseconds = MonotonicClock.nanoseconds() + 1_000_000_000
            _ = try? call.run("drain") { functions.drain(pointer, $0, $1) }
        }
    }

    /// Starts it unless it was started before.
    func startOnce() throws {
        if life.withLock({ $0 }) == .idle { _ = try start() }
    }

    /// - Returns: the addresses by protocol.
    func start(_ call: Call = Call()) throws -> [String: String] {
        var bound = igloo_blob()
        try call.run("start", leftovers: { bound.release == nil ? [] : ["addresses"] }) {
            functions.start(pointer, $0, served.exported.table, &bound, $1)
        }
        life.withLock { $0 = .started }
        let text = String(decoding: [UInt8](taking: &bound), as: UTF8.self)
        // Names and addresses have nothing to escape.
        let words = text.split(separator: "\"", omittingEmptySubsequences: false)
        try require(
            text.hasPrefix("{") && text.hasSuffix("}") && words.count % 4 == 1 && words.count > 1,
            "start reports \(text), where {\"protocol\": \"address\"} is wanted")
        var addresses: [String: String] = [:]
        for index in stride(from: 1, to: words.count - 3, by: 4) {
            addresses[String(words[index])] = String(words[index + 2])
        }
        return addresses
    }

    /// - Parameter seconds: after which nobody is waited for.
    func drain(seconds: Double) throws {
        let call = Call()
        call.deadlineNanoseconds = MonotonicClock.nanoseconds() + Int64(seconds * 1_000_000_000)
        try call.run("drain") { functions.drain(pointer, $0, $1) }
        life.withLock { $0 = .drained }
        engine.record.withLock { $0.isOver = true }
    }
}

/// An engine for front ends and its table of functions, which are never freed: the next front end
/// gets those of one that is gone.
private struct ServedEngine {
    let double: EngineDouble
    let exported: ExportedEngine

    private static let spare = Locked<[ServedEngine]>([])

    static func take() -> ServedEngine {
        if let spare = spare.withLock({ $0.popLast() }) { return spare }
        let double = EngineDouble()
        return ServedEngine(
            double: double, exported: ExportedEngine(double, plugin: "conformance"))
    }

    func giveBack() {
        double.record.withLock { $0 = EngineDouble.Record() }
        Self.spare.withLock { $0.append(self) }
    }
}
