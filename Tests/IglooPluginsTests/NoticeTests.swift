// SPDX-License-Identifier: MIT

import Dispatch
import IglooContracts
import Synchronization
import Testing

@testable import IglooPlugins

/// What a plugin tells the user of a query, across the border.
@Suite struct NoticeTests {
    private final class NoticeList: NoticeSink {
        private let list = Mutex<[Notice]>([])
        var all: [Notice] { list.withLock { $0 } }
        func add(_ notice: Notice) { list.withLock { $0.append(notice) } }
    }

    private static let expected = [
        Notice("1 rows skipped", hint: "look ä"), Notice("2 rows skipped"),
    ]

    private func readNoisily(_ context: CallContext) throws {
        let connector = try PluginFixtures.memoryConnector()
        let reader = try connector.open(handle: Array("noisy".utf8), split: [], context)
        while try reader.next(context) != nil {}
    }

    @Test(arguments: ["q-1", ""])
    func noticesReachTheCaller(queryId: String) throws {
        let notices = NoticeList()
        try readNoisily(CallContext(queryId: queryId, notices: notices))
        #expect(notices.all == Self.expected)
    }

    @Test func everyQueryHearsItsOwn() {
        let lists = (0..<16).map { _ in NoticeList() }
        DispatchQueue.concurrentPerform(iterations: 16) { number in
            // Half of the queries have no name.
            let queryId = number % 2 == 0 ? "" : "q-\(number)"
            #expect(throws: Never.self) {
                try readNoisily(CallContext(queryId: queryId, notices: lists[number]))
            }
        }
        for list in lists { #expect(list.all == Self.expected) }
    }

    @Test func otherLinesAreNoNotices() {
        let notices = NoticeList()
        let context = CallContext(queryId: "q", notices: notices)
        let listener = CallNotices.open(context, plugin: "p")
        func deliver(_ level: PluginLog.Line.Level, _ target: String, _ text: String) -> Bool {
            CallNotices.deliver(PluginLog.Line(level: level, target: target, message: text))
        }
        #expect(!deliver(.info, "p/q", "a"))
        #expect(!deliver(.warning, "p", "b"))
        #expect(!deliver(.warning, "p/other", "c"))
        #expect(deliver(.warning, "p/q", "d\nHINT: e\nf"))
        if let listener { CallNotices.close(listener) }
        #expect(!deliver(.warning, "p/q", "g"))
        #expect(notices.all == [Notice("d", hint: "e\nf")])
        #expect(CallNotices.open(CallContext(), plugin: "p") == nil)
    }
}
