// SPDX-License-Identifier: MIT
import IglooArrow

/// The dictionaries that have arrived so far, by number.
struct DictionaryMemo: Sendable {
    private let fields: [Int64: IPCField]
    private var known: [Int64: ArrayData] = [:]

    /// - Parameter byteOffset: where the schema stands.
    init(_ schema: IPCSchema, byteOffset: Int) throws(ArrowError) {
        do throws(ArrowError) {
            fields = try schema.dictionaries()
        } catch {
            throw error.located(at: byteOffset)
        }
    }

    /// The dictionary of number `id`.
    ///
    /// - Parameter isNeeded: whether any element refers to it; a dictionary that nobody refers to
    ///   need not be sent.
    func values(
        _ id: Int64, _ field: IPCField, isNeeded: Bool
    ) throws(ArrowError) -> ArrayData {
        if let values = known[id] { return values }
        guard !isNeeded else { throw ArrowError(.invalid, "dictionary \(id) has not been sent") }
        return ArrayBuilder(field.field.type).finish()
    }

    /// Takes in a dictionary, the rest of one, or one that replaces another.
    mutating func add(
        _ id: Int64, _ header: BatchHeader, isDelta: Bool, message: Message, body: Buffer,
        byteOffset: Int, options: IPCReadOptions, allowsReplacement: Bool
    ) throws(ArrowError) {
        guard let field = fields[id] else {
            throw ArrowError(
                .invalid, "dictionary \(id) belongs to no field", byteOffset: message.byteOffset)
        }
        // Values that take no memory could be any number, and joining them may take memory.
        guard !field.field.type.isStorageFree || header.rowCount <= 1 << 16 else {
            throw ArrowError(
                .unsupported, "dictionary \(id) holds \(header.rowCount) \(field.field.type)",
                byteOffset: message.byteOffset)
        }
        guard isDelta || allowsReplacement || known[id] == nil else {
            throw ArrowError(
                .invalid, "dictionary \(id) stands twice in the file",
                byteOffset: message.byteOffset)
        }
        var decoder = BatchDecoder(
            header, message: message, body: body, byteOffset: byteOffset, dictionaries: self)
        let values = try decoder.column(field, "dictionary \(id)", level: options.validation)
        if isDelta, let old = known[id] {
            do throws(ArrowError) {
                known[id] = try ArrayData.concatenating([old, values])
            } catch {
                throw error.inside("dictionary \(id)").located(at: message.byteOffset)
            }
        } else {
            known[id] = values
        }
    }
}
