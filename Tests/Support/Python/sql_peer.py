# SPDX-License-Identifier: MIT
"""Runs the files of Tests/SQL on DuckDB, set to our choices of dialect, and says what differs.

Usage: sql_peer.py FILE.slt ...  Records under `skipif duckdb` are where we part ways on purpose.
Exit status 1 if anything else differs.
"""

import math
import sys

import duckdb

SETTINGS = [
    "set integer_division = true",
    "set default_null_order = 'nulls_last_on_asc_first_on_desc'",
]


def records(lines):
    """(line number, words of the first line, statement, result lines) of all but skipped ones."""
    index, is_skipped = 0, False
    while index < len(lines):
        words = lines[index].split()
        index += 1
        if words[:2] == ["skipif", "duckdb"]:
            is_skipped = True
        if not words or words[0] not in ("statement", "query"):
            continue
        start = index
        while index < len(lines) and lines[index] not in ("", "----"):
            index += 1
        statement = "\n".join(lines[start:index])
        result = []
        if index < len(lines) and lines[index] == "----":
            end = index + 1
            while end < len(lines) and lines[end]:
                end += 1
            result, index = lines[index + 1:end], end
        if not is_skipped:
            yield start, words, statement, result
        is_skipped = False


def rows_of(connection, statement):
    relation = connection.sql(statement)
    names = ", ".join(f"c{index}" for index in range(len(relation.columns)))
    texts = ", ".join(f"cast({name} as varchar)" for name in names.split(", "))
    rows = connection.execute(f"select {texts} from ({statement}) as t({names})").fetchall()
    return [["NULL" if value is None else value or "(empty)" for value in row] for row in rows]


def agree(wanted, found, kind):
    if wanted == found:
        return True
    if kind != "R" or "NULL" in (wanted, found):
        return False
    left, right = float(wanted), float(found)
    return math.isclose(left, right, rel_tol=1e-6) or math.isnan(left) and math.isnan(right)


def difference(connection, words, statement, result):
    try:
        if words[0] == "statement":
            connection.execute(statement).fetchall()
            return "no error" if words[1] == "error" else None
        found = rows_of(connection, statement)
    except duckdb.Error as error:
        return None if words[1] == "error" else str(error)
    wanted = [line.split("\t") for line in result]
    if words[2:3] == ["rowsort"]:
        wanted.sort()
        found.sort()
    if [len(row) for row in wanted] != [len(row) for row in found]:
        return f"other rows: {found}"
    for left, right in zip(wanted, found):
        for column, values in enumerate(zip(left, right)):
            if not agree(*values, words[1][column]):
                return f"{values[1]!r}, not {values[0]!r}"
    return None


def main(paths):
    count = differing = 0
    for path in paths:
        connection = duckdb.connect()
        for setting in SETTINGS:
            connection.execute(setting)
        with open(path, encoding="utf-8") as file:
            lines = file.read().split("\n")
        for line, words, statement, result in records(lines):
            count += 1
            reason = difference(connection, words, statement, result)
            if reason:
                differing += 1
                print(f"{path}:{line}: {statement}\n    {reason}")
    print(f"{count} records, {differing} differ")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
