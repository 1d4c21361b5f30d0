// SPDX-License-Identifier: MIT
// TOML documents as plain C: toml++ behind functions through which no exception comes.
#ifndef IGLOO_TOML_H
#define IGLOO_TOML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum igloo_toml_kind {
  IGLOO_TOML_NONE = 0,
  IGLOO_TOML_TABLE,
  IGLOO_TOML_ARRAY,
  IGLOO_TOML_STRING,
  IGLOO_TOML_INTEGER,
  IGLOO_TOML_FLOAT,
  IGLOO_TOML_BOOL,
  IGLOO_TOML_TIME,  // dates, times and both
} igloo_toml_kind;

// Counted from 1; columns in characters.
typedef struct igloo_toml_place {
  uint32_t line, column;
} igloo_toml_place;

typedef struct igloo_toml_text {
  const char *bytes;
  size_t count;
} igloo_toml_text;

// A parsed document, and a value in it, which lives as long as the document.
typedef struct igloo_toml_document igloo_toml_document;
typedef struct igloo_toml_value igloo_toml_value;

typedef struct igloo_toml_entry {
  igloo_toml_text key;
  igloo_toml_place place;  // of the key
  const igloo_toml_value *value;
} igloo_toml_entry;

typedef struct igloo_toml_failure {
  char message[512];  // ends with NUL
  igloo_toml_place place;
} igloo_toml_failure;

// Parses UTF-8 text. NULL = it is no TOML; `failure` says why.
igloo_toml_document *igloo_toml_parse(const char *text, size_t count, igloo_toml_failure *failure);
void igloo_toml_free(igloo_toml_document *document);
const igloo_toml_value *igloo_toml_root(const igloo_toml_document *document);

igloo_toml_kind igloo_toml_kind_of(const igloo_toml_value *value);
igloo_toml_place igloo_toml_place_of(const igloo_toml_value *value);

// Each answers with nothing (0, NULL) for values of another kind and indexes out of range.
size_t igloo_toml_count(const igloo_toml_value *table_or_array);
igloo_toml_entry igloo_toml_entry_at(const igloo_toml_value *table, size_t index);
const igloo_toml_value *igloo_toml_element_at(const igloo_toml_value *array, size_t index);
igloo_toml_text igloo_toml_string(const igloo_toml_value *value);
int64_t igloo_toml_integer(const igloo_toml_value *value);
double igloo_toml_float(const igloo_toml_value *value);
bool igloo_toml_bool(const igloo_toml_value *value);

#ifdef __cplusplus
}
#endif
#endif
