// SPDX-License-Identifier: MIT

public import IglooContracts
import IglooArrow

/// The options that every connector of files has.
public struct FileOptions: Hashable, Sendable {
    /// `nil`: tables are paths.
    public var path: String?
    public var unitesByName = false
    public var hasFileName = false
    /// `nil`: where the folders of all files have the same keys.
    public var readsPartitions: Bool?
    public var partitionTypes: [TypedName] = []
    public var guessesPartitionTypes = true

    public init() {}

    public static func specifications(_ format: FileFormat) -> [OptionSpecification] {
        [
            FileCatalog.pathOption(format),
            .init(
                "union_by_name", .bool, defaultText: "false",
                documentation: "Files may have different columns: those absent are NULL."),
            .init(
                "filename", .bool, defaultText: "false",
                documentation: "Adds a column 'filename' with each row's file."),
            .init(
                "hive_partitioning", .bool,
                documentation: "Whether folders 'key=value' are columns; by default where the"
                    + " folders of all files have the same keys."),
            .init(
                "hive_types", .list,
                documentation: "Types of such columns, as 'name TYPE'; guessed when absent."),
            .init(
                "hive_types_autocast", .bool, defaultText: "true",
                documentation: "Whether such columns may be BIGINT, DATE and TIMESTAMP without"
                    + " being told; else they are text."),
        ]
    }

    public init(_ values: OptionValues) throws(IglooError) {
        path = values.string("path")
        unitesByName = values.bool("union_by_name") ?? false
        hasFileName = values.bool("filename") ?? false
        readsPartitions = values.bool("hive_partitioning")
        partitionTypes = try ColumnList.parse(
            values.list("hive_types") ?? [], option: "hive_types")
        guessesPartitionTypes = values.bool("hive_types_autocast") ?? true
        if readsPartitions == nil && !partitionTypes.isEmpty { readsPartitions = true }
    }
}

extension FileOptions {
    /// Everything but the path, for handles.
    public func encode(into encoder: inout HandleEncoder) throws(IglooError) {
        encoder.append(unitesByName)
        encoder.append(hasFileName)
        encoder.append(readsPartitions.map { $0 ? Int64(1) : 0 })
        try encoder.append(Schema(partitionTypes.map { Field($0.name, $0.type) }))
        encoder.append(guessesPartitionTypes)
    }

    public init(_ decoder: inout HandleDecoder) throws(IglooError) {
        unitesByName = try decoder.bool()
        hasFileName = try decoder.bool()
        readsPartitions = try decoder.optionalInt64().map { $0 != 0 }
        partitionTypes = try decoder.schema().fields.map { TypedName(name: $0.name, type: $0.type) }
        guessesPartitionTypes = try decoder.bool()
    }
}
