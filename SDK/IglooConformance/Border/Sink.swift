// SPDX-License-Identifier: MIT

import CIgloo
import IglooABI
import IglooArrow
import IglooContracts

/// Where batches of a write go; released once.
final class Sink {
    private let raw: igloo_sink
    private let instance: Instance
    private var isReleased = false

    init(taking raw: igloo_sink, of instance: Instance) throws {
        self.raw = raw
        self.instance = instance
        try require(
            raw.write != nil && raw.finish != nil && raw.cancel != nil && raw.release != nil,
            "open_sink gave a sink whose functions are missing")
    }

    deinit { release() }

    func release() {
        if isReleased { return }
        isReleased = true
        raw.release?(raw.`self`)
    }

    func cancel() { raw.cancel?(raw.`self`) }

    func write(_ batch: RecordBatch, _ call: Call = Call()) throws {
        var array = ArrowDeviceArray()
        batch.export(to: &array)
        try call.run("sink.write") { raw.write(raw.`self`, $0, &array, $1) }
    }

    /// - Returns: the fragment.
    func finish(_ call: Call = Call()) throws -> [UInt8] {
        var fragment = igloo_blob()
        try call.run("sink.finish", leftovers: { fragment.release == nil ? [] : ["a fragment"] }) {
            raw.finish(raw.`self`, $0, &fragment, $1)
        }
        return Array(taking: &fragment)
    }
}
