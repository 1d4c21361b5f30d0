// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// arg_min, arg_max: the first argument where the second is least or greatest.
final class ArgumentExtremeState: AggregateState {
    private var keys: [[UInt8]?] = []
    private var values: [Scalar] = []
    private let types: [DataType]
    private let isMaximum: Bool

    init(_ types: [DataType], isMaximum: Bool) {
        self.types = types
        self.isMaximum = isMaximum
    }

    override func resize(_ groupCount: Int) {
        guard groupCount > keys.count else { return }
        values.append(contentsOf: repeatElement(.null, count: groupCount - keys.count))
        keys.append(contentsOf: repeatElement(nil, count: groupCount - keys.count))
    }

    private func isBetter(_ key: UnsafeRawBufferPointer, _ other: UnsafeRawBufferPointer) -> Bool {
        let order = SortRun.compare(key, other)
        return isMaximum ? order > 0 : order < 0
    }

    private func isBetter(_ key: UnsafeRawBufferPointer, _ group: Int) -> Bool {
        guard let current = keys[group] else { return true }
        return current.withUnsafeBytes { isBetter(key, $0) }
    }

    /// The winners of the batch first: only those are kept as values apart.
    override func update(
        _ groups: UnsafePointer<UInt32>, _ arguments: [ArrayData], _ rowCount: Int
    ) throws(IglooError) {
        var batch = NormalizedKeys([SortOrder(type: types[1])])
        try batch.append([arguments[1]], rowCount: rowCount)
        var winners: [UInt32: Int] = [:]
        var row = 0
        while row < rowCount {
            defer { row &+= 1 }
            if arguments[0].isNull(row) || arguments[1].isNull(row) { continue }
            let group = groups[row]
            if let winner = winners[group] {
                if isBetter(batch.key(row), batch.key(winner)) { winners[group] = row }
            } else if isBetter(batch.key(row), Int(group)) {
                winners[group] = row
            }
        }
        for (group, row) in winners {
            keys[Int(group)] = Array(batch.key(row))
            values[Int(group)] = arguments[0].scalar(at: row)
        }
    }

    override func merge(
        _ other: AggregateState, _ sources: [UInt32], _ targets: [UInt32]
    ) throws(IglooError) {
        guard let other = other as? ArgumentExtremeState else { return }
        for (source, target) in zip(sources, targets) {
            guard let key = other.keys[Int(source)] else { continue }
            if key.withUnsafeBytes({ isBetter($0, Int(target)) }) {
                keys[Int(target)] = key
                values[Int(target)] = other.values[Int(source)]
            }
        }
    }

    override func finish(_ range: Range<Int>) throws(IglooError) -> ArrayData {
        try Vectors.array(Array(values[range]), types[0])
    }
}
