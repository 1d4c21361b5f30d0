// SPDX-License-Identifier: MIT

import IglooContracts
import IglooFiles

/// A write that was begun: its opaque bytes, and the statements it takes.
///
/// Rows go into a staging table first, each with the name of the attempt that brought it; the
/// commit moves those of the finished attempts. In a transaction the staging table is temporary;
/// outside it stands beside the target, for sinks of any process.
struct PostgresWrite: Sendable {
    static let tag: UInt8 = 0xD4
    /// The column of the staging table that names the attempt.
    static let attemptColumn = "igloo_attempt"

    struct Column: Hashable, Sendable {
        var name: String
        /// The declaration in a new table.
        var declared: String
        var isNullable: Bool

        var quoted: String { PostgresText.identifier(name) }
    }

    var mode: WriteRequest.Mode
    /// The target and the staging table, quoted.
    var target: String
    var staging: String
    var columns: [Column]
    /// Indexes of `columns`.
    var keys: [Int]

    private var columnList: String { columns.map(\.quoted).joined(separator: ", ") }

    // MARK: - Statements

    func creation(isTemporary: Bool) -> String {
        let kind = isTemporary ? "TEMPORARY" : "UNLOGGED"
        let attempt = "\(Self.attemptColumn) bytea"
        let end = isTemporary ? " ON COMMIT DROP" : ""
        if mode == .create {
            let list = columns.map { "\($0.quoted) \($0.declared)" }
            return "CREATE \(kind) TABLE \(staging) (\(([attempt] + list).joined(separator: ", ")))"
                + end
        }
        // The columns of a query keep types and collations, but no constraint.
        return "CREATE \(kind) TABLE \(staging)\(end) AS SELECT NULL::bytea AS"
            + " \(Self.attemptColumn), \(columnList) FROM \(target) WITH NO DATA"
    }

    var copy: String {
        "COPY \(staging) (\(([Self.attemptColumn] + columns.map(\.quoted)).joined(separator: ", ")))"
            + " FROM STDIN"
    }

    /// What moves the rows to where they belong, in this order; the last says how many they are.
    ///
    /// - Parameter attempts: those whose rows count.
    func moves(_ attempts: [[UInt8]]) -> [String] {
        let list = attempts.map { "'\(Self.literal($0))'::bytea" }.joined(separator: ", ")
        let source = "\(staging) AS s WHERE s.\(Self.attemptColumn) = ANY (ARRAY[\(list)]::bytea[])"
        let selected = columns.map { "s." + $0.quoted }.joined(separator: ", ")
        let insertion = "INSERT INTO \(target) (\(columnList)) SELECT \(selected) FROM \(source)"
        switch mode {
        case .append: return [insertion]
        case .overwrite: return ["DELETE FROM \(target)", insertion]
        case .create:
            let list = columns.map {
                "\($0.quoted) \($0.declared)" + ($0.isNullable ? "" : " NOT NULL")
            }
            return ["CREATE TABLE \(target) (\(list.joined(separator: ", ")))", insertion]
        case .upsert:
            let keyList = keys.map { columns[$0].quoted }.joined(separator: ", ")
            let updates = others.map {
                "\(columns[$0].quoted) = EXCLUDED.\(columns[$0].quoted)"
            }
            return [
                insertion + " ON CONFLICT (\(keyList)) DO "
                    + (updates.isEmpty
                        ? "NOTHING" : "UPDATE SET " + updates.joined(separator: ", "))
            ]
        case .delete:
            return ["DELETE FROM \(target) AS t USING \(source) AND \(hasSameKeys)"]
        case .update:
            let updates = others.map { "\(columns[$0].quoted) = s.\(columns[$0].quoted)" }
            if updates.isEmpty { return [] }
            return [
                "UPDATE \(target) AS t SET \(updates.joined(separator: ", ")) FROM \(source)"
                    + " AND \(hasSameKeys)"
            ]
        }
    }

    private var others: [Int] { columns.indices.filter { !keys.contains($0) } }

    private var hasSameKeys: String {
        keys.map { "t.\(columns[$0].quoted) = s.\(columns[$0].quoted)" }.joined(separator: " AND ")
    }

    /// An attempt's name as a value of `bytea`.
    static func literal(_ attempt: [UInt8]) -> String {
        "\\x" + attempt.map { PostgresValueText.hexadecimal($0) }.joined()
    }

    // MARK: - Bytes

    init(
        mode: WriteRequest.Mode, target: String, staging: String, columns: [Column], keys: [Int]
    ) {
        self.mode = mode
        self.target = target
        self.staging = staging
        self.columns = columns
        self.keys = keys
    }

    func encoded() -> [UInt8] {
        var encoder = HandleEncoder(tag: Self.tag)
        encoder.append(unsigned: UInt64(mode.rawValue))
        encoder.append(target)
        encoder.append(staging)
        encoder.append(unsigned: UInt64(columns.count))
        for column in columns {
            encoder.append(column.name)
            encoder.append(column.declared)
            encoder.append(column.isNullable)
        }
        encoder.append(keys)
        return encoder.bytes
    }

    init(_ bytes: [UInt8]) throws(IglooError) {
        var decoder = try HandleDecoder(bytes, tag: Self.tag, "postgres write")
        let number = try decoder.unsigned()
        guard let mode = UInt32(exactly: number).flatMap({ WriteRequest.Mode(rawValue: $0) }) else {
            throw decoder.malformed("mode \(number) is none")
        }
        self.mode = mode
        target = try decoder.string()
        staging = try decoder.string()
        columns = []
        for _ in 0..<(try decoder.count()) {
            let (name, declared) = (try decoder.string(), try decoder.string())
            columns.append(
                Column(name: name, declared: declared, isNullable: try decoder.bool()))
        }
        keys = try decoder.ints()
        guard keys.allSatisfy(columns.indices.contains) else {
            throw decoder.malformed("a key is no column")
        }
        try decoder.expectEnd()
    }
}
