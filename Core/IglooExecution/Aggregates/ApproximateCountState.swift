// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// approx_count_distinct: exact up to some hundred values a group, then HyperLogLog with 2,048
/// registers, whose standard error is 2.3 %.
///
/// - Source: P. Flajolet et al., "HyperLogLog", 2007; hashes of 64 bits, as S. Heule et al., 2013.
final class ApproximateCountState: AggregateState {
    private static let registerBits = 11
    private static let registerCount = 1 << registerBits
    /// A set takes less than the registers up to here.
    private static let exactCountMax = 256

    private enum Sketch {
        case exact(Set<UInt64>)
        case registers([UInt8])
    }

    private var groups: [Sketch] = []
    private let type: DataType
    private let memory: any MemoryAccount
    private var reserved = 0

    init(_ type: DataType, reserve memory: any MemoryAccount) {
        self.type = type
        self.memory = memory
    }

    deinit { try? memory.reserve(-reserved) }

    override func resize(_ groupCount: Int) {
        while groups.count < groupCount { groups.append(.exact([])) }
    }

    override func update(
        _ rowGroups: UnsafePointer<UInt32>, _ arguments: [ArrayData], _ rowCount: Int
    ) throws(IglooError) {
        var keys = NormalizedKeys([SortOrder(type: type)])
        try keys.append([arguments[0]], rowCount: rowCount)
        var row = 0
        while row < rowCount {
            if !arguments[0].isNull(row) {
                let hash = KeyHash.mixed(KeyHash.hash(keys.key(row)))
                try take(hash, Int(rowGroups[row]))
            }
            row &+= 1
        }
    }

    private func take(_ hash: UInt64, _ group: Int) throws(IglooError) {
        switch groups[group] {
        case .registers(var registers):
            groups[group] = .exact([])
            Self.take(hash, &registers)
            groups[group] = .registers(registers)
        case .exact(var hashes):
            groups[group] = .exact([])
            if hashes.insert(hash).inserted { try account(16) }
            groups[group] =
                hashes.count <= Self.exactCountMax
                ? .exact(hashes) : .registers(Self.registers(hashes))
        }
    }

    private static func take(_ hash: UInt64, _ registers: inout [UInt8]) {
        let index = Int(hash >> (64 - UInt64(registerBits)))
        let rank = UInt8((hash << UInt64(registerBits)).leadingZeroBitCount + 1)
        if rank > registers[index] { registers[index] = rank }
    }

    private static func registers(_ hashes: Set<UInt64>) -> [UInt8] {
        var registers = [UInt8](repeating: 0, count: registerCount)
        for hash in hashes { take(hash, &registers) }
        return registers
    }

    private func account(_ byteCount: Int) throws(IglooError) {
        try memory.reserve(byteCount)
        reserved += byteCount
    }

    override func merge(
        _ other: AggregateState, _ sources: [UInt32], _ targets: [UInt32]
    ) throws(IglooError) {
        guard let other = other as? ApproximateCountState else { return }
        for (source, target) in zip(sources, targets) {
            switch other.groups[Int(source)] {
            case .exact(let hashes):
                for hash in hashes { try take(hash, Int(target)) }
            case .registers(var registers):
                switch groups[Int(target)] {
                case .exact(let hashes): for hash in hashes { Self.take(hash, &registers) }
                case .registers(let mine):
                    for index in mine.indices {
                        registers[index] = max(registers[index], mine[index])
                    }
                }
                groups[Int(target)] = .registers(registers)
            }
        }
    }

    override func finish(_ range: Range<Int>) throws(IglooError) -> ArrayData {
        var builder = PrimitiveBuilder<Int64>(.int64, zero: 0)
        for group in range {
            switch groups[group] {
            case .exact(let hashes): builder.append(Int64(hashes.count))
            case .registers(let registers): builder.append(Self.estimate(registers))
            }
        }
        return builder.finish()
    }

    private static func estimate(_ registers: [UInt8]) -> Int64 {
        let count = Double(registerCount)
        var sum = 0.0
        var zeros = 0
        for register in registers {
            sum += 1 / Double(UInt64(1) << UInt64(min(register, 63)))
            if register == 0 { zeros += 1 }
        }
        let raw = 0.7213 / (1 + 1.079 / count) * count * count / sum
        if raw <= 2.5 * count && zeros > 0 {
            return Int64((count * PlatformMathematics.logarithm(count / Double(zeros))).rounded())
        }
        return Int64(raw.rounded())
    }
}
