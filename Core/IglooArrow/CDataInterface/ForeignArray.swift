// SPDX-License-Identifier: MIT
import CIgloo

/// An array that another library made, moved here and released once.
@safe
struct ForeignArray: ~Copyable {
    // SAFETY: moved in by init, which marked the source released; only deinit releases it.
    private let array: ArrowArray

    /// Moves the array out of `source`, which is marked released.
    init(moving source: UnsafeMutablePointer<ArrowArray>) throws(ArrowError) {
        guard source.pointee.release != nil else {
            throw ArrowError(.invalid, "the Arrow array is released already")
        }
        array = source.pointee
        source.pointee.release = nil
    }

    deinit {
        var moved = array
        moved.release?(&moved)
    }

    var contents: ArrowArray { array }
}

/// Keeps a foreign array as long as a buffer over its memory lives.
// SAFETY: immutable; the C Data Interface lets release run on any thread.
final class ForeignArrayOwner: @unchecked Sendable {
    let array: ForeignArray

    init(_ array: consuming ForeignArray) { self.array = array }
}
