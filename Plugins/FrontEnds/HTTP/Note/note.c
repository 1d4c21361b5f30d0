// SPDX-License-Identifier: MIT

#include "igloo.h"

IGLOO_NOTE(
    "id=http\n"
    "version=0.1.0\n"
    "kinds=frontend:http\n"
    "needs=1\n"
    "runtime=swift-static\n"
    "license=MIT\n");
