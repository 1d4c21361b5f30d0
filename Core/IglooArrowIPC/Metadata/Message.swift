// SPDX-License-Identifier: MIT
import IglooArrow

/// The head of a message: what its body holds.
struct Message {
    enum Header {
        case schema(IPCSchema)
        case dictionaryBatch(id: Int64, BatchHeader, isDelta: Bool)
        case recordBatch(BatchHeader)
    }

    let header: Header
    let bodyByteCount: Int
    /// Where the head stands in the stream or file.
    let byteOffset: Int
    /// Whether unions bring a validity bitmap, as they did until version 4.
    let unionsHaveValidity: Bool

    /// Reads a table `Message`.
    init(_ memory: Buffer, byteOffset: Int) throws(ArrowError) {
        let table = try FlatBuffer(memory, byteOffset: byteOffset).root()
        self.byteOffset = byteOffset
        unionsHaveValidity = try Self.checkedVersion(table, 0) == MetadataVersion.v4
        let code = try table.integer(1, default: UInt8(0))
        let head = try table.requiredTable(2, "the message's header")
        switch HeaderCode(rawValue: code) {
        case .schema: header = .schema(try IPCSchema(head))
        case .dictionaryBatch:
            header = .dictionaryBatch(
                id: try head.integer(0, default: 0),
                try BatchHeader(try head.requiredTable(1, "the dictionary's data")),
                isDelta: try head.bool(2))
        case .recordBatch: header = .recordBatch(try BatchHeader(head))
        case .tensor, .sparseTensor:
            throw ArrowError(.unsupported, "tensors are not supported", byteOffset: byteOffset)
        case nil: throw table.error("unknown kind \(code) of message")
        }
        let bodyByteCount = try table.integer(3, default: Int64(0))
        guard bodyByteCount >= 0 else {
            throw table.error("the message's body has \(bodyByteCount) bytes")
        }
        self.bodyByteCount = Int(bodyByteCount)
    }

    static func checkedVersion(_ table: FlatTable, _ index: Int) throws(ArrowError) -> Int16 {
        let version = try table.integer(index, default: Int16(0))
        guard version == MetadataVersion.v4 || version == MetadataVersion.v5 else {
            throw ArrowError(
                .unsupported, "metadata version V\(Int(version) + 1): only V4 and V5 are supported",
                byteOffset: table.buffer.byteOffset + table.position)
        }
        return version
    }
}

/// The head of a record batch or dictionary: where in the body each array's buffers stand.
struct BatchHeader {
    /// Element count and null count of an array.
    struct Node {
        let count: Int
        let nullCount: Int
    }

    struct Place {
        let offset: Int
        let byteCount: Int
    }

    let rowCount: Int
    let nodes: [Node]
    let places: [Place]
    let compression: IPCCompression?
    /// Numbers of data buffers of the arrays of views.
    let dataBufferCounts: [Int]

    /// Reads a table `RecordBatch`.
    init(_ table: FlatTable) throws(ArrowError) {
        let rowCount = try table.integer(0, default: Int64(0))
        guard (0...Int64(ArrayData.countMax)).contains(rowCount) else {
            throw table.error("a batch of \(rowCount) rows")
        }
        self.rowCount = Int(rowCount)
        nodes = try Self.nodes(try table.vector(1, byteWidth: 16))
        places = try Self.places(try table.vector(2, byteWidth: 16))
        if let compression = try table.table(3) {
            self.compression = try Self.compression(compression)
        } else {
            compression = nil
        }
        let counts = try table.vector(4, byteWidth: 8)
        var dataBufferCounts: [Int] = []
        for index in 0..<counts.count {
            let count = try counts.integer(index, as: Int64.self)
            guard (0...Int64(places.count)).contains(count) else {
                throw table.error("views with \(count) data buffers")
            }
            dataBufferCounts.append(Int(count))
        }
        self.dataBufferCounts = dataBufferCounts
    }

    private static func nodes(_ vector: FlatVector) throws(ArrowError) -> [Node] {
        var nodes: [Node] = []
        nodes.reserveCapacity(vector.count)
        for index in 0..<vector.count {
            let count = try vector.integer(index, as: Int64.self)
            let nullCount = try vector.integer(index, at: 8, as: Int64.self)
            guard (0...Int64(ArrayData.countMax)).contains(count), (0...count).contains(nullCount)
            else {
                throw vector.buffer.error(
                    "an array of \(count) elements, \(nullCount) of them null",
                    at: vector.place(of: index))
            }
            nodes.append(Node(count: Int(count), nullCount: Int(nullCount)))
        }
        return nodes
    }

    private static func places(_ vector: FlatVector) throws(ArrowError) -> [Place] {
        var places: [Place] = []
        places.reserveCapacity(vector.count)
        for index in 0..<vector.count {
            let offset = try vector.integer(index, as: Int64.self)
            let byteCount = try vector.integer(index, at: 8, as: Int64.self)
            guard offset >= 0, byteCount >= 0 else {
                throw vector.buffer.error(
                    "a buffer of \(byteCount) bytes at \(offset)", at: vector.place(of: index))
            }
            places.append(Place(offset: Int(offset), byteCount: Int(byteCount)))
        }
        return places
    }

    private static func compression(_ table: FlatTable) throws(ArrowError) -> IPCCompression {
        let (codec, method) = (
            try table.integer(0, default: Int8(0)), try table.integer(1, default: Int8(0))
        )
        switch (codec, method) {
        case (0, 0): return .lz4Frame
        case (1, 0): return .zstd
        default:
            throw ArrowError(
                .unsupported, "bodies compressed by codec \(codec), method \(method)",
                byteOffset: table.buffer.byteOffset + table.position)
        }
    }
}
