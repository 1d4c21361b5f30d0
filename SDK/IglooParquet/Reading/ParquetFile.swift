// SPDX-License-Identifier: MIT

public import IglooArrow
public import IglooContracts

/// What a Parquet file's footer says, checked: enough to plan a scan with, without the file open.
///
/// - Threads: immutable, hence free to share.
public struct ParquetFooter: Sendable {
    public let metadata: FileMetadata
    public let options: ParquetOptions
    let tree: ParquetSchema
    /// Rows of all row groups.
    public let rowCount: Int64

    private static let magic = Array("PAR1".utf8)
    private static let encryptedMagic = Array("PARE".utf8)
    /// Most footers are smaller, and come with the first read.
    private static let tailByteCount = 64 << 10

    /// Reads the footer.
    ///
    /// - Throws: `invalidData` for what is no Parquet file or a torn one, `unsupported` for
    ///   encrypted ones, and whatever the source throws. All errors name the source.
    public init(_ source: any ByteSource, _ options: ParquetOptions = .init()) throws(IglooError) {
        self.options = options
        do throws(IglooError) {
            metadata = try Self.readFooter(source)
            tree = try ParquetSchema(metadata.schema, options)
            rowCount = try Self.check(metadata, tree)
        } catch {
            throw error.inFile(source.name)
        }
    }

    /// The columns at the top. Text comes as `utf8View`, byte arrays as `binaryView`.
    public var schema: Schema { tree.arrow }

    private static func readFooter(
        _ source: any ByteSource
    ) throws(IglooError) -> FileMetadata {
        guard source.byteCount >= 12 else {
            throw malformed("\(source.byteCount) bytes are no Parquet file")
        }
        let tailCount = Int(min(Int64(tailByteCount), source.byteCount))
        let tail = try source.bytes(at: source.byteCount - Int64(tailCount), tailCount)
        let end = Array(tail.suffix(4))
        if end == encryptedMagic {
            throw IglooError(.unsupported, "the file is encrypted, which is not supported")
        }
        guard end == magic else {
            throw malformed("it does not end with 'PAR1': it is no Parquet file, or cut short")
        }
        let count = Int64(
            tail.suffix(8).withUnsafeBytes {
                UInt32(littleEndian: $0.loadUnaligned(as: UInt32.self))
            })
        guard count <= source.byteCount - 12 else {
            throw malformed("its footer of \(count) bytes is longer than the file")
        }
        let offset = source.byteCount - 8 - count
        let bytes =
            Int(count) + 8 <= tailCount
            ? Array(tail.suffix(Int(count) + 8)) : try source.bytes(at: offset, Int(count))
        return try parse(bytes)
    }

    private static func parse(_ bytes: [UInt8]) throws(IglooError) -> FileMetadata {
        let result: Result<FileMetadata, ThriftError> = bytes.withUnsafeBytes { raw in
            var reader = ThriftReader(raw)
            do throws(ThriftError) {
                return .success(try FileMetadata(&reader))
            } catch {
                return .failure(error)
            }
        }
        switch result {
        case .success(let metadata): return metadata
        case .failure(.cutShort): throw malformed("malformed footer: it ends too early")
        case .failure(.malformed(let why)): throw malformed("malformed footer: \(why)")
        }
    }

    private static func check(
        _ metadata: FileMetadata, _ tree: ParquetSchema
    ) throws(IglooError) -> Int64 {
        var rowCount: Int64 = 0
        for (index, group) in metadata.rowGroups.enumerated() {
            guard group.columns.count == tree.leaves.count else {
                throw malformed(
                    "row group \(index) has \(group.columns.count) of \(tree.leaves.count) columns")
            }
            let (sum, overflow) = rowCount.addingReportingOverflow(group.rowCount)
            guard group.rowCount >= 0, group.rowCount <= 1 << 48, !overflow else {
                throw malformed("row group \(index) has \(group.rowCount) rows")
            }
            rowCount = sum
        }
        return rowCount
    }
}

extension IglooError {
    func inFile(_ name: String) -> IglooError {
        // Errors of the file system name it already.
        message.contains(name) ? self : inside("Parquet file '\(name)'")
    }
}

// MARK: - Statistics

extension ParquetFooter {
    /// Bounds and counts of a flat column in a row group; `nil` for nested ones.
    func bounds(column: Int, rowGroup: Int) -> ColumnBounds? {
        guard case .leaf(let index) = tree.roots[column].kind else { return nil }
        let leaf = tree.leaves[index]
        guard leaf.isFlat else { return nil }
        let group = metadata.rowGroups[rowGroup]
        return ColumnBounds(
            group.columns[index].statistics, leaf, hasTypeOrder: hasTypeOrder(index),
            valueCount: group.rowCount)
    }

    func hasTypeOrder(_ leaf: Int) -> Bool {
        leaf < metadata.hasTypeOrder.count && metadata.hasTypeOrder[leaf]
    }

    /// Whether rows for which the filter is TRUE may be in the row group, by its statistics.
    public func mayMatch(_ filter: RowFilter, rowGroup: Int) -> Bool {
        filter.mayMatch { bounds(column: $0, rowGroup: rowGroup) }
    }

    /// Bytes of the given columns of a row group as stored.
    public func compressedByteCount(rowGroup: Int, columns: [Int]) -> Int64 {
        var sum: Int64 = 0
        for column in columns {
            for leaf in tree.roots[column].leaves {
                sum &+= max(0, metadata.rowGroups[rowGroup].columns[leaf].compressedByteCount)
            }
        }
        return max(0, sum)
    }
}

/// An open Parquet file, from which readers are made.
///
/// - Threads: immutable, hence free to share.
public struct ParquetFile: Sendable {
    public let source: any ByteSource
    public let footer: ParquetFooter

    /// Opens a file whose footer is known.
    public init(_ source: any ByteSource, footer: ParquetFooter) {
        self.source = source
        self.footer = footer
    }

    /// Opens a file and reads its footer; throws as that does.
    public init(_ source: any ByteSource, _ options: ParquetOptions = .init()) throws(IglooError) {
        self.init(source, footer: try ParquetFooter(source, options))
    }

    public var schema: Schema { footer.schema }
    public var metadata: FileMetadata { footer.metadata }
    public var rowCount: Int64 { footer.rowCount }
    public var options: ParquetOptions { footer.options }
    var tree: ParquetSchema { footer.tree }
}
