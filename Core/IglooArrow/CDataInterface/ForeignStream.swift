// SPDX-License-Identifier: MIT
public import CIgloo

/// A stream of arrays that another library makes, moved here and released once.
///
/// - Threads: one at a time; calls block as long as the producer does.
@safe
public struct ForeignStream: ~Copyable {
    // SAFETY: moved in by init, which marked the source released; only deinit releases it.
    private let stream: UnsafeMutablePointer<ArrowArrayStream>
    /// What the arrays of the stream are.
    public let field: Field

    /// Moves the stream out of `source`, which is marked released, and asks for its schema.
    ///
    /// - Ownership: `source` is marked released, on errors too.
    /// - Throws: `ArrowError`: what the producer reports, or a schema it should not have sent.
    public init(moving source: UnsafeMutablePointer<ArrowArrayStream>) throws(ArrowError) {
        guard source.pointee.release != nil else {
            throw ArrowError(.invalid, "the Arrow stream is released already")
        }
        let moved = UnsafeMutablePointer<ArrowArrayStream>.allocate(capacity: 1)
        moved.initialize(to: source.pointee)
        source.pointee.release = nil
        do throws(ArrowError) {
            field = try Self.field(of: moved)
        } catch {
            Self.free(moved)
            throw error
        }
        stream = moved
    }

    deinit { Self.free(stream) }

    /// The stream's rows as a table.
    ///
    /// - Throws: `ArrowError.invalid` when the stream is not made of structs.
    public func schema() throws(ArrowError) -> Schema {
        guard case .structure(let fields) = field.type else {
            throw ArrowError(.invalid, "a stream of \(field.type) is no table")
        }
        return Schema(fields, metadata: field.metadata)
    }

    /// The next array, `nil` at the end.
    ///
    /// - Throws: `ArrowError`: what the producer reports, or an array that is malformed.
    public mutating func next() throws(ArrowError) -> ArrayData? {
        guard var array = try nextArray() else { return nil }
        return try ArrayData(importing: &array, type: field.type)
    }

    /// The next rows, `nil` at the end.
    ///
    /// - Throws: `ArrowError`: what the producer reports, or a batch that is malformed.
    public mutating func nextBatch() throws(ArrowError) -> RecordBatch? {
        let schema = try schema()
        guard var array = try nextArray() else { return nil }
        return try RecordBatch(importing: &array, schema: schema)
    }

    private func nextArray() throws(ArrowError) -> ArrowArray? {
        guard let getNext = stream.pointee.get_next else { throw Self.missing("get_next") }
        var array = ArrowArray()
        let code = getNext(stream, &array)
        guard code == 0 else { throw Self.error(code, of: stream) }
        return array.release == nil ? nil : array
    }

    private static func field(
        of stream: UnsafeMutablePointer<ArrowArrayStream>
    ) throws(ArrowError) -> Field {
        guard let getSchema = stream.pointee.get_schema else { throw missing("get_schema") }
        var schema = ArrowSchema()
        let code = getSchema(stream, &schema)
        guard code == 0 else { throw error(code, of: stream) }
        return try Field(importing: &schema)
    }

    private static func free(_ stream: UnsafeMutablePointer<ArrowArrayStream>) {
        stream.pointee.release?(stream)
        stream.deallocate()
    }

    private static func missing(_ name: String) -> ArrowError {
        ArrowError(.invalid, "the Arrow stream has no \(name)")
    }

    private static func error(
        _ code: Int32, of stream: UnsafeMutablePointer<ArrowArrayStream>
    ) -> ArrowError {
        let text = stream.pointee.get_last_error?(stream).map { String(cString: $0) }
        let kind: ArrowError.Kind =
            switch code {
            case PlatformErrno.outOfMemory: .exhausted
            case PlatformErrno.notImplemented: .unsupported
            default: .invalid
            }
        return ArrowError(kind, text ?? "the producer of the Arrow stream reports error \(code)")
    }
}
