// SPDX-License-Identifier: MIT

#include "igloo.h"

IGLOO_NOTE(
    "id=csv\n"
    "version=0.1.0\n"
    "kinds=connector:csv\n"
    "needs=1\n"
    "runtime=swift-static\n"
    "license=MIT\n"
    "files=csv,tsv,tbl,txt\n"
    "functions=read_csv,read_csv_auto\n");
