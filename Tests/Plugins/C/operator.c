// SPDX-License-Identifier: MIT
// Operators in C, from the header alone: "c_last" gives
// the last integers of its inputs, as many as its specification says; "bad_step" never ends.

#include "plugin.h"

IGLOO_NOTE("id=coperators\nversion=1.0\nkinds=operator:c_last,operator:bad_step\nneeds=1\nruntime=c\nlicense=MIT\n");

/* Keeps the last `wanted` integers of all inputs, whose order is theirs. */
struct op { int is_bad, is_given; size_t wanted, count, n_inputs, ended; int64_t *kept; };

static igloo_status bind(void *self, const igloo_ctx *ctx, igloo_bytes spec,
                         const struct ArrowSchema *inputs, size_t n_inputs, uint32_t *needs,
                         struct ArrowSchema *out, void **result, igloo_error *error) {
  (void)ctx;
  size_t wanted = 0;
  for (size_t i = 0; i < spec.n; i++) {
    if (spec.p[i] < '0' || spec.p[i] > '9' || wanted > 100000)
      return fail(error, IGLOO_E_INVALID, "22023", "c_last wants a number of rows");
    wanted = wanted * 10 + (size_t)(spec.p[i] - '0');
  }
  for (size_t i = 0; i < n_inputs; i++) {
    if (inputs[i].n_children != 1 || strcmp(inputs[i].children[0]->format, "l") != 0)
      return fail(error, IGLOO_E_INVALID, "42804", "c_last wants inputs of one bigint column");
    needs[i] = IGLOO_NEEDS_WHOLE;
  }
  struct op *op = calloc(1, sizeof *op);
  op->is_bad = self != NULL && *(const char *)self == 'b';
  op->wanted = wanted;
  op->n_inputs = n_inputs;
  op->kept = calloc(wanted + 1, sizeof *op->kept);
  make_struct(out, (const char *const[]){"n", "l"}, 1);
  *result = op;
  return IGLOO_OK;
}

static igloo_status push(void *self, const igloo_ctx *ctx, uint32_t input,
                         struct ArrowDeviceArray *moved, igloo_error *error) {
  (void)ctx, (void)input, (void)error;
  struct op *op = self;
  if (!moved) {
    op->ended++;
    return IGLOO_OK;
  }
  const struct ArrowArray *column = moved->array.children[0];
  const int64_t *values = (const int64_t *)column->buffers[1] + column->offset + moved->array.offset;
  for (int64_t i = 0; i < moved->array.length && op->wanted > 0; i++) {
    if (op->count == op->wanted) {
      memmove(op->kept, op->kept + 1, (op->wanted - 1) * sizeof *op->kept);
      op->count--;
    }
    op->kept[op->count++] = values[i];
  }
  moved->array.release(&moved->array);
  return IGLOO_OK;
}

static igloo_status next(void *self, const igloo_ctx *ctx, struct ArrowDeviceArray *out,
                         igloo_error *error) {
  (void)ctx, (void)error;
  struct op *op = self;
  if (op->is_bad) return IGLOO_NEED_INPUT;
  if (op->ended < op->n_inputs) return IGLOO_NEED_INPUT;
  if (op->is_given) return IGLOO_END;
  op->is_given = 1;
  make_array(&out->array, (int64_t)op->count, 1, 1);
  memcpy(make_integers(out->array.children[0], (int64_t)op->count), op->kept,
         op->count * sizeof *op->kept);
  place_on_cpu(out);
  return IGLOO_OK;
}

static igloo_status spill(void *self, const igloo_ctx *ctx, int64_t want, int64_t *freed,
                          igloo_error *error) {
  (void)self, (void)ctx, (void)want, (void)error;
  *freed = 0;
  return IGLOO_OK;
}

static void cancel(void *self) { (void)self; }

static void release(void *self) {
  free(((struct op *)self)->kept);
  free(self);
}

static const igloo_operator vtable = {bind, push, next, spill, cancel, release};

static const char good[] = "good", bad[] = "bad";

static igloo_status create(const igloo_kind *kind, const igloo_value *values, size_t n,
                           const igloo_ctx *ctx, void **self, igloo_error *error) {
  (void)values, (void)n, (void)ctx, (void)error;
  *self = (void *)(kind->name.p[0] == 'b' ? bad : good);
  return IGLOO_OK;
}

static void destroy(void *self) { (void)self; }

static const igloo_kind kinds[] = {
  {IGLOO_OPERATOR, 0, STR("c_last"), NULL, 0, 0, create, NULL, destroy, &vtable, NULL},
  {IGLOO_OPERATOR, 0, STR("bad_step"), NULL, 0, 0, create, NULL, destroy, &vtable, NULL},
};

static const igloo_plugin plugin = {STR("coperators"), STR("1.0"), 1, 1, 1, 2, kinds, NULL};

const igloo_plugin *igloo_plugin_0(const igloo_host *host, igloo_error *error) {
  (void)host, (void)error;
  return &plugin;
}
