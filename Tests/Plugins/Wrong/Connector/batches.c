// SPDX-License-Identifier: MIT
// Arrow schemas and batches.

#include <stdlib.h>
#include <string.h>

#include "wrong.h"

static void release_schema(struct ArrowSchema *schema) {
  for (int64_t i = 0; i < schema->n_children; i++) {
    if (schema->children[i]->release) schema->children[i]->release(schema->children[i]);
    free(schema->children[i]);
  }
  free(schema->children);
  free((char *)schema->format);
  free((char *)schema->name);
  schema->release = NULL;
}

static void make_field(struct ArrowSchema *out, const char *format, const char *name) {
  *out = (struct ArrowSchema){.format = strdup(format), .name = strdup(name),
                              .flags = ARROW_FLAG_NULLABLE, .release = release_schema};
}

void make_schema(struct ArrowSchema *out, size_t n, const char *const *names, const char *types) {
  make_field(out, "+s", "");
  out->n_children = (int64_t)n;
  out->children = calloc(n + 1, sizeof *out->children);
  for (size_t i = 0; i < n; i++) {
    out->children[i] = calloc(1, sizeof **out->children);
    make_field(out->children[i], (char[]){types[i], 0}, names[i]);
  }
}

static void release_array(struct ArrowArray *array) {
  for (int64_t i = 0; i < array->n_children; i++) {
    if (array->children[i]->release) array->children[i]->release(array->children[i]);
    free(array->children[i]);
  }
  free(array->children);
  for (int64_t i = 0; i < array->n_buffers; i++) {
    char *buffer = (char *)array->buffers[i];
    free(IS(MISALIGNED) && i == 1 && buffer ? buffer - 4 : buffer);
  }
  free(array->buffers);
  array->release = NULL;
}

static void make_array(struct ArrowArray *out, size_t length, int64_t buffers, size_t children) {
  *out = (struct ArrowArray){.length = (int64_t)length, .n_buffers = buffers,
                             .buffers = calloc((size_t)buffers + 1, sizeof *out->buffers),
                             .n_children = (int64_t)children,
                             .children = calloc(children + 1, sizeof *out->children),
                             .release = release_array};
  for (size_t i = 0; i < children; i++) out->children[i] = calloc(1, sizeof **out->children);
}

static void set_validity(struct ArrowArray *out, size_t n, const struct cell *cells, size_t step) {
  uint8_t *bits = calloc(n / 8 + 8, 1);
  for (size_t i = 0; i < n; i++) {
    if (cells[i * step].is_null) out->null_count++;
    else bits[i / 8] |= (uint8_t)(1u << (i % 8));
  }
  out->buffers[0] = bits;
  if (out->null_count == 0) {
    free(bits);
    out->buffers[0] = NULL;
  }
  if (IS(WRONG_NULL_COUNT) && out->null_count > 1) out->null_count--;
}

static void make_texts(struct ArrowArray *out, size_t n, const struct cell *cells, size_t step) {
  size_t bytes = 0;
  for (size_t i = 0; i < n; i++) bytes += cells[i * step].n;
  int32_t *offsets = calloc(n + 2, sizeof *offsets);
  char *data = malloc(bytes + 8);
  for (size_t i = 0; i < n; i++) {
    const struct cell *cell = cells + i * step;
    if (cell->n) memcpy(data + offsets[i], cell->s, cell->n);
    offsets[i + 1] = offsets[i] + (int32_t)cell->n;
  }
  if (IS(MALFORMED_OFFSETS) && n > 2) offsets[1] = offsets[n] + 1;
  out->buffers[1] = offsets;
  out->buffers[2] = data;
}

static void make_column(struct ArrowArray *out, char type, size_t n, const struct cell *cells,
                        size_t step) {
  make_array(out, n, type == 'u' ? 3 : 2, 0);
  set_validity(out, n, cells, step);
  if (type == 'u') {
    make_texts(out, n, cells, step);
    return;
  }
  char *data = calloc(n + 2, 8);
  for (size_t i = 0; i < n; i++) {
    const struct cell *cell = cells + i * step;
    if (type == 'l') ((int64_t *)data)[i] = cell->i;
    if (type == 'i') ((int32_t *)data)[i] = (int32_t)cell->i;
    if (type == 'g') ((double *)data)[i] = cell->d;
    if (type == 'b' && cell->i) data[i / 8] = (char)(data[i / 8] | 1 << (i % 8));
  }
  if (IS(MISALIGNED)) {
    char *moved = malloc((n + 3) * 8);
    memcpy(moved + 4, data, n * 8);
    free(data);
    data = moved + 4;
  }
  out->buffers[1] = data;
}

void make_batch(struct ArrowDeviceArray *out, size_t n_rows, size_t n_columns, const char *types,
                const struct cell *cells) {
  memset(out, 0, sizeof *out);
  out->device_id = -1;
  out->device_type = ARROW_DEVICE_CPU;
  make_array(&out->array, n_rows, 1, n_columns);
  for (size_t i = 0; i < n_columns; i++)
    make_column(out->array.children[i], types[i], n_rows, cells + i, n_columns);
  if (IS(SHORT_CHILD) && n_columns > 1 && n_rows > 1) out->array.children[0]->length--;
}
