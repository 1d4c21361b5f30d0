#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes the demo's data: a shop's customers (CSV), orders (SQLite) and web events (Parquet).

The same seed gives the same rows. Needs pyarrow: .venv/bin/python3 SDK/Examples/Demo/make-data.py
"""

import csv
import datetime
import pathlib
import random
import sqlite3

import pyarrow
import pyarrow.parquet

HERE = pathlib.Path(__file__).resolve().parent
SEED = 20260301
COUNTRIES = ["Norway", "Iceland", "Canada", "Finland", "Chile", "Japan", "Greenland", "Sweden"]
FIRST = ["Ada", "Björn", "Chloé", "Dag", "Eira", "Freyja", "Gunnar", "Hanna", "Ingrid", "Jón", "Kaito", "Lumi"]
LAST = ["Ås", "Bergström", "Côté", "Dahl", "Eriksen", "Fujita", "García", "Hansen", "Ítalo", "Jónsdóttir"]
PRODUCTS = [("snow saw", "38.90"), ("ice axe", "119.00"), ("down jacket", "349.50"), ("headlamp", "54.00"),
            ("sledge", "189.00"), ("thermos, 1 l", "29.95"), ("\"Polar\" mug", "12.50")]
PAGES = ["/", "/search", "/product", "/cart", "/checkout"]
START = datetime.datetime(2026, 1, 1)


def main():
    random.seed(SEED)
    customers = [
        (number, f"{random.choice(FIRST)} {random.choice(LAST)}",
         random.choices(COUNTRIES, weights=[9, 7, 6, 5, 4, 4, 2, 3])[0],
         (START - datetime.timedelta(days=random.randrange(1000))).date())
        for number in range(1, 301)
    ]
    with open(HERE / "customers.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["customer_id", "name", "country", "since"])
        writer.writerows(customers)

    database = HERE / "shop.sqlite"
    database.unlink(missing_ok=True)
    with sqlite3.connect(database) as connection:
        connection.execute(
            "CREATE TABLE orders (order_id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL, "
            "product TEXT NOT NULL, quantity INTEGER NOT NULL, price DECIMAL(10,2) NOT NULL, "
            "ordered_at TIMESTAMP NOT NULL, status TEXT)")
        connection.execute("CREATE INDEX orders_by_customer ON orders (customer_id)")
        for number in range(1, 2501):
            product, price = random.choice(PRODUCTS)
            moment = START + datetime.timedelta(seconds=random.randrange(59 * 86400))
            connection.execute(
                "INSERT INTO orders VALUES (?, ?, ?, ?, ?, ?, ?)",
                (number, random.randint(1, 300), product, random.randint(1, 4), float(price),
                 moment.isoformat(sep=" "),
                 random.choices(["shipped", "returned", None], weights=[18, 1, 1])[0]))
    connection.close()

    events = sorted(
        (START + datetime.timedelta(seconds=random.randrange(59 * 86400)),
         random.randint(1, 300), random.choices(PAGES, weights=[8, 5, 9, 3, 1])[0],
         random.randrange(20, 4000))
        for _ in range(20000))
    schema = pyarrow.schema([
        ("happened_at", pyarrow.timestamp("us")), ("customer_id", pyarrow.int64()),
        ("page", pyarrow.string()), ("milliseconds", pyarrow.int32())])
    table = pyarrow.table([list(column) for column in zip(*events)], schema=schema)
    pyarrow.parquet.write_table(table, HERE / "events.parquet", compression="zstd", row_group_size=5000)


if __name__ == "__main__":
    main()
