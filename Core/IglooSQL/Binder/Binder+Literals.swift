// SPDX-License-Identifier: MIT

internal import IglooArrow
internal import IglooContracts
internal import IglooPlan

// Literals, and the casts that are done while binding.
extension Binder {
    func bind(_ literal: Literal, _ range: SourceRange) throws(IglooError) -> BoundExpression {
        switch literal {
        case .null: return BoundExpression(.null(.null), range)
        case .boolean(let value): return BoundExpression(.literal(.bool(value), .bool), range)
        case .integer, .decimal, .float: return BoundExpression(try number(literal, range), range)
        case .string(let text):
            return BoundExpression(.literal(.text(text), .utf8View), isOpen: true, range)
        case .bytes(let bytes):
            return BoundExpression(.literal(.binary(bytes), .binaryView), range)
        case .typed(let name, let text):
            let value = BoundExpression(.literal(.text(text), .utf8View), isOpen: true, range)
            return try bindCast(value, name, false, range)
        case .interval(let text, let unit):
            guard let interval = IntervalText(text, unit: unit) else {
                throw malformed(text, .interval(.monthDayNano), range)
            }
            return BoundExpression(
                .literal(interval.scalar, .interval(.monthDayNano)), range)
        }
    }

    /// The smallest of integer, bigint and hugeint that holds it; a decimal of its own digits; a
    /// double for exponents and for more than 38 digits.
    func number(_ literal: Literal, _ range: SourceRange) throws(IglooError) -> Expression {
        let text: String
        switch literal {
        case .integer(let digits):
            text = digits
            if let number = DecimalText(digits) {
                for type in [DataType.int32, .int64] {
                    if let value = Constant.integer(number.unscaled, type) {
                        return .literal(value, type)
                    }
                }
                return .literal(.decimal(number.unscaled), EngineType.hugeInt)
            }
        case .decimal(let digits):
            text = digits
            if let number = DecimalText(digits) {
                return .literal(
                    .decimal(number.unscaled), EngineType.decimal(number.precision, number.scale))
            }
        case .float(let digits): text = digits
        default: text = ""
        }
        guard let value = Double(text), value.isFinite else {
            throw IglooError(
                .outOfRange, "number \(text.prefix(40)) is out of range for type double",
                position: range.start)
        }
        return .literal(.float(value), .float64)
    }

    // MARK: - Conversions

    /// A text literal or NULL, whose type is open, as a value of `type`.
    func retyped(_ value: BoundExpression, as type: DataType) throws(IglooError) -> Expression {
        guard let text = value.openText else {
            return value.type == .null ? .null(type) : converted(value.expression, to: type)
        }
        switch ConstantText.value(text, as: type) {
        case .value(let scalar): return .literal(scalar, type)
        case .unknown:
            if type.isJSON && !settings.isJSON(text) { throw malformed(text, type, value.range) }
            return .cast(value.expression, type, isTry: false)
        case .malformed: throw malformed(text, type, value.range)
        case .outOfRange:
            throw IglooError(
                .outOfRange, "value \"\(text)\" is out of range for type \(type.sqlName)",
                position: value.range.start)
        }
    }

    private func malformed(_ text: String, _ type: DataType, _ range: SourceRange) -> IglooError {
        if case .logical(let type) = type {
            var error = LogicalText.malformed(text, type)
            error.position = range.start
            return error
        }
        let isTime =
            switch type {
            case .date32, .time64, .timestamp, .interval: true
            default: false
            }
        return IglooError(
            .invalidArgument, "invalid input syntax for type \(type.sqlName): \"\(text)\"",
            sqlState: isTime ? .invalidDatetimeFormat : .invalidTextRepresentation,
            position: range.start)
    }

    /// The value in another type; literals at once, where that is plain.
    func converted(_ value: Expression, to type: DataType) -> Expression {
        if value.type == type { return value }
        if case .literal(let scalar, let from) = value,
            let constant = Constant.converted(scalar, from: from, to: type)
        {
            return .literal(constant, type)
        }
        return .cast(value, type, isTry: false)
    }

    func converted(
        _ value: BoundExpression, to type: DataType
    ) throws(IglooError) -> Expression {
        value.isOpen && value.type != type
            ? try retyped(value, as: type) : converted(value.expression, to: type)
    }

    func implicitlyCast(
        _ value: BoundExpression, to type: DataType, _ user: String
    ) throws(IglooError) -> Expression {
        if value.isOpen { return try retyped(value, as: type) }
        guard Coercion.isImplicit(from: value.type, to: type) else {
            throw error(
                .datatypeMismatch,
                "argument of \(user) must be type \(type.sqlName), not type \(value.type.sqlName)",
                value.range)
        }
        return converted(value.expression, to: type)
    }

    /// All values in the one type that holds them. Text literals take the type of the others.
    func unify(
        _ values: [BoundExpression], _ user: String
    ) throws(IglooError) -> (DataType, [Expression]) {
        var type: DataType?
        for value in values where !value.isOpen {
            guard let known = type else {
                type = value.type
                continue
            }
            guard let wider = Coercion.common(known, value.type) else {
                throw error(
                    .datatypeMismatch,
                    "\(user) types \(known.sqlName) and \(value.type.sqlName) cannot be matched",
                    value.range)
            }
            type = wider
        }
        let isAnyOpen = values.contains { $0.isOpen }
        let whole = type == nil || type == .null && isAnyOpen ? .utf8View : type ?? .utf8View
        var unified: [Expression] = []
        unified.reserveCapacity(values.count)
        for value in values { unified.append(try converted(value, to: whole)) }
        return (whole, unified)
    }
}
