// SPDX-License-Identifier: MIT
public import IglooArrow

/// How IPC data is read.
public struct IPCReadOptions: Sendable {
    /// How closely batches are looked at; `.structure` is for data that Igloo wrote itself.
    public var validation: ValidationLevel
    /// Which columns to read, in that order; `nil` for all.
    public var columns: [Int]?

    public init(validation: ValidationLevel = .full, columns: [Int]? = nil) {
        self.validation = validation
        self.columns = columns
    }

    func check(_ schema: Schema) throws(ArrowError) {
        for column in columns ?? [] where !schema.fields.indices.contains(column) {
            throw ArrowError(
                .invalid, "there is no column \(column) among \(schema.fields.count)")
        }
    }
}
