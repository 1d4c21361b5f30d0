# SPDX-License-Identifier: MIT
"""Brings the conformance kit's data sets into the sources of this repository's connectors.

usage: seed.py csv|json|parquet|sqlite|postgres|rows [alter|change]

Reads IGLOO_DATA/*.arrow, writes below IGLOO_TARGET. What a source cannot hold is left out here and
declared in its conformance.toml.
"""

import datetime
import decimal
import json
import os
import pathlib
import sqlite3
import struct
import subprocess
import sys

import pyarrow as pa
import pyarrow.csv
import pyarrow.ipc
import pyarrow.parquet

DATA = pathlib.Path(os.environ["IGLOO_DATA"])
TARGET = pathlib.Path(os.environ["IGLOO_TARGET"])


def tables():
    for path in sorted(DATA.glob("*.arrow")):
        with pa.memory_map(str(path)) as source:
            yield path.stem, pa.ipc.open_file(source).read_all()


def without(table, test):
    """Drops the columns whose type passes the test."""
    return table.select([f.name for f in table.schema if not test(f.type)])


def is_nested(t):
    return pa.types.is_nested(t)


# ---------------------------------------------------------------- parquet


def parquet():
    views = {pa.string_view(): pa.string(), pa.binary_view(): pa.binary()}
    for name, table in tables():
        lost = {"interval_months", "interval_day_time", "interval_mdn"}
        table = table.select([n for n in table.column_names if n not in lost])
        for index, field in enumerate(table.schema):
            if field.type in views:
                kind = views[field.type]
                table = table.set_column(index, field.name, table.column(index).cast(kind))
            elif pa.types.is_decimal32(field.type) or pa.types.is_decimal64(field.type):
                kind = pa.decimal128(field.type.precision, field.type.scale)
                table = table.set_column(index, field.name, table.column(index).cast(kind))
        pa.parquet.write_table(
            table, TARGET / f"{name}.parquet", row_group_size=32 if table.num_rows < 1000 else 20000)


# ---------------------------------------------------------------- texts


def plain(value):
    """A value as CSV writes it; None is null."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return "Infinity" if value == float("inf") else "-Infinity" if value == -float("inf") else repr(value)
    if isinstance(value, decimal.Decimal):
        return f"{value:f}"
    return str(value)


def quoted(text):
    return "" if text is None else '"' + text.replace('"', '""') + '"'


def csv():
    keep = {
        "core": ["id", "bool", "int64", "float64", "utf8", "large_utf8", "dictionary", "date32"],
    }
    for name, table in tables():
        if name == "nested":
            continue
        table = table.select(keep.get(name, table.column_names))
        if name == "hostile":
            table = table.drop_columns(["n", "tz"])
        if name == "names":
            table = table.drop_columns(["upper"])
        if name == "big":
            pa.csv.write_csv(table, TARGET / "big.csv")
            continue
        columns = [[plain(v) for v in column.to_pylist()] for column in table.columns]
        texts = [pa.types.is_string(f.type) or pa.types.is_dictionary(f.type) or pa.types.is_large_string(f.type)
                 for f in table.schema]
        with open(TARGET / f"{name}.csv", "w", newline="") as out:
            out.write(",".join(quoted(n) for n in table.column_names) + "\n")
            for row in zip(*columns):
                out.write(",".join(quoted(v) if t else (v or "") for v, t in zip(row, texts)) + "\n")


def json_value(value):
    if isinstance(value, float) and (value != value or abs(value) == float("inf")):
        raise ValueError("JSON has no such number")
    if isinstance(value, (datetime.date, datetime.datetime)):
        return str(value)
    return value


def json_files():
    keep = {
        "core": ["id", "bool", "int64", "utf8", "large_utf8", "utf8_view", "dictionary", "date32"],
        "hostile": ["id", "t", "u", "i", "s", "b", "day", "ts"],
        "nested": ["id", "list", "words", "structure", "structures"],
    }
    for name, table in tables():
        if name == "empty":
            continue
        table = table.select(keep.get(name, table.column_names))
        with open(TARGET / f"{name}.ndjson", "w") as out:
            for batch in table.to_batches():
                for row in batch.to_pylist():
                    out.write(json.dumps({k: json_value(v) for k, v in row.items()}, ensure_ascii=False) + "\n")


# ---------------------------------------------------------------- sqlite

SQLITE = [
    (pa.types.is_boolean, "BOOLEAN"), (pa.types.is_int8, "TINYINT"), (pa.types.is_int16, "SMALLINT"),
    (pa.types.is_int32, "INTEGER"), (pa.types.is_int64, "BIGINT"), (pa.types.is_float64, "DOUBLE"),
    (pa.types.is_string, "TEXT"), (pa.types.is_large_string, "TEXT"), (pa.types.is_dictionary, "TEXT"),
    (pa.types.is_binary, "BLOB"), (pa.types.is_large_binary, "BLOB"), (pa.types.is_date32, "DATE"),
]


def sqlite_type(t):
    if pa.types.is_timestamp(t):
        return "TIMESTAMP" if t == pa.timestamp("us") else None
    return next((name for test, name in SQLITE if test(t)), None)


def sqlite_value(value):
    if isinstance(value, float) and value != value:
        return None
    if isinstance(value, (datetime.date, datetime.datetime)):
        return str(value)
    return value


def sqlite():
    connection = sqlite3.connect(TARGET / "data.sqlite")
    for name, table in tables():
        columns = [(f.name, sqlite_type(f.type)) for f in table.schema if sqlite_type(f.type)]
        if name in ("hostile", "empty", "core"):
            columns = [c for c in columns if c[1] != "DOUBLE"] if name != "empty" else columns
        columns = [c for c in columns if (name, c[0]) != ("names", "upper")]
        names = ", ".join('"' + n.replace('"', '""') + '" ' + t for n, t in columns)
        connection.execute(f'CREATE TABLE "{name}" ({names})')
        table = table.select([n for n, _ in columns])
        insert = f'INSERT INTO "{name}" VALUES ({", ".join("?" * len(columns))})'
        for batch in table.to_batches():
            rows = zip(*[[sqlite_value(v) for v in column.to_pylist()] for column in batch.columns])
            connection.executemany(insert, rows)
    connection.commit()


def sqlite_alter():
    connection = sqlite3.connect(TARGET / "data.sqlite")
    connection.execute("ALTER TABLE stale ADD COLUMN more TEXT")
    connection.commit()


def sqlite_change():
    connection = sqlite3.connect(TARGET / "data.sqlite")
    connection.execute("CREATE TABLE IF NOT EXISTS fresh (id INTEGER)")
    connection.execute("INSERT INTO fresh SELECT count(*) FROM fresh")
    connection.commit()


# ---------------------------------------------------------------- postgres


def postgres_type(name, t):
    if pa.types.is_decimal(t):
        return f"numeric({t.precision}, {t.scale})" if t.precision <= 38 else None
    if pa.types.is_timestamp(t):
        return None if t.unit == "ns" else "timestamptz" if t.tz else "timestamp"
    if pa.types.is_time(t):
        return None if t.unit == "ns" else "time"
    if pa.types.is_list(t):
        return {pa.int32(): "integer[]", pa.string(): "text[]"}.get(t.value_type)
    if pa.types.is_dictionary(t):
        return "text"
    return {
        pa.bool_(): "boolean", pa.int8(): "smallint", pa.int16(): "smallint", pa.int32(): "integer",
        pa.int64(): "bigint", pa.uint8(): "smallint", pa.uint16(): "integer", pa.uint32(): "bigint",
        pa.uint64(): "numeric(20, 0)", pa.float16(): "real", pa.float32(): "real",
        pa.float64(): "double precision", pa.string(): "text", pa.large_string(): "text",
        pa.string_view(): "text", pa.binary(): "bytea", pa.large_binary(): "bytea",
        pa.binary_view(): "bytea", pa.binary(4): "bytea", pa.date32(): "date", pa.date64(): "date",
        pa.month_day_nano_interval(): "interval",
    }.get(t)


def postgres_value(value):
    if value is None:
        return "\\N"
    if isinstance(value, bytes):
        return "\\\\x" + value.hex()
    if isinstance(value, list):
        parts = ["NULL" if v is None else '"' + str(v) + '"' for v in value]
        return "{" + ",".join(parts) + "}"
    if hasattr(value, "nanoseconds"):
        return f"{value.months} months {value.days} days {value.nanoseconds // 1000} microseconds"
    text = plain(value)
    for plain_text, escape in [("\\", "\\\\"), ("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t")]:
        text = text.replace(plain_text, escape)
    return text


def psql(script):
    subprocess.run(
        [os.environ.get("PSQL", "psql"), "-q", "-v", "ON_ERROR_STOP=1", "-f", "-"], input=script, text=True, check=True)


def postgres():
    script = ["SET TIME ZONE 'UTC';\n"]
    for name, table in tables():
        columns = [(f.name, postgres_type(f.name, f.type)) for f in table.schema]
        columns = [c for c in columns if c[1]]
        names = ", ".join('"' + n.replace('"', '""') + '" ' + t for n, t in columns)
        script.append(f'DROP TABLE IF EXISTS "{name}";\nCREATE TABLE "{name}" ({names});\n')
        script.append(f'COPY "{name}" FROM stdin;\n')
        for batch in table.select([n for n, _ in columns]).to_batches():
            for row in zip(*[column.to_pylist() for column in batch.columns]):
                script.append("\t".join(postgres_value(v) for v in row) + "\n")
        script.append(f'\\.\nANALYZE "{name}";\n')
    psql("".join(script))


def postgres_alter():
    psql("ALTER TABLE stale ADD COLUMN more text;\n")


def postgres_change():
    psql("SET client_min_messages = warning;\nCREATE TABLE IF NOT EXISTS fresh (id integer);\n"
         "INSERT INTO fresh SELECT count(*) FROM fresh;\n")


# ---------------------------------------------------------------- one more row of the table fresh


def grown(path, write):
    """Replaces the file by one with a row more, at once, so that nobody sees half of it."""
    count = 0
    while (TARGET / f"fresh.{count + 1}").exists():
        count += 1
    (TARGET / f"fresh.{count + 1}").touch()
    write(pa.table({"id": pa.array(range(count + 1), pa.int64())}), str(TARGET / "fresh.new"))
    os.replace(TARGET / "fresh.new", TARGET / path)


def csv_change():
    grown("fresh.csv", pa.csv.write_csv)


def parquet_change():
    grown("fresh.parquet", pa.parquet.write_table)


def json_change():
    grown("fresh.ndjson", lambda table, path: pathlib.Path(path).write_text(
        "".join(json.dumps(row) + "\n" for row in table.to_pylist())))


# ---------------------------------------------------------------- the connector of Tests/Plugins/Wrong

ROWS = {pa.int64(): "l", pa.int32(): "i", pa.string(): "u", pa.float64(): "g", pa.bool_(): "b"}


def cell(value, kind):
    if value is None:
        return "-"
    if kind == "u":
        return "x" + value.encode().hex()
    if kind == "g":
        return struct.pack(">d", value).hex()
    return str(int(value))


def rows():
    keep = {"hostile": ["id", "t", "u", "i", "s", "d", "b"], "empty": ["id", "t", "d"], "stale": ["id"],
            "big": ["id", "k", "x", "t"]}
    for name, table in tables():
        if name not in keep:
            continue
        table = table.select(keep[name])
        kinds = [ROWS[f.type] for f in table.schema]
        with open(TARGET / f"{name}.rows", "w") as out:
            out.write("\t".join(f"{n}:{k}" for n, k in zip(table.column_names, kinds)) + "\n")
            if name == "big":
                out.write(f"#{table.num_rows}\n")
                continue
            for row in zip(*[column.to_pylist() for column in table.columns]):
                out.write("\t".join(cell(v, k) for v, k in zip(row, kinds)) + "\n")


JOBS = {"rows": rows, "parquet": parquet, "csv": csv, "json": json_files, "sqlite": sqlite, "sqlite alter": sqlite_alter,
        "postgres": postgres, "postgres alter": postgres_alter,
        "sqlite change": sqlite_change, "postgres change": postgres_change, "csv change": csv_change,
        "json change": json_change, "parquet change": parquet_change}

if __name__ == "__main__":
    JOBS[" ".join(sys.argv[1:])]()
