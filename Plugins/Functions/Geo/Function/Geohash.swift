// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// The grid of geohashes of one length: bits of longitude and latitude in turn, five a character.
///
/// - Source: G. Niemeyer, geohash.org, 2008.
struct GeohashGrid {
    static let characterCountMax = 12
    private static let alphabet = Array("0123456789bcdefghjkmnpqrstuvwxyz".utf8)

    let characterCount: Int
    /// Cells from south to north, and from west to east.
    let rowCount: Int
    let columnCount: Int

    init(characterCount: Int) throws(IglooError) {
        guard (1...Self.characterCountMax).contains(characterCount) else {
            throw IglooError(
                .outOfRange,
                "a geohash has 1 to \(Self.characterCountMax) characters, not \(characterCount)")
        }
        self.characterCount = characterCount
        rowCount = 1 << (characterCount * 5 / 2)
        columnCount = 1 << ((characterCount * 5 + 1) / 2)
    }

    func row(latitude: Double) -> Int { Self.cell((latitude + 90) / 180, of: rowCount) }
    func column(longitude: Double) -> Int { Self.cell((longitude + 180) / 360, of: columnCount) }

    /// The northern and eastern ends belong to the last cells.
    private static func cell(_ share: Double, of count: Int) -> Int {
        min(max(Int(share * Double(count)), 0), count - 1)
    }

    func latitude(row: Int) -> Double {
        (Double(row) + 0.5) / Double(rowCount) * 180 - 90
    }

    func longitude(column: Int) -> Double {
        (Double(column) + 0.5) / Double(columnCount) * 360 - 180
    }

    func append(row: Int, column: Int, to builder: inout BinaryViewBuilder) {
        var bytes = [UInt8](repeating: 0, count: characterCount)
        let bitCount = characterCount * 5
        for place in 0..<characterCount {
            var digit = 0
            for bit in place * 5..<place * 5 + 5 {
                // Bits of longitude stand at even places.
                let left = (bitCount - 1 - bit) / 2
                let isLongitude = bit & 1 == 0
                let value = (isLongitude ? column : row) >> left & 1
                digit = digit << 1 | value
            }
            bytes[place] = Self.alphabet[digit]
        }
        bytes.withUnsafeBytes { builder.append($0) }
    }
}

struct GeohashOfPlace: ScalarFunction {
    let result = DataType.utf8View

    func evaluate(
        _ arguments: RecordBatch, _ context: CallContext
    ) throws(IglooError) -> ArrayData {
        let latitudes = arguments.columns[0].values(as: Double.self)
        let longitudes = arguments.columns[1].values(as: Double.self)
        let counts =
            arguments.columns.count > 2 ? arguments.columns[2].values(as: Int32.self) : nil
        defer { withExtendedLifetime(arguments) {} }
        var builder = BinaryViewBuilder(.utf8View)
        for row in 0..<arguments.rowCount {
            let grid = try GeohashGrid(characterCount: counts.map { Int($0[row]) } ?? 9)
            try Place.check(latitude: latitudes[row], longitude: longitudes[row])
            grid.append(
                row: grid.row(latitude: latitudes[row]),
                column: grid.column(longitude: longitudes[row]), to: &builder)
        }
        return builder.finish()
    }
}
