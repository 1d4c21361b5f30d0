// SPDX-License-Identifier: MIT

import IglooContracts

/// A 64-bit little-endian shared object and its program headers.
struct ELFFile<Source: ByteSource> {
    private let source: Source
    let machine: UInt16
    private let segments: [Segment]

    private struct Segment {
        var type: UInt32
        var flags: UInt32
        var offset: Int
        var address: UInt64
        var byteCount: Int
    }

    private enum SegmentType {
        static var load: UInt32 { 1 }
        static var dynamic: UInt32 { 2 }
        static var note: UInt32 { 4 }
        static var stack: UInt32 { 0x6474_E551 }
    }

    /// More of these no honest file has; they bound what a hostile one can make us read.
    private enum Limit {
        static var noteByteCount: Int { 1 << 16 }
        static var dynamicByteCount: Int { 1 << 16 }
        static var stringByteCount: Int { 1 << 26 }
        static var symbolCount: Int { 1 << 20 }
    }

    init(_ source: Source) throws(IglooError) {
        guard let header = source.read(offset: 0, count: 64) else {
            throw .malformedObject("\(source.byteCount) bytes are too few for an ELF header")
        }
        guard Array(header[0..<4]) == [0x7F, 0x45, 0x4C, 0x46] else {
            throw .malformedObject("it is no ELF file")
        }
        guard header[4] == 2, header[5] == 1 else {
            throw .malformedObject("it is not 64-bit and little-endian")
        }
        guard header.number(at: 16, as: UInt16.self) == 3 else {
            throw .malformedObject("its type is not \"shared object\"")
        }
        self.source = source
        machine = header.number(at: 18) ?? 0
        segments = try Self.segments(source, header)
    }

    private static func segments(
        _ source: Source, _ header: [UInt8]
    ) throws(IglooError) -> [Segment] {
        let count = Int(header.number(at: 56, as: UInt16.self) ?? 0)
        guard header.number(at: 54, as: UInt16.self) == 56,
            let offset = Int(exactly: header.number(at: 32, as: UInt64.self) ?? .max),
            let table = source.read(offset: offset, count: count * 56)
        else { throw .malformedObject("its program headers are cut short") }
        var segments: [Segment] = []
        for index in 0..<count {
            let at = index * 56
            guard let type = table.number(at: at, as: UInt32.self),
                let flags = table.number(at: at + 4, as: UInt32.self),
                let offset = Int(exactly: table.number(at: at + 8, as: UInt64.self) ?? .max),
                let address = table.number(at: at + 16, as: UInt64.self),
                let byteCount = Int(exactly: table.number(at: at + 32, as: UInt64.self) ?? .max)
            else { throw .malformedObject("program header \(index) is out of range") }
            if type == SegmentType.load {
                guard offset <= source.byteCount, byteCount <= source.byteCount - offset else {
                    throw .malformedObject("segment \(index) reaches beyond the end of the file")
                }
            }
            segments.append(
                Segment(
                    type: type, flags: flags, offset: offset, address: address,
                    byteCount: byteCount))
        }
        return segments
    }

    /// Bytes by their address in memory.
    private func read(
        address: UInt64, count: Int, _ what: String
    ) throws(IglooError) -> [UInt8] {
        for segment in segments where segment.type == SegmentType.load {
            guard address >= segment.address,
                let distance = Int(exactly: address - segment.address),
                distance <= segment.byteCount, count <= segment.byteCount - distance
            else { continue }
            if let bytes = source.read(offset: segment.offset + distance, count: count) {
                return bytes
            }
        }
        throw .malformedObject("its \(what) is outside of the file")
    }

    /// Without a word on it, the system grants code on the stack.
    var hasExecutableStack: Bool {
        segments.first { $0.type == SegmentType.stack }.map { $0.flags & 1 != 0 } ?? true
    }

    // MARK: - Sections

    /// What cannot be read counts as not there: sections are not needed to load an object.
    func sectionNames() -> [String] {
        guard let header = source.read(offset: 0, count: 64),
            let table = Int(exactly: header.number(at: 40, as: UInt64.self) ?? 0), table > 0,
            header.number(at: 58, as: UInt16.self) == 64
        else { return [] }
        let count = Int(header.number(at: 60, as: UInt16.self) ?? 0)
        let nameIndex = Int(header.number(at: 62, as: UInt16.self) ?? 0)
        guard nameIndex < count, let bytes = source.read(offset: table, count: count * 64),
            let offset = Int(exactly: bytes.number(at: nameIndex * 64 + 24, as: UInt64.self) ?? 0),
            let byteCount = Int(
                exactly: bytes.number(at: nameIndex * 64 + 32, as: UInt64.self) ?? 0),
            byteCount <= Limit.stringByteCount,
            let names = source.read(offset: offset, count: byteCount)
        else { return [] }
        return (0..<count).compactMap { index in
            bytes.number(at: index * 64, as: UInt32.self).flatMap { names.text(at: Int($0)) }
        }
    }

    // MARK: - The note

    /// The payload of the one note of owner "Igloo"; `nil` when there is none.
    func note() throws(IglooError) -> [UInt8]? {
        var found: [UInt8]?
        for segment in segments where segment.type == SegmentType.note {
            guard segment.byteCount <= Limit.noteByteCount,
                let bytes = source.read(offset: segment.offset, count: segment.byteCount)
            else { throw .malformedObject("its notes are cut short") }
            var at = 0
            while at < bytes.count {
                guard let ownerCount = bytes.number(at: at, as: UInt32.self),
                    let payloadCount = bytes.number(at: at + 4, as: UInt32.self),
                    let type = bytes.number(at: at + 8, as: UInt32.self),
                    let owner = bytes.read(offset: at + 12, count: Int(ownerCount)),
                    let payload = bytes.read(
                        offset: at + 12 + Self.padded(ownerCount), count: Int(payloadCount))
                else { throw .malformedObject("a note is cut short") }
                at += 12 + Self.padded(ownerCount) + Self.padded(payloadCount)
                guard owner == Array("Igloo\0".utf8), type == 1 else { continue }
                guard found == nil else { throw .malformedObject("it has two Igloo notes") }
                found = payload
            }
        }
        return found
    }

    private static func padded(_ count: UInt32) -> Int { (Int(count) + 3) & ~3 }

    // MARK: - The dynamic section

    struct Dynamic {
        var isBoundNow = false
        var hasTextRelocations = false
        var isNeverUnloaded = false
        var needed: [UInt64] = []
        var strings: [UInt8] = []
        var symbolTable: UInt64?
        var hashTable: UInt64?
        var gnuHashTable: UInt64?
    }

    func dynamicSection() throws(IglooError) -> Dynamic? {
        guard let segment = segments.first(where: { $0.type == SegmentType.dynamic }) else {
            return nil
        }
        guard segment.byteCount <= Limit.dynamicByteCount,
            let bytes = source.read(offset: segment.offset, count: segment.byteCount)
        else { throw .malformedObject("its dynamic section is cut short") }
        var dynamic = Dynamic()
        var stringTable: UInt64?
        var stringByteCount: UInt64 = 0
        var at = 0
        while let tag = bytes.number(at: at, as: UInt64.self), tag != 0,
            let value = bytes.number(at: at + 8, as: UInt64.self)
        {
            at += 16
            switch tag {
            case 1: dynamic.needed.append(value)
            case 4: dynamic.hashTable = value
            case 5: stringTable = value
            case 6: dynamic.symbolTable = value
            case 10: stringByteCount = value
            case 22: dynamic.hasTextRelocations = true
            case 24: dynamic.isBoundNow = true
            case 30:
                if value & 4 != 0 { dynamic.hasTextRelocations = true }
                if value & 8 != 0 { dynamic.isBoundNow = true }
            case 0x6FFF_FFFB:
                if value & 1 != 0 { dynamic.isBoundNow = true }
                if value & 8 != 0 { dynamic.isNeverUnloaded = true }
            case 0x6FFF_FEF5: dynamic.gnuHashTable = value
            default: break
            }
        }
        if let stringTable {
            guard stringByteCount <= UInt64(Limit.stringByteCount) else {
                throw .malformedObject("its table of names has \(stringByteCount) bytes")
            }
            dynamic.strings = try read(
                address: stringTable, count: Int(stringByteCount), "table of names")
        }
        return dynamic
    }

    func text(_ dynamic: Dynamic, at offset: UInt64) throws(IglooError) -> String {
        guard let text = Int(exactly: offset).flatMap({ dynamic.strings.text(at: $0) }) else {
            throw .malformedObject("a name is outside of its table")
        }
        return text
    }

    // MARK: - Symbols

    /// The names of the defined global symbols.
    func exports(_ dynamic: Dynamic) throws(IglooError) -> [String] {
        guard let table = dynamic.symbolTable else { return [] }
        let count = try symbolCount(dynamic)
        guard count <= Limit.symbolCount else {
            throw .malformedObject("it has \(count) symbols")
        }
        let bytes = try read(address: table, count: count * 24, "table of symbols")
        var names: [String] = []
        for index in 0..<count {
            guard let name = bytes.number(at: index * 24, as: UInt32.self),
                let section = bytes.number(at: index * 24 + 6, as: UInt16.self)
            else { break }
            let binding = bytes[index * 24 + 4] >> 4
            let isVisible = bytes[index * 24 + 5] & 3 == 0 || bytes[index * 24 + 5] & 3 == 3
            // Global, weak or unique, and defined here.
            if [1, 2, 10].contains(binding), section != 0, isVisible {
                names.append(try text(dynamic, at: UInt64(name)))
            }
        }
        return names
    }

    /// How many symbols there are is told by the hash tables only.
    private func symbolCount(_ dynamic: Dynamic) throws(IglooError) -> Int {
        if let table = dynamic.gnuHashTable { return try gnuSymbolCount(table) }
        guard let table = dynamic.hashTable else {
            throw .malformedObject("it has no hash table of its symbols")
        }
        let header = try read(address: table, count: 8, "hash table")
        return Int(header.number(at: 4, as: UInt32.self) ?? 0)
    }

    /// The chain of the bucket with the highest symbol ends with the last symbol of all.
    private func gnuSymbolCount(_ table: UInt64) throws(IglooError) -> Int {
        let header = try read(address: table, count: 16, "hash table")
        let bucketCount = Int(header.number(at: 0, as: UInt32.self) ?? 0)
        let firstSymbol = Int(header.number(at: 4, as: UInt32.self) ?? 0)
        let bloomCount = Int(header.number(at: 8, as: UInt32.self) ?? 0)
        guard bucketCount <= Limit.symbolCount, bloomCount <= Limit.symbolCount,
            firstSymbol <= Limit.symbolCount
        else { throw .malformedObject("its hash table has \(bucketCount) buckets") }
        let (bucketAddress, overflow) = table.addingReportingOverflow(UInt64(16 + bloomCount * 8))
        guard !overflow else { throw .malformedObject("its hash table is out of range") }
        let buckets = try read(address: bucketAddress, count: bucketCount * 4, "hash table")
        var last = 0
        for index in 0..<bucketCount {
            last = max(last, Int(buckets.number(at: index * 4, as: UInt32.self) ?? 0))
        }
        guard last >= firstSymbol else { return firstSymbol }
        let chains = bucketAddress &+ UInt64(bucketCount * 4)
        while last <= Limit.symbolCount {
            let (address, overflow) = chains.addingReportingOverflow(
                UInt64(last - firstSymbol) * 4)
            guard !overflow else { break }
            let hash = try read(address: address, count: 4, "hash table")
            last += 1
            if hash[0] & 1 == 1 { return last }
        }
        throw .malformedObject("its hash table has no end")
    }
}

extension IglooError {
    static func malformedObject(_ what: String) -> IglooError {
        IglooError(.invalidData, "not a usable shared object: \(what)")
    }
}
