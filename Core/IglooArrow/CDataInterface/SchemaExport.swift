// SPDX-License-Identifier: MIT
public import CIgloo

extension Schema {
    /// Writes this schema to `destination` as a struct type, as the C Data Interface wants it.
    ///
    /// - Ownership: whoever receives the structure calls its `release`; what stood in
    ///   `destination` is overwritten.
    /// - Threads: `release` may be called on any thread.
    public func export(to destination: UnsafeMutablePointer<ArrowSchema>) {
        Field("", .structure(fields), isNullable: false, metadata: metadata).export(to: destination)
    }
}

extension Field {
    /// Writes this field, its type and its children to `destination`.
    ///
    /// A name with a NUL in it ends there, since C strings do.
    ///
    /// - Ownership: whoever receives the structure calls its `release`; what stood in
    ///   `destination` is overwritten.
    /// - Threads: `release` may be called on any thread.
    public func export(to destination: UnsafeMutablePointer<ArrowSchema>) {
        let box = ExportedSchema(self)
        destination.initialize(
            to: ArrowSchema(
                format: UnsafePointer(box.format), name: UnsafePointer(box.name),
                metadata: UnsafePointer(box.metadata), flags: flags,
                n_children: Int64(box.children.count), children: box.children.baseAddress,
                dictionary: box.dictionary, release: releaseExportedSchema,
                private_data: Unmanaged.passRetained(box).toOpaque()))
    }

    private var flags: Int64 {
        var flags = isNullable ? Int64(ARROW_FLAG_NULLABLE) : 0
        if case .dictionary(_, _, true) = type { flags |= Int64(ARROW_FLAG_DICTIONARY_ORDERED) }
        if case .map(_, true) = type { flags |= Int64(ARROW_FLAG_MAP_KEYS_SORTED) }
        return flags
    }
}

private func releaseExportedSchema(_ pointer: UnsafeMutablePointer<ArrowSchema>?) {
    guard let pointer, pointer.pointee.release != nil, let data = pointer.pointee.private_data
    else { return }
    pointer.pointee.release = nil
    Unmanaged<ExportedSchema>.fromOpaque(data).release()
}

/// What an exported schema points at; frees it when released.
private final class ExportedSchema {
    let format: UnsafeMutablePointer<CChar>
    let name: UnsafeMutablePointer<CChar>
    let metadata: UnsafeMutablePointer<CChar>?
    let children: UnsafeMutableBufferPointer<UnsafeMutablePointer<ArrowSchema>?>
    let dictionary: UnsafeMutablePointer<ArrowSchema>?

    init(_ field: Field) {
        format = Self.copy(Array(FormatString.encode(field.type).utf8CString))
        name = Self.copy(Array(field.name.utf8CString))
        metadata =
            field.metadata.isEmpty ? nil : Self.copy(MetadataString.encode(field.metadata))
        let fields = field.type.childFields
        children = .allocate(capacity: fields.count)
        for (index, child) in fields.enumerated() {
            children.initializeElement(at: index, to: Self.exported(child))
        }
        if case .dictionary(_, let value, _) = field.type {
            dictionary = Self.exported(Field("", value))
        } else {
            dictionary = nil
        }
    }

    deinit {
        for child in children {
            if let child { Self.free(child) }
        }
        if let dictionary { Self.free(dictionary) }
        children.deallocate()
        format.deallocate()
        name.deallocate()
        metadata?.deallocate()
    }

    private static func exported(_ field: Field) -> UnsafeMutablePointer<ArrowSchema> {
        let pointer = UnsafeMutablePointer<ArrowSchema>.allocate(capacity: 1)
        field.export(to: pointer)
        return pointer
    }

    /// A child that the consumer has moved out is released already, its memory still ours.
    private static func free(_ pointer: UnsafeMutablePointer<ArrowSchema>) {
        pointer.pointee.release?(pointer)
        pointer.deallocate()
    }

    private static func copy(_ characters: [CChar]) -> UnsafeMutablePointer<CChar> {
        let copy = UnsafeMutablePointer<CChar>.allocate(capacity: characters.count)
        copy.initialize(from: characters, count: characters.count)
        return copy
    }
}
