// SPDX-License-Identifier: MIT

internal import IglooArrow
internal import IglooContracts
internal import IglooPlan

/// PostgreSQL's functions over its catalog, as SQL over the tables of pg_catalog.
///
/// In the templates `$1`, `$2` stand for the arguments; names in them are such that no argument
/// has them.
enum CatalogFunctions {
    /// The expression that a call is short for; `nil` for what is none of these functions.
    static func expression(_ name: String, _ arguments: [ExpressionSyntax]) -> String? {
        template(name, arguments.count).map { filled($0, arguments) }
    }

    /// A template with its arguments. Queries have them in a table of their own, `$0`, so that
    /// names in them mean nothing that the template has.
    static func filled(_ template: String, _ arguments: [ExpressionSyntax]) -> String {
        let texts = arguments.map { "(" + SQLPrinter.text(of: $0) + ")" }
        let isQuery = template.contains("$0")
        var text = ""
        for (index, part) in template.split(separator: "$", omittingEmptySubsequences: false)
            .enumerated()
        {
            guard index > 0, let place = part.first?.wholeNumberValue else {
                text += part
                continue
            }
            if place == 0 {
                let columns = texts.indices.map { "\(texts[$0]) AS argument\($0 + 1)" }
                text += "(SELECT \(columns.joined(separator: ", "))) AS \"the call\""
            } else if place <= texts.count {
                text += isQuery ? "\"the call\".argument\(place)" : texts[place - 1]
            }
            text += part.dropFirst()
        }
        return text
    }

    private static func template(_ name: String, _ argumentCount: Int) -> String? {
        if isPrivilege(name), argumentCount >= 1 { return "true" }
        switch (name, argumentCount) {
        case ("pg_table_is_visible", 1): return isVisible
        case ("pg_type_is_visible", 1), ("pg_function_is_visible", 1),
            ("pg_operator_is_visible", 1), ("pg_collation_is_visible", 1):
            return "($1 IS NOT NULL)"
        case ("pg_get_userbyid", 1):
            return "CASE WHEN $1 = 10 THEN 'igloo' "
                + "ELSE 'unknown (OID=' || CAST($1 AS text) || ')' END"
        case ("pg_encoding_to_char", 1): return "CASE WHEN $1 = 6 THEN 'UTF8' ELSE '' END"
        case ("format_type", 2): return "(\(formatType))"
        case ("pg_get_expr", 2...3): return "CAST($1 AS text)"
        case ("obj_description", 1...2), ("col_description", 2), ("shobj_description", 2),
            ("pg_get_partkeydef", 1), ("pg_get_function_result", 1),
            ("pg_get_function_arguments", 1), ("pg_get_function_identity_arguments", 1),
            ("pg_get_statisticsobjdef_columns", 1):
            return "CAST(NULL AS text)"
        case ("pg_get_serial_sequence", 2): return "(\(serialSequence))"
        case ("pg_relation_is_publishable", 1), ("pg_is_in_recovery", 0),
            ("pg_is_other_temp_schema", 1):
            return "false"
        case ("pg_get_indexdef", 1): return "(SELECT \(indexText) \(indexTables))"
        case ("pg_get_indexdef", 3):
            return
                "(SELECT CASE WHEN $2 = 0 THEN \(indexText) ELSE \(indexColumn) END \(indexTables))"
        case ("pg_get_constraintdef", 1...2): return "(\(constraintDefinition))"
        case ("pg_get_viewdef", 1...2): return "(\(viewDefinition))"
        case ("current_schemas", 1):
            return "CASE WHEN $1 THEN ['pg_catalog', current_schema()] ELSE [current_schema()] END"
        default: return nil
        }
    }

    /// Who is connected may do all there is.
    private static func isPrivilege(_ name: String) -> Bool {
        name == "pg_has_role" || name.hasPrefix("has_") && name.hasSuffix("_privilege")
    }

    /// What a cast to one of the types that name things gives; `nil` for other types.
    ///
    /// - Parameter isName: whether the value is a text, whose number is wanted; else a number,
    ///   whose name is.
    static func cast(_ type: String, isName: Bool) -> String? {
        let (table, name): (String, String)
        switch type {
        case "regclass": (table, name) = ("pg_class", "relname")
        case "regnamespace": (table, name) = ("pg_namespace", "nspname")
        case "regrole": (table, name) = ("pg_roles", "rolname")
        case "regproc", "regprocedure": (table, name) = ("pg_proc", "proname")
        case "regtype" where isName: (table, name) = ("pg_type", "typname")
        case "regtype": return "(\(formatType.replacingParameter2))"
        default: return nil
        }
        let (wanted, known) = isName ? ("oid", name) : (name, "oid")
        return
            "(SELECT min(\"named thing\".\(wanted)) FROM $0, pg_catalog.\(table) AS \"named thing\" "
            + "WHERE \"named thing\".\(known) = $1)"
    }

    // MARK: - Templates

    private static let isVisible = """
        EXISTS (SELECT 1 FROM $0, pg_catalog.pg_class AS "seen class"
            JOIN pg_catalog.pg_namespace AS "seen space"
            ON "seen space".oid = "seen class".relnamespace
            WHERE "seen class".oid = $1
            AND ("seen space".nspname IN (current_schema(), 'pg_catalog')
            OR "seen space".nspname LIKE 'temp\\_%'))
        """

    private static let formatType = """
        SELECT CASE ltrim("shown type".typname, '_')
            WHEN 'bool' THEN 'boolean' WHEN 'int2' THEN 'smallint' WHEN 'int4' THEN 'integer'
            WHEN 'int8' THEN 'bigint' WHEN 'float4' THEN 'real'
            WHEN 'float8' THEN 'double precision' WHEN 'bpchar' THEN 'character'
            WHEN 'varchar' THEN 'character varying'
                || CASE WHEN $2 > 4 THEN '(' || CAST($2 - 4 AS text) || ')' ELSE '' END
            WHEN 'numeric' THEN 'numeric' || CASE WHEN $2 >= 4
                THEN '(' || CAST((($2 - 4) >> 16) & 65535 AS text) || ','
                || CAST(($2 - 4) & 65535 AS text) || ')' ELSE '' END
            WHEN 'time' THEN 'time without time zone'
            WHEN 'timetz' THEN 'time with time zone'
            WHEN 'timestamp' THEN 'timestamp without time zone'
            WHEN 'timestamptz' THEN 'timestamp with time zone'
            ELSE ltrim("shown type".typname, '_') END
            || CASE WHEN "shown type".typelem <> 0 THEN '[]' ELSE '' END
        FROM $0, pg_catalog.pg_type AS "shown type" WHERE "shown type".oid = $1
        """

    private static let indexColumns = """
        (SELECT string_agg("key column".attname, ', '
            ORDER BY list_position("shown key".indkey, "key column".attnum))
            FROM pg_catalog.pg_attribute AS "key column"
            WHERE "key column".attrelid = "shown key".indrelid
            AND list_contains("shown key".indkey, "key column".attnum))
        """

    private static let indexText = """
        'CREATE UNIQUE INDEX ' || "shown index".relname || ' ON ' || "its space".nspname
            || '.' || "its table".relname || ' USING btree (' || \(indexColumns) || ')'
        """

    private static let indexTables = """
        FROM $0, pg_catalog.pg_index AS "shown key"
        JOIN pg_catalog.pg_class AS "shown index" ON "shown index".oid = "shown key".indexrelid
        JOIN pg_catalog.pg_class AS "its table" ON "its table".oid = "shown key".indrelid
        JOIN pg_catalog.pg_namespace AS "its space" ON "its space".oid = "its table".relnamespace
        WHERE "shown key".indexrelid = $1
        """

    private static let indexColumn = """
        (SELECT "key column".attname FROM pg_catalog.pg_attribute AS "key column"
            WHERE "key column".attrelid = "shown key".indrelid
            AND "key column".attnum = "shown key".indkey[$2])
        """

    private static let constraintDefinition = """
        SELECT CASE "shown rule".contype WHEN 'c' THEN 'CHECK (' || "shown rule".conbin || ')'
            WHEN 'f' THEN 'FOREIGN KEY (' || \(ruleColumns("conkey", "conrelid")) || ') REFERENCES '
                || (SELECT "rule table".relname FROM pg_catalog.pg_class AS "rule table"
                    WHERE "rule table".oid = "shown rule".confrelid)
                || '(' || \(ruleColumns("confkey", "confrelid")) || ')'
                || CASE "shown rule".confdeltype WHEN 'c' THEN ' ON DELETE CASCADE'
                    WHEN 'n' THEN ' ON DELETE SET NULL' ELSE '' END
            ELSE CASE "shown rule".contype WHEN 'p' THEN 'PRIMARY KEY (' ELSE 'UNIQUE (' END
            || \(ruleColumns("conkey", "conrelid")) || ')' END
        FROM $0, pg_catalog.pg_constraint AS "shown rule" WHERE "shown rule".oid = $1
        """

    /// The names of a constraint's columns.
    private static func ruleColumns(_ places: String, _ table: String) -> String {
        """
        (SELECT string_agg("rule column".attname, ', '
            ORDER BY list_position("shown rule".\(places), "rule column".attnum))
            FROM pg_catalog.pg_attribute AS "rule column"
            WHERE "rule column".attrelid = "shown rule".\(table)
            AND list_contains("shown rule".\(places), "rule column".attnum))
        """
    }

    /// From the default that the sequence gives.
    private static let serialSequence = """
        SELECT min(substring("shown default".column_default, 10,
                length("shown default".column_default) - 11))
            FROM $0, information_schema.columns AS "shown default"
            WHERE "shown default".column_default LIKE 'nextval(''%'')'
            AND "shown default".table_name = split_part($1, '.', -1)
            AND "shown default".column_name = $2
        """

    private static let viewDefinition = """
        SELECT "shown view".definition FROM $0, pg_catalog.pg_views AS "shown view"
        JOIN pg_catalog.pg_class AS "view class" ON "view class".relname = "shown view".viewname
        JOIN pg_catalog.pg_namespace AS "view space"
        ON "view space".oid = "view class".relnamespace
        AND "view space".nspname = "shown view".schemaname
        WHERE "view class".oid = $1
        """
}

extension String {
    /// The template without a modifier.
    fileprivate var replacingParameter2: String {
        split(separator: "$2", omittingEmptySubsequences: false).joined(separator: "(-1)")
    }
}

extension Binder {
    /// A call of one of PostgreSQL's functions over its catalog.
    func bindCatalogCall(
        _ name: String, _ syntax: FunctionCall, _ range: SourceRange, _ context: ExpressionContext
    ) throws(IglooError) -> BoundExpression? {
        guard let text = CatalogFunctions.expression(name, syntax.arguments) else { return nil }
        return try bindTemplate(text, range, context)
    }

    /// A cast to `regclass` and its like.
    func bindCatalogCast(
        _ operand: ExpressionSyntax, _ type: TypeName, _ range: SourceRange,
        _ context: ExpressionContext
    ) throws(IglooError) -> BoundExpression? {
        guard case .named(let word, _, _) = type, word.hasPrefix("reg") else { return nil }
        var value = operand
        var isName = false
        if case .literal(.string(let name)) = operand.kind {
            if Int64(name) != nil {
                value = ExpressionSyntax(.literal(.integer(name)), operand.range)
            } else {
                isName = true
                let parts = try SQLParser.expression(name)
                if case .column(let path) = parts.kind, let last = path.parts.last {
                    if word == "regclass" { _ = try catalog.relation(path.parts.map(\.name)) }
                    value = ExpressionSyntax(.literal(.string(last.name)), operand.range)
                }
            }
        }
        if case .literal = value.kind {
        } else if word == "regclass", try bind(operand, context).type.isText {
            // A schema before the name says nothing that the name does not.
            isName = true
            let text = CatalogFunctions.filled("split_part($1, '.', -1)", [operand])
            value = try SQLParser.expression(text)
        }
        guard let template = CatalogFunctions.cast(word, isName: isName) else { return nil }
        let text = CatalogFunctions.filled(template, [value])
        return try bindTemplate(text, range, context)
    }

    private func bindTemplate(
        _ text: String, _ range: SourceRange, _ context: ExpressionContext
    ) throws(IglooError) -> BoundExpression {
        do throws(IglooError) {
            let bound = try bind(try SQLParser.expression(text), context)
            return BoundExpression(bound.expression, range)
        } catch {
            // Positions within the template mean nothing in the statement.
            var placed = error
            placed.position = range.start
            throw placed
        }
    }
}
