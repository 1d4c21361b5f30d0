// SPDX-License-Identifier: MIT

#include "igloo.h"

IGLOO_NOTE(
    "id=sqlite-metadata\n"
    "version=0.1.0\n"
    "kinds=kv:sqlite\n"
    "needs=1\n"
    "runtime=swift-static\n"
    "license=MIT\n");
