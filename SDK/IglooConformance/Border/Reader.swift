// SPDX-License-Identifier: MIT

import CIgloo
import IglooABI
import IglooArrow
import IglooContracts

/// A reader of the plugin, called as the ABI says and released once.
final class Reader {
    let raw: igloo_reader
    /// An instance is destroyed after all readers of it.
    private let instance: Instance
    private var isReleased = false

    /// - Parameter function: who gave it.
    init(taking raw: igloo_reader, of instance: Instance, _ function: String) throws {
        self.raw = raw
        self.instance = instance
        try require(
            raw.schema != nil && raw.next != nil && raw.cancel != nil && raw.release != nil,
            "\(function) gave a reader whose functions are missing")
    }

    deinit { release() }

    func release() {
        if isReleased { return }
        isReleased = true
        raw.release?(raw.`self`)
    }

    func cancel() { raw.cancel?(raw.`self`) }

    func schema() throws -> Schema {
        var schema = ArrowSchema()
        try Call().run(
            "reader.schema", leftovers: { schema.release == nil ? [] : ["a schema"] }
        ) { _, error in raw.schema(raw.`self`, &schema, error) }
        return try Schema(importing: &schema)
    }

    /// The next batch as it comes; `nil` at the end.
    func nextArray(_ call: Call = Call()) throws -> ArrowDeviceArray? {
        while true {
            var array = ArrowDeviceArray()
            let woken = call.waker?.count ?? 0
            let answer = try call.run(
                "reader.next", mayEnd: true,
                leftovers: { array.array.release == nil ? [] : ["a batch"] }
            ) { ctx, error in raw.next(raw.`self`, ctx, &array, error) }
            switch answer {
            case .ok:
                try require(
                    array.array.release != nil, "reader.next answered OK and gave no batch")
                return array
            case .end, .needsInput: return nil
            case .pending:
                guard call.waker?.waits(beyond: woken, milliseconds: 5_000) == true else {
                    throw CheckEnd.failed(
                        "reader.next answered PENDING and did not wake within 5 s")
                }
            }
        }
    }

    /// The next batch, every bit of it looked at.
    func next(_ schema: Schema, _ call: Call = Call()) throws -> RecordBatch? {
        guard var array = try nextArray(call) else { return nil }
        return try RecordBatch(importing: &array, schema: schema, validation: .full)
    }

    /// All that is left, row by row.
    func rows(_ call: Call = Call()) throws -> [Row] {
        let schema = try schema()
        var rows: [Row] = []
        while let batch = try next(schema, call) { rows += batch.rows }
        return rows
    }
}

/// The values of a row, in the order of its columns.
typealias Row = [Scalar]

extension RecordBatch {
    var rows: [Row] {
        (0..<rowCount).map { row in columns.map { $0.scalar(at: row) } }
    }
}

/// A source of splits of the plugin.
final class SplitReader {
    private let raw: igloo_split_source
    private let instance: Instance
    private var isReleased = false

    init(taking raw: igloo_split_source, of instance: Instance) throws {
        self.raw = raw
        self.instance = instance
        try require(
            raw.next != nil && raw.cancel != nil && raw.release != nil,
            "splits gave a source whose functions are missing")
    }

    deinit { release() }

    func release() {
        if isReleased { return }
        isReleased = true
        raw.release?(raw.`self`)
    }

    func cancel() { raw.cancel?(raw.`self`) }

    /// Up to `countMax` splits; `nil` at the end.
    func next(_ countMax: Int, _ call: Call = Call()) throws -> [Split]? {
        var page = igloo_splits()
        defer { page.release?(&page) }
        let answer = try call.run(
            "splits.next", mayEnd: true,
            leftovers: { page.release == nil && page.n == 0 ? [] : ["splits"] }
        ) { ctx, error in raw.next(raw.`self`, ctx, countMax, &page, error) }
        guard answer == .ok else {
            try require(page.n == 0 && page.release == nil, "splits.next answered END with splits")
            return nil
        }
        try require(
            page.n <= countMax, "splits.next(\(countMax)) gave \(page.n) splits")
        try require(page.items != nil || page.n == 0, "splits.next gave splits at no address")
        return Array(page.items, count: page.n).map {
            Split(
                payload: Array($0.payload), rowCount: $0.est_rows.known,
                byteCount: $0.est_bytes.known)
        }
    }

    /// All that are left.
    func all(_ call: Call = Call()) throws -> [Split] {
        var splits: [Split] = []
        var emptyCount = 0
        while let page = try next(16, call) {
            splits += page
            emptyCount = page.isEmpty ? emptyCount + 1 : 0
            if emptyCount > 10 { Clock.sleep(milliseconds: 1) }
            try require(emptyCount < 5_000, "splits.next gave no split 5000 times and no END")
        }
        return splits
    }
}
