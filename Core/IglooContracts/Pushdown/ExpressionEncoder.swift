// SPDX-License-Identifier: MIT

public import IglooArrow

/// Writes expressions as one "IGX1" blob, the form in which they cross the C ABI.
///
/// What the format cannot tell (nested types, trees that are too deep) becomes an `opaque` call
/// over the columns that it reads, which every source answers `unsupported`.
public struct ExpressionEncoder {
    private var nodes: [UInt8] = []
    private var nodeCount: UInt32 = 0
    /// Begins with a word that no offset refers to, so that 0 can mean "none".
    private var pool: [UInt8] = [0, 0, 0, 0]
    private var zones: [String: UInt32] = [:]

    public init() {}

    /// Whether the format has a form for values of this type.
    public static func canTell(_ type: DataType) -> Bool {
        ExpressionFormat.encode(type) { _ in 0 } != nil
    }

    /// Adds an expression.
    ///
    /// - Returns: the index of its root.
    public mutating func append(_ expression: PushdownExpression) -> UInt32 {
        guard expression.depth(atMost: ExpressionFormat.depthMax) else {
            return appendOpaque(expression)
        }
        switch expression {
        case .column(let index, let type): return appendColumn(index, type)
        case .literal(let value, let type):
            return appendLiteral(value, type) ?? appendOpaque(expression)
        case .call(let operation, let arguments, let type):
            guard let encoded = encode(type) else { return appendOpaque(expression) }
            let indexes = arguments.map { append($0) }
            return appendCall(operation.rawValue, indexes, encoded)
        }
    }

    /// Adds a NULL literal, which stands for its type.
    public mutating func append(type: DataType) -> UInt32 { append(.literal(.null, type)) }

    /// The blob; empty when nothing was added.
    public func finish() -> [UInt8] {
        guard nodeCount > 0 else { return [] }
        var bytes = ExpressionFormat.magic
        bytes.append(littleEndian: nodeCount)
        bytes.append(littleEndian: UInt32(ExpressionFormat.headerByteCount + nodes.count))
        bytes.append(littleEndian: UInt32(pool.count))
        return bytes + nodes + pool
    }

    // MARK: - Nodes

    private mutating func appendColumn(_ index: Int, _ type: DataType) -> UInt32 {
        appendNode(ExpressionFormat.column, encode(type) ?? .init(code: 0)) {
            $0.append(littleEndian: Int64(index))
            $0.append(littleEndian: UInt64(0))
        }
    }

    private mutating func appendOpaque(_ expression: PushdownExpression) -> UInt32 {
        var columns: Set<Int> = []
        expression.collectColumns(into: &columns)
        let indexes = columns.sorted().map { appendColumn($0, .null) }
        return appendCall(ExpressionFormat.opaque, indexes, .init(code: 2))
    }

    private mutating func appendCall(
        _ operation: UInt16, _ arguments: [UInt32], _ type: ExpressionFormat.EncodedType
    ) -> UInt32 {
        let offset = arguments.isEmpty ? 0 : alignedPoolOffset()
        for argument in arguments { pool.append(littleEndian: argument) }
        return appendNode(operation, type, argumentCount: arguments.count, arguments: offset) {
            $0.append(littleEndian: UInt64(0))
            $0.append(littleEndian: UInt64(0))
        }
    }

    /// - Returns: `nil` when the value is not of the type, or the type does not travel.
    private mutating func appendLiteral(_ value: Scalar, _ type: DataType) -> UInt32? {
        guard var encoded = encode(type) else {
            return value.isNull ? appendNull(.init(code: 0)) : nil
        }
        if value.isNull { return appendNull(encoded) }
        guard let words = literalWords(value, type.valueType) else { return nil }
        encoded.flags.remove(.null)
        return appendNode(ExpressionFormat.literal, encoded) {
            $0.append(littleEndian: words.0)
            $0.append(littleEndian: words.1)
        }
    }

    private mutating func appendNull(_ type: ExpressionFormat.EncodedType) -> UInt32 {
        var type = type
        type.flags.insert(.null)
        return appendNode(ExpressionFormat.literal, type) {
            $0.append(littleEndian: UInt64(0))
            $0.append(littleEndian: UInt64(0))
        }
    }

    /// The 16 bytes of a literal's value, as two little-endian words.
    private mutating func literalWords(_ value: Scalar, _ type: DataType) -> (UInt64, UInt64)? {
        switch value {
        case .bool(let value): return type == .bool ? (value ? 1 : 0, 0) : nil
        case .int(let value):
            guard !type.isDecimal, !type.isUnsignedInteger,
                ExpressionFormat.holds(Int128(value), in: type)
            else { return nil }
            return (UInt64(bitPattern: value), 0)
        case .uint(let value):
            guard type.isUnsignedInteger, ExpressionFormat.holds(Int128(value), in: type) else {
                return nil
            }
            return (value, 0)
        case .float(let value): return type.isFloat ? (value.bitPattern, 0) : nil
        case .decimal(let value): return decimalWords(value, type)
        case .wideDecimal(let high, let low):
            guard case .decimal256 = type else { return nil }
            return wideWords(high, low)
        case .text(let text): return type.isText ? poolWords(Array(text.utf8)) : nil
        case .binary(let bytes): return type.isBinary ? poolWords(bytes) : nil
        case .interval(let months, let days, let nanoseconds):
            guard case .interval = type else { return nil }
            let low = UInt64(UInt32(bitPattern: months)) | UInt64(UInt32(bitPattern: days)) << 32
            return (low, UInt64(bitPattern: nanoseconds))
        case .null, .list, .structure, .map: return nil
        }
    }

    private mutating func decimalWords(_ value: Int128, _ type: DataType) -> (UInt64, UInt64)? {
        guard type.isDecimal, ExpressionFormat.holds(value, in: type) else { return nil }
        if case .decimal256 = type {
            return wideWords(value < 0 ? -1 : 0, UInt128(bitPattern: value))
        }
        return (UInt64(truncatingIfNeeded: value), UInt64(truncatingIfNeeded: value >> 64))
    }

    private mutating func wideWords(_ high: Int128, _ low: UInt128) -> (UInt64, UInt64) {
        var bytes: [UInt8] = []
        bytes.append(littleEndian: low)
        bytes.append(littleEndian: high)
        return poolWords(bytes)
    }

    private mutating func poolWords(_ bytes: [UInt8]) -> (UInt64, UInt64) {
        let offset = UInt32(pool.count)
        pool += bytes
        return (UInt64(offset) | UInt64(bytes.count) << 32, 0)
    }

    // MARK: - Parts

    private mutating func encode(_ type: DataType) -> ExpressionFormat.EncodedType? {
        var name: String?
        if case .timestamp(_, let zone) = type.valueType { name = zone }
        let offset = name.map { zoneOffset($0) } ?? 0
        return ExpressionFormat.encode(type) { _ in offset }
    }

    private mutating func zoneOffset(_ name: String) -> UInt32 {
        if let offset = zones[name] { return offset }
        let offset = alignedPoolOffset()
        pool.append(littleEndian: UInt32(name.utf8.count))
        pool += Array(name.utf8)
        zones[name] = offset
        return offset
    }

    private mutating func alignedPoolOffset() -> UInt32 {
        while pool.count & 3 != 0 { pool.append(0) }
        return UInt32(pool.count)
    }

    private mutating func appendNode(
        _ operation: UInt16, _ type: ExpressionFormat.EncodedType, argumentCount: Int = 0,
        arguments: UInt32 = 0, value: (inout [UInt8]) -> Void
    ) -> UInt32 {
        nodes.append(littleEndian: operation)
        nodes.append(type.code)
        nodes.append(type.flagByte)
        nodes.append(littleEndian: UInt32(argumentCount))
        nodes.append(littleEndian: arguments)
        nodes.append(littleEndian: type.aux)
        value(&nodes)
        nodeCount += 1
        return nodeCount - 1
    }
}

extension [UInt8] {
    mutating func append(littleEndian value: some FixedWidthInteger) {
        var rest = value
        for _ in 0..<(type(of: value).bitWidth / 8) {
            append(UInt8(truncatingIfNeeded: rest))
            rest >>= 8
        }
    }
}

extension PushdownExpression {
    /// Whether no path from here to a leaf has more than `countMax` steps.
    fileprivate func depth(atMost countMax: Int) -> Bool {
        guard case .call(_, let arguments, _) = self else { return true }
        return countMax > 0 && arguments.allSatisfy { $0.depth(atMost: countMax - 1) }
    }
}
