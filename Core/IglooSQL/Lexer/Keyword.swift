// SPDX-License-Identifier: MIT

/// A word with a meaning in the grammar. `text` is its spelling in lower case.
public enum Keyword: UInt8, CaseIterable, Hashable, Sendable {
    // Reserved.
    case all, analyze, and, any, array, `as`, asc, asymmetric, both, `case`, cast, check, collate
    case column, constraint, create, `default`, desc, distinct, `do`, `else`, end, except, `false`
    case fetch, `for`, foreign, from, grant, group, having, `in`, initially, intersect, into
    case lateral, leading, limit, not, null, offset, on, only, or, order, placing, primary, qualify
    case references, returning, select, some, symmetric, table, then, to, trailing, `true`, union
    case unique, using, variadic, when, `where`, window, with
    // Names of types and functions, and nothing else.
    case anti, asof, cross, full, glob, ilike, inner, `is`, isnull, join, left, like, natural,
        notnull
    case outer, right, semi, similar, tablesample, trycast
    // Names of columns and tables, but not of functions.
    case between, exists, extract, interval, overlay, position, row, substring, trim, values
    case setof
    // Free to name anything.
    case at, by, catalog, cube, current, date, day, describe, drop, escape, exclude, explain, filter
    case first, following, grouping, groups, hour, `if`, ignore, `last`, local, logical, map
    case materialized, minute, month, name, next, no, nulls, options, ordinality, others, over
    case partition, percent, physical, preceding, pushdown, quarter, range, recursive, rename
    case replace, reset, respect, rollup, rows, second, session, set, sets, show, structure
    case syntax, tables, temp, temporary, ties, time, timestamp, unbounded, unknown, view, week
    case within, without, year, zone, double, precision, character, varying, nchar, `struct`
    case global, rownumber
    // Words of statements.
    case abort, add, alter, begin, cascade, commit, concurrently, conflict, copy, data
    case deallocate, delete, execute, generated, index, insert, isolation, key, level, matched
    case merge, nothing, prepare, read, release, restrict, rollback, savepoint, schema, source
    case start, summarize, target, transaction, truncate, type, update, use, work, write

    /// Who may be named by the word without quotes.
    public enum Category: Hashable, Sendable {
        /// Nothing, save an alias behind AS.
        case reserved
        /// A function or a type.
        case functionName
        /// A column or a table.
        case columnName
        case unreserved
    }
}
