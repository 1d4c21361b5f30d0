// SPDX-License-Identifier: MIT

extension ArrayBuilder {
    /// Appends a value that is not null, without its bit of validity.
    func appendValue(_ value: Scalar) throws(ArrowError) {
        switch (type, value) {
        case (.bool, .bool(let bit)): appendBit(bit)
        case (.utf8, .text(var text)), (.largeUtf8, .text(var text)), (.utf8View, .text(var text)):
            let result = text.withUTF8 { bytes in
                Result { () throws(ArrowError) in try appendBytes(UnsafeRawBufferPointer(bytes)) }
            }
            try result.get()
        case (.binary, .binary(let bytes)), (.largeBinary, .binary(let bytes)),
            (.binaryView, .binary(let bytes)):
            let result = bytes.withUnsafeBytes { bytes in
                Result { () throws(ArrowError) in try appendBytes(bytes) }
            }
            try result.get()
        case (.fixedSizeBinary(let width), .binary(let bytes)):
            guard bytes.count == width else { throw mismatch(value) }
            main.append(contentsOf: bytes)
        case (.list, .list(let elements)), (.largeList, .list(let elements)),
            (.listView, .list(let elements)), (.largeListView, .list(let elements)),
            (.fixedSizeList, .list(let elements)), (.map, .map(let elements)):
            try appendList(elements, value)
        case (.structure, .structure(let values)):
            guard values.count == children.count else { throw mismatch(value) }
            for (child, value) in zip(children, values) { try child.append(value) }
        case (.union(let mode, let typeIds, _), .structure(let parts)):
            guard parts.count == 2, case .int(let id) = parts[0],
                let child = typeIds.firstIndex(where: { Int64($0) == id })
            else { throw mismatch(value) }
            try appendMember(mode, id: typeIds[child], child: child, parts[1])
        case (.dictionary(let index, _, _), _): try appendToDictionary(value, index)
        case (.runEndEncoded, _): try appendRun(value)
        default: try appendNumber(value)
        }
    }

    private func appendBytes(_ bytes: UnsafeRawBufferPointer) throws(ArrowError) {
        try checkReach(second.byteCount + bytes.count)
        if type.isView {
            guard let base = bytes.baseAddress, bytes.count > 0 else {
                main.append(BinaryView())
                return
            }
            main.append(
                BinaryView(
                    base, count: bytes.count, bufferIndex: 0, offset: Int32(second.byteCount)))
            if bytes.count > BinaryView.inlineByteCountMax { second.append(bytes) }
        } else {
            second.append(bytes)
            appendOffset(second.byteCount)
        }
    }

    private func appendList(_ elements: [Scalar], _ value: Scalar) throws(ArrowError) {
        let child = children[0]
        let start = child.count
        if case .fixedSizeList(_, let width) = type {
            guard elements.count == width else { throw mismatch(value) }
        } else {
            try checkReach(start + elements.count)
        }
        for element in elements {
            if case .map = type, element.isNull { throw mismatch(value) }
            try child.append(element)
        }
        switch type {
        case .listView:
            main.append(Int32(start))
            second.append(Int32(elements.count))
        case .largeListView:
            main.append(Int64(start))
            second.append(Int64(elements.count))
        case .fixedSizeList: break
        default: appendOffset(child.count)
        }
    }

    func appendMember(
        _ mode: UnionMode, id: Int8, child: Int, _ value: Scalar
    ) throws(ArrowError) {
        main.append(id)
        if mode == .dense {
            try checkReach(children[child].count)
            second.append(Int32(children[child].count))
            try children[child].append(value)
        } else {
            for (index, member) in children.enumerated() {
                if index == child { try member.append(value) } else { try member.appendNull() }
            }
        }
    }

    private func appendToDictionary(_ value: Scalar, _ index: DataType) throws(ArrowError) {
        guard let dictionaryValues else { return }
        let place = dictionaryPlaces[value] ?? dictionaryValues.count
        guard storeInteger(.int(Int64(place)), index) else {
            throw ArrowError(.exhausted, "a dictionary of \(index) indexes is full")
        }
        if place == dictionaryValues.count {
            try dictionaryValues.append(value)
            dictionaryPlaces[value] = place
        }
    }

    /// Lets the open run grow, or closes it and opens the next.
    func appendRun(_ value: Scalar) throws(ArrowError) {
        let (runEnds, values) = (children[0], children[1])
        if openRun == value {
            runEnds.removeLastRunEnd()
        } else {
            try values.append(value)
            openRun = value
        }
        guard runEnds.storeInteger(.int(Int64(count + 1)), runEnds.type) else {
            throw ArrowError(.exhausted, "\(type) cannot count to \(count + 1)")
        }
        runEnds.noteRunEnd()
    }

    // MARK: - Numbers

    private func appendNumber(_ value: Scalar) throws(ArrowError) {
        if storeInteger(value, type) || storeFloat(value) || storeInterval(value) { return }
        guard storeDecimal(value) else { throw mismatch(value) }
    }

    /// Stores a whole number when `type` is of integers and reaches that far.
    func storeInteger(_ value: Scalar, _ type: DataType) -> Bool {
        let number: Int128
        switch value {
        case .int(let signed): number = Int128(signed)
        case .uint(let unsigned): number = Int128(unsigned)
        default: return false
        }
        switch type {
        case .int8: return store(Int8(exactly: number))
        case .int16: return store(Int16(exactly: number))
        case .int32, .date32, .time32: return store(Int32(exactly: number))
        case .int64, .date64, .time64, .timestamp, .duration: return store(Int64(exactly: number))
        case .uint8: return store(UInt8(exactly: number))
        case .uint16: return store(UInt16(exactly: number))
        case .uint32: return store(UInt32(exactly: number))
        case .uint64: return store(UInt64(exactly: number))
        default: return false
        }
    }

    private func store<Value: BitwiseCopyable>(_ value: Value?) -> Bool {
        guard let value else { return false }
        main.append(value)
        return true
    }

    private func storeFloat(_ value: Scalar) -> Bool {
        guard case .float(let number) = value else { return false }
        switch type {
        case .float16: return store(Float16(number))
        case .float32: return store(Float(number))
        case .float64: return store(number)
        default: return false
        }
    }

    private func storeDecimal(_ value: Scalar) -> Bool {
        guard let unscaled = value.unscaledDecimal, let (precision, _) = type.decimalShape,
            (1...76).contains(precision)
        else { return false }
        if isUUID { return store(unscaled.narrowed) }
        let limit = Int256.powerOfTen(precision)
        guard unscaled < limit, let lower = limit.negated, unscaled > lower else { return false }
        switch type {
        case .decimal32: return store(Int32(exactly: unscaled.narrowed ?? .max))
        case .decimal64: return store(Int64(exactly: unscaled.narrowed ?? .max))
        case .decimal128: return store(unscaled.narrowed)
        default: return store(unscaled)
        }
    }

    private func storeInterval(_ value: Scalar) -> Bool {
        guard case .interval(let months, let days, let nanoseconds) = value,
            case .interval(let unit) = type
        else { return false }
        switch unit {
        case .yearMonth: return store(days == 0 && nanoseconds == 0 ? months : nil)
        case .dayTime:
            let (milliseconds, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000)
            guard months == 0, rest == 0, let milliseconds = Int32(exactly: milliseconds) else {
                return false
            }
            return store(DayTimeInterval(days: days, milliseconds: milliseconds))
        case .monthDayNano:
            return store(
                MonthDayNanoInterval(months: months, days: days, nanoseconds: nanoseconds))
        }
    }
}
