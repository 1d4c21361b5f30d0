// SPDX-License-Identifier: MIT

import IglooContracts
import Testing

@testable import IglooSQL

struct ParserTests {
    @Test(
        "every statement of the corpus parses, and its printed form parses to the same tree",
        arguments: StatementCorpus.all)
    func roundTrip(_ text: String) throws {
        let tree = try SQLParser.statement(text)
        let printed = SQLPrinter.text(of: tree)
        #expect(try SQLParser.statement(printed) == tree, "printed as \(printed)")
        #expect(try SQLPrinter.text(of: SQLParser.statement(printed)) == printed)
    }

    @Test(
        "operators bind as PostgreSQL's do",
        arguments: [
            ("a + b * c", "a + (b * c)"), ("a - b - c", "(a - b) - c"),
            ("2 ^ 3 ^ 4", "(2 ^ 3) ^ 4"),
            ("-a ^ b", "(-a) ^ b"), ("-a::int", "-(a::int)"), ("not a = b", "not (a = b)"),
            ("a or b and c", "a or (b and c)"), ("a = b is null", "(a = b) is null"),
            ("a || b + c", "a || (b + c)"), ("a like b || c", "a like (b || c)"),
            ("a = b like c", "a = (b like c)"),
            ("a between b and c and d", "(a between b and c) and d"),
            ("a % b + c", "(a % b) + c"), ("a // b * c", "(a // b) * c"), ("a=-1", "a = (-1)"),
            ("not a is null", "not (a is null)"),
            ("a at time zone b || c", "(a at time zone b) || c"),
            ("a is distinct from b = c", "a is distinct from (b = c)"), ("-a[1]", "-(a[1])"),
        ])
    func precedence(_ text: String, _ grouped: String) throws {
        #expect(try SQLParser.expression(text) == SQLParser.expression(grouped))
    }

    @Test("chains of AND, OR and one set operation are flat")
    func flatChains() throws {
        guard case .logical(.and, let operands) = try SQLParser.expression("a and b and c").kind
        else { throw Failure("no chain") }
        #expect(operands.count == 3)
        let query = try SQLParser.query("select 1 union select 2 union select 3")
        guard case .setOperation(let operation) = query.body else { throw Failure("no union") }
        #expect(operation.operands.count == 3)
    }

    @Test("unquoted identifiers fold and keep their written form, quoted ones stay")
    func identifiers() throws {
        #expect(try SQLParser.expression("Foo") == SQLParser.expression("fOO"))
        #expect(try SQLParser.expression("\"Foo\"") != SQLParser.expression("foo"))
        guard case .column(let name) = try SQLParser.expression("Foo").kind else {
            throw Failure("no column")
        }
        #expect(name.parts[0].written == "Foo")
        #expect(name.parts[0].name == "foo")
    }

    @Test("values of literals")
    func literals() throws {
        let cases: [(String, Literal)] = [
            ("0x1F", .integer("31")), ("1_000", .integer("1000")), ("1.", .decimal("1.")),
            ("E'\\u00e4\\n\\x41\\101\\\\'", .string("ä\nAA\\")), ("'a''b'", .string("a'b")),
            ("$x$a'b$x$", .string("a'b")), ("X'0aFf'", .bytes([10, 255])),
            ("interval '3' months", .interval("3", unit: IntervalQualifier(from: "month"))),
        ]
        for (text, literal) in cases {
            #expect(try SQLParser.expression(text).kind == .literal(literal))
        }
    }

    @Test("ranges cover the text of their nodes")
    func ranges() throws {
        let text = "  a + sum( b )  "
        let expression = try SQLParser.expression(text)
        #expect(expression.range.start == 2)
        #expect(expression.range.end == 14)
        guard case .infix(let sign, _, let call) = expression.kind else { throw Failure("no sum") }
        #expect(sign.range.start == 4)
        #expect(call.range.start == 6)
    }

    @Test("several statements of a script")
    func scripts() throws {
        #expect(try SQLParser.statements(";; select 1; ; select 2").count == 2)
        #expect(try SQLParser.statements(" -- nothing\n").isEmpty)
    }
}

struct Failure: Error {
    let message: String
    init(_ message: String) { self.message = message }
}
