// SPDX-License-Identifier: MIT

import Dispatch
import Foundation
import IglooContracts
import Testing

@Suite struct WatchTests {
    private let folder: StoreFolder
    private let context = CallContext()

    init() throws { folder = try StoreFolder() }

    @Test(arguments: Border.allCases)
    func eachEventComesOnceAndInOrder(_ border: Border) throws {
        // Written by one store, watched by another over the same file.
        let (writer, reader) = (try folder.open(border), try folder.open(border))
        let watch = try reader.watch(.prefix(bytes("k")), from: 1, context)
        let count = 3_000
        DispatchQueue.global().async {
            for number in 0..<count / 3 {
                _ = try? writer.commit(
                    KeyValueTransaction(then: [
                        .put(key: bytes("k1"), value: bytes("\(number)")),
                        .put(key: bytes("k2"), value: bytes("\(number)")),
                        .put(key: bytes("other"), value: []), .put(key: bytes("k3"), value: []),
                    ]), CallContext())
            }
        }
        var events: [KeyValueItem] = []
        while events.count < count {
            let page = try watch.next(context)
            #expect(!page.items.isEmpty && (page.items.last?.modified ?? .max) <= page.revision)
            events += page.items
        }
        #expect(events.count == count)
        for (index, event) in events.enumerated() {
            #expect(
                event.modified == Int64(index / 3 + 1) && event.key == bytes("k\(index % 3 + 1)"))
        }
    }

    @Test(arguments: Border.allCases)
    func resumesAndIsTornOff(_ border: Border) throws {
        let store = try folder.open(border, history: 5)
        for number in 1...9 { try store.put("k\(number % 3)", "\(number)") }
        let watch = try store.watch(.all, from: 7, context)
        #expect(try watch.next(context).items.map(\.modified) == [7, 8, 9])
        for number in 10...20 { try store.put("k", "\(number)") }
        #expect(try failure { try store.watch(.all, from: 2, context) }.code == .compacted)
        #expect(try failure { try store.text(at: 2) }.code == .compacted)
        #expect(try store.text(at: 15) == "k=15 k0=9 k1=7 k2=8")
        let old = try store.watch(.all, from: 18, context)
        for number in 21...60 { try store.put("k", "\(number)") }
        #expect(try failure { try old.next(context) }.code == .compacted)
        // One that begins in the future waits for it.
        let future = try store.watch(.all, from: 62, context)
        try store.put("a", "61")
        try store.put("b", "62")
        #expect(try future.next(context).items.map(\.key) == [bytes("b")])
    }

    @Test(arguments: Border.allCases)
    func waitingEndsWhenAsked(_ border: Border) throws {
        let store = try folder.open(border)
        let watch = try store.watch(.all, from: nil, context)
        var limited = context
        limited.deadlineNanoseconds = Int64(DispatchTime.now().uptimeNanoseconds) + 50_000_000
        #expect(try failure { try watch.next(limited) }.code == .deadlineExceeded)
        let stopped = CallContext()
        let start = Date()
        DispatchQueue.global().asyncAfter(deadline: .now() + 0.1) { stopped.cancellation.cancel() }
        #expect(try failure { try watch.next(stopped) }.code == .cancelled)
        DispatchQueue.global().asyncAfter(deadline: .now() + 0.1) { watch.cancel() }
        #expect(try failure { try watch.next(context) }.code == .cancelled)
        #expect(try failure { try watch.next(context) }.code == .cancelled)
        #expect(Date().timeIntervalSince(start) < 5)
    }

    @Test func whatIsNoStoreIsRefused() throws {
        let text = "\(folder.path)/text.db"
        try Data(repeating: 65, count: 5_000).write(to: URL(fileURLWithPath: text))
        #expect(try failure { try folder.open(.linked, "text.db") }.code == .invalidData)
        let missing = try failure { try folder.open(.linked, "no/where.db") }
        #expect(missing.code == .unavailable && missing.hint != nil, "\(missing)")
        let history = try failure { try folder.open(.loaded, history: 0) }
        #expect(history.message.contains("[metadata]: history is a number"), "\(history)")
        #expect(history.origin == "sqlite-metadata")
    }
}
