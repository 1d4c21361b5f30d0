/* SPDX-License-Identifier: MIT */
#include "arrow.h"

#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------ schemas */

static void release_schema(struct ArrowSchema *schema) {
  for (int64_t i = 0; schema->children && i < schema->n_children; i++) {
    struct ArrowSchema *child = schema->children[i];
    if (child && child->release) child->release(child);
    free(child);
  }
  free(schema->children);
  schema->release = NULL;
}

static void make_schema(struct ArrowSchema *out, const char *format, const char *name) {
  memset(out, 0, sizeof *out);
  out->format = format;
  out->name = name;
  out->flags = ARROW_FLAG_NULLABLE;
  out->release = release_schema;
}

int schema_struct(struct ArrowSchema *out, int64_t count) {
  make_schema(out, "+s", "");
  out->flags = 0;
  out->n_children = count;
  out->children = calloc((size_t)count + 1, sizeof *out->children);
  int is_complete = out->children != NULL;
  for (int64_t i = 0; is_complete && i < count; i++) {
    out->children[i] = calloc(1, sizeof **out->children);
    is_complete = out->children[i] != NULL;
  }
  if (!is_complete) out->release(out);
  return is_complete;
}

void schema_column(struct ArrowSchema *schema, int64_t index, const char *format,
                   const char *name) {
  make_schema(schema->children[index], format, name);
}

/* ------------------------------------------------------------------ arrays */

static void release_array(struct ArrowArray *array) {
  for (int64_t i = 0; array->children && i < array->n_children; i++) {
    struct ArrowArray *child = array->children[i];
    if (child && child->release) child->release(child);
    free(child);
  }
  free(array->children);
  for (int64_t i = 0; array->buffers && i < array->n_buffers; i++)
    free((void *)array->buffers[i]);
  free(array->buffers);
  array->release = NULL;
}

/* An array whose buffers are still to be set, the first of them that of validity. */
static int make_array(struct ArrowArray *out, int64_t rows, int64_t buffers, int64_t children) {
  memset(out, 0, sizeof *out);
  out->length = rows;
  out->n_buffers = buffers;
  out->n_children = children;
  out->release = release_array;
  out->buffers = calloc((size_t)buffers, sizeof *out->buffers);
  out->children = calloc((size_t)children + 1, sizeof *out->children);
  if (out->buffers && out->children) return 1;
  out->release(out);
  return 0;
}

int array_struct(struct ArrowArray *out, int64_t rows, int64_t count) {
  if (!make_array(out, rows, 1, count)) return 0;
  for (int64_t i = 0; i < count; i++) {
    out->children[i] = calloc(1, sizeof **out->children);
    if (!out->children[i]) {
      out->release(out);
      return 0;
    }
  }
  return 1;
}

/* A buffer of at least one byte: Arrow's readers dislike missing ones. */
static void *buffer(struct ArrowArray *array, int64_t index, size_t bytes) {
  void *memory = calloc(bytes + 8, 1);
  array->buffers[index] = memory;
  return memory;
}

/* The bits of validity: 1 for values. Left out where there is no NULL. */
static int set_nulls(struct ArrowArray *array, const uint8_t *nulls) {
  int64_t count = 0;
  for (int64_t i = 0; nulls && i < array->length; i++) count += nulls[i] != 0;
  if (count == 0) return 1;
  array->null_count = count;
  uint8_t *bits = buffer(array, 0, (size_t)array->length / 8 + 1);
  if (!bits) return 0;
  for (int64_t i = 0; i < array->length; i++)
    if (!nulls[i]) bits[i / 8] |= (uint8_t)(1u << (i % 8));
  return 1;
}

static int finished(struct ArrowArray *array, int is_complete) {
  if (!is_complete) array->release(array);
  return is_complete;
}

int array_int64(struct ArrowArray *out, const int64_t *values, const uint8_t *nulls,
                int64_t rows) {
  if (!make_array(out, rows, 2, 0)) return 0;
  int64_t *copy = buffer(out, 1, (size_t)rows * sizeof *copy);
  if (copy && rows) memcpy(copy, values, (size_t)rows * sizeof *copy);
  return finished(out, copy && set_nulls(out, nulls));
}

int array_double(struct ArrowArray *out, const double *values, int64_t rows) {
  if (!make_array(out, rows, 2, 0)) return 0;
  double *copy = buffer(out, 1, (size_t)rows * sizeof *copy);
  if (copy && rows) memcpy(copy, values, (size_t)rows * sizeof *copy);
  return finished(out, copy != NULL);
}

int array_text(struct ArrowArray *out, const char *const *texts, int64_t rows) {
  size_t bytes = 0;
  for (int64_t i = 0; i < rows; i++) bytes += texts[i] ? strlen(texts[i]) : 0;
  if (bytes > INT32_MAX || !make_array(out, rows, 3, 0)) return 0;
  int32_t *offsets = buffer(out, 1, (size_t)(rows + 1) * sizeof *offsets);
  char *data = buffer(out, 2, bytes);
  uint8_t *nulls = calloc((size_t)rows + 1, 1);
  int is_complete = offsets && data && nulls;
  for (int64_t i = 0; is_complete && i < rows; i++) {
    size_t length = texts[i] ? strlen(texts[i]) : 0;
    if (length) memcpy(data + offsets[i], texts[i], length);
    offsets[i + 1] = offsets[i] + (int32_t)length;
    nulls[i] = texts[i] == NULL;
  }
  is_complete = is_complete && set_nulls(out, nulls);
  free(nulls);
  return finished(out, is_complete);
}
