// SPDX-License-Identifier: MIT

/// Decompresses gzip members in a row. Zero bytes may follow the last one, as tape drives and
/// some writers leave them.
public final class GzipStreamDecompressor: StreamDecompressor, @unchecked Sendable {
    // SAFETY: one thread at a time, by the protocol's contract.
    private enum State { case beforeMember, inMember, padding }
    private let context: InflateContext
    private var state = State.beforeMember
    private var memberCount = 0

    public init() throws(CompressionError) { context = try InflateContext() }

    public func decompress(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
    ) throws(CompressionError) -> StreamProgress {
        var progress = StreamProgress(consumed: 0, produced: 0)
        while true {
            switch state {
            case .beforeMember:
                guard progress.consumed < input.count else { return progress }
                if memberCount > 0 && input[progress.consumed] == 0 {
                    state = .padding
                } else {
                    if memberCount > 0 { context.reset() }
                    memberCount += 1
                    state = .inMember
                }
            case .inMember:
                let before = progress
                if try context.step(input, output, &progress) {
                    state = .beforeMember
                } else if progress == before || progress.produced == output.count {
                    return progress
                }
            case .padding:
                while progress.consumed < input.count {
                    guard input[progress.consumed] == 0 else {
                        throw CompressionError(
                            .invalid, "malformed gzip data: rubbish follows its end")
                    }
                    progress.consumed += 1
                }
                return progress
            }
        }
    }

    public func finish() throws(CompressionError) {
        if state == .inMember {
            throw CompressionError(.invalid, "malformed gzip data: it is cut short")
        }
    }
}
