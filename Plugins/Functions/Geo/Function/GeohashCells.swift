// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

struct GeohashCells: TableValuedFunction {
    let schema = Schema([
        Field("geohash", .utf8View), Field("latitude", .float64), Field("longitude", .float64),
    ])

    func open(
        _ arguments: RecordBatch, _ context: CallContext
    ) throws(IglooError) -> any BatchReader {
        let box = arguments.columns.prefix(4).map { $0.values(as: Double.self).pointee }
        let count = Int(arguments.columns[4].values(as: Int32.self).pointee)
        withExtendedLifetime(arguments) {}
        try Place.check(latitude: box[0], longitude: box[1])
        try Place.check(latitude: box[2], longitude: box[3])
        guard box[0] <= box[2], box[1] <= box[3] else {
            throw IglooError(
                .invalidArgument, "the box is empty: south or west of it is beyond north or east")
        }
        let grid = try GeohashGrid(characterCount: count)
        return GeohashCellReader(
            grid, schema, rows: grid.row(latitude: box[0])...grid.row(latitude: box[2]),
            columns: grid.column(longitude: box[1])...grid.column(longitude: box[3]))
    }
}

/// Cell by cell, from west to east and south to north.
private final class GeohashCellReader: BatchReader, @unchecked Sendable {
    // SAFETY: `next` is called by one thread at a time, by the protocol's contract.
    let schema: Schema
    private let grid: GeohashGrid
    private let rows: ClosedRange<Int>
    private let columns: ClosedRange<Int>
    private var row: Int
    private var column: Int
    private static let batchRowCount = 4_096

    init(
        _ grid: GeohashGrid, _ schema: Schema, rows: ClosedRange<Int>, columns: ClosedRange<Int>
    ) {
        self.grid = grid
        self.schema = schema
        self.rows = rows
        self.columns = columns
        row = rows.lowerBound
        column = columns.lowerBound
    }

    func next(_ context: CallContext) throws(IglooError) -> RecordBatch? {
        try context.checkCancelled()
        if row > rows.upperBound { return nil }
        var hashes = BinaryViewBuilder(.utf8View)
        var latitudes = PrimitiveBuilder<Double>(.float64, zero: 0)
        var longitudes = PrimitiveBuilder<Double>(.float64, zero: 0)
        var count = 0
        while count < Self.batchRowCount, row <= rows.upperBound {
            grid.append(row: row, column: column, to: &hashes)
            latitudes.append(grid.latitude(row: row))
            longitudes.append(grid.longitude(column: column))
            count += 1
            column += 1
            if column > columns.upperBound {
                column = columns.lowerBound
                row += 1
            }
        }
        return RecordBatch(
            schema: schema, columns: [hashes.finish(), latitudes.finish(), longitudes.finish()],
            rowCount: count)
    }
}
