// SPDX-License-Identifier: MIT

#include "igloo.h"

IGLOO_NOTE(
    "id=parquet\n"
    "version=0.1.0\n"
    "kinds=connector:parquet\n"
    "needs=1\n"
    "runtime=swift-static\n"
    "license=MIT\n"
    "files=parquet,pq\n"
    "functions=read_parquet,parquet_scan\n");
