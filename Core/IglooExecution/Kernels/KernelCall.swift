// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// A function over whole vectors: flat ones and constants, never dictionaries.
typealias Kernel = (KernelCall) throws(IglooError) -> ArrayData

/// What a kernel computes from. Values under nulls may be anything: a kernel must neither trap
/// nor fail because of them.
struct KernelCall {
    let arguments: [Vector]
    let count: Int
    /// From bit 0 on: the rows where no argument is null.
    let validity: Buffer?
    /// Nulls in place of errors.
    let isTry: Bool

    init(_ arguments: [Vector], count: Int, isTry: Bool = false) {
        self.arguments = arguments
        self.count = count
        self.isTry = isTry
        var validity: Buffer?
        for argument in arguments {
            if argument.array.type == .null {
                validity = Bits.filled(false, count: count)
            } else if !argument.isConstant {
                validity = Bits.and(validity, Bits.validity(of: argument.array), count: count)
            }
        }
        self.validity = validity
    }

    @inline(__always)
    func isValid(_ row: Int) -> Bool {
        guard let validity else { return true }
        return Bitmap.isSet(validity.pointer(), row)
    }

    func result(_ type: DataType, _ buffers: [Buffer], validity: Buffer?) -> ArrayData {
        ArrayData(
            type: type, count: count, nullCount: validity == nil ? 0 : nil, validity: validity,
            buffers: buffers)
    }

    func bits(_ bits: Buffer) -> ArrayData { result(.bool, [bits], validity: validity) }
}

// MARK: - One value in

extension KernelCall {
    @inline(__always)
    func map<A: BitwiseCopyable, R: BitwiseCopyable>(
        _ a: A.Type, to type: DataType, _ body: (A) -> R
    ) -> ArrayData {
        var builder = BufferBuilder(byteCapacity: count * MemoryLayout<R>.stride)
        let out = builder.pointer(as: R.self)
        let x = arguments[0].array.values(as: A.self)
        var i = 0
        while i < count {
            out[i] = body(x[i])
            i &+= 1
        }
        builder.setByteCount(count * MemoryLayout<R>.stride)
        return result(type, [builder.finish()], validity: validity)
    }

    /// `body` says whether it failed; `fault` says how, for the first valid row that did.
    @inline(__always)
    func mapChecked<A: BitwiseCopyable, R: BitwiseCopyable>(
        _ a: A.Type, to type: DataType, _ body: (A) -> (R, Bool), _ fault: (A) -> IglooError
    ) throws(IglooError) -> ArrayData {
        var builder = BufferBuilder(byteCapacity: count * MemoryLayout<R>.stride)
        let out = builder.pointer(as: R.self)
        let x = arguments[0].array.values(as: A.self)
        var failed: UInt8 = 0
        var i = 0
        while i < count {
            let (value, isFailed) = body(x[i])
            out[i] = value
            failed |= isFailed ? 1 : 0
            i &+= 1
        }
        builder.setByteCount(count * MemoryLayout<R>.stride)
        let values = builder.finish()
        if failed == 0 { return result(type, [values], validity: validity) }
        let kept = try withoutFailures({ body(x[$0]).1 }, { fault(x[$0]) })
        return result(type, [values], validity: kept)
    }

    @inline(__always)
    func test<A: BitwiseCopyable>(_ a: A.Type, _ body: (A) -> Bool) -> ArrayData {
        let x = arguments[0].array.values(as: A.self)
        return bits(Bits.make(count) { body(x[$0]) })
    }

    /// Throws for the first valid row that failed or, in a try, makes those rows null.
    @inline(never)
    func withoutFailures(
        _ isFailed: (Int) -> Bool, _ fault: (Int) -> IglooError
    ) throws(IglooError) -> Buffer? {
        if isTry {
            let passed = Bits.make(count) { !isFailed($0) }
            return Bits.and(validity, passed, count: count)
        }
        var i = 0
        while i < count {
            if isValid(i) && isFailed(i) { throw fault(i) }
            i &+= 1
        }
        return validity
    }
}

// MARK: - Two values in

extension KernelCall {
    /// Calls `body` with each row's two values; constants are read once.
    @inline(__always)
    private func eachPair<A: BitwiseCopyable, B: BitwiseCopyable>(
        _ a: A.Type, _ b: B.Type, _ body: (Int, A, B) -> Void
    ) {
        let x = arguments[0].array.values(as: A.self)
        let y = arguments[1].array.values(as: B.self)
        var i = 0
        if arguments[1].isConstant {
            let constant = y.pointee
            while i < count {
                body(i, x[i], constant)
                i &+= 1
            }
        } else if arguments[0].isConstant {
            let constant = x.pointee
            while i < count {
                body(i, constant, y[i])
                i &+= 1
            }
        } else {
            while i < count {
                body(i, x[i], y[i])
                i &+= 1
            }
        }
    }

    @inline(__always)
    func map2<A: BitwiseCopyable, B: BitwiseCopyable, R: BitwiseCopyable>(
        _ a: A.Type, _ b: B.Type, to type: DataType, _ body: (A, B) -> R
    ) -> ArrayData {
        var builder = BufferBuilder(byteCapacity: count * MemoryLayout<R>.stride)
        let out = builder.pointer(as: R.self)
        eachPair(a, b) { i, x, y in out[i] = body(x, y) }
        builder.setByteCount(count * MemoryLayout<R>.stride)
        return result(type, [builder.finish()], validity: validity)
    }

    @inline(__always)
    func map2Checked<A: BitwiseCopyable, B: BitwiseCopyable, R: BitwiseCopyable>(
        _ a: A.Type, _ b: B.Type, to type: DataType, _ body: (A, B) -> (R, Bool),
        _ fault: (A, B) -> IglooError
    ) throws(IglooError) -> ArrayData {
        var builder = BufferBuilder(byteCapacity: count * MemoryLayout<R>.stride)
        let out = builder.pointer(as: R.self)
        var failed: UInt8 = 0
        eachPair(a, b) { i, x, y in
            let (value, isFailed) = body(x, y)
            out[i] = value
            failed |= isFailed ? 1 : 0
        }
        builder.setByteCount(count * MemoryLayout<R>.stride)
        let values = builder.finish()
        if failed == 0 { return result(type, [values], validity: validity) }
        let (x, y) = (value(0, a), value(1, b))
        let kept = try withoutFailures({ body(x($0), y($0)).1 }, { fault(x($0), y($0)) })
        return result(type, [values], validity: kept)
    }

    @inline(__always)
    func test2<A: BitwiseCopyable, B: BitwiseCopyable>(
        _ a: A.Type, _ b: B.Type, _ body: (A, B) -> Bool
    ) -> ArrayData {
        let x = arguments[0].array.values(as: A.self)
        let y = arguments[1].array.values(as: B.self)
        if arguments[1].isConstant {
            let constant = y.pointee
            return bits(Bits.make(count) { body(x[$0], constant) })
        }
        if arguments[0].isConstant {
            let constant = x.pointee
            return bits(Bits.make(count) { body(constant, y[$0]) })
        }
        return bits(Bits.make(count) { body(x[$0], y[$0]) })
    }

    /// Reads a fixed-width argument row by row, constants too: the slow way.
    @inline(__always)
    func value<A: BitwiseCopyable>(_ argument: Int, _ a: A.Type) -> (Int) -> A {
        let values = arguments[argument].array.values(as: A.self)
        let step = arguments[argument].step
        return { values[$0 &* step] }
    }
}
