// SPDX-License-Identifier: MIT

#include "igloo.h"

IGLOO_NOTE(
    "id=json\n"
    "version=0.1.0\n"
    "kinds=connector:json\n"
    "needs=1\n"
    "runtime=swift-static\n"
    "license=MIT\n"
    "files=json,ndjson,jsonl\n"
    "functions=read_json,read_json_auto,read_ndjson\n");
