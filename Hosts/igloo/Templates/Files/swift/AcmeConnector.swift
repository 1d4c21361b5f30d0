// SPDX-License-Identifier: MIT

public import IglooArrow
public import IglooContracts

/// The kind of connector that this plugin offers: its name, its options, how instances are made.
public let acmeConnector = ConnectorKind(
    name: "acme",
    options: [
        OptionSpecification(
            "unit", .choice, defaultText: "earths", allowed: ["earths", "tonnes"],
            documentation: "In what masses are told.")
    ],
    capabilities: [.isCPUBound]
) { (options, context) throws(IglooError) in
    AcmeConnector(unit: options.string("unit") == "tonnes" ? 5.972e21 : 1)
}

/// A catalog of this connector: one table, "planets", in memory. Never changed, so that any thread may
/// use it; the protocol says what each function is to do.
public struct AcmeConnector: Connector {
    /// Of masses, in Earths.
    let unit: Double

    // MARK: - The data

    private struct Planet {
        var name: String
        var mass: Double
        var moons: Int64
        var discovered: Int64?
    }

    private static let planets = [
        Planet(name: "Mercury", mass: 0.055, moons: 0),
        Planet(name: "Venus", mass: 0.815, moons: 0),
        Planet(name: "Earth", mass: 1, moons: 1),
        Planet(name: "Mars", mass: 0.107, moons: 2),
        Planet(name: "Jupiter", mass: 317.8, moons: 95),
        Planet(name: "Saturn", mass: 95.2, moons: 146),
        Planet(name: "Uranus", mass: 14.5, moons: 28, discovered: 1781),
        Planet(name: "Neptune", mass: 17.1, moons: 16, discovered: 1846),
    ]

    private static let schema = Schema([
        Field("name", .utf8View), Field("mass", .float64), Field("moons", .int64),
        Field("discovered", .int64),
    ])

    private func column(_ index: Int) -> ArrayData {
        switch index {
        case 0:
            var builder = BinaryViewBuilder()
            for planet in Self.planets { builder.append(planet.name) }
            return builder.finish()
        case 1:
            var builder = PrimitiveBuilder<Double>(.float64, zero: 0)
            for planet in Self.planets { builder.append(planet.mass * unit) }
            return builder.finish()
        case 2:
            var builder = PrimitiveBuilder<Int64>(.int64, zero: 0)
            for planet in Self.planets { builder.append(planet.moons) }
            return builder.finish()
        default:
            var builder = PrimitiveBuilder<Int64>(.int64, zero: 0)
            for planet in Self.planets {
                if let year = planet.discovered {
                    builder.append(year)
                } else {
                    builder.appendNull()
                }
            }
            return builder.finish()
        }
    }

    // MARK: - Lists and tables

    public func listSchemas(_ context: CallContext) throws(IglooError) -> [String] { ["main"] }

    public func listTables(
        schema: String, prefix: String, _ context: CallContext
    ) throws(IglooError) -> [TableListing] {
        guard schema == "main", "planets".hasPrefix(prefix) else { return [] }
        return [
            TableListing(
                name: "planets", comment: "the Sun's",
                estimatedRowCount: Int64(Self.planets.count))
        ]
    }

    private static let table = Array("planets".utf8)

    public func openTable(
        schema: String, name: String, _ context: CallContext
    ) throws(IglooError) -> OpenedTable {
        guard ["", "main"].contains(schema), name == "planets" else {
            throw IglooError(
                .notFound, "acme has one table: planets", sqlState: .undefinedTable)
        }
        return OpenedTable(handle: Self.table, schema: Self.schema)
    }

    public func ping(_ context: CallContext) throws(IglooError) {}

    // MARK: - Scans

    /// Takes over nothing but the choice of columns. The plan's handle lists them.
    public func plan(
        _ request: ScanRequest, _ context: CallContext
    ) throws(IglooError) -> ScanAnswer {
        guard request.table == Self.table else {
            throw IglooError(.invalidArgument, "acme made no such table")
        }
        let verdicts = [Verdict](repeating: .unsupported, count: request.conjuncts.count)
        let columns = request.outputColumns(verdicts)
        guard columns.allSatisfy(Self.schema.fields.indices.contains) else {
            throw IglooError(.invalidArgument, "there is no such column")
        }
        var answer = ScanAnswer(
            schema: Schema(columns.map { Self.schema.fields[$0] }),
            handle: columns.map { UInt8($0) }, conjunctCount: request.conjuncts.count)
        answer.estimatedRowCount = Double(Self.planets.count)
        answer.remoteText = "all planets"
        answer.reasons = request.conjuncts.map { _ in "acme reads its tables whole" }
        return answer
    }

    public func splits(
        handle: [UInt8], targetByteCount: Int, _ context: CallContext
    ) throws(IglooError) -> any SplitSource {
        ArraySplitSource([Split(payload: [0], rowCount: Int64(Self.planets.count))])
    }

    public func open(
        handle: [UInt8], split: [UInt8], _ context: CallContext
    ) throws(IglooError) -> any BatchReader {
        let columns = handle.map { Int($0) }
        guard split == [0], columns.allSatisfy(Self.schema.fields.indices.contains) else {
            throw IglooError(.invalidArgument, "acme made no such split")
        }
        let batch = RecordBatch(
            schema: Schema(columns.map { Self.schema.fields[$0] }),
            columns: columns.map { column($0) }, rowCount: Self.planets.count)
        return ArrayBatchReader(schema: batch.schema, batches: [batch])
    }
}
