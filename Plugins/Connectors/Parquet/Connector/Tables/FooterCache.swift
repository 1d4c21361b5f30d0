// SPDX-License-Identifier: MIT

import IglooContracts
import IglooFiles
import IglooParquet

/// Footers of files that were read lately, by path and state of the file.
///
/// - Threads: any.
final class FooterCache: Sendable {
    fileprivate struct Key: Hashable {
        var file: FileReference
        var options: ParquetOptions
    }

    fileprivate struct Entry {
        var footer: ParquetFooter
        var cost: Int
        var lastUse: UInt64
    }

    fileprivate struct State: ~Copyable {
        var entries: [Key: Entry] = [:]
        var cost = 0
        var clock: UInt64 = 0
    }

    /// Column chunks of all footers together: some 100 MB.
    private static let costMax = 200_000
    private let state = Locked(State())

    /// The footer of a file that must still be as it was.
    ///
    /// - Throws: `invalidState` when the file changed, and what is wrong with it.
    func footer(
        _ file: FileReference, _ options: ParquetOptions
    ) throws(IglooError) -> ParquetFooter {
        let key = Key(file: file, options: options)
        let known: ParquetFooter? = state.withLock { state in
            guard state.entries[key] != nil else { return nil }
            state.clock += 1
            state.entries[key]!.lastUse = state.clock
            return state.entries[key]!.footer
        }
        if let known { return known }
        let footer = try ParquetFooter(try FileReader(file), options)
        state.withLock { $0.insert(footer, key, costMax: Self.costMax) }
        return footer
    }
}

extension FooterCache.State {
    fileprivate mutating func insert(
        _ footer: ParquetFooter, _ key: FooterCache.Key, costMax: Int
    ) {
        guard entries[key] == nil else { return }
        let groups = footer.metadata.rowGroups
        let cost = 8 + groups.count * (groups.first?.columns.count ?? 0)
        clock += 1
        entries[key] = .init(footer: footer, cost: cost, lastUse: clock)
        self.cost += cost
        guard self.cost > costMax else { return }
        // The older half goes, so that this is not done at every step.
        for (old, entry) in entries.sorted(by: { $0.value.lastUse < $1.value.lastUse }) {
            guard self.cost > costMax / 2, entries.count > 1 else { return }
            entries[old] = nil
            self.cost -= entry.cost
        }
    }
}
