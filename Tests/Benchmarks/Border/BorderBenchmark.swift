// SPDX-License-Identifier: MIT

import Foundation
import IglooArrow
import IglooContracts
import IglooParquet
import IglooPlugins
import ParquetConnector

/// What the border costs: a scan of a Parquet file of 64-bit integers through the plugin, against the
/// same connector linked in. Both are read in turns by one thread, and the best of each counts, by the
/// time of the processor, which other work on the machine disturbs least.
///
///     BorderBenchmark FOLDER PLUGIN [rows] [rounds]
///
/// The file is written into the folder when it is not there yet.
@main
enum BorderBenchmark {
    static func main() throws {
        let words = CommandLine.arguments
        guard words.count >= 3 else {
            print("usage: BorderBenchmark FOLDER PLUGIN [rows] [rounds]")
            exit(2)
        }
        let rowCount = words.count > 3 ? Int(words[3]) ?? 0 : 100_000_000
        let roundCount = words.count > 4 ? max(1, Int(words[4]) ?? 1) : 9
        let file = "\(words[1])/border-keys-\(rowCount).parquet"
        if !FileManager.default.fileExists(atPath: file) { try write(file, rowCount) }
        let linked = try parquetConnector.create(
            OptionValues(["path": .string(file)]), CallContext())
        let loaded = try plugin(words[2], file)
        _ = try (Measure(linked, rowCount), Measure(loaded, rowCount))
        var (first, second) = (Measure.worst, Measure.worst)
        for _ in 0..<roundCount {
            first = min(first, try Measure(linked, rowCount))
            second = min(second, try Measure(loaded, rowCount))
        }
        print(
            String(
                format: "rows %ld  linked in %.3f s  plugin %.3f s  cost(ABI) %+.2f %%", rowCount,
                first.processorSeconds, second.processorSeconds,
                100 * (second.processorSeconds / first.processorSeconds - 1)))
    }

    private static func plugin(_ path: String, _ file: String) throws -> any Connector {
        let manifest = try Manifest.parse(
            """
            manifest = 1
            [[plugin]]
            id = "parquet"
            path = "\(path)"
            [catalog.border]
            connector = "parquet"
            path = "\(file)"
            """, path: "/benchmark.toml")
        return try PluginRegistry(manifest: manifest).open(manifest.catalogs[0], CallContext())
    }

    /// Keys in their order, with gaps, as tables are mostly written: pages are compressed, and reading is
    /// more than copying.
    static func value(_ row: Int) -> Int64 {
        let chance = UInt64(truncatingIfNeeded: row) &* 0x9E37_79B9_7F4A_7C15
        return Int64(row) &* 8 &+ Int64(truncatingIfNeeded: chance >> 61)
    }

    private static func write(_ file: String, _ rowCount: Int) throws {
        try Data().write(to: URL(fileURLWithPath: file + ".new"))
        let out = try FileHandle(forWritingTo: URL(fileURLWithPath: file + ".new"))
        let schema = Schema([Field("n", .int64, isNullable: false)])
        let writer = try ParquetWriter(schema) { (bytes) throws(IglooError) in
            out.write(Data(bytes))
        }
        var start = 0
        while start < rowCount {
            let count = min(1 << 16, rowCount - start)
            var builder = BufferBuilder(byteCapacity: count * 8)
            let numbers = builder.pointer(as: Int64.self)
            for index in 0..<count { numbers[index] = value(start + index) }
            builder.setByteCount(count * 8)
            let column = ArrayData(type: .int64, count: count, buffers: [builder.finish()])
            try writer.write(RecordBatch(schema: schema, columns: [column], rowCount: count))
            start += count
        }
        try writer.finish()
        try out.close()
        try FileManager.default.moveItem(atPath: file + ".new", toPath: file)
    }
}

/// One scan, from finding the table to the last row.
private struct Measure: Comparable {
    var processorSeconds: Double

    static let worst = Measure(processorSeconds: .infinity)

    private init(processorSeconds: Double) { self.processorSeconds = processorSeconds }

    init(_ connector: any Connector, _ rowCount: Int) throws {
        let start = Self.now()
        let (sum, count) = try Self.sum(connector)
        processorSeconds = Self.now() - start
        var wanted: Int64 = 0
        for row in 0..<rowCount { wanted &+= BorderBenchmark.value(row) }
        precondition(sum == wanted && count == rowCount, "the rows are not those of the file")
    }

    static func < (left: Measure, right: Measure) -> Bool {
        left.processorSeconds < right.processorSeconds
    }

    private static func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    private static func sum(_ connector: any Connector) throws -> (sum: Int64, count: Int) {
        let context = CallContext()
        let name = try connector.listTables(schema: "", prefix: "", context)[0].name
        let table = try connector.openTable(schema: "", name: name, context)
        let answer = try connector.plan(
            ScanRequest(table: table.handle, columns: [0]), context)
        let splits = try connector.splits(
            handle: answer.handle, targetByteCount: 64 << 20, context)
        var (sum, count): (Int64, Int) = (0, 0)
        while let page = try splits.next(countMax: 8, context) {
            for split in page {
                let reader = try connector.open(
                    handle: answer.handle, split: split.payload, context)
                while let batch = try reader.next(context) {
                    let values = batch.columns[0].values(as: Int64.self)
                    var row = 0
                    while row < batch.rowCount {
                        sum &+= values[row]
                        row &+= 1
                    }
                    count += batch.rowCount
                    withExtendedLifetime(batch) {}
                }
            }
        }
        return (sum, count)
    }
}
