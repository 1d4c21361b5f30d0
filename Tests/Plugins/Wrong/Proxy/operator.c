// SPDX-License-Identifier: MIT
// Operators that are wrong: that of Tests/Plugins/C/operator.c behind a proxy.
#define _GNU_SOURCE
#include <unistd.h>

#define KIND IGLOO_OPERATOR
#define WORD "operator"
#define NAME "c_last"
#include "proxy.h"

static igloo_operator inner;

struct op {
  void *inner;
  int ended;
  _Atomic int is_cancelled;
  uint64_t account;
};

static igloo_status bind(void *self, const igloo_ctx *ctx, igloo_bytes spec,
                         const struct ArrowSchema *inputs, size_t n_inputs, uint32_t *needs,
                         struct ArrowSchema *out, void **result, igloo_error *error) {
  struct op *op = calloc(1, sizeof *op);
  struct ArrowSchema integers;
  make_struct(&integers, (const char *const[]){"n", "l"}, 1);
  if (IS(OPERATOR_TAKES_ANY)) n_inputs = 1, inputs = &integers;
  igloo_status status = inner.bind(self, ctx, spec, inputs, n_inputs, needs, out, &op->inner, error);
  integers.release(&integers);
  if (status < 0) {
    free(op);
    return status;
  }
  op->account = ctx->memory_account;
  *result = op;
  return status;
}

static igloo_status push(void *self, const igloo_ctx *ctx, uint32_t input,
                         struct ArrowDeviceArray *moved, igloo_error *error) {
  struct op *op = self;
  if (!moved) op->ended++;
  if (moved && IS(DROPS_SINGLE_ROWS) && moved->array.length == 1) {
    moved->array.release(&moved->array);
    return IGLOO_OK;
  }
  if (moved && IS(SPILL_LIES) && op->account) host->reserve(op->account, 1000);
  return inner.push(op->inner, ctx, input, moved, error);
}

static igloo_status next(void *self, const igloo_ctx *ctx, struct ArrowDeviceArray *out,
                         igloo_error *error) {
  struct op *op = self;
  if (IS(DEAF_OPERATOR) && (op->is_cancelled || is_cancelled(ctx))) sleep(20);
  if (IS(ENDS_WITH_FIRST_INPUT) && op->ended) return IGLOO_END;
  return inner.next(op->inner, ctx, out, error);
}

static igloo_status spill(void *self, const igloo_ctx *ctx, int64_t want, int64_t *freed,
                          igloo_error *error) {
  if (!IS(SPILL_LIES)) return inner.spill(((struct op *)self)->inner, ctx, want, freed, error);
  *freed = want;
  return IGLOO_OK;
}

static void cancel(void *self) {
  struct op *op = self;
  op->is_cancelled = 1;
  inner.cancel(op->inner);
}

static void release(void *self) {
  inner.release(((struct op *)self)->inner);
  free(self);
}

static const void *wrap(const void *table) {
  static const igloo_operator outer = {bind, push, next, spill, cancel, release};
  inner = *(const igloo_operator *)table;
  return &outer;
}
