// SPDX-License-Identifier: MIT

import CIgloo
import IglooABI
import IglooArrow
import IglooContracts

extension igloo_runtime_filter {
    /// A filter as a plugin is given it; what it points at lives in the arena, a bitmap as long as
    /// the filter.
    init?(_ filter: RuntimeFilter, arena: Arena) {
        guard let column = UInt32(exactly: filter.column) else { return nil }
        self.init()
        self.column = column
        min = UInt32.max
        max = UInt32.max
        var encoder = ExpressionEncoder()
        func literal(_ value: Scalar) -> UInt32 { encoder.append(.literal(value, filter.type)) }
        if filter.minimum != nil || filter.maximum != nil {
            parts |= UInt32(IGLOO_FILTER_RANGE)
            if let minimum = filter.minimum { min = literal(minimum) }
            if let maximum = filter.maximum { max = literal(maximum) }
        }
        if let known = filter.values, known.count <= RuntimeFilter.valueCountMax {
            parts |= UInt32(IGLOO_FILTER_LIST)
            values = UnsafePointer(arena.array(known.map(literal)))
            n_values = known.count
        }
        if let bloom = filter.bloom {
            parts |= UInt32(IGLOO_FILTER_BLOOM)
            self.bloom = arena.bytes(bloom.bytes)
        }
        if let bitmap = filter.bitmap {
            parts |= UInt32(IGLOO_FILTER_BITMAP)
            first = bitmap.first
            self.bitmap = igloo_bytes(
                p: bitmap.bits.pointer(as: UInt8.self), n: bitmap.bits.byteCount)
        }
        exprs = arena.bytes(encoder.finish())
    }
}
