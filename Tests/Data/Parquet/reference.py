#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Prints what pyarrow reads from a Parquet file: a line a row, in a form free of doubt.

Numbers, dates and times as the integers that are stored, decimals unscaled, floats by their
bits, text and binary in hexadecimal, lists as [a,b], structures as {a,b}, maps as [{k,v}].
"""

import struct
import sys

import pyarrow as pa
import pyarrow.parquet as pq


def render(scalar):
    if isinstance(scalar, pa.ExtensionScalar):
        scalar = scalar.value
        if scalar is None:
            return "null"
    if isinstance(scalar, pa.DictionaryScalar):
        scalar = scalar.value
    if scalar is None or not scalar.is_valid:
        return "null"
    kind = scalar.type
    types = pa.types
    if types.is_boolean(kind):
        return "true" if scalar.as_py() else "false"
    if types.is_integer(kind):
        return str(scalar.as_py())
    if types.is_floating(kind):
        value = float(scalar.as_py())
        return "nan" if value != value else "f%016x" % struct.unpack("<Q", struct.pack("<d", value))
    if types.is_decimal(kind):
        value = scalar.as_py()
        sign, digits, exponent = value.as_tuple()
        number = int("".join(map(str, digits))) * 10 ** (exponent + kind.scale)
        return str(-number if sign else number)
    if types.is_string(kind) or types.is_large_string(kind) or kind == pa.string_view():
        return "x" + scalar.as_buffer().to_pybytes().hex()
    if types.is_binary(kind) or types.is_large_binary(kind) or types.is_fixed_size_binary(kind):
        return "x" + scalar.as_buffer().to_pybytes().hex()
    if types.is_temporal(kind):
        return str(scalar.value)
    if types.is_map(kind):
        return "[" + ",".join(render(pair) for pair in scalar.values) + "]"
    if types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind):
        return "[" + ",".join(render(item) for item in scalar.values) + "]"
    if types.is_struct(kind):
        return "{" + ",".join(render(scalar[index]) for index in range(len(kind))) + "}"
    raise SystemExit("no form for " + str(kind))


def rows(path):
    # One by one: pyarrow's own batches are as good, but a table needs no second reading.
    table = pq.read_table(path)
    columns = [
        [render(value) for chunk in column.chunks for value in chunk] for column in table.columns
    ]
    if not columns:
        return ["" for _ in range(table.num_rows)]
    return ["|".join(row) for row in zip(*columns)]


if __name__ == "__main__":
    for line in rows(sys.argv[1]):
        print(line)
