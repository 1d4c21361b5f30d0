// SPDX-License-Identifier: MIT

import IglooArrow
public import IglooContracts

/// Functions of places on the Earth, given as latitude and longitude in degrees.
public let geoFunctions = FunctionLibraryKind(name: "geo") { (_, _) throws(IglooError) in
    DeclaredFunctions([
        .init(
            FunctionDescription(
                "geo_distance", .scalar,
                "Metres between two places, (latitude, longitude, latitude, longitude), on a "
                    + "sphere of the Earth's mean radius.")
        ) { types in
            types == Array(repeating: .float64, count: 4) ? .scalar(GeoDistance()) : nil
        },
        .init(
            FunctionDescription(
                "geohash", .scalar,
                "The geohash of (latitude, longitude), of 9 characters or as many as a third "
                    + "argument says.")
        ) { types in
            types == [.float64, .float64] || types == [.float64, .float64, .int32]
                ? .scalar(GeohashOfPlace()) : nil
        },
        .init(
            FunctionDescription(
                "geo_bounds", .aggregate,
                "The box around all places (latitude, longitude): south, west, north, east.")
        ) { types in
            types == [.float64, .float64] ? .aggregate(GeoBounds()) : nil
        },
        .init(
            FunctionDescription(
                "geohash_cells", .table,
                "The geohash cells that a box touches, (south, west, north, east, characters), and "
                    + "their centres.")
        ) { types in
            types == Array(repeating: .float64, count: 4) + [.int32]
                ? .table(GeohashCells()) : nil
        },
    ])
}

/// Checks that come before any arithmetic.
enum Place {
    static func check(latitude: Double, longitude: Double) throws(IglooError) {
        guard (-90...90).contains(latitude), (-180...180).contains(longitude) else {
            throw IglooError(
                .outOfRange,
                "(\(latitude), \(longitude)) is no place: latitudes are from -90 to 90, longitudes "
                    + "from -180 to 180")
        }
    }
}

/// - Source: R. W. Sinnott, "Virtues of the Haversine", Sky and Telescope 68, 1984.
struct GeoDistance: ScalarFunction {
    let result = DataType.float64
    /// The mean of the axes of the Earth's ellipsoid, by IUGG.
    private static let radiusMetres = 6_371_008.8

    func evaluate(
        _ arguments: RecordBatch, _ context: CallContext
    ) throws(IglooError) -> ArrayData {
        let columns = arguments.columns.map { $0.values(as: Double.self) }
        defer { withExtendedLifetime(arguments) {} }
        var builder = PrimitiveBuilder<Double>(.float64, zero: 0)
        for row in 0..<arguments.rowCount {
            let (latitude, longitude) = (columns[0][row], columns[1][row])
            let (otherLatitude, otherLongitude) = (columns[2][row], columns[3][row])
            try Place.check(latitude: latitude, longitude: longitude)
            try Place.check(latitude: otherLatitude, longitude: otherLongitude)
            let share =
                Trigonometry.haversine(otherLatitude - latitude)
                + Trigonometry.cosine(latitude) * Trigonometry.cosine(otherLatitude)
                * Trigonometry.haversine(otherLongitude - longitude)
            builder.append(2 * Self.radiusMetres * Trigonometry.arcsine(min(1, share).squareRoot()))
        }
        return builder.finish()
    }
}
