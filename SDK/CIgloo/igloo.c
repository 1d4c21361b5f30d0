// SPDX-License-Identifier: MIT

#include "igloo.h"

// Weak: programs that link the SDK without being a plugin (tests) have no note.
extern const char igloo_note_[] __attribute__((weak, visibility("hidden")));

const char *igloo_own_note(void) {
  return igloo_note_ ? igloo_note_ + offsetof(igloo_note, text) : 0;
}
