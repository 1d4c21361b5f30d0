// SPDX-License-Identifier: MIT

public import IglooArrow
public import IglooContracts

/// The columns of a table that its files' paths tell: `filename`, and the `key=value` folders of a
/// partitioned table.
public struct PathColumns: Hashable, Sendable {
    enum Origin: Hashable, Sendable {
        case file
        /// The path itself.
        case path
        /// The folder `key=...` in it.
        case key(String)
    }

    /// Where each column of the table comes from.
    var origins: [Origin] = []
    /// Columns of the files, also those that a key took the place of; they come first.
    public private(set) var fileColumnCount = 0

    public init() {}

    /// Adds the columns that the options ask for to those of the files: first `filename`, then the
    /// keys of the folders in the order of their names. A key takes the place of a file's column
    /// of the same name, whose values it stands for.
    ///
    /// - Throws: `invalidArgument` when a partition's value is not of the type asked for, or files
    ///   have other keys than the first although `hive_partitioning` is on.
    public init(
        _ fields: inout [Field], _ files: [FileReference], _ options: FileOptions
    ) throws(IglooError) {
        origins = fields.map { _ in .file }
        fileColumnCount = fields.count
        if options.hasFileName {
            let isTaken = fields.contains { $0.name.lowercased() == "filename" }
            fields.append(
                Field(isTaken ? "filename_1" : "filename", .utf8View, isNullable: false))
            origins.append(.path)
        }
        for partition in try HivePartition.all(files, options) {
            let field = Field(partition.key, partition.type)
            let name = partition.key.lowercased()
            if let place = fields.firstIndex(where: { $0.name.lowercased() == name }) {
                fields[place].type = partition.type
                fields[place].isNullable = true
                origins[place] = .key(partition.key)
            } else {
                fields.append(field)
                origins.append(.key(partition.key))
            }
        }
    }

    public func isFromFile(_ column: Int) -> Bool { origins[column] == .file }

    public var isEmpty: Bool { origins.allSatisfy { $0 == .file } }

    /// The value that a file's path gives to a column of `type`.
    public func value(
        _ column: Int, _ type: DataType, of path: String
    ) throws(IglooError) -> Scalar {
        switch origins[column] {
        case .file: return .null
        case .path: return .text(path)
        case .key(let key):
            guard let text = HivePartition.value(of: key, in: path) else { return .null }
            if let value = TextValue.scalar(text, type) { return value }
            throw IglooError(
                .invalidData,
                "'\(path)': '\(text)' of folder '\(key)=\(text)' is not a \(SQLTypeName.name(type))",
                hint: "hive_types = {'\(key)': 'VARCHAR'} says its type",
                sqlState: .invalidTextRepresentation)
        }
    }

    /// The column of a file's rows.
    public func array(
        _ column: Int, _ type: DataType, of path: String, count: Int
    ) throws(IglooError) -> ArrayData {
        ConstantColumn.make(type, try value(column, type, of: path), count: count)
    }

    // MARK: - Handles

    public func encode(into encoder: inout HandleEncoder) {
        encoder.append(fileColumnCount)
        for origin in origins {
            switch origin {
            case .file: encoder.append(UInt8(0))
            case .path: encoder.append(UInt8(1))
            case .key(let key):
                encoder.append(UInt8(2))
                encoder.append(key)
            }
        }
    }

    public init(_ decoder: inout HandleDecoder, columnCount: Int) throws(IglooError) {
        fileColumnCount = try decoder.index(below: columnCount + 1)
        for _ in 0..<columnCount {
            switch try decoder.byte() {
            case 0: origins.append(.file)
            case 1: origins.append(.path)
            case 2: origins.append(.key(try decoder.string()))
            case let other: throw decoder.malformed("origin \(other) of a column is unknown")
            }
        }
    }
}

/// A key of the folders `key=value` that the files of a partitioned table lie in.
struct HivePartition {
    /// What Hive writes for NULL.
    private static let null = "__HIVE_DEFAULT_PARTITION__"

    var key: String
    var type: DataType

    /// The keys of all files, by name; none where they differ and nobody said that there are some.
    static func all(
        _ files: [FileReference], _ options: FileOptions
    ) throws(IglooError) -> [HivePartition] {
        guard options.readsPartitions != false, let first = files.first else { return [] }
        let keys = Set(folders(first.path).map(\.key))
        for file in files.dropFirst() {
            let own = Set(folders(file.path).map(\.key))
            if own == keys { continue }
            guard options.readsPartitions == true else { return [] }
            throw IglooError(
                .invalidArgument,
                "'\(file.path)' lies in folders of other keys than '\(first.path)':"
                    + " \(shown(own)) instead of \(shown(keys))",
                hint: "name the files of one table, or leave out hive_partitioning")
        }
        var partitions: [HivePartition] = []
        for key in keys.sorted(by: PathText.precedes) {
            let asked = options.partitionTypes.first { $0.name.lowercased() == key.lowercased() }
            let type = asked?.type ?? guess(key, files, options)
            partitions.append(HivePartition(key: key, type: type))
        }
        return partitions
    }

    /// The type that every value of the key fits.
    private static func guess(
        _ key: String, _ files: [FileReference], _ options: FileOptions
    ) -> DataType {
        guard options.guessesPartitionTypes else { return .utf8View }
        var candidates: [DataType] = [.int64, .date32, .timestamp(.microsecond, timeZone: nil)]
        for file in files {
            guard let text = value(of: key, in: file.path) else { continue }
            candidates.removeAll { type in
                // A zero in front belongs to a code: month=01 is the text '01'.
                if type == .int64 && text.utf8.count > 1 && text.utf8.first == 0x30 { return true }
                return TextValue.scalar(text, type) == nil
            }
            if candidates.isEmpty { break }
        }
        return candidates.first ?? .utf8View
    }

    /// The value of the last folder `key=...` of a path; `nil` = NULL.
    static func value(of key: String, in path: String) -> String? {
        guard let raw = folders(path).last(where: { $0.key == key })?.value, raw != null else {
            return nil
        }
        return PathText.percentDecoded(raw)
    }

    private static func folders(_ path: String) -> [(key: String, value: String)] {
        var found: [(key: String, value: String)] = []
        for part in path.split(separator: "/").dropLast() {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if pair.count == 2 && !pair[0].isEmpty {
                found.append((PathText.percentDecoded(String(pair[0])), String(pair[1])))
            }
        }
        return found
    }

    private static func shown(_ keys: Set<String>) -> String {
        keys.isEmpty ? "none" : keys.sorted(by: PathText.precedes).joined(separator: ", ")
    }
}
