// SPDX-License-Identifier: MIT

#include "igloo.h"

// What a host knows of the plugin without running it.
IGLOO_NOTE(
    "id=acme\n"
    "version=0.1.0\n"
    "kinds=connector:acme\n"
    "needs=1\n"
    "runtime=swift-static\n"
    "license=MIT\n");
