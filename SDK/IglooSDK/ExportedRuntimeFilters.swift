// SPDX-License-Identifier: MIT

import CIgloo
import IglooABI
import IglooArrow
import IglooContracts

let exportedRuntimeFiltersTable = igloo_runtime_filters(refine: refineReader)

private func refineReader(
    _ instance: UnsafeMutableRawPointer?, _ context: UnsafePointer<igloo_ctx>?,
    _ reader: UnsafeMutableRawPointer?, _ filters: UnsafePointer<igloo_runtime_filter>?,
    _ count: Int, _ error: UnsafeMutablePointer<igloo_error>?
) -> igloo_status {
    exported(error) { () throws(IglooError) in
        let reader = try ExportedReader.at(reader)
        var decoded: [RuntimeFilter] = []
        for filter in Array(filters, count: count) {
            if let filter = try RuntimeFilter(filter) { decoded.append(filter) }
        }
        try reader.refine(decoded, CallContext(context))
    }
}

extension RuntimeFilter {
    /// `nil` for a filter that says nothing that is understood.
    init?(_ filter: igloo_runtime_filter) throws(IglooError) {
        let literals = filter.exprs.n == 0 ? nil : try ExpressionDecoder(Array(filter.exprs))
        var type: DataType?
        func literal(_ index: UInt32) throws(IglooError) -> Scalar? {
            guard index != UInt32.max, let literals else { return nil }
            guard case .literal(let value, let own) = try literals.expression(at: index) else {
                throw IglooError(.invalidArgument, "a runtime filter holds more than literals")
            }
            type = own
            return value
        }
        var minimum: Scalar?
        var maximum: Scalar?
        var values: [Scalar]?
        if filter.parts & UInt32(IGLOO_FILTER_RANGE) != 0 {
            minimum = try literal(filter.min)
            maximum = try literal(filter.max)
        }
        if filter.parts & UInt32(IGLOO_FILTER_LIST) != 0 {
            var known: [Scalar] = []
            for index in Array(filter.values, count: filter.n_values) {
                if let value = try literal(index) { known.append(value) }
            }
            values = known
        }
        var bloom: SplitBlockFilter?
        if filter.parts & UInt32(IGLOO_FILTER_BLOOM) != 0 {
            bloom = SplitBlockFilter(bytes: Array(filter.bloom))
        }
        let bitmap =
            filter.parts & UInt32(IGLOO_FILTER_BITMAP) != 0 ? try NumberBitmap(filter) : nil
        // Without a literal nothing tells the type: no value at all is needed, or those of a bitmap
        // or Bloom filter.
        guard minimum != nil || maximum != nil || values != nil || bloom != nil || bitmap != nil
        else { return nil }
        self.init(
            column: Int(filter.column), type: type ?? .null, minimum: minimum, maximum: maximum,
            values: values, bloom: bloom, bitmap: bitmap)
    }
}

extension NumberBitmap {
    fileprivate init(_ filter: igloo_runtime_filter) throws(IglooError) {
        guard let words = filter.bitmap.p, filter.bitmap.n > 0, filter.bitmap.n % 8 == 0,
            UInt(bitPattern: words) % 8 == 0
        else {
            throw IglooError(.invalidArgument, "the bitmap of a runtime filter is malformed")
        }
        // The host keeps it until the reader is released.
        self.init(
            first: filter.first,
            bits: Buffer(unowned: words, byteCount: filter.bitmap.n, release: {}))
    }
}
