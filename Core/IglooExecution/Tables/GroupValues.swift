// SPDX-License-Identifier: MIT

import IglooArrow

/// A value for each group, in memory of its own: reading and writing check and count nothing.
struct GroupValues<Value: BitwiseCopyable>: ~Copyable {
    private(set) var base: UnsafeMutablePointer<Value>
    private(set) var count = 0
    private var capacity = 0

    init() {
        base = RawMemory.resized(nil, to: 0).assumingMemoryBound(to: Value.self)
    }

    deinit { RawMemory.release(base) }

    var byteCount: Int { capacity * MemoryLayout<Value>.stride }

    /// Makes room for `wanted` values; the ones not yet counted are undefined.
    @inline(__always)
    mutating func reserve(_ wanted: Int) {
        if wanted > capacity { grow(wanted) }
    }

    @inline(never)
    private mutating func grow(_ wanted: Int) {
        capacity = max(wanted, capacity * 2, 64)
        base = RawMemory.resized(base, to: capacity * MemoryLayout<Value>.stride)
            .assumingMemoryBound(to: Value.self)
    }

    /// Values up to `wanted`, the new ones as `filling`.
    @inline(__always)
    mutating func resize(_ wanted: Int, filling: Value) {
        guard wanted > count else { return }
        reserve(wanted)
        (base + count).initialize(repeating: filling, count: wanted - count)
        count = wanted
    }

    /// Says that the values up to `wanted`, for which room was reserved, have been written.
    mutating func count(upTo wanted: Int) {
        assert(wanted >= count && wanted <= capacity, "values without room")
        count = wanted
    }

    @inline(__always)
    subscript(index: Int) -> Value {
        get {
            assert(index >= 0 && index < count, "a value that is not there")
            return base[index]
        }
        nonmutating set {
            assert(index >= 0 && index < count, "a value that is not there")
            base[index] = newValue
        }
    }
}

extension ArrayData {
    /// Calls `body` with each row that is not null.
    @inline(__always)
    func eachValid(_ body: (Int) -> Void) {
        let count = self.count
        var row = 0
        guard let validity else {
            if type == .null { return }
            while row < count {
                body(row)
                row &+= 1
            }
            return
        }
        let bits = validity.pointer(as: UInt8.self)
        let offset = self.offset
        while row < count {
            if Bitmap.isSet(bits, offset &+ row) { body(row) }
            row &+= 1
        }
    }
}
