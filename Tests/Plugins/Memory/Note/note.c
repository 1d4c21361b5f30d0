// SPDX-License-Identifier: MIT

#include "igloo.h"

IGLOO_NOTE(
    "id=memory\n"
    "version=0.1.0\n"
    "kinds=connector:memory,secrets:memory,operator:reversed\n"
    "needs=1\n"
    "runtime=swift-static\n"
    "license=MIT\n"
    "homepage=https://example.org/memory\n"
    "files=mem,memory\n"
    "functions=read_memory\n");
