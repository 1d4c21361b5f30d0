# SPDX-License-Identifier: MIT
"""The pyarrow side of Igloo's Arrow IPC tests.

    generate DIR   writes NAME.stream and NAME.arrow with every type pyarrow can make
    compare DIR    every NAME.back must hold what NAME holds
    rewrite DIR    reads and validates every NAME.in, writes it as NAME.out
"""
import datetime
import decimal
import pathlib
import random
import sys

import pyarrow as pa
import pyarrow.ipc as ipc

random.seed(7)
COUNT = 50


def maybe(make, share=0.2):
    return [None if random.random() < share else make() for _ in range(COUNT)]


def text():
    return "".join(random.choice("ab ä€😀") for _ in range(random.randrange(25)))


def number(digits):
    return decimal.Decimal(random.randrange(-(10**digits) + 1, 10**digits)).scaleb(-2)


def columns():
    yield "null", pa.nulls(COUNT)
    yield "bool", pa.array(maybe(lambda: random.random() < 0.5), pa.bool_())
    for bits in (8, 16, 32, 64):
        signed = lambda: random.randrange(-(2 ** (bits - 1)), 2 ** (bits - 1))
        yield f"int{bits}", pa.array(maybe(signed), getattr(pa, f"int{bits}")())
        unsigned = lambda: random.randrange(2**bits)
        yield f"uint{bits}", pa.array(maybe(unsigned), getattr(pa, f"uint{bits}")())
        yield f"nonull{bits}", pa.array(maybe(signed, 0), getattr(pa, f"int{bits}")())
    for bits in (16, 32, 64):
        yield f"float{bits}", pa.array(maybe(random.random), getattr(pa, f"float{bits}")())
    decimal.getcontext().prec = 80
    for bits, digits in ((32, 9), (64, 18), (128, 38), (256, 76)):
        type = getattr(pa, f"decimal{bits}")(digits, 2)
        yield f"decimal{bits}", pa.array(maybe(lambda: number(digits)), type)
    for name in ("string", "large_string", "string_view"):
        yield name, pa.array(maybe(text), getattr(pa, name)())
    for name in ("binary", "large_binary", "binary_view"):
        yield name, pa.array(maybe(lambda: random.randbytes(random.randrange(30))), getattr(pa, name)())
    yield "fixed", pa.array(maybe(lambda: random.randbytes(5)), pa.binary(5))
    days = lambda: datetime.date(1970, 1, 1) + datetime.timedelta(random.randrange(-9999, 9999))
    yield "date32", pa.array(maybe(days), pa.date32())
    yield "date64", pa.array(maybe(days), pa.date64())
    for unit in ("s", "ms", "us", "ns"):
        whole = lambda: random.randrange(-(2**60), 2**60)
        yield f"timestamp_{unit}", pa.array(maybe(whole), pa.timestamp(unit))
        yield f"zoned_{unit}", pa.array(maybe(whole), pa.timestamp(unit, "Asia/Tokyo"))
        yield f"duration_{unit}", pa.array(maybe(whole), pa.duration(unit))
        small = pa.time32(unit) if unit in ("s", "ms") else pa.time64(unit)
        yield f"time_{unit}", pa.array(maybe(lambda: random.randrange(86400)), small)
    yield "month_day_nano", pa.array(
        maybe(lambda: (random.randrange(99), random.randrange(99), random.randrange(10**15))),
        pa.month_day_nano_interval(),
    )
    ints = lambda: [random.choice((None, 1, 2, 3)) for _ in range(random.randrange(5))]
    yield "list", pa.array(maybe(ints), pa.list_(pa.int16()))
    yield "large_list", pa.array(maybe(ints), pa.large_list(pa.int16()))
    yield "list_view", pa.array(maybe(ints), pa.list_view(pa.int16()))
    yield "large_list_view", pa.array(maybe(ints), pa.large_list_view(pa.int16()))
    yield "fixed_list", pa.array(maybe(lambda: [1, None, 3]), pa.list_(pa.int64(), 3))
    pair = pa.struct([("a", pa.int32()), ("b", pa.string_view())])
    row = lambda: {"a": random.randrange(9), "b": text()}
    yield "struct", pa.array(maybe(row), pair)
    yield "deep", pa.array(maybe(lambda: [[row(), None], []]), pa.list_(pa.list_(pair)))
    entries = lambda: [(text(), random.randrange(9)) for _ in range(random.randrange(4))]
    yield "map", pa.array(maybe(entries), pa.map_(pa.string(), pa.int8()))
    words = pa.array(maybe(lambda: random.choice(("x", "yy", "zzz"))))
    yield "dictionary", words.dictionary_encode()
    yield "dictionary8", words.cast(pa.dictionary(pa.int8(), pa.string()))
    nested = pa.StructArray.from_arrays([words.dictionary_encode()], ["d"])
    yield "dictionary_in_struct", nested
    runs = pa.array(sorted(random.randrange(5) for _ in range(COUNT)), pa.int32())
    for ends in (pa.int16(), pa.int32(), pa.int64()):
        yield f"run_end_{ends}", pa.compute.run_end_encode(runs, run_end_type=ends)
    ids = pa.array([random.randrange(2) for _ in range(COUNT)], pa.int8())
    members = [pa.array(maybe(lambda: 5), pa.int32()), pa.array(maybe(text), pa.string())]
    yield "sparse_union", pa.UnionArray.from_sparse(ids, members, ["i", "s"], [0, 1])
    # Each member's places ascend, as the format demands.
    places = pa.array(sorted(random.sample(range(COUNT), COUNT)), pa.int32())
    yield "dense_union", pa.UnionArray.from_dense(ids, places, members, ["i", "s"], [0, 1])


def write(path, batches, schema, is_file, **options):
    options = ipc.IpcWriteOptions(**options)
    make = ipc.new_file if is_file else ipc.new_stream
    with make(str(path), schema, options=options) as writer:
        for batch in batches:
            writer.write_batch(batch)


def generate(folder):
    import pyarrow.compute  # noqa: F401, pyarrow loads it lazily

    made = dict(columns())
    table = pa.table(made)
    schema = table.schema.with_metadata({"table": "every type"})
    batch = pa.record_batch(list(made.values()), schema=schema)
    batches = [batch, batch.slice(7, 20), batch.slice(0, 0)]
    for is_file in (False, True):
        end = "arrow" if is_file else "stream"
        for compression in (None, "lz4", "zstd"):
            name = f"all_{compression}.{end}"
            write(folder / name, batches, schema, is_file, compression=compression)
    # Unions have changed since version 4.
    flat = [name for name in made if "union" not in name and "run_end" not in name]
    old = batch.select(flat)
    v4 = ipc.MetadataVersion.V4
    write(folder / "v4.stream", [old], old.schema, False, metadata_version=v4)
    write(folder / "v4.arrow", [old], old.schema, True, metadata_version=v4)
    write(folder / "legacy.stream", [old], old.schema, False, metadata_version=v4, use_legacy_format=True)
    growing = [
        pa.record_batch([pa.array(values).dictionary_encode()], ["d"])
        for values in (["a", "b"], ["a", "b", "c", None], ["z"], ["z", "y"])
    ]
    for deltas in (False, True):
        write(folder / f"deltas_{deltas}.stream", growing, growing[0].schema, False, emit_dictionary_deltas=deltas)
    write(folder / "deltas.arrow", growing[:2], growing[0].schema, True, emit_dictionary_deltas=True)


def read(path):
    with open(path, "rb") as file:
        is_file = file.read(6) == b"ARROW1"
    if not is_file:
        with ipc.open_stream(str(path)) as reader:
            return reader.schema, list(reader), is_file
    reader = ipc.open_file(str(path))
    return reader.schema, [reader.get_batch(i) for i in range(reader.num_record_batches)], is_file


def compare(folder):
    names = sorted(folder.glob("*.back"))
    for back in names:
        schema, batches, _ = read(back.with_suffix(""))
        back_schema, back_batches, _ = read(back)
        assert back_schema.equals(schema, check_metadata=True), back
        assert len(batches) == len(back_batches), back
        for number, (batch, other) in enumerate(zip(batches, back_batches)):
            other.validate(full=True)
            for name in schema.names:
                assert other[name].equals(batch[name]), f"{back}: batch {number}, {name}"
    print(len(names), "files are equal")


def rewrite(folder):
    names = sorted(folder.glob("*.in"))
    for path in names:
        schema, batches, is_file = read(path)
        for batch in batches:
            batch.validate(full=True)
        write(path.with_suffix(".out"), batches, schema, is_file)
    print(len(names), "files are rewritten")


if __name__ == "__main__":
    command, folder = sys.argv[1:]
    {"generate": generate, "compare": compare, "rewrite": rewrite}[command](pathlib.Path(folder))
