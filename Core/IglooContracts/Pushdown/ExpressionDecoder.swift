// SPDX-License-Identifier: MIT

import IglooArrow

/// Reads the "IGX1" blob, trusting nothing in it.
public struct ExpressionDecoder {
    private let bytes: [UInt8]
    private let poolOffset: Int
    private let poolByteCount: Int
    private var expressions: [PushdownExpression] = []
    private var depths: [Int] = []
    private var isArgument: [Bool] = []

    /// Reads all nodes. No bytes at all are a blob without expressions.
    ///
    /// - Throws: `invalidArgument` when anything in it points outside, contradicts itself, or
    ///   makes something else than a tree of moderate depth.
    public init(_ bytes: [UInt8]) throws(IglooError) {
        self.bytes = bytes
        guard !bytes.isEmpty else {
            poolOffset = 0
            poolByteCount = 0
            return
        }
        let header = ExpressionFormat.headerByteCount
        guard bytes.count >= header, Array(bytes[0..<4]) == ExpressionFormat.magic else {
            throw Self.malformed("it does not begin with IGX1")
        }
        let nodeCount = Int(Self.word(bytes, 4))
        poolOffset = Int(Self.word(bytes, 8))
        poolByteCount = Int(Self.word(bytes, 12))
        guard nodeCount <= (bytes.count - header) / ExpressionFormat.nodeByteCount,
            poolOffset >= header + nodeCount * ExpressionFormat.nodeByteCount,
            poolOffset <= bytes.count, poolByteCount <= bytes.count - poolOffset
        else { throw Self.malformed("it is cut short") }
        expressions.reserveCapacity(nodeCount)
        isArgument = Array(repeating: false, count: nodeCount)
        for index in 0..<nodeCount {
            do throws(IglooError) {
                expressions.append(try readNode(index))
            } catch {
                throw Self.malformed("node \(index): \(error.message)")
            }
        }
    }

    public var count: Int { expressions.count }

    /// The expression whose root is node `index`.
    public func expression(at index: UInt32) throws(IglooError) -> PushdownExpression {
        guard Int(index) < expressions.count else {
            throw Self.malformed("it has \(count) nodes, not one numbered \(index)")
        }
        return expressions[Int(index)]
    }

    private static func malformed(_ what: String) -> IglooError {
        IglooError(.invalidArgument, "malformed IGX expressions: \(what)")
    }

    // MARK: - Nodes

    /// The fields of a node, checked by `type` only.
    private struct Node {
        var operation: UInt16
        var type: DataType
        var isNull: Bool
        var low: UInt64
        var high: UInt64
    }

    private mutating func readNode(_ index: Int) throws(IglooError) -> PushdownExpression {
        let at = ExpressionFormat.headerByteCount + index * ExpressionFormat.nodeByteCount
        let flagByte = bytes[at + 3]
        guard
            let type = ExpressionFormat.decode(
                code: bytes[at + 2], flagByte: flagByte, aux: Self.word(bytes, at + 12),
                zone: zoneName)
        else { throw IglooError(.invalidArgument, "its type is unknown") }
        let node = Node(
            operation: UInt16(bytes[at]) | UInt16(bytes[at + 1]) << 8, type: type,
            isNull: flagByte & ExpressionFormat.Flags.null.rawValue != 0,
            low: Self.long(bytes, at + 16), high: Self.long(bytes, at + 24))
        switch node.operation {
        case ExpressionFormat.column:
            depths.append(0)
            guard node.low <= UInt64(Int32.max) else {
                throw IglooError(.invalidArgument, "no table has a column \(node.low)")
            }
            return .column(Int(node.low), type)
        case ExpressionFormat.literal:
            depths.append(0)
            return .literal(node.isNull ? .null : try readLiteral(node), type)
        default:
            let arguments = try readArguments(
                of: index, count: Int(Self.word(bytes, at + 4)), at: Int(Self.word(bytes, at + 8)))
            return .call(PushdownOperation(rawValue: node.operation), arguments, type)
        }
    }

    /// Each node is the argument of one other at most: shared ones could make a small blob an
    /// exponentially large tree.
    private mutating func readArguments(
        of index: Int, count: Int, at offset: Int
    ) throws(IglooError) -> [PushdownExpression] {
        guard offset <= poolByteCount, count <= (poolByteCount - offset) / 4 else {
            throw IglooError(.invalidArgument, "its arguments are outside of the pool")
        }
        var arguments: [PushdownExpression] = []
        var depth = 0
        for number in 0..<count {
            let argument = Int(Self.word(bytes, poolOffset + offset + number * 4))
            guard argument < index, !isArgument[argument] else {
                throw IglooError(.invalidArgument, "argument \(argument) makes it no tree")
            }
            isArgument[argument] = true
            depth = max(depth, depths[argument] + 1)
            arguments.append(expressions[argument])
        }
        guard depth <= ExpressionFormat.depthMax else {
            throw IglooError(
                .invalidArgument, "it is deeper than \(ExpressionFormat.depthMax) levels")
        }
        depths.append(depth)
        return arguments
    }

    // MARK: - Literals

    private func readLiteral(_ node: Node) throws(IglooError) -> Scalar {
        let type = node.type.valueType
        switch type {
        case .bool where node.low <= 1: return .bool(node.low == 1)
        case .interval:
            return .interval(
                months: Int32(truncatingIfNeeded: node.low),
                days: Int32(truncatingIfNeeded: node.low >> 32),
                nanoseconds: Int64(bitPattern: node.high))
        case _ where type.isFloat: return .float(Double(bitPattern: node.low))
        case _ where type.isText:
            guard let text = String(validating: try poolBytes(node), as: UTF8.self) else {
                throw IglooError(.invalidArgument, "its text is not UTF-8")
            }
            return .text(text)
        case _ where type.isBinary: return .binary(Array(try poolBytes(node)))
        case .decimal256: return try readWideDecimal(node)
        case _ where type.isDecimal:
            let value =
                Int128(truncatingIfNeeded: node.low) & 0xFFFF_FFFF_FFFF_FFFF
                | Int128(Int64(bitPattern: node.high)) << 64
            return .decimal(try checked(value, type))
        case _ where type.isUnsignedInteger:
            return .uint(UInt64(try checked(Int128(node.low), type)))
        default:
            return .int(Int64(try checked(Int128(Int64(bitPattern: node.low)), type)))
        }
    }

    private func checked(_ value: Int128, _ type: DataType) throws(IglooError) -> Int128 {
        guard ExpressionFormat.holds(value, in: type) else {
            throw IglooError(.invalidArgument, "\(value) is no \(type)")
        }
        return value
    }

    private func readWideDecimal(_ node: Node) throws(IglooError) -> Scalar {
        let bytes = Array(try poolBytes(node))
        guard bytes.count == 32 else {
            throw IglooError(.invalidArgument, "its decimal has \(bytes.count) bytes")
        }
        let low = UInt128(Self.long(bytes, 0)) | UInt128(Self.long(bytes, 8)) << 64
        let upper = UInt128(Self.long(bytes, 16)) | UInt128(Self.long(bytes, 24)) << 64
        let high = Int128(bitPattern: upper)
        let narrow = Int128(bitPattern: low)
        if high == (narrow < 0 ? -1 : 0) { return .decimal(narrow) }
        return .wideDecimal(high: high, low: low)
    }

    // MARK: - Bytes

    private func poolBytes(_ node: Node) throws(IglooError) -> ArraySlice<UInt8> {
        let offset = Int(node.low & 0xFFFF_FFFF)
        let count = Int(node.low >> 32)
        guard offset <= poolByteCount, count <= poolByteCount - offset else {
            throw IglooError(.invalidArgument, "its value is outside of the pool")
        }
        return bytes[(poolOffset + offset)..<(poolOffset + offset + count)]
    }

    private func zoneName(_ offset: UInt32) -> String? {
        let offset = Int(offset)
        guard offset + 4 <= poolByteCount else { return nil }
        let count = Int(Self.word(bytes, poolOffset + offset))
        guard count <= poolByteCount - offset - 4 else { return nil }
        let start = poolOffset + offset + 4
        return String(validating: bytes[start..<(start + count)], as: UTF8.self)
    }

    /// Callers have checked that the bytes are there.
    private static func word(_ bytes: [UInt8], _ at: Int) -> UInt32 {
        UInt32(bytes[at]) | UInt32(bytes[at + 1]) << 8 | UInt32(bytes[at + 2]) << 16
            | UInt32(bytes[at + 3]) << 24
    }

    private static func long(_ bytes: [UInt8], _ at: Int) -> UInt64 {
        UInt64(word(bytes, at)) | UInt64(word(bytes, at + 4)) << 32
    }
}
