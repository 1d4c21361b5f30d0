// SPDX-License-Identifier: MIT
// Functions in C, from the header alone. Those whose names begin with bad_ break the contract, each
// in its own way.

#define _GNU_SOURCE
#include <stdatomic.h>
#include <unistd.h>

#include "plugin.h"

IGLOO_NOTE("id=cfunctions\nversion=1.0\nkinds=functions:c\nneeds=1\nruntime=c\nlicense=MIT\n");

enum {
  PLUS_ONE, LENGTH, OR_ELSE, TICKS, RAISE, SLOW, CALLS, TOTAL, COUNT_ROWS, UPTO, ENDLESS,
  BAD_LENGTH, BAD_TYPE, BAD_TEXT, BAD_NOTHING, BAD_BOUND, BAD_TOTAL, BAD_EMIT, BAD_ROWS, BAD_STATUS,
  HANGS, HANGS_WHEN_PLANNED, FUNCTION_COUNT
};

#define SCALAR(name, doc) SCALAR_AS(name, IGLOO_IMMUTABLE, IGLOO_NULL_STRICT, doc)
#define SCALAR_AS(name, volatility, nulls, doc) \
  {STR(name), IGLOO_FN_SCALAR, volatility, nulls, 0, STR(doc)}
#define AGGREGATE(name, nulls, doc) \
  {STR(name), IGLOO_FN_AGGREGATE, IGLOO_IMMUTABLE, nulls, 0, STR(doc)}
#define TABLE(name, doc) {STR(name), IGLOO_FN_TABLE, IGLOO_IMMUTABLE, IGLOO_NULL_STRICT, 0, STR(doc)}

static const igloo_function_info functions[FUNCTION_COUNT] = {
  [PLUS_ONE] = SCALAR("plus_one", "An integer and one."),
  [LENGTH] = SCALAR("byte_length", "The bytes of a text."),
  [OR_ELSE] = SCALAR_AS("or_else", IGLOO_IMMUTABLE, IGLOO_NULL_CALLS, "The first, else the second."),
  [TICKS] = SCALAR_AS("ticks", IGLOO_VOLATILE, IGLOO_NULL_CALLS, "How often it was computed."),
  [RAISE] = SCALAR("raise", "Fails, with the SQLSTATE that is given."),
  [SLOW] = SCALAR_AS("slow", IGLOO_VOLATILE, IGLOO_NULL_STRICT, "Waits until it is cancelled."),
  [CALLS] = SCALAR_AS("row_count_of_call", IGLOO_VOLATILE, IGLOO_NULL_STRICT, "The rows of its call."),
  [TOTAL] = AGGREGATE("total", IGLOO_NULL_STRICT, "A sum of integers, 0 over no rows."),
  [COUNT_ROWS] = AGGREGATE("rows_seen", IGLOO_NULL_CALLS, "The number of rows, with those that are NULL."),
  [UPTO] = TABLE("upto", "The integers from 1."),
  [ENDLESS] = TABLE("endless", "Zeros, until it is cancelled."),
  [BAD_LENGTH] = SCALAR("bad_length", "A value too few."),
  [BAD_TYPE] = SCALAR("bad_type", "Integers that are no doubles."),
  [BAD_TEXT] = SCALAR("bad_text", "Offsets beyond its bytes."),
  [BAD_NOTHING] = SCALAR("bad_nothing", "No values at all."),
  [BAD_BOUND] = SCALAR("bad_bound", "Bound to nothing."),
  [BAD_TOTAL] = AGGREGATE("bad_total", IGLOO_NULL_STRICT, "A group too few."),
  [BAD_EMIT] = AGGREGATE("bad_emit", IGLOO_NULL_STRICT, "Another type than was said."),
  [BAD_ROWS] = TABLE("bad_rows", "Other columns than were said."),
  [BAD_STATUS] = SCALAR("bad_status", "A status that there is none of."),
  [HANGS] = SCALAR_AS("hangs", IGLOO_VOLATILE, IGLOO_NULL_STRICT, "Hears nothing for twenty seconds."),
  [HANGS_WHEN_PLANNED] = SCALAR("hangs_when_planned", "As hangs; constants are computed early."),
};

static atomic_long ticks;

/* ------------------------------------------------------------------ Arrow */

static int is_null(const struct ArrowArray *array, int64_t row) {
  const uint8_t *bits = array->n_buffers ? array->buffers[0] : NULL;
  int64_t place = array->offset + row;
  return bits && !(bits[place >> 3] >> (place & 7) & 1);
}

static int64_t integer(const struct ArrowArray *array, int64_t row) {
  return ((const int64_t *)array->buffers[1])[array->offset + row];
}

static void let_go(struct ArrowDeviceArray *moved) {
  if (moved->array.release) moved->array.release(&moved->array);
}

/* ------------------------------------------------------------------ binding */

struct bound { uint32_t function; };

static int takes(const struct ArrowSchema *args, const char *formats) {
  if (args->n_children != (int64_t)strlen(formats)) return 0;
  for (int64_t i = 0; i < args->n_children; i++)
    if (args->children[i]->format[0] != formats[i] || args->children[i]->format[1]) return 0;
  return 1;
}

static igloo_status list(void *self, const igloo_function_info **items, size_t *n,
                         igloo_error *error) {
  (void)self, (void)error;
  *items = functions;
  *n = FUNCTION_COUNT;
  return IGLOO_OK;
}

static igloo_status bind(void *self, const igloo_ctx *ctx, uint32_t index,
                         const struct ArrowSchema *args, struct ArrowSchema *out, void **result,
                         igloo_error *error) {
  (void)self, (void)ctx;
  int fits;
  switch (index) {
    case LENGTH: case RAISE: fits = takes(args, "u"); break; /* plain utf8 */
    case OR_ELSE: fits = takes(args, "ll"); break;
    case TICKS: fits = takes(args, ""); break;
    default: fits = takes(args, "l");
  }
  if (!fits) return fail(error, IGLOO_E_UNSUPPORTED, "42883", "not for these types");
  if (index == BAD_BOUND) {
    make_schema(out, "l", "");
    return IGLOO_OK;
  }
  switch (index) {
    case UPTO: case ENDLESS: case BAD_ROWS: make_struct(out, (const char *const[]){"n", "l"}, 1); break;
    case BAD_TYPE: make_schema(out, "z", ""); break;
    case BAD_TEXT: make_schema(out, "u", ""); break;
    default: make_schema(out, "l", "");
  }
  struct bound *bound = calloc(1, sizeof *bound);
  bound->function = index;
  *result = bound;
  return IGLOO_OK;
}

static void release_bound(void *bound) { free(bound); }

/* ------------------------------------------------------------------ scalar */

static igloo_status wait_for_cancel(const igloo_ctx *ctx, igloo_error *error) {
  for (;;) {
    if (ctx->cancelled && atomic_load((_Atomic uint32_t *)(uintptr_t)ctx->cancelled))
      return fail(error, IGLOO_E_CANCELLED, "57014", "cancelled");
    usleep(2000);
  }
}

static igloo_status scalar(void *self, const igloo_ctx *ctx, struct ArrowDeviceArray *moved,
                           int64_t rows, struct ArrowDeviceArray *out, igloo_error *error) {
  struct bound *bound = self;
  struct ArrowArray *args = &moved->array;
  struct ArrowArray *first = args->n_children ? args->children[0] : NULL;
  igloo_status status = IGLOO_OK;
  place_on_cpu(out);
  switch (bound->function) {
    case PLUS_ONE: {
      int64_t *values = make_integers(&out->array, rows);
      for (int64_t i = 0; i < rows; i++) {
        if (is_null(first, i)) abort(); /* STRICT: the host leaves them out */
        if (__builtin_add_overflow(integer(first, i), 1, &values[i])) {
          status = fail(error, IGLOO_E_RANGE, "22003", "plus_one: bigint out of range");
          error->hint = (igloo_str)STR("begin with less");
          break;
        }
      }
      break;
    }
    case LENGTH: {
      const int32_t *offsets = (const int32_t *)first->buffers[1] + first->offset;
      int64_t *values = make_integers(&out->array, rows);
      for (int64_t i = 0; i < rows; i++) values[i] = offsets[i + 1] - offsets[i];
      break;
    }
    case OR_ELSE: {
      int64_t *values = make_integers(&out->array, rows);
      uint8_t *bits = calloc((size_t)rows / 8 + 1, 1);
      for (int64_t i = 0; i < rows; i++) {
        struct ArrowArray *chosen = args->children[is_null(first, i) ? 1 : 0];
        if (is_null(chosen, i)) continue;
        bits[i >> 3] |= (uint8_t)(1 << (i & 7));
        values[i] = integer(chosen, i);
      }
      out->array.buffers[0] = bits;
      out->array.null_count = -1;
      break;
    }
    case TICKS: {
      int64_t *values = make_integers(&out->array, rows);
      for (int64_t i = 0; i < rows; i++) values[i] = ++ticks;
      break;
    }
    case CALLS: {
      int64_t *values = make_integers(&out->array, rows);
      for (int64_t i = 0; i < rows; i++) values[i] = rows;
      break;
    }
    case RAISE: {
      const int32_t *offsets = (const int32_t *)first->buffers[1] + first->offset;
      char state[6] = "XX000";
      if (offsets[1] - offsets[0] == 5)
        memcpy(state, (const char *)first->buffers[2] + offsets[0], 5);
      status = fail(error, IGLOO_E_INVALID, state, "raised on demand");
      break;
    }
    case SLOW: status = wait_for_cancel(ctx, error); break;
    case HANGS: case HANGS_WHEN_PLANNED:
      sleep(20);
      make_integers(&out->array, rows);
      break;
    case BAD_LENGTH: make_integers(&out->array, rows - 1); break;
    case BAD_TYPE: make_integers(&out->array, rows); break;
    case BAD_TEXT: {
      int32_t *offsets = calloc((size_t)rows + 1, sizeof *offsets);
      for (int64_t i = 1; i <= rows; i++) offsets[i] = i == rows ? 0 : 1 << 30;
      make_array(&out->array, rows, 3, 0);
      out->array.buffers[1] = offsets;
      out->array.buffers[2] = calloc(1, 1);
      break;
    }
    case BAD_NOTHING: break;
    case BAD_STATUS:
      make_integers(&out->array, rows);
      status = IGLOO_NEED_INPUT;
      break;
    default: status = fail(error, IGLOO_E_INTERNAL, "XX000", "no scalar");
  }
  let_go(moved);
  if (status < 0 && out->array.release) out->array.release(&out->array);
  return status;
}

/* ------------------------------------------------------------------ aggregates */

struct state { uint32_t function, group_count, capacity; int64_t *sums; };

static igloo_status agg_new(void *self, const igloo_ctx *ctx, void **out, igloo_error *error) {
  (void)ctx, (void)error;
  struct state *state = calloc(1, sizeof *state);
  state->function = ((struct bound *)self)->function;
  *out = state;
  return IGLOO_OK;
}

static void grow(struct state *state, uint32_t count) {
  if (count > state->capacity) {
    uint32_t capacity = count < 16 ? 16 : count * 2;
    state->sums = realloc(state->sums, capacity * sizeof *state->sums);
    memset(state->sums + state->capacity, 0,
           (capacity - state->capacity) * sizeof *state->sums);
    state->capacity = capacity;
  }
  if (count > state->group_count) state->group_count = count;
}

static igloo_status agg_update(void *self, const igloo_ctx *ctx, const uint32_t *groups,
                               uint32_t n_groups, struct ArrowDeviceArray *moved,
                               igloo_error *error) {
  (void)ctx;
  struct state *state = self;
  struct ArrowArray *values = moved->array.children[0];
  igloo_status status = IGLOO_OK;
  grow(state, n_groups);
  for (int64_t i = 0; i < moved->array.length; i++) {
    int64_t added = state->function == COUNT_ROWS ? 1 : integer(values, i);
    if (state->function != COUNT_ROWS && is_null(values, i)) abort(); /* STRICT */
    if (__builtin_add_overflow(state->sums[groups[i]], added, &state->sums[groups[i]]))
      status = fail(error, IGLOO_E_RANGE, "22003", "total: bigint out of range");
  }
  let_go(moved);
  return status;
}

static igloo_status agg_merge(void *self, const igloo_ctx *ctx, const uint32_t *groups,
                              uint32_t n_groups, struct ArrowDeviceArray *moved,
                              igloo_error *error) {
  (void)ctx, (void)error;
  struct state *state = self;
  grow(state, n_groups);
  for (int64_t i = 0; i < moved->array.length; i++)
    state->sums[groups[i]] += integer(&moved->array, i);
  let_go(moved);
  return IGLOO_OK;
}

static igloo_status agg_emit(void *self, const igloo_ctx *ctx, uint32_t partial,
                             struct ArrowSchema *type, struct ArrowDeviceArray *out,
                             igloo_error *error) {
  (void)ctx, (void)error;
  struct state *state = self;
  int64_t count = state->group_count;
  if (state->function == BAD_TOTAL && !partial) count -= 1;
  make_schema(type, state->function == BAD_EMIT && !partial ? "g" : "l", "");
  int64_t *values = make_integers(&out->array, count < 0 ? 0 : count);
  for (int64_t i = 0; i < count; i++) values[i] = state->sums[i];
  place_on_cpu(out);
  return IGLOO_OK;
}

static void release_state(void *self) {
  free(((struct state *)self)->sums);
  free(self);
}

/* ------------------------------------------------------------------ rows */

struct reader { uint32_t function; int64_t next, last; };

static igloo_status reader_schema(void *self, struct ArrowSchema *out, igloo_error *error) {
  (void)error;
  const char *const column[] = {"n", ((struct reader *)self)->function == BAD_ROWS ? "u" : "l"};
  make_struct(out, column, 1);
  return IGLOO_OK;
}

static igloo_status reader_next(void *self, const igloo_ctx *ctx, struct ArrowDeviceArray *out,
                                igloo_error *error) {
  struct reader *reader = self;
  if (ctx->cancelled && atomic_load((_Atomic uint32_t *)(uintptr_t)ctx->cancelled))
    return fail(error, IGLOO_E_CANCELLED, "57014", "cancelled");
  if (reader->function != ENDLESS && reader->next > reader->last) return IGLOO_END;
  int64_t count = 1000;
  if (reader->function != ENDLESS && count > reader->last - reader->next + 1)
    count = reader->last - reader->next + 1;
  make_array(&out->array, count, 1, 1);
  int64_t *values = make_integers(out->array.children[0], count);
  for (int64_t i = 0; i < count && reader->function != ENDLESS; i++) values[i] = reader->next++;
  place_on_cpu(out);
  return IGLOO_OK;
}

static void reader_cancel(void *self) { (void)self; }

static igloo_status table(void *self, const igloo_ctx *ctx, struct ArrowDeviceArray *moved,
                          igloo_reader *out, igloo_error *error) {
  (void)ctx;
  int64_t last = integer(moved->array.children[0], 0);
  let_go(moved);
  if (last < 0) return fail(error, IGLOO_E_INVALID, "22023", "upto takes no negative number");
  struct reader *reader = calloc(1, sizeof *reader);
  *reader = (struct reader){((struct bound *)self)->function, 1, last};
  *out = (igloo_reader){reader, reader_schema, reader_next, reader_cancel, free};
  return IGLOO_OK;
}

/* ------------------------------------------------------------------ the plugin */

static const igloo_functions vtable = {
  list, bind, scalar, agg_new, agg_update, agg_merge, agg_emit, table, release_state, release_bound,
};

static igloo_status create(const igloo_kind *kind, const igloo_value *values, size_t n,
                           const igloo_ctx *ctx, void **self, igloo_error *error) {
  (void)kind, (void)values, (void)n, (void)ctx, (void)error;
  *self = (void *)&ticks;
  return IGLOO_OK;
}

static void destroy(void *self) { (void)self; }

static const igloo_kind kinds[] = {
  {IGLOO_FUNCTIONS, 0, STR("c"), NULL, 0, 0, create, NULL, destroy, &vtable, NULL},
};

static const igloo_plugin plugin = {STR("cfunctions"), STR("1.0"), 1, 1, 1, 1, kinds, NULL};

const igloo_plugin *igloo_plugin_0(const igloo_host *host, igloo_error *error) {
  (void)host, (void)error;
  return &plugin;
}
