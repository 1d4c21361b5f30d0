// SPDX-License-Identifier: MIT

import Foundation
import IglooArrow
import IglooArrowTesting
import IglooContracts
import Testing

/// Batches over streams.
@Suite(.serialized) struct BatchTests {
    @Test(arguments: Border.allCases)
    func everyTypeComesAcross(_ border: Border) throws {
        let transport = try border.open()
        #expect(transport.movesBatches)
        let pair = try Pair(transport)
        let (near, far) = try pair.stream()
        var generator = SeededGenerator(seed: 11)
        let batch = try ArrowSamples.batch(rowCount: 100, using: &generator)
        let sender = Background {
            try near.sendBatch(batch, within(20))
            try near.sendBatch(batch.slice(13, count: 50), within(20))
            try near.sendBatch(batch.slice(0, count: 0), within(20))
            try near.send([bytes("and bytes")], isLast: false, within(20))
            try near.send([], isLast: true, within(20))
        }
        for expected in [batch, batch.slice(13, count: 50), batch.slice(0, count: 0)] {
            let found = try #require(try far.receiveBatch(batch.schema, within(20)))
            #expect(found.rowCount == expected.rowCount)
            for (column, other) in zip(found.columns, expected.columns) {
                #expect(column.isEqual(to: other), "\(other.type)")
            }
        }
        #expect(try far.receive(within(20))?.text == "and bytes")
        #expect(try far.receiveBatch(batch.schema, within(20)) == nil)
        try sender.wait()
    }

    @Test(arguments: Border.allCases)
    func largeBatchesFlow(_ border: Border) throws {
        let pair = try Pair(border.open())
        let (near, far) = try pair.stream()
        let schema = Schema([Field("n", .int64, isNullable: false)])
        let numbers = Buffer(copying: (0..<500_000).map { Int64($0) })
        let batch = RecordBatch(
            schema: schema,
            columns: [ArrayData(type: .int64, count: 500_000, nullCount: 0, buffers: [numbers])],
            rowCount: 500_000)
        let sender = Background {
            for _ in 0..<20 { try near.sendBatch(batch, within(60)) }
            try near.send([], isLast: true, within(60))
        }
        var rowCount = 0
        while let found = try far.receiveBatch(schema, within(60)) {
            rowCount += found.rowCount
            #expect(found.columns[0].isEqual(to: batch.columns[0]))
        }
        try sender.wait()
        #expect(rowCount == 10_000_000)
    }

    @Test(arguments: Border.allCases)
    func whatIsNotAgreedIsRefused(_ border: Border) throws {
        let pair = try Pair(border.open())
        let schema = Schema([Field("n", .int32)])
        let builder = ArrayBuilder(.int32)
        try builder.append(.int(1))
        let batch = RecordBatch(schema: schema, columns: [builder.finish()], rowCount: 1)
        let (near, far) = try pair.stream()
        try near.sendBatch(batch, within(5))
        let other = try failure {
            try far.receiveBatch(Schema([Field("n", .int64)]), within(5))
        }
        #expect(other.code == .invalidData && other.message.contains("columns"), "\(other)")
        let (second, secondFar) = try pair.stream("bytes")
        try second.send([bytes("no batch")], isLast: false, within(5))
        #expect(try failure { try secondFar.receiveBatch(schema, within(5)) }.code == .invalidData)
        let (third, thirdFar) = try pair.stream("batch")
        try third.sendBatch(batch, within(5))
        #expect(try failure { try thirdFar.receive(within(5)) }.code == .invalidData)
    }
}
