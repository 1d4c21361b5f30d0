// SPDX-License-Identifier: MIT
// Functions that are wrong: those of Tests/Plugins/C/functions.c behind a proxy.
#define KIND IGLOO_FUNCTIONS
#define WORD "functions"
#define NAME "c"
#include "proxy.h"

static igloo_functions inner;
static const char nobody; // bound for types that nobody takes

static igloo_status bind(void *self, const igloo_ctx *ctx, uint32_t index,
                         const struct ArrowSchema *args, struct ArrowSchema *out, void **bound,
                         igloo_error *error) {
  igloo_status status = inner.bind(self, ctx, index, args, out, bound, error);
  if (status == IGLOO_E_UNSUPPORTED && IS(TAKES_ANY_TYPES)) {
    memset(error, 0, sizeof *error);
    make_schema(out, "l", "");
    *bound = (void *)(uintptr_t)&nobody;
    return IGLOO_OK;
  }
  if (status == IGLOO_E_UNSUPPORTED && IS(REFUSES_WITH_INVALID))
    return fail(error, IGLOO_E_INVALID, "22023", "not so");
  return status;
}

static void release_bound(void *bound) {
  if (bound != &nobody) inner.release_bound(bound);
}

static igloo_status scalar(void *bound, const igloo_ctx *ctx, struct ArrowDeviceArray *args,
                           int64_t rows, struct ArrowDeviceArray *out, igloo_error *error) {
  static _Atomic int64_t calls;
  for (int64_t i = 0; i < args->array.n_children; i++) {
    struct ArrowArray *child = args->array.children[i];
    if (IS(IGNORES_OFFSETS)) child->offset = 0;
    if (IS(READS_BENEATH_NULLS)) child->buffers[0] = NULL, child->null_count = 0;
  }
  if (bound == &nobody) {
    args->array.release(&args->array);
    make_integers(&out->array, rows);
    place_on_cpu(out);
    return IGLOO_OK;
  }
  igloo_status status = inner.scalar(bound, ctx, args, rows, out, error);
  if (status < 0 || rows == 0 || out->array.n_buffers < 2) return status;
  int64_t *values = (int64_t *)(uintptr_t)out->array.buffers[1];
  if (IS(WRONG_IN_LARGE_BATCHES) && rows > 1000) values[rows - 1]++;
  if (IS(COUNTS_ITS_CALLS)) values[0] += calls++;
  return status;
}

static int64_t kept[1 << 20]; // to which partial values point
static _Atomic int64_t n_kept;

static igloo_status agg_merge(void *state, const igloo_ctx *ctx, const uint32_t *groups,
                              uint32_t n_groups, struct ArrowDeviceArray *partials,
                              igloo_error *error) {
  static _Atomic int64_t calls;
  struct ArrowArray *array = &partials->array;
  if (IS(MERGE_FORGETS) && ++calls % 3 == 0 && array->length > 0) array->length--;
  if (IS(POINTERS_IN_PARTIALS)) {
    int64_t *values = (int64_t *)(uintptr_t)array->buffers[1] + array->offset;
    for (int64_t i = 0; i < array->length; i++)
      values[i] = values[i] >= 0 && values[i] < (1 << 20) ? kept[values[i]] : 0;
  }
  return inner.agg_merge(state, ctx, groups, n_groups, partials, error);
}

static igloo_status agg_emit(void *state, const igloo_ctx *ctx, uint32_t partial,
                             struct ArrowSchema *type, struct ArrowDeviceArray *out,
                             igloo_error *error) {
  igloo_status status = inner.agg_emit(state, ctx, partial, type, out, error);
  if (!IS(POINTERS_IN_PARTIALS) || !partial || status < 0) return status;
  int64_t *values = (int64_t *)(uintptr_t)out->array.buffers[1];
  for (int64_t i = 0; i < out->array.length; i++) {
    int64_t place = n_kept++ & ((1 << 20) - 1);
    kept[place] = values[i];
    values[i] = place;
  }
  return status;
}

static const void *wrap(const void *table) {
  static igloo_functions outer;
  outer = inner = *(const igloo_functions *)table;
  outer.bind = bind;
  outer.release_bound = release_bound;
  outer.scalar = scalar;
  outer.agg_merge = agg_merge;
  outer.agg_emit = agg_emit;
  return &outer;
}
