#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the files that the tests read, and beside each what pyarrow reads from it.

Run it in this folder: python3 generate.py. It is seeded: the same pyarrow writes the same files.
"""

import datetime
import decimal
import pathlib
import random

import pyarrow as pa
import pyarrow.parquet as pq

import reference

WRITTEN = set()
FOLDER = pathlib.Path(__file__).parent
ROWS = 200
D = decimal.Decimal


def maybe(random_source, share, make):
    return None if random_source.random() < share else make()


def column(seed, share, make, type_):
    source = random.Random(seed)
    return pa.array([maybe(source, share, lambda: make(source)) for _ in range(ROWS)], type_)


def text(source):
    count = source.choice([0, 1, 3, 11, 12, 13, 20, 60])
    return "".join(source.choice("abcxyzäß漢🙂 ") for _ in range(count))


def ascii(source):
    return "prefix-%05d" % source.randrange(500) + "z" * source.choice([0, 5])


def integers(bits, signed):
    low, high = (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) if signed else (0, (1 << bits) - 1)
    return lambda source: source.choice([low, high, 0, source.randint(low, high), source.randrange(7)])


def number(digits, scale):
    def make(source):
        value = source.randint(-(10**digits) + 1, 10**digits - 1)
        return D(value).scaleb(-scale, decimal.Context(prec=80))

    return make


def floats(source):
    return source.choice([0.0, -0.0, 1.5, float("inf"), float("nan"), source.uniform(-1e9, 1e9)])


def scalars(share):
    """A column of every flat type."""
    make = {
        "bool": (lambda s: s.random() < 0.5, pa.bool_()),
        "float": (lambda s: s.choice([0.5, -2.25, 1e10, float("nan")]), pa.float32()),
        "double": (floats, pa.float64()),
        "half": (lambda s: s.choice([0.5, -2.25, 100.0]), pa.float16()),
        "text": (text, pa.string()),
        "binary": (lambda s: bytes(s.randrange(256) for _ in range(s.randrange(30))), pa.binary()),
        "fixed": (lambda s: bytes(s.randrange(256) for _ in range(5)), pa.binary(5)),
        "date": (lambda s: datetime.date.fromordinal(s.randint(600000, 800000)), pa.date32()),
        "time_ms": (lambda s: s.randrange(86400000), pa.time32("ms")),
        "time_us": (lambda s: s.randrange(86400000000), pa.time64("us")),
        "time_ns": (lambda s: s.randrange(86400000000000), pa.time64("ns")),
        "ts_ms": (lambda s: s.randrange(1 << 40), pa.timestamp("ms")),
        "ts_us": (lambda s: s.randrange(1 << 50), pa.timestamp("us", tz="UTC")),
        "ts_ns": (lambda s: s.randrange(1 << 60), pa.timestamp("ns")),
        "nothing": (lambda s: None, pa.null()),
    }
    for bits in (8, 16, 32, 64):
        make["i%d" % bits] = (integers(bits, True), getattr(pa, "int%d" % bits)())
        make["u%d" % bits] = (integers(bits, False), getattr(pa, "uint%d" % bits)())
    for digits, scale in ((4, 2), (9, 0), (18, 6), (19, 3), (38, 10)):
        make["d%d" % digits] = (number(digits, scale), pa.decimal128(digits, scale))
    make["d60"] = (number(60, 5), pa.decimal256(60, 5))
    arrays = {
        name: column(index + 1, share, one, type_) for index, (name, (one, type_)) in enumerate(make.items())
    }
    return pa.table(arrays)


def lists(source, depth):
    if depth == 0:
        return maybe(source, 0.2, lambda: source.randrange(1000))
    return maybe(source, 0.2, lambda: [lists(source, depth - 1) for _ in range(source.randrange(4))])


def nested():
    source = random.Random(99)
    fields = [("a", pa.int32()), ("b", pa.string())]
    item = pa.struct(fields)

    def structure():
        return maybe(
            source, 0.2, lambda: {"a": maybe(source, 0.2, lambda: source.randrange(9)), "b": maybe(source, 0.2, lambda: text(source))}
        )

    def pairs(value):
        return maybe(source, 0.2, lambda: [(text(source), value()) for _ in range(source.randrange(4))])

    rows = range(ROWS)
    return pa.table(
        {
            "list": pa.array([lists(source, 1) for _ in rows], pa.list_(pa.int64())),
            "lists": pa.array([lists(source, 3) for _ in rows], pa.list_(pa.list_(pa.list_(pa.int64())))),
            "struct": pa.array([structure() for _ in rows], item),
            "deep": pa.array(
                [maybe(source, 0.2, lambda: {"s": structure(), "n": source.randrange(5)}) for _ in rows],
                pa.struct([("s", item), ("n", pa.int8())]),
            ),
            "list_of_struct": pa.array(
                [maybe(source, 0.2, lambda: [structure() for _ in range(source.randrange(4))]) for _ in rows],
                pa.list_(item),
            ),
            "map": pa.array([pairs(lambda: lists(source, 0)) for _ in rows], pa.map_(pa.string(), pa.int32())),
            "map_of_lists": pa.array(
                [pairs(lambda: lists(source, 1)) for _ in rows], pa.map_(pa.string(), pa.list_(pa.int64()))
            ),
            "struct_of_list": pa.array(
                [maybe(source, 0.2, lambda: {"l": lists(source, 2)}) for _ in rows],
                pa.struct([("l", pa.list_(pa.list_(pa.int16())))]),
            ),
        }
    )


def small():
    """Few bytes, many kinds: for tests that break every byte."""
    return pa.table(
        {
            "n": pa.array([1, None, 3, 4, 5], pa.int32()),
            "t": pa.array(["a", "a longer text than twelve", None, "a", "b"], pa.string()),
            "l": pa.array([[1, 2], None, [], [3, None], [4]], pa.list_(pa.int64())),
        }
    )


def write(name, table, expected=None, **options):
    """Writes a file; `expected` names the rows that several files share."""
    path = FOLDER / (name + ".parquet")
    settings = {"compression": "NONE", "store_schema": False, "version": "2.6"}
    settings.update(options)
    pq.write_table(table, path, **settings)
    rows = "".join(line + "\n" for line in reference.rows(path))
    shared = FOLDER / ((expected or name) + ".txt")
    if shared in WRITTEN:
        assert shared.read_text() == rows, name
    shared.write_text(rows)
    WRITTEN.add(shared)


def sorted_numbers():
    """For pruning: ascending numbers and texts in row groups and pages of their own."""
    count = 4000
    return pa.table(
        {
            "n": pa.array(range(count), pa.int64()),
            "t": pa.array(["key-%06d" % value for value in range(count)]),
            "f": pa.array([float("nan") if value % 1000 == 7 else value / 4 for value in range(count)]),
            "u": pa.array([value * 1000003 for value in range(count)], pa.uint32()),
            "d": pa.array([D(value).scaleb(-2) for value in range(count)], pa.decimal128(12, 2)),
            "o": pa.array([None if value < 2000 else value % 5 for value in range(count)], pa.int32()),
            "low": pa.array([["red", "green", "blue"][value % 3] for value in range(count)]),
        }
    )


def main():
    full, holes = scalars(0), scalars(0.3)
    for version in ("1.0", "2.0"):
        for share, table in (("full", full), ("holes", holes)):
            pages = {"data_page_version": version, "data_page_size": 600, "write_batch_size": 50}
            tail = "_%s_v%s" % (share, version[0])
            write("plain" + tail, table, share, use_dictionary=False, **pages)
            write("dictionary" + tail, table, share, **pages)
            encodings = {
                "i32": "DELTA_BINARY_PACKED", "i64": "DELTA_BINARY_PACKED", "i8": "DELTA_BINARY_PACKED",
                "ts_us": "DELTA_BINARY_PACKED", "u64": "DELTA_BINARY_PACKED",
                "text": "DELTA_BYTE_ARRAY", "binary": "DELTA_LENGTH_BYTE_ARRAY", "fixed": "DELTA_BYTE_ARRAY",
                "d19": "DELTA_BYTE_ARRAY", "float": "BYTE_STREAM_SPLIT", "double": "BYTE_STREAM_SPLIT",
                "half": "BYTE_STREAM_SPLIT", "u32": "BYTE_STREAM_SPLIT", "u16": "BYTE_STREAM_SPLIT",
                "time_us": "BYTE_STREAM_SPLIT", "d38": "BYTE_STREAM_SPLIT", "bool": "RLE",
                "d4": "DELTA_BYTE_ARRAY", "date": "DELTA_BINARY_PACKED",
            }
            write("encodings" + tail, table, share, use_dictionary=False, column_encoding=encodings, **pages)
    for codec in ("SNAPPY", "GZIP", "ZSTD", "LZ4", "BROTLI"):
        mixed = pa.table({name: holes[name] for name in ("i32", "text", "double", "d9")})
        write("codec_" + codec.lower(), mixed, "codec", compression=codec, write_page_checksum=True)
        write("codec_%s_v2" % codec.lower(), mixed, "codec", compression=codec, data_page_version="2.0")
    for version in ("1.0", "2.0"):
        write("nested_v" + version[0], nested(), "nested", data_page_version=version, data_page_size=400, write_batch_size=30)
    write("decimal_integers", pa.table({name: holes[name] for name in ("d4", "d9", "d18")}), store_decimal_as_integer=True)
    write("int96", pa.table({"ts_ns": holes["ts_ns"]}), use_deprecated_int96_timestamps=True)
    write("empty", full.slice(0, 0))
    write("small", small(), "small", compression="SNAPPY")
    write("small_plain", small(), "small", use_dictionary=False, data_page_version="2.0", write_page_index=True)
    write(
        "sorted", sorted_numbers(), row_group_size=1000, write_page_index=True, data_page_size=1000,
        write_batch_size=100, compression="ZSTD", use_dictionary=["low"],
    )


if __name__ == "__main__":
    main()
