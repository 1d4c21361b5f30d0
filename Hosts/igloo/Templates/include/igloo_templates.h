// SPDX-License-Identifier: MIT
// The files of new plugins, as they stand in Files, and the headers they need.
#ifndef IGLOO_TEMPLATES_H
#define IGLOO_TEMPLATES_H

#include <stddef.h>

typedef struct igloo_template {
  const char *language; // "c", "rust", "swift", or "" for all
  const char *path;     // in the new folder; "acme" and "Acme" stand for its name
  const unsigned char *bytes;
  size_t count;
} igloo_template;

// The files one after another; NULL after the last.
const igloo_template *igloo_template_at(size_t index);

#endif
