// SPDX-License-Identifier: MIT

/// The names that PostgreSQL, DuckDB and others have for functions of the table.
enum FunctionNames {
    static func canonical(_ name: String) -> String { aliases[name] ?? name }

    /// Operators that are another spelling of a function.
    static func function(ofOperator sign: String) -> String {
        switch sign {
        case "#": "xor"
        case "^@": "starts_with"
        case "~~": "like"
        case "~~*": "ilike"
        default: sign
        }
    }

    private static let aliases: [String: String] = [
        "substr": "substring", "char_length": "length", "character_length": "length",
        "len": "length", "pow": "power", "ceiling": "ceil", "mean": "avg", "strpos": "position",
        "instr": "position", "btrim": "trim", "datepart": "date_part", "datetrunc": "date_trunc",
        "datediff": "date_diff", "ucase": "upper", "lcase": "lower", "every": "bool_and",
        "logical_and": "bool_and", "logical_or": "bool_or", "current_timestamp": "now",
        "transaction_timestamp": "now", "today": "current_date", "ifnull": "coalesce",
        "nvl": "coalesce", "listagg": "string_agg", "group_concat": "string_agg",
        "arbitrary": "any_value", "first_value": "first", "last_value": "last", "list": "array_agg",
        "std": "stddev", "truncate": "trunc", "sgn": "sign", "rand": "random",
        "prefix": "starts_with", "suffix": "ends_with", "iff": "if", "countif": "count_if",
        "pg_typeof": "typeof", "dayofmonth": "day", "weekofyear": "week",
        "octetlength": "octet_length", "quantile": "quantile_disc",
        "approx_quantile": "quantile_cont", "min_by": "arg_min", "argmin": "arg_min",
        "max_by": "arg_max", "argmax": "arg_max", "approx_distinct": "approx_count_distinct",
    ]
}
