# SPDX-License-Identifier: MIT
"""Answers statements with DuckDB, set to our choices of dialect, as long as lines come in.

Each line of the input is a JSON object {"setup": [statement ...], "queries": [query ...]}: the
setup begins a database of its own. Each line of the output is a list with an answer a query:
{"rows": [[text or null ...] ...]} or {"error": message}.
"""

import json
import sys

import duckdb

SETTINGS = [
    "set integer_division = true",
    "set default_null_order = 'nulls_last_on_asc_first_on_desc'",
    "set threads = 1",
]


def answer(connection, query):
    try:
        rows = connection.execute(
            f"select columns(*)::varchar from ({query}) as answer").fetchall()
        return {"rows": rows}
    except duckdb.Error as error:
        return {"error": str(error)}


def main():
    for line in sys.stdin:
        job = json.loads(line)
        connection = duckdb.connect()
        for statement in SETTINGS + job["setup"]:
            connection.execute(statement)
        print(json.dumps([answer(connection, query) for query in job["queries"]]), flush=True)
        connection.close()


if __name__ == "__main__":
    main()
