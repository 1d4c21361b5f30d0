// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// Text to lists, structures and maps: taken apart into columns of text, which are cast.
enum NestedTextCasts {
    static func kernel(_ to: DataType, _ context: EvaluationContext) throws(IglooError) -> Kernel? {
        switch to {
        case .list(let item):
            guard let kernel = try Casts.kernel(from: .utf8View, to: item.type, context) else {
                return nil
            }
            return { (call) throws(IglooError) in try list(call, to, kernel) }
        case .structure(let fields):
            var kernels: [Kernel] = []
            for field in fields {
                guard let kernel = try Casts.kernel(from: .utf8View, to: field.type, context)
                else { return nil }
                kernels.append(kernel)
            }
            let found = kernels
            return { (call) throws(IglooError) in try structure(call, to, fields, found) }
        case .map:
            guard let parts = to.mapParts,
                let key = try Casts.kernel(from: .utf8View, to: parts.key, context),
                let value = try Casts.kernel(from: .utf8View, to: parts.value, context)
            else { return nil }
            return { (call) throws(IglooError) in try map(call, to, key, value) }
        default: return nil
        }
    }

    /// A column of parts.
    private struct Texts: ~Copyable {
        private var writer = ViewWriter(count: 0)
        private var validity = ValidityBuilder()
        private(set) var count = 0

        mutating func append(_ part: NestedTextParser.Part) {
            count += 1
            guard let part else {
                writer.appendEmpty()
                validity.appendNull()
                return
            }
            part.withUnsafeBytes { writer.append($0) }
            validity.appendValid()
        }

        mutating func cast(_ kernel: Kernel, isTry: Bool) throws(IglooError) -> ArrayData {
            let texts = writer.finish(.utf8View, count: count, validity: validity.finish())
            return try kernel(KernelCall([Vector(texts)], count: count, isTry: isTry))
        }
    }

    private static func malformed(
        _ text: UnsafeRawBufferPointer, _ type: DataType
    ) -> IglooError {
        Faults.malformed(text.text, type)
    }

    private static func list(
        _ call: KernelCall, _ to: DataType, _ kernel: Kernel
    ) throws(IglooError) -> ArrayData {
        let texts = ViewReader(call.arguments[0])
        var items = Texts()
        var counts: [Int] = []
        var isPresent: [Bool] = []
        for row in 0..<call.count {
            var parts: [NestedTextParser.Part]?
            if call.isValid(row) {
                var parser = NestedTextParser(texts[row])
                parts = parser.list()
                if parts == nil && !call.isTry { throw malformed(texts[row], to) }
            }
            for part in parts ?? [] { items.append(part) }
            counts.append(parts?.count ?? 0)
            isPresent.append(parts != nil)
        }
        return try ListLayout.list(
            to, counts: counts, validity: Bits.make(call.count) { isPresent[$0] },
            items: try items.cast(kernel, isTry: call.isTry))
    }

    private static func structure(
        _ call: KernelCall, _ to: DataType, _ fields: [Field], _ kernels: [Kernel]
    ) throws(IglooError) -> ArrayData {
        let texts = ViewReader(call.arguments[0])
        var rows: [[NestedTextParser.Part]?] = []
        for row in 0..<call.count {
            var values: [NestedTextParser.Part]?
            if call.isValid(row) {
                values = Self.values(texts[row], fields)
                if values == nil && !call.isTry { throw malformed(texts[row], to) }
            }
            rows.append(values)
        }
        var children: [ArrayData] = []
        for (index, kernel) in kernels.enumerated() {
            var column = Texts()
            for row in rows { column.append(row.flatMap { $0[index] }) }
            children.append(try column.cast(kernel, isTry: call.isTry))
        }
        return ArrayData(
            type: to, count: call.count, validity: Bits.make(call.count) { rows[$0] != nil },
            children: children)
    }

    /// The text of each field, by name; a field that is not there is NULL.
    private static func values(
        _ text: UnsafeRawBufferPointer, _ fields: [Field]
    ) -> [NestedTextParser.Part]? {
        var parser = NestedTextParser(text)
        guard let pairs = parser.pairs(":") else { return nil }
        var values = [NestedTextParser.Part](repeating: nil, count: fields.count)
        for pair in pairs {
            let name = String(decoding: pair.key, as: UTF8.self)
            let place =
                fields.firstIndex { $0.name == name }
                ?? fields.firstIndex { $0.name.lowercased() == name.lowercased() }
            guard let place else { return nil }
            values[place] = pair.value
        }
        return values
    }

    private static func map(
        _ call: KernelCall, _ to: DataType, _ keyKernel: Kernel, _ valueKernel: Kernel
    ) throws(IglooError) -> ArrayData {
        let texts = ViewReader(call.arguments[0])
        var keys = Texts()
        var values = Texts()
        var counts: [Int] = []
        var isPresent: [Bool] = []
        for row in 0..<call.count {
            var pairs: [(key: [UInt8], value: NestedTextParser.Part)]?
            if call.isValid(row) {
                var parser = NestedTextParser(texts[row])
                pairs = parser.pairs("=")
                if pairs == nil && !call.isTry { throw malformed(texts[row], to) }
            }
            for pair in pairs ?? [] {
                keys.append(pair.key)
                values.append(pair.value)
            }
            counts.append(pairs?.count ?? 0)
            isPresent.append(pairs != nil)
        }
        return try ListLayout.map(
            to, counts: counts, validity: Bits.make(call.count) { isPresent[$0] },
            [
                try keys.cast(keyKernel, isTry: call.isTry),
                try values.cast(valueKernel, isTry: call.isTry),
            ])
    }
}
