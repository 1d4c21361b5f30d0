// SPDX-License-Identifier: MIT

#include "igloo.h"

IGLOO_NOTE(
    "id=geo\n"
    "version=0.1.0\n"
    "kinds=functions:geo\n"
    "needs=1\n"
    "runtime=swift-static\n"
    "license=MIT\n");
