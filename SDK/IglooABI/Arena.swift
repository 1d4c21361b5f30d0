// SPDX-License-Identifier: MIT

public import CIgloo

/// Memory of the structs, strings and lists that one call hands across the ABI, freed all at once.
///
/// A caller keeps the arena until the call returns; a callee hands it over as the `owner` of an
/// out-parameter, whose `release` frees it.
///
/// - Threads: one at a time.
public final class Arena {
    private var blocks: [UnsafeMutableRawPointer] = []

    public init() {}

    deinit { for block in blocks { block.deallocate() } }

    private func allocate(_ byteCount: Int) -> UnsafeMutableRawPointer {
        let block = UnsafeMutableRawPointer.allocate(byteCount: max(byteCount, 1), alignment: 16)
        blocks.append(block)
        return block
    }

    /// A copy of the text. Its pointer is never NULL, so that "" and "none" stay apart.
    public func str(_ text: String) -> igloo_str {
        let utf8 = array(Array(text.utf8)) ?? allocate(0).assumingMemoryBound(to: UInt8.self)
        return igloo_str(
            p: UnsafeRawPointer(utf8).assumingMemoryBound(to: CChar.self), n: text.utf8.count)
    }

    public func bytes(_ bytes: [UInt8]) -> igloo_bytes {
        igloo_bytes(p: array(bytes).map { UnsafePointer($0) }, n: bytes.count)
    }

    /// A copy of the elements; `nil` when there are none.
    public func array<Element: BitwiseCopyable>(
        _ elements: [Element]
    ) -> UnsafeMutablePointer<Element>? {
        if elements.isEmpty { return nil }
        let block = allocate(elements.count * MemoryLayout<Element>.stride)
            .bindMemory(to: Element.self, capacity: elements.count)
        elements.withUnsafeBufferPointer { block.update(from: $0.baseAddress!, count: $0.count) }
        return block
    }

    /// The arena as `owner` of an out-parameter: kept until `release(owner:)`.
    public func retained() -> UnsafeMutableRawPointer { Unmanaged.passRetained(self).toOpaque() }

    /// What `release` of an out-parameter does.
    public static func release(owner: UnsafeMutableRawPointer?) {
        if let owner { Unmanaged<Arena>.fromOpaque(owner).release() }
    }
}
