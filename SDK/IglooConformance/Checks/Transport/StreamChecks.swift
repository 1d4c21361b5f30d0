// SPDX-License-Identifier: MIT

import CIgloo
import IglooArrow
import IglooContracts

/// Streams: how frames come, how streams end.
enum StreamChecks {
    static let all: [Check] = [
        Check("transport.listen_port_zero_reports", listenReports),
        Check("transport.half_close", halfClose), Check("transport.reset_both_sides", resets),
        Check("transport.frame_limits", limit: 120, frameLimits),
        Check("transport.batch_zero_copy_same_bytes", batches),
        Check("transport.close_order_permutations", limit: 120, closeOrders),
    ]

    private static func listenReports(_ bench: Bench) throws {
        let transport = try bench.instance(as: TransportInstance.self)
        let address = bench.configuration.streams.address
        let (first, second) = (try transport.listen(address), try transport.listen(address))
        try require(
            first.address != address && first.address != second.address
                && !first.address.hasSuffix(":0"),
            "listening at \(address) twice reports \(first.address) and \(second.address)")
        let (peer, other) = (try transport.connect(first.address), try first.accept())
        let stream = try peer.open(Array("to the first".utf8))
        try require(
            try other.take().hello == Array("to the first".utf8), "a hello comes as another one")
        stream.close()
        second.close()
        _ = try transport.connect(first.address, TransportPair.within(10))
    }

    private static func halfClose(_ bench: Bench) throws {
        let transport = try bench.instance(as: TransportInstance.self)
        let pair = try TransportPair(transport, bench)
        let (left, right) = try pair.streams()
        try left.send([[1]], isLast: true)
        try require(
            try right.receive() == [1] && (try right.receive()) == nil, "an end does not come")
        try require(try right.receive() == nil, "after END, recv gives a frame")
        // The other direction goes on.
        for number in 0..<100 {
            try right.send([[UInt8(number)]])
            try require(
                try left.receive() == [UInt8(number)], "after one side has ended, frames are lost")
        }
        try right.send([], isLast: true)
        try require(try left.receive() == nil, "the end alone does not come")
        // After an error a stream is of no more use, which is why this comes last.
        try requireFailure("after the last frame, another one") { try left.send([[2]]) }
    }

    private static func resets(_ bench: Bench) throws {
        let transport = try bench.instance(as: TransportInstance.self)
        let pair = try TransportPair(transport, bench)
        let (left, right) = try pair.streams()
        let (kept, keptRight) = try pair.streams()
        let waiting = HostThread { _ = try left.receive() }
        Clock.sleep(milliseconds: 30)
        left.reset(IGLOO_E_CONFLICT)
        try require(
            waiting.waits(milliseconds: 5_000), "a recv goes on 5 s after its stream was reset")
        try requireFailure("recv on a stream that was reset") { try waiting.join() }
        try requireFailure("send on a stream that was reset") { try left.send([[1]]) }
        let status = try requireFailure("recv on a stream that the other side has reset") {
            _ = try right.receive(TransportPair.within(10))
        }
        try require(
            status == IGLOO_E_CONFLICT,
            "a stream is reset with CONFLICT, and the other side gets \(status)")
        try requireFailure("send on a stream that the other side has reset") {
            for _ in 0..<10_000 { try right.send([[1]], TransportPair.within(10)) }
        }
        // Others of the connection are not touched.
        try kept.send([[5]])
        try require(try keptRight.receive() == [5], "a reset of one stream touches another")
        left.reset(IGLOO_E_CANCELLED)
    }

    /// - Returns: the status.
    @discardableResult
    static func requireFailure(_ what: String, _ body: () throws -> Void) throws -> Int32 {
        do {
            try body()
        } catch let failure as CallFailure {
            return failure.status
        }
        throw CheckEnd.failed("\(what) succeeds")
    }

    private static func frameLimits(_ bench: Bench) throws {
        let transport = try bench.instance(as: TransportInstance.self)
        let pair = try TransportPair(transport, bench)
        let (left, right) = try pair.streams([])
        var random = bench.random(100)
        for count in [0, 1, 2, 255, 4_095, 65_536, 262_143, 262_144, 262_145, 1_000_000] {
            let frame = Noise.bytes(count, &random)
            let half = frame.count / 2
            let sending = HostThread {
                try left.send([[], Array(frame[..<half]), [], Array(frame[half...])])
            }
            let found = try right.receive(TransportPair.within(20))
            try sending.join()
            try require(
                found == frame,
                "a frame of \(count) bytes comes as "
                    + (found.map { "one of \($0.count), or of others" } ?? "the end"))
        }
        let long = [UInt8](repeating: 7, count: 65_536)
        let stream = try pair.left.open(long)
        try require(try pair.right.take().hello == long, "a hello of 64 KiB comes as another one")
        stream.close()
        guard let limit = bench.configuration.streams.frameByteCountMax else { return }
        let sending = HostThread {
            do {
                try left.send([[UInt8](repeating: 1, count: limit + 1)], TransportPair.within(20))
            } catch is CallFailure {}
        }
        try requireFailure("a frame of more than \(limit) bytes") {
            _ = try right.receive(TransportPair.within(20))
        }
        right.reset(IGLOO_E_EXHAUSTED)
        try sending.join()
        let (next, other) = try pair.streams()
        try next.send([[1]])
        try require(
            try other.receive() == [1], "after a frame that is too large, others do not come")
    }

    private static func batches(_ bench: Bench) throws {
        let transport = try bench.instance(as: TransportInstance.self)
        guard transport.movesBatches else { throw CheckEnd.skipped("it has no facet of batches") }
        let pair = try TransportPair(transport, bench)
        let (left, right) = try pair.streams()
        for set in [DataSet.core, .hostile, .nested, .empty] {
            for batch in [
                try Rows.batch(set.rows, set.schema), try Rows.shifted(set.rows, set.schema),
            ] {
                let sending = HostThread { try left.sendBatch(batch, TransportPair.within(20)) }
                let found = try require(
                    try right.receiveBatch(set.schema, TransportPair.within(20)),
                    "a batch of \(set.name) does not come")
                try sending.join()
                try require(
                    found.rows == batch.rows, "a batch of \(set.name) comes as another one")
            }
        }
        // A frame where a batch is waited for, and the reverse.
        try left.send([[1, 2, 3]])
        try requireDataLoss("a frame in the place of a batch") {
            _ = try right.receiveBatch(DataSet.hostile.schema, TransportPair.within(10))
        }
        let (sender, receiver) = try pair.streams()
        try sender.sendBatch(try Rows.batch(DataSet.empty.rows, DataSet.empty.schema))
        try requireDataLoss("a batch in the place of a frame") {
            _ = try receiver.receive(TransportPair.within(10))
        }
        let (third, fourth) = try pair.streams()
        try third.sendBatch(try Rows.batch([[.int(1)]], Schema([Field("a", .int64)])))
        try requireDataLoss("a batch of other columns") {
            _ = try fourth.receiveBatch(Schema([Field("a", .utf8)]), TransportPair.within(10))
        }
    }

    private static func requireDataLoss(_ what: String, _ body: () throws -> Void) throws {
        let status = try requireFailure(what, body)
        try require(status == IGLOO_E_DATA_LOSS, "\(what) is \(status), not DATA_LOSS")
    }

    private static func closeOrders(_ bench: Bench) throws {
        let transport = try bench.instance(as: TransportInstance.self)
        let orders = OperatorChecks.permutations(Array(0..<5))
        func round(_ order: [Int]) throws {
            let pair = try TransportPair(transport, bench)
            let (left, right) = try pair.streams()
            try left.send([[1, 2, 3]])
            let closers: [() -> Void] = [
                left.close, right.close, pair.listener.close, pair.left.close, pair.right.close,
            ]
            for index in order { closers[index]() }
        }
        // Streams stand before their connections.
        let allowed = orders.filter { order in
            order.firstIndex(of: 0)! < order.firstIndex(of: 3)!
                && order.firstIndex(of: 1)! < order.firstIndex(of: 4)!
        }
        for order in allowed { try round(order) }
        try bench.use(transport)
        try LeakMeter.requireNone("connections that are closed", bench, rounds: 4) {
            try round([0, 1, 3, 4, 2])
        }
    }
}
