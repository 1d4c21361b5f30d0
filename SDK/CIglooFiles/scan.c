// SPDX-License-Identifier: MIT
#include "igloo_scan.h"
