// SPDX-License-Identifier: MIT

// Literals, types, stars and calls.
extension SQLPrinter {
    mutating func print(_ literal: Literal) {
        switch literal {
        case .null: write("NULL")
        case .boolean(let value): write(value ? "TRUE" : "FALSE")
        case .integer(let text), .decimal(let text), .float(let text): write(text)
        case .string(let text): write(Self.quoted(text))
        case .bytes(let bytes):
            write("X'" + bytes.map { Self.hexadecimal($0) }.joined() + "'")
        case .typed(let type, let text):
            print(type)
            write(" " + Self.quoted(text))
        case .interval(let text, let unit):
            write("INTERVAL " + Self.quoted(text))
            guard let unit else { return }
            write(" " + unit.from.uppercased())
            if let to = unit.to { write(" TO " + to.uppercased()) }
        }
    }

    private static func hexadecimal(_ byte: UInt8) -> String {
        (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
    }

    mutating func print(_ type: TypeName) {
        switch type {
        case .named(let name, let modifiers, _):
            named(name, modifiers)
        case .array(let element, let count, _):
            print(element)
            write("[\(count.map { String($0) } ?? "")]")
        case .structure(let fields, _):
            write("STRUCT")
            parenthesised {
                $0.list(fields) { printer, field in
                    printer.print(field.name)
                    printer.write(" ")
                    printer.print(field.type)
                }
            }
        case .map(let key, let value, _):
            write("MAP(")
            print(key)
            write(", ")
            print(value)
            write(")")
        }
    }

    private mutating func named(_ name: String, _ modifiers: [Int]) {
        let zone = " with time zone"
        let list = modifiers.map { String($0) }.joined(separator: ", ")
        let arguments = modifiers.isEmpty ? "" : "(\(list))"
        if name.hasSuffix(zone) {
            write(String(name.dropLast(zone.count)) + arguments + zone)
        } else if name == "double precision" || name.hasSuffix(" varying")
            || SQLKeywords.keyword(name).map({ $0.category != .reserved }) ?? false
        {
            write(name + arguments)
        } else {
            // A schema may stand before it.
            let parts = name.split(separator: ".").map { Self.quotedIfNeeded(String($0)) }
            write(parts.joined(separator: ".") + arguments)
        }
    }

    mutating func print(_ star: Star) {
        if let list = star.unpacked {
            write("*")
            print(list)
            return
        }
        if let qualifier = star.qualifier {
            print(qualifier)
            write(".")
        }
        if let structure = star.structure {
            parenthesised { $0.print(structure) }
            write(".")
        }
        write("*")
        if !star.excluded.isEmpty {
            write(" EXCLUDE ")
            parenthesised { $0.list(star.excluded) { $0.print($1) } }
        }
        if !star.replaced.isEmpty {
            write(" REPLACE ")
            parenthesised {
                $0.list(star.replaced) { printer, replacement in
                    printer.print(replacement.value)
                    printer.write(" AS ")
                    printer.print(replacement.name)
                }
            }
        }
        if !star.renamed.isEmpty {
            write(" RENAME ")
            parenthesised {
                $0.list(star.renamed) { printer, renaming in
                    printer.print(renaming.column)
                    printer.write(" AS ")
                    printer.print(renaming.name)
                }
            }
        }
    }

    mutating func print(_ call: FunctionCall) {
        functionName(call.name)
        parenthesised { $0.arguments(of: call) }
        if !call.withinGroup.isEmpty {
            write(" WITHIN GROUP (ORDER BY ")
            list(call.withinGroup) { $0.print($1) }
            write(")")
        }
        if let treatment = call.nullTreatment {
            write(treatment == .ignore ? " IGNORE NULLS" : " RESPECT NULLS")
        }
        if let filter = call.filter {
            write(" FILTER (WHERE ")
            print(filter)
            write(")")
        }
        switch call.window {
        case .named(let name)?:
            write(" OVER ")
            print(name)
        case .inline(let definition)?:
            write(" OVER ")
            print(definition)
        case nil: break
        }
    }

    /// Words such as `left` name functions without quotes, though nothing else.
    private mutating func functionName(_ name: QualifiedName) {
        let keyword = name.parts.last.flatMap { SQLKeywords.keyword($0.name) }
        let special: [Keyword] = [.exists, .extract, .row, .values, .interval, .trycast, .setof]
        if name.parts.count == 1, let keyword, keyword.category != .reserved,
            !special.contains(keyword)
        {
            write(keyword.text)
        } else {
            print(name)
        }
    }

    private mutating func arguments(of call: FunctionCall) {
        if call.isStar {
            write("*")
            return
        }
        if call.isDistinct { write("DISTINCT ") }
        list(call.arguments)
        if !call.arguments.isEmpty, !call.namedArguments.isEmpty { write(", ") }
        named(call.namedArguments)
        if !call.orderBy.isEmpty {
            write(" ORDER BY ")
            list(call.orderBy) { $0.print($1) }
        }
    }

    mutating func named(_ values: [ExpressionSyntax.NamedValue]) {
        list(values) { printer, value in
            printer.print(value.name)
            printer.write(" := ")
            printer.print(value.value)
        }
    }
}
