// SPDX-License-Identifier: MIT
#include <editline/readline.h>
