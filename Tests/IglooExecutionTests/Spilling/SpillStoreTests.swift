// SPDX-License-Identifier: MIT

import Foundation
import IglooArrow
import IglooArrowTesting
import IglooContracts
import Testing

@testable import IglooExecution

/// Batches in temporary files: what is read is what was written, and damage is seen.
@Suite struct SpillStoreTests {
    private static let text = DataType.dictionary(
        index: .int32, value: .utf8View, isOrdered: false)

    private static let types: [DataType] = [
        .null, .bool, .int8, .int64, .uint32, .float32, .float64,
        .decimal64(precision: 18, scale: 2), .decimal128(precision: 38, scale: 4), .date32,
        .time64(.microsecond), .timestamp(.microsecond, timeZone: "UTC"),
        .interval(.monthDayNano), .utf8View, .binaryView, text,
        .list(Field("item", .utf8View)),
        .structure([
            Field("a", .int32),
            Field("b", .list(Field("item", .decimal128(precision: 20, scale: 0)))),
        ]),
        .map(
            entries: Field(
                "entries",
                .structure([Field("key", .utf8View, isNullable: false), Field("value", .int64)]),
                isNullable: false), keysSorted: false),
    ]

    private static func batch(_ seed: UInt64, rowCount: Int) throws -> Batch {
        var generator = SeededGenerator(seed: seed)
        var columns: [ArrayData] = []
        for type in types {
            // A slice, so that offsets are not all zero.
            let array = try ArrowSamples.array(type, count: rowCount + 5, using: &generator)
            columns.append(array.slice(3, count: rowCount))
        }
        return Batch(columns: columns, rowCount: rowCount)
    }

    private static func agree(_ left: Batch, _ right: Batch) throws -> Bool {
        guard left.rowCount == right.rowCount else { return false }
        for (mine, yours) in zip(left.columns, right.columns) {
            // Dictionaries are decoded on the way.
            if try !Vectors.flattened(mine).isEqual(to: yours) { return false }
        }
        return true
    }

    @Test(arguments: [false, true], [1, 2, 63, 64, 1_000])
    func batchesComeBackAsTheyWere(isEncrypted: Bool, rowCount: Int) throws {
        let store = SpillStore(folder: TemporaryFolder.standard(), isEncrypted: isEncrypted)
        let metrics = OperatorMetrics(id: 1)
        var blocks: [SpillBlock] = []
        for seed in 1...3 {
            blocks.append(
                try store.write(try Self.batch(UInt64(seed), rowCount: rowCount), metrics))
        }
        for (index, block) in blocks.enumerated().reversed() {
            let batch = try store.take(block, types: Self.types)
            #expect(try Self.agree(try Self.batch(UInt64(index + 1), rowCount: rowCount), batch))
        }
        #expect(metrics.figures.spilledRows == Int64(3 * rowCount))
        #expect(metrics.figures.spilledBytes > 0)
    }

    @Test func damageIsSeen() throws {
        var generator = SeededGenerator(seed: 7)
        let raw = try SpillFormat.encode(try Self.batch(1, rowCount: 100))
        for _ in 0..<2_000 {
            var bytes = BufferBuilder()
            bytes.append(raw.bytes)
            // Words tell sizes: whatever stands there, nothing is read beyond the end.
            let place = Int.random(in: 0..<80, using: &generator) * 8
            bytes.pointer(as: UInt8.self)[place + Int.random(in: 0..<8, using: &generator)] =
                UInt8.random(in: 0...255, using: &generator)
            let count = Int.random(in: 0...raw.byteCount, using: &generator)
            let whole = bytes.finish()
            _ = try? SpillFormat.decode(whole.slice(0..<count), types: Self.types)
        }
        let encrypted = try SpillCipher.shared().encrypted(raw)
        var torn = BufferBuilder()
        torn.append(encrypted.bytes)
        torn.pointer(as: UInt8.self)[raw.byteCount / 2] ^= 1
        let bytes = torn.finish()
        #expect(throws: IglooError.self) { try SpillCipher.shared().decrypted(bytes) }
        #expect(throws: IglooError.self) {
            try SpillCipher.shared().decrypted(encrypted.slice(0..<27))
        }
        let back = try SpillCipher.shared().decrypted(encrypted)
        withExtendedLifetime((back, raw)) {
            #expect(back.bytes.elementsEqual(raw.bytes))
        }
    }

    /// What is in the file tells nothing of the rows.
    @Test func encryptedBytesAreNotTheRows() throws {
        let secret = "a secret that stands in a row of a table, and nowhere else"
        var texts = BinaryViewBuilder(.utf8View)
        texts.append(secret)
        let raw = try SpillFormat.encode(Batch(columns: [texts.finish()], rowCount: 1))
        let encrypted = try SpillCipher.shared().encrypted(raw)
        let again = try SpillCipher.shared().encrypted(raw)
        withExtendedLifetime((raw, encrypted, again)) {
            #expect(Data(raw.bytes).range(of: Data(secret.utf8)) != nil)
            #expect(Data(encrypted.bytes).range(of: Data(secret.utf8)) == nil)
            #expect(!again.bytes.elementsEqual(encrypted.bytes))
        }
    }

    @Test func partitionsOfLevelsAreIndependent() {
        var counts = [Int](repeating: 0, count: PartitionWriter.partitionCount)
        for word in 0..<UInt64(100_000) where PartitionWriter.partition(of: word, level: 0) == 3 {
            counts[PartitionWriter.partition(of: word, level: 1)] += 1
        }
        #expect(counts.allSatisfy { $0 > 40 && $0 < 250 })
    }
}
