// SPDX-License-Identifier: MIT
#include <ltdl.h>
