// SPDX-License-Identifier: MIT

import CIgloo
import IglooContracts

/// Much data, many streams, slow receivers.
enum FlowChecks {
    static let all: [Check] = [
        Check("transport.order_and_integrity_1GiB", limit: 600, integrity),
        Check("transport.many_streams_fair", limit: 180, manyStreams),
        Check("transport.backpressure_bounded_memory", limit: 120, backpressure),
    ]

    private static func integrity(_ bench: Bench) throws {
        let transport = try bench.instance(as: TransportInstance.self)
        let pair = try TransportPair(transport, bench)
        let (left, right) = try pair.streams()
        let wanted = bench.configuration.streams.volumeByteCount
        let sending = HostThread {
            var random = bench.random(101)
            var sent = 0
            while sent < wanted {
                let frame = Noise.bytes(random.below(1 << 20), &random)
                try left.send([frame])
                sent += frame.count
            }
            try left.send([], isLast: true)
        }
        var random = bench.random(101)
        var (received, number) = (0, 0)
        while let frame = try right.receive(TransportPair.within(60)) {
            let right = Noise.bytes(random.below(1 << 20), &random)
            try require(
                frame == right,
                "frame \(number) of \(right.count) bytes, after \(received) bytes in all, comes as "
                    + "another one of \(frame.count)")
            received += frame.count
            number += 1
        }
        try sending.join()
        try require(received >= wanted, "\(received) of \(wanted) bytes came")
    }

    /// None is left behind, and one that nobody reads holds up no other.
    private static func manyStreams(_ bench: Bench) throws {
        let transport = try bench.instance(as: TransportInstance.self)
        let pair = try TransportPair(transport, bench)
        let (stuck, stuckRight) = try pair.streams()
        let sticking = HostThread {
            do {
                while true { try stuck.send([[UInt8](repeating: 0, count: 100_000)]) }
            } catch is CallFailure {}
        }
        let count = 32
        let streams = try (0..<count).map { try pair.streams([UInt8($0)]) }
        let counts = Locked([Int](repeating: 0, count: count))
        let isOver = Locked(false)
        let senders = streams.map { pair in
            HostThread {
                while !isOver.withLock({ $0 }) {
                    try pair.0.send([[UInt8](repeating: 1, count: 10_000)])
                }
                try pair.0.send([], isLast: true)
            }
        }
        let receivers = streams.enumerated().map { index, pair in
            HostThread {
                while try pair.1.receive() != nil { counts.withLock { $0[index] += 1 } }
            }
        }
        Clock.sleep(milliseconds: 2_000)
        isOver.withLock { $0 = true }
        for thread in senders + receivers {
            try require(
                thread.waits(milliseconds: 20_000),
                "beside a stream that nobody reads, others do not end")
            try thread.join()
        }
        stuck.reset(IGLOO_E_CANCELLED)
        try require(
            sticking.waits(milliseconds: 5_000), "a send goes on 5 s after its stream was reset")
        try sticking.join()
        stuckRight.close()
        let found = counts.withLock { $0 }
        let mean = found.reduce(0, +) / count
        try require(
            mean > 0 && found.allSatisfy { $0 * 20 >= mean },
            "of \(count) streams, \(mean) frames came on average, on the slowest "
                + "\(found.min() ?? 0)")
    }

    private static func backpressure(_ bench: Bench) throws {
        let transport = try bench.instance(as: TransportInstance.self)
        let pair = try TransportPair(transport, bench)
        let (left, right) = try pair.streams()
        let (sentCount, isOver) = (Locked(0), Locked(false))
        let (frameByteCount, frameCount) = (100_000, 20_000)
        let limit = bench.configuration.streams.bufferByteCountMax
        let before = PlatformResources.residentByteCount()
        let sending = HostThread {
            let frame = [UInt8](repeating: 3, count: frameByteCount)
            for _ in 0..<frameCount where !isOver.withLock({ $0 }) {
                try left.send([frame])
                sentCount.withLock { $0 += 1 }
            }
        }
        // Until nothing is sent any more for half a second.
        var (last, still, grown) = (-1, 0, 0)
        while still < 10 && !sending.isDone && grown <= limit {
            Clock.sleep(milliseconds: 50)
            let now = sentCount.withLock { $0 }
            still = now == last ? still + 1 : 0
            last = now
            grown = PlatformResources.residentByteCount() - before
        }
        guard !sending.isDone, grown <= limit else {
            isOver.withLock { $0 = true }
            left.reset(IGLOO_E_CANCELLED)
            try? sending.join()
            throw CheckEnd.failed(
                "nobody receives, and \(last * frameByteCount >> 20) MiB are sent, for which the "
                    + "process grew by \(grown >> 20) MiB; \(limit >> 20) are granted "
                    + "(buffer_max_mib)")
        }
        var count = 0
        while let frame = try right.receive(TransportPair.within(20)) {
            try require(frame.count == frameByteCount, "a frame that waited comes as another one")
            count += 1
            // The rest of them would only take time.
            if count == last + 50 { break }
        }
        left.reset(IGLOO_E_CANCELLED)
        try? sending.join()
        try require(count >= last, "of \(last) frames that were sent, \(count) came")
    }
}
