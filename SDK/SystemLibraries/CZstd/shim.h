// SPDX-License-Identifier: MIT
#include <zstd.h>
#include <zstd_errors.h>
