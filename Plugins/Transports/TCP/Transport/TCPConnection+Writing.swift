// SPDX-License-Identifier: MIT

import IglooContracts

extension ConnectionCore {
    /// Has frames written that nobody waits for. Under the monitor.
    func queue(_ bytes: [UInt8]) {
        outbound += bytes
        if !isWriting { flushSome() }
    }

    /// Writes of `outbound` what fits; the reader's thread writes the rest. Under the monitor.
    func flushSome() {
        guard !outbound.isEmpty, failure == nil else { return }
        do throws(IglooError) {
            let outbound = outbound
            let count = try outbound.withUnsafeBufferPointer { (bytes) throws(IglooError) in
                try socket.send([UnsafeRawBufferPointer(bytes)])
            }
            self.outbound.removeFirst(count)
        } catch {
            // The reader meets the same and tells everyone.
            outbound = []
        }
        if !outbound.isEmpty { signal.raise() }
    }

    /// Writes a frame whose payload stands in these slices.
    ///
    /// - Throws: `cancelled` and the like; the frame is then written nevertheless, or not at all.
    func write(
        _ header: FrameHeader, _ payload: [UnsafeRawBufferPointer], _ context: CallContext
    ) throws(IglooError) {
        try beginWriting(context)
        defer { endWriting() }
        let head = header.bytes
        try head.withUnsafeBufferPointer { (head) throws(IglooError) in
            var slices = [UnsafeRawBufferPointer(head)] + payload.filter { !$0.isEmpty }
            var isBegun = false
            while !slices.isEmpty {
                let count = try socket.send(slices)
                if count > 0 {
                    isBegun = true
                    Self.drop(count, of: &slices)
                    continue
                }
                do throws(IglooError) {
                    if let failure = monitor.withLock({ failure }) { throw failure }
                    try context.checkTime()
                } catch {
                    // A frame that was begun must end: what is left of it is the reader's to write.
                    if isBegun {
                        let rest = slices.flatMap { Array($0) }
                        monitor.withLock { outbound = rest + outbound }
                    }
                    throw error
                }
                _ = socket.waitForOutput(milliseconds: stepMilliseconds)
            }
        }
    }

    private static func drop(_ byteCount: Int, of slices: inout [UnsafeRawBufferPointer]) {
        var left = byteCount
        while let first = slices.first, left >= first.count {
            left -= first.count
            slices.removeFirst()
        }
        if left > 0, let first = slices.first {
            slices[0] = UnsafeRawBufferPointer(rebasing: first[left...])
        }
    }

    /// Waits until nobody else writes and nothing waits to be written.
    private func beginWriting(_ context: CallContext) throws(IglooError) {
        try monitor.withLock { () throws(IglooError) in
            while true {
                if let failure { throw failure }
                if !isWriting {
                    flushSome()
                    if outbound.isEmpty { break }
                }
                try context.checkTime()
                writingEnded.wait(monitor, milliseconds: Int64(stepMilliseconds))
            }
            isWriting = true
        }
    }

    private func endWriting() {
        monitor.withLock {
            isWriting = false
            flushSome()
            writingEnded.broadcast()
        }
    }
}
