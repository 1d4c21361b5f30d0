// SPDX-License-Identifier: MIT

public import IglooArrow
public import IglooContracts
public import IglooPlan

// Types, sequences and macros: what CREATE says, checked.
extension Binder {
    public func declaredType(_ name: TypeName) throws(IglooError) -> DataType { try type(name) }

    /// - Throws: 42710 for the name of a type that everybody has: nobody could reach another.
    public func checkFree(_ type: QualifiedName) throws(IglooError) {
        guard TypeNames.isKnown(type.parts.last?.name ?? "") else { return }
        throw IglooError(
            .alreadyExists, "type \"\(type)\" already exists", sqlState: .duplicateObject,
            position: type.range.start)
    }

    // MARK: - Sequences

    /// - Parameter old: what ALTER SEQUENCE starts from.
    public func definition(
        of options: SequenceOptions, changing old: SequenceDefinition? = nil
    ) throws(IglooError) -> SequenceDefinition {
        let range = options.range
        let type =
            try options.type.map { (name) throws(IglooError) in try self.type(name) }
            ?? old?.type ?? .int64
        guard let bounds = Self.bounds(type) else {
            throw error(
                .invalidParameterValue, "sequence type must be smallint, integer, or bigint", range)
        }
        let increment = options.increment ?? old?.increment ?? 1
        guard increment != 0 else {
            throw error(.invalidParameterValue, "INCREMENT must not be zero", range)
        }
        let isAscending = increment > 0
        let isNew = old == nil || options.type != nil
        let minimum = Self.bound(
            options.minimum, isNew ? nil : old?.range.lowerBound,
            isAscending ? 1 : bounds.lowerBound)
        let maximum = Self.bound(
            options.maximum, isNew ? nil : old?.range.upperBound,
            isAscending ? bounds.upperBound : -1)
        guard bounds.contains(minimum), bounds.contains(maximum) else {
            let (word, value) =
                bounds.contains(minimum) ? ("MAXVALUE", maximum) : ("MINVALUE", minimum)
            throw error(
                .invalidParameterValue,
                "\(word) (\(value)) is out of range for sequence data type \(type.sqlName)", range)
        }
        guard minimum < maximum else {
            throw error(
                .invalidParameterValue,
                "MINVALUE (\(minimum)) must be less than MAXVALUE (\(maximum))", range)
        }
        let start = options.start ?? old?.start ?? (isAscending ? minimum : maximum)
        guard (minimum...maximum).contains(start) else {
            let (relation, word, value) =
                start < minimum
                ? ("less", "MINVALUE", minimum) : ("greater", "MAXVALUE", maximum)
            throw error(
                .invalidParameterValue,
                "START value (\(start)) cannot be \(relation) than \(word) (\(value))", range)
        }
        return SequenceDefinition(
            type: type, start: start, increment: increment, range: minimum...maximum,
            cycles: options.cycles ?? old?.cycles ?? false)
    }

    private static func bound(
        _ given: SequenceOptions.Bound?, _ old: Int64?, _ usual: Int64
    ) -> Int64 {
        switch given {
        case .value(let value): value
        case .some(.none): usual
        case nil: old ?? usual
        }
    }

    private static func bounds(_ type: DataType) -> ClosedRange<Int64>? {
        switch type {
        case .int16: Int64(Int16.min)...Int64(Int16.max)
        case .int32: Int64(Int32.min)...Int64(Int32.max)
        case .int64: Int64.min...Int64.max
        default: nil
        }
    }

    // MARK: - Macros

    /// What is kept of a macro. Its body is bound where it is called: names in it may be those of
    /// the tables there.
    public func definitions(of macro: CreateMacro) throws(IglooError) -> [MacroDefinition] {
        var definitions: [MacroDefinition] = []
        for form in macro.forms {
            var parameters: [MacroDefinition.Parameter] = []
            for parameter in form.parameters {
                let name = Identifier.folded(parameter.name.name)
                guard !parameters.contains(where: { $0.name == name }) else {
                    throw error(
                        .invalidTableDefinition,
                        "parameter name \"\(parameter.name)\" used more than once",
                        parameter.name.range)
                }
                if parameter.defaultValue == nil, parameters.last?.defaultText != nil {
                    throw error(
                        .syntaxError,
                        "parameters after one with a default value must have defaults as well",
                        parameter.name.range)
                }
                parameters.append(
                    .init(name, defaultText: parameter.defaultValue.map { SQLPrinter.text(of: $0) })
                )
            }
            let definition: MacroDefinition =
                switch form.body {
                case .expression(let value):
                    MacroDefinition(
                        parameters: parameters, text: SQLPrinter.text(of: value), givesRows: false)
                case .query(let query):
                    MacroDefinition(
                        parameters: parameters, text: SQLPrinter.text(of: query), givesRows: true)
                }
            guard
                !definitions.contains(where: {
                    $0.givesRows == definition.givesRows
                        && $0.argumentCounts.overlaps(definition.argumentCounts)
                })
            else {
                throw error(
                    .duplicateFunction,
                    "two forms of macro \"\(macro.name)\" take the same number of arguments",
                    macro.name.range)
            }
            definitions.append(definition)
        }
        return definitions
    }
}
