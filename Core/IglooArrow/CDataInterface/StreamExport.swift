// SPDX-License-Identifier: MIT
public import CIgloo

/// Where an exported stream takes its batches from.
public protocol RecordBatchSource: AnyObject {
    var schema: Schema { get }

    /// The next batch of `schema`, `nil` at the end and ever after.
    func next() throws(ArrowError) -> RecordBatch?
}

extension RecordBatchSource {
    /// Writes a stream of this source's batches to `destination`.
    ///
    /// - Ownership: the source lives until whoever receives the structure has called its
    ///   `release`; what stood in `destination` is overwritten.
    /// - Threads: the consumer calls on one thread at a time, not always the same.
    public func export(to destination: UnsafeMutablePointer<ArrowArrayStream>) {
        let box = ExportedStream(self)
        destination.initialize(
            to: ArrowArrayStream(
                get_schema: {
                    ExportedStream.of($0)?.writeSchema($1) ?? PlatformErrno.invalidArgument
                },
                get_next: { ExportedStream.of($0)?.writeNext($1) ?? PlatformErrno.invalidArgument },
                get_last_error: { UnsafePointer(ExportedStream.of($0)?.lastError) },
                release: { stream in
                    guard let stream, stream.pointee.release != nil,
                        let data = stream.pointee.private_data
                    else { return }
                    stream.pointee.release = nil
                    Unmanaged<ExportedStream>.fromOpaque(data).release()
                },
                private_data: Unmanaged.passRetained(box).toOpaque()))
    }
}

/// The producer's half of an exported stream.
private final class ExportedStream {
    private let source: any RecordBatchSource
    /// Valid until the next call, as the interface promises.
    private(set) var lastError: UnsafeMutablePointer<CChar>?

    init(_ source: any RecordBatchSource) { self.source = source }

    deinit { lastError?.deallocate() }

    static func of(_ stream: UnsafeMutablePointer<ArrowArrayStream>?) -> ExportedStream? {
        guard let stream, stream.pointee.release != nil, let data = stream.pointee.private_data
        else { return nil }
        return Unmanaged<ExportedStream>.fromOpaque(data).takeUnretainedValue()
    }

    func writeSchema(_ destination: UnsafeMutablePointer<ArrowSchema>?) -> Int32 {
        forgetError()
        guard let destination else { return PlatformErrno.invalidArgument }
        source.schema.export(to: destination)
        return 0
    }

    func writeNext(_ destination: UnsafeMutablePointer<ArrowArray>?) -> Int32 {
        forgetError()
        guard let destination else { return PlatformErrno.invalidArgument }
        do throws(ArrowError) {
            if let batch = try source.next() {
                batch.export(to: destination)
            } else {
                destination.initialize(to: ArrowArray())
            }
            return 0
        } catch {
            remember(error)
            switch error.kind {
            case .invalid: return PlatformErrno.invalidArgument
            case .unsupported: return PlatformErrno.notImplemented
            case .exhausted: return PlatformErrno.outOfMemory
            }
        }
    }

    private func remember(_ error: ArrowError) {
        let characters = Array(error.description.utf8CString)
        let copy = UnsafeMutablePointer<CChar>.allocate(capacity: characters.count)
        copy.initialize(from: characters, count: characters.count)
        lastError = copy
    }

    private func forgetError() {
        lastError?.deallocate()
        lastError = nil
    }
}
