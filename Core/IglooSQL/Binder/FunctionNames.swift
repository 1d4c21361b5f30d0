// SPDX-License-Identifier: MIT

/// The names that PostgreSQL, DuckDB and others have for functions of the table.
enum FunctionNames {
    static func takesLambda(_ name: String) -> Bool {
        ["list_transform", "list_filter", "list_reduce", "columns"].contains(
            canonical(Identifier.folded(name)))
    }

    static func canonical(_ name: String) -> String { aliases[name] ?? name }

    /// Operators that are another spelling of a function.
    static func function(ofOperator sign: String) -> String {
        switch sign {
        case "#": "xor"
        case "^@": "starts_with"
        case "~~": "like"
        case "~~*": "ilike"
        case "&&": "list_has_any"
        case "@>": "list_has_all"
        case "#>": "->"
        case "#>>": "->>"
        case "#-": "jsonb_delete_path"
        case "?|": "jsonb_exists_any"
        case "?&": "jsonb_exists_all"
        default: sign
        }
    }

    private static let aliases: [String: String] = [
        "array_value": "list_value", "strlen": "octet_length",
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
        "list_apply": "list_transform", "array_transform": "list_transform",
        "array_apply": "list_transform", "apply": "list_transform", "array_filter": "list_filter",
        "filter": "list_filter", "array_reduce": "list_reduce", "reduce": "list_reduce",
        "list_pack": "list_value", "list_extract": "list_element",
        "array_extract": "list_element", "array_slice": "list_slice",
        "array_contains": "list_contains", "list_has": "list_contains",
        "array_has": "list_contains", "list_indexof": "list_position",
        "array_position": "list_position", "array_indexof": "list_position",
        "list_cat": "list_concat", "array_cat": "list_concat", "array_concat": "list_concat",
        "array_append": "list_append", "array_push_back": "list_append",
        "array_prepend": "list_prepend", "array_push_front": "list_prepend",
        "list_remove": "array_remove", "list_to_string": "array_to_string",
        "array_to_text": "array_to_string", "list_overlap": "list_has_any",
        "array_has_any": "list_has_any", "array_has_all": "list_has_all",
        "array_intersect": "list_intersect", "array_distinct": "list_distinct",
        "array_unique": "list_unique", "array_reverse": "list_reverse",
        "array_sort": "list_sort", "array_reverse_sort": "list_reverse_sort",
        "element_at": "map_element", "map_extract_value": "map_element",
        "map_contains_key": "map_contains", "row": "row", "list_aggr": "list_aggregate",
        "array_aggregate": "list_aggregate", "array_aggr": "list_aggregate",
        "array_sum": "list_sum", "array_avg": "list_avg", "array_min": "list_min",
        "array_max": "list_max", "list_stddev": "list_stddev_samp",
        "regexp_matches": "regexp_like", "rlike": "regexp_like", "regexp": "regexp_like",
        "str_split": "string_split", "split": "string_split",
        "string_split_regex": "regexp_split_to_array",
        "str_split_regex": "regexp_split_to_array", "regexp_split": "regexp_split_to_array",
        "base64": "to_base64", "from_hex": "unhex", "to_binary": "bin",
        "editdist3": "levenshtein", "mismatches": "hamming", "ord": "ascii", "unicode": "ascii",
        "fmod": "mod", "greatest_common_divisor": "gcd",
        "least_common_multiple": "lcm",
        "row_to_json": "to_json", "array_to_json": "to_json",
        "json_quote": "to_json", "json_value": "json_extract_string",
        "json_arrayagg": "json_agg",
        "json_objectagg": "json_object_agg",
        "favg": "avg", "array_mad": "list_mad", "count_star": "count",
        "array_where": "list_where", "array_select": "list_select",
        "list_dot_product": "list_inner_product", "array_inner_product": "list_inner_product",
        "array_dot_product": "list_inner_product", "array_distance": "list_distance",
        "list_negative_dot_product": "list_negative_inner_product",
        "array_negative_inner_product": "list_negative_inner_product",
        "array_negative_dot_product": "list_negative_inner_product",
        "array_cosine_similarity": "list_cosine_similarity",
        "array_cosine_distance": "list_cosine_distance",
        "jsonb_path_exists_tz": "jsonb_path_exists", "jsonb_path_match_tz": "jsonb_path_match",
        "jsonb_path_query_array_tz": "jsonb_path_query_array",
        "jsonb_path_query_first_tz": "jsonb_path_query_first",
        "datesub": "date_sub", "dateadd": "date_add", "statement_timestamp": "now",
        "doy": "dayofyear", "dow": "dayofweek", "get_current_timestamp": "now",
        "octetlength": "octet_length", "quantile": "quantile_disc",
        "approx_quantile": "quantile_cont", "min_by": "arg_min", "argmin": "arg_min",
        "max_by": "arg_max", "argmax": "arg_max", "approx_distinct": "approx_count_distinct",
    ]
}
