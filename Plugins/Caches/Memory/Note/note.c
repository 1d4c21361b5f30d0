// SPDX-License-Identifier: MIT

#include "igloo.h"

IGLOO_NOTE(
    "id=memory-cache\n"
    "version=0.1.0\n"
    "kinds=cache:memory\n"
    "needs=1\n"
    "runtime=swift-static\n"
    "license=MIT\n");
