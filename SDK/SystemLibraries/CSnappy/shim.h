// SPDX-License-Identifier: MIT
#include <snappy-c.h>
