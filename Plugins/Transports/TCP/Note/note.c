// SPDX-License-Identifier: MIT

#include "igloo.h"

IGLOO_NOTE(
    "id=tcp\n"
    "version=0.1.0\n"
    "kinds=transport:tcp\n"
    "needs=1\n"
    "runtime=swift-static\n"
    "license=MIT\n");
