// SPDX-License-Identifier: MIT
// What the test plugins in C are made of: errors, Arrow's schemas and arrays.
#ifndef PLUGIN_H
#define PLUGIN_H

#include <stdlib.h>
#include <string.h>

#include "igloo.h"

#define STR(literal) {literal, sizeof(literal) - 1}

static inline igloo_status fail(igloo_error *error, igloo_status status, const char *state,
                                const char *message) {
  error->code = status;
  memcpy(error->sqlstate, state, 5);
  error->message = (igloo_str){message, strlen(message)};
  return status;
}

static inline void release_schema(struct ArrowSchema *schema) {
  for (int64_t i = 0; i < schema->n_children; i++) {
    if (schema->children[i]->release) schema->children[i]->release(schema->children[i]);
    free(schema->children[i]);
  }
  free(schema->children);
  schema->release = NULL;
}

static inline void make_schema(struct ArrowSchema *out, const char *format, const char *name) {
  memset(out, 0, sizeof *out);
  out->format = format;
  out->name = name;
  out->flags = ARROW_FLAG_NULLABLE;
  out->release = release_schema;
}

/* Rows of `count` columns, whose names and formats stand in turn. */
static inline void make_struct(struct ArrowSchema *out, const char *const *columns, int64_t count) {
  make_schema(out, "+s", "");
  out->n_children = count;
  out->children = calloc((size_t)count + 1, sizeof *out->children);
  for (int64_t i = 0; i < count; i++) {
    out->children[i] = calloc(1, sizeof **out->children);
    make_schema(out->children[i], columns[2 * i + 1], columns[2 * i]);
  }
}

static inline void release_array(struct ArrowArray *array) {
  for (int64_t i = 0; i < array->n_children; i++) {
    if (array->children[i]->release) array->children[i]->release(array->children[i]);
    free(array->children[i]);
  }
  free(array->children);
  for (int64_t i = 0; i < array->n_buffers; i++) free((void *)array->buffers[i]);
  free(array->buffers);
  array->release = NULL;
}

static inline void make_array(struct ArrowArray *out, int64_t length, int64_t buffers,
                              int64_t children) {
  memset(out, 0, sizeof *out);
  out->length = length;
  out->n_buffers = buffers;
  out->buffers = calloc((size_t)buffers + 1, sizeof *out->buffers);
  out->n_children = children;
  out->children = calloc((size_t)children + 1, sizeof *out->children);
  for (int64_t i = 0; i < children; i++) out->children[i] = calloc(1, sizeof **out->children);
  out->release = release_array;
}

/* An int64 array; its values are to be written. */
static inline int64_t *make_integers(struct ArrowArray *out, int64_t length) {
  int64_t *values = calloc((size_t)length + 1, sizeof *values);
  make_array(out, length, 2, 0);
  out->buffers[1] = values;
  return values;
}

static inline void place_on_cpu(struct ArrowDeviceArray *out) {
  out->device_type = ARROW_DEVICE_CPU;
  out->device_id = -1;
}

#endif
