// SPDX-License-Identifier: MIT
// The connector's functions, as igloo.h asks for them.

#include <fcntl.h>
#include <locale.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "wrong.h"

#if WRONG_NOTE_RUNTIME
#define RUNTIME "swift-static"
#else
#define RUNTIME "c"
#endif
#if !WRONG_NOTE_ABSENT
IGLOO_NOTE("id=wrong\nversion=1.0\nkinds=connector:wrong\nneeds=1\nruntime=" RUNTIME
           "\nlicense=MIT\n");
#endif

const igloo_host *host;
static void *volatile lost; // what nobody frees

igloo_status fail(igloo_error *error, igloo_status status, const char *state, const char *message) {
  if (IS(CODE_OUT_OF_RANGE) && status == IGLOO_E_INVALID) status = -40;
  error->code = status;
  memcpy(error->sqlstate, IS(BAD_SQLSTATE) ? "42p01" : state, 5);
  error->message = (igloo_str){message, strlen(message)};
  return status;
}

struct instance {
  char *folder, *token;
  int descriptor;
};

static bool is_cancelled(const igloo_ctx *ctx) {
  return !IS(DEAF_TO_CANCEL) && ctx && ctx->cancelled &&
         __atomic_load_n(ctx->cancelled, __ATOMIC_ACQUIRE);
}

static igloo_status cancelled(igloo_error *error) {
  return fail(error, IGLOO_E_CANCELLED, "57014", "cancelled");
}

// ---------------------------------------------------------------- readers

struct reader {
  struct plan plan;
  const struct table *table;
  size_t n_rows, n_columns, next;
  const char *names[64];
  char types[64];
  struct cell *cells; // NULL: rows of the table, from `first` on
  size_t first;
  struct ArrowArray kept;
  int is_cancelled, polls;
};

static const struct reader *sorted; // while qsort runs
static pthread_mutex_t sorting = PTHREAD_MUTEX_INITIALIZER;

static int compare_rows(const void *left, const void *right) {
  const struct cell *a = left, *b = right;
  for (uint32_t i = 0; i < sorted->plan.n_sorts; i++) {
    const uint8_t column = sorted->plan.sorts[i].column;
    if (a[column].is_null || b[column].is_null) {
      if (a[column].is_null && b[column].is_null) continue;
      const bool first = IS(NULLS_AT_WRONG_END) ? !sorted->plan.sorts[i].nulls_first
                                                : sorted->plan.sorts[i].nulls_first;
      return a[column].is_null == first ? -1 : 1;
    }
    const int order = compare_cells(sorted->types[column], a[column], b[column]);
    if (order) return sorted->plan.sorts[i].descending ? -order : order;
  }
  return 0;
}

static void append(struct reader *reader, const struct cell *row) {
  if ((reader->n_rows & (reader->n_rows - 1)) == 0) {
    const size_t capacity = reader->n_rows ? reader->n_rows * 2 : 1;
    reader->cells = realloc(reader->cells, (capacity * reader->n_columns + 1) * sizeof *row);
  }
  memcpy(reader->cells + reader->n_rows * reader->n_columns, row,
         reader->n_columns * sizeof *row);
  reader->n_rows++;
}

static bool same_key(const struct reader *reader, const struct cell *a, const struct cell *b) {
  for (uint32_t i = 0; i < reader->plan.n_keys; i++) {
    if (a[i].is_null != b[i].is_null) return false;
    if (!a[i].is_null && compare_cells(reader->types[i], a[i], b[i]) != 0) return false;
  }
  return true;
}

static void add_to_group(struct reader *reader, size_t row) {
  struct cell cells[64];
  const struct plan *plan = &reader->plan;
  for (uint32_t i = 0; i < plan->n_keys; i++)
    cells[i] = cell_at(reader->table, row, plan->keys[i]);
  struct cell *group = NULL;
  for (size_t i = 0; i < reader->n_rows && !group; i++)
    if (same_key(reader, reader->cells + i * reader->n_columns, cells))
      group = reader->cells + i * reader->n_columns;
  if (!group) {
    for (size_t i = plan->n_keys; i < reader->n_columns; i++) {
      const uint8_t fn = plan->aggregates[i - plan->n_keys].fn;
      cells[i] = (struct cell){.is_null = fn == IGLOO_AGG_MIN || fn == IGLOO_AGG_MAX};
    }
    append(reader, cells);
    group = reader->cells + (reader->n_rows - 1) * reader->n_columns;
  }
  for (uint32_t i = 0; i < plan->n_aggregates; i++) {
    struct cell *value = group + plan->n_keys + i;
    const uint8_t fn = plan->aggregates[i].fn;
    if (fn == IGLOO_AGG_COUNT_ROWS) {
      value->i++;
      continue;
    }
    const struct cell cell = cell_at(reader->table, row, plan->aggregates[i].column);
    if (cell.is_null) {
      if (IS(MINIMUM_OF_NULLS) && fn == IGLOO_AGG_MIN) value->is_null = false;
      continue;
    }
    const int order = compare_cells(reader->types[plan->n_keys + i], cell, *value);
    if (fn == IGLOO_AGG_COUNT) value->i++;
    else if (value->is_null || (fn == IGLOO_AGG_MIN ? order < 0 : order > 0)) *value = cell;
  }
}

static void fill(struct reader *reader, size_t from, size_t to) {
  const struct plan *plan = &reader->plan;
  if (!reader->table->cells && !plan->n_conditions && !plan->n_sorts && !plan->is_grouped) {
    // The large table as it is: nothing is kept.
    reader->first = from;
    reader->n_rows = to - from;
  } else {
    for (size_t row = from; row < to; row++) {
      if (!passes(plan, reader->table, row)) continue;
      if (plan->is_grouped) {
        add_to_group(reader, row);
        continue;
      }
      struct cell cells[64];
      for (size_t i = 0; i < reader->n_columns; i++)
        cells[i] = cell_at(reader->table, row, plan->columns[i]);
      append(reader, cells);
    }
    if (plan->is_grouped && plan->n_keys == 0 && reader->n_rows == 0 && !IS(NO_GROUP_OF_NOTHING)) {
      struct cell cells[64] = {{0}};
      for (uint32_t i = 0; i < plan->n_aggregates; i++)
        cells[i].is_null = plan->aggregates[i].fn == IGLOO_AGG_MIN ||
                           plan->aggregates[i].fn == IGLOO_AGG_MAX;
      append(reader, cells);
    }
    if (plan->n_sorts && reader->n_rows && !IS(UNORDERED)) {
      pthread_mutex_lock(&sorting);
      sorted = reader;
      qsort(reader->cells, reader->n_rows, reader->n_columns * sizeof *reader->cells, compare_rows);
      pthread_mutex_unlock(&sorting);
    }
  }
  if (plan->limit >= 0 && (uint64_t)plan->limit < reader->n_rows) reader->n_rows = (size_t)plan->limit;
}

static igloo_status reader_schema(void *self, struct ArrowSchema *out, igloo_error *error) {
  const struct reader *reader = self;
  (void)error;
  char types[64];
  memcpy(types, reader->types, sizeof types);
  if (IS(SCHEMA_DIFFERS) && reader->table && reader->n_columns > 3 && types[0] == 'i') types[0] = 'l';
  make_schema(out, reader->n_columns, reader->names, types);
  return IGLOO_OK;
}

static void release_nothing(struct ArrowArray *array) { array->release = NULL; }

static igloo_status poll_first(struct reader *reader, const igloo_ctx *ctx) {
  if (IS(PENDING_WITHOUT_WAKER) && reader->polls++ == 0) return IGLOO_PENDING;
  if (IS(NEVER_WAKES) && ctx->waker && reader->polls++ == 0) return IGLOO_PENDING;
  return IGLOO_OK;
}

static igloo_status reader_next(void *self, const igloo_ctx *ctx, struct ArrowDeviceArray *out,
                                igloo_error *error) {
  struct reader *reader = self;
  if (is_cancelled(ctx) || __atomic_load_n(&reader->is_cancelled, __ATOMIC_ACQUIRE))
    return cancelled(error);
  if (poll_first(reader, ctx)) return IGLOO_PENDING;
  if (reader->next >= reader->n_rows) {
    if (IS(AGAIN_AFTER_END) && reader->n_rows && reader->next++ > reader->n_rows) reader->next = 0;
    if (reader->next >= reader->n_rows) return IGLOO_END;
  }
  if (IS(DEAF_TO_CANCEL) && reader->first + reader->n_rows > 1000) sleep(20);
  size_t n = reader->n_rows - reader->next;
  if (n > 1024) n = 1024;
  struct cell *cells = malloc((n * reader->n_columns + 1) * sizeof *cells);
  if (ctx->memory_account) {
    host->reserve(ctx->memory_account, 1000);
    host->reserve(ctx->memory_account, IS(GIVES_BACK_TOO_MUCH) ? -2000 : -1000);
  }
  if (reader->cells) {
    memcpy(cells, reader->cells + reader->next * reader->n_columns,
           n * reader->n_columns * sizeof *cells);
    make_batch(out, n, reader->n_columns, reader->types, cells);
  } else {
    // Texts of the large table live for 64 rows of a column.
    if (n > 60) n = 60;
    for (size_t row = 0; row < n; row++)
      for (size_t i = 0; i < reader->n_columns; i++)
        cells[row * reader->n_columns + i] =
            cell_at(reader->table, reader->first + reader->next + row, reader->plan.columns[i]);
    make_batch(out, n, reader->n_columns, reader->types, cells);
  }
  free(cells);
  if (IS(ROWS_WITHOUT_COLUMNS) && reader->n_columns == 0) out->array.length = 1;
  if (IS(BATCH_DIES_WITH_READER) && reader->n_columns > 1 && !reader->kept.release) {
    // The batch only borrows its children: they are freed with the reader.
    reader->kept = out->array;
    out->array.release = release_nothing;
  }
  reader->next += n;
  return IGLOO_OK;
}

static void reader_cancel(void *self) {
  if (!IS(DEAF_TO_CANCEL)) __atomic_store_n(&((struct reader *)self)->is_cancelled, 1, __ATOMIC_RELEASE);
}

static void reader_release(void *self) {
  struct reader *reader = self;
  if (reader->kept.release) reader->kept.release(&reader->kept);
  free(reader->cells);
  free(reader);
}

static void give(struct reader *reader, igloo_reader *out) {
  *out = (igloo_reader){reader, reader_schema, reader_next, reader_cancel, reader_release};
}

// ---------------------------------------------------------------- lists, tables

static const char *const listed[] = {"big", "empty", "hostile", "stale"};

static igloo_status list(void *self, const igloo_ctx *ctx, uint32_t what, igloo_str schema,
                         igloo_str prefix, igloo_reader *out, igloo_error *error) {
  (void)self, (void)ctx, (void)schema;
  if (what != IGLOO_LIST_SCHEMAS && what != IGLOO_LIST_TABLES)
    return fail(error, IGLOO_E_UNSUPPORTED, "0A000", "no such list");
  struct reader *reader = calloc(1, sizeof *reader);
  static const char *const names[] = {"schema", "name", "kind", "comment", "est_rows"};
  reader->n_columns = what == IGLOO_LIST_SCHEMAS ? 1 : 5;
  memcpy(reader->names, what == IGLOO_LIST_SCHEMAS ? names + 1 : names,
         reader->n_columns * sizeof *names);
  if (IS(LIST_COLUMNS)) reader->names[0] = "title";
  memcpy(reader->types, "uuuul", 5);
  const bool is_main = schema.n == 0 || (schema.n == 4 && memcmp(schema.p, "main", 4) == 0);
  for (size_t i = 0; i < 4 && (what == IGLOO_LIST_SCHEMAS ? i == 0 : is_main); i++) {
    struct cell cells[5] = {{.s = "main", .n = 4}, {.s = listed[i], .n = strlen(listed[i])},
                            {.s = "table", .n = 5}, {.is_null = true}, {.is_null = true}};
    const struct cell *name = cells + (what == IGLOO_LIST_SCHEMAS ? 0 : 1);
    if (!IS(PREFIX_IGNORED) &&
        (name->n < prefix.n || (prefix.n && memcmp(name->s, prefix.p, prefix.n))))
      continue;
    append(reader, cells);
  }
  give(reader, out);
  return IGLOO_OK;
}

static void release_blob(igloo_blob *blob) { free(blob->p); }

static igloo_status open_table(void *self, const igloo_ctx *ctx, igloo_str schema, igloo_str name,
                               igloo_blob *table, struct ArrowSchema *out, igloo_error *error) {
  const struct instance *instance = self;
  (void)ctx;
  if (IS(CALL_LEAK)) lost = malloc(1000);
  if (schema.n && (schema.n != 4 || memcmp(schema.p, "main", 4)))
    return fail(error, IGLOO_E_NOT_FOUND, "3F000", "no such schema");
  const struct table *found = find_table(instance->folder, name.p, name.n);
  if (!found) {
    if (IS(OUT_HANDLE)) *table = (igloo_blob){calloc(1, 8), 8, release_blob, NULL};
    if (IS(SECRET_IN_ERROR)) {
      static _Thread_local char message[300];
      snprintf(message, sizeof message, "no such table for the token %.200s", instance->token);
      return fail(error, IGLOO_E_NOT_FOUND, "42P01", message);
    }
    return fail(error, IS(WRONG_NOT_FOUND) ? IGLOO_E_INTERNAL : IGLOO_E_NOT_FOUND, "42P01",
                "no such table");
  }
  *table = (igloo_blob){malloc(name.n + 1), name.n, release_blob, NULL};
  memcpy(table->p, name.p, name.n);
  const char *names[COLUMNS_MAX];
  for (size_t i = 0; i < found->n_columns; i++) names[i] = found->names[i];
  make_schema(out, found->n_columns, names, found->types);
  return IGLOO_OK;
}

// ---------------------------------------------------------------- scans

static const struct table *table_of(const struct instance *instance, igloo_bytes handle) {
  struct join join;
  if (handle.n != sizeof join)
    return find_table(instance->folder, (const char *)handle.p, handle.n);
  memcpy(&join, handle.p, sizeof join);
  return find_join(instance->folder, &join);
}

static void release_answer(igloo_scan_answer *answer) { free(answer->owner); }

static igloo_status plan(void *self, const igloo_ctx *ctx, const igloo_scan_request *request,
                         struct ArrowSchema *out, igloo_scan_answer *answer, igloo_error *error) {
  const struct instance *instance = self;
  (void)ctx;
  const struct table *table = table_of(instance, request->table);
  if (!table) return fail(error, IGLOO_E_STATE, "42P01", "the table is gone");
  const size_t size = sizeof(struct plan) + (IS(HUGE_HANDLE) ? 2u << 20 : 0);
  struct plan *made = calloc(1, size);
  const igloo_status status = make_plan(table, (const char *)request->table.p, request->table.n,
                                        request, made, answer, error);
  if (status < 0) {
    free(made);
    return status;
  }
  if (IS(VERDICT_TOO_MANY)) answer->conjuncts[request->n_conjuncts] = IGLOO_UNSUPPORTED;
  if (IS(PLAN_WITH_EFFECT)) (void)!open("/dev/null", O_RDONLY | O_CLOEXEC);
  static unsigned count;
  if (IS(IMPURE_PLAN) && ++count % 2) memset(answer->conjuncts, 0, request->n_conjuncts);
  made->pointer = IS(POINTER_IN_HANDLE) ? made : NULL;
  const char *names[64];
  char types[64];
  const size_t n = output_count(made);
  for (size_t i = 0; i < n; i++) {
    names[i] = output_name(made, table, i);
    types[i] = output_type(made, table, i);
  }
  make_schema(out, n, names, types);
  answer->handle = (igloo_bytes){(uint8_t *)made, size};
  answer->owner = made;
  answer->release = release_answer;
  return IGLOO_OK;
}

static const struct table *read_handle(const struct instance *instance, igloo_bytes handle,
                                       struct plan *plan) {
  if (handle.n < sizeof *plan || (handle.n > sizeof *plan && !IS(HUGE_HANDLE))) return NULL;
  memcpy(plan, handle.p, sizeof *plan);
  if (IS(POINTER_IN_HANDLE)) plan->limit += *(const volatile char *)plan->pointer & 0;
  if (memchr(plan->table, 0, NAME_MAX_BYTES) == NULL || plan->n_columns > sizeof plan->columns ||
      plan->n_conditions > CONJUNCTS_MAX || plan->n_sorts > SORTS_MAX ||
      plan->n_keys > AGGREGATES_MAX || plan->n_aggregates > AGGREGATES_MAX)
    return NULL;
  const struct table *table = plan->is_joined
                                  ? find_join(instance->folder, &plan->join)
                                  : find_table(instance->folder, plan->table, strlen(plan->table));
  for (uint32_t i = 0; table && i < plan->n_columns; i++)
    if (plan->columns[i] >= table->n_columns) return NULL;
  return table;
}

struct split_source {
  size_t next, step, n_rows;
  int is_cancelled, is_lost, is_done;
};

struct bounds { uint64_t from, to; };

static void release_splits(igloo_splits *splits) { free(splits->owner); }

static igloo_status next_splits(void *self, const igloo_ctx *ctx, size_t max, igloo_splits *out,
                                igloo_error *error) {
  struct split_source *source = self;
  if (is_cancelled(ctx)) return cancelled(error);
  if (source->is_done || __atomic_load_n(&source->is_cancelled, __ATOMIC_ACQUIRE)) return IGLOO_END;
  if (IS(TOO_MANY_SPLITS)) max += 3;
  char *block = malloc(max * (sizeof(igloo_split) + sizeof(struct bounds)));
  igloo_split *items = (igloo_split *)block;
  struct bounds *bounds = (struct bounds *)(items + max);
  size_t n = 0;
  while (n < max && !source->is_done) {
    bounds[n].from = source->next;
    bounds[n].to = source->n_rows - source->next > source->step ? source->next + source->step
                                                                : source->n_rows;
    source->next = bounds[n].to;
    source->is_done = source->next >= source->n_rows;
    if (IS(LOST_SPLIT) && bounds[n].from > 0 && !source->is_lost) {
      source->is_lost = 1;
      continue;
    }
    items[n] = (igloo_split){{(uint8_t *)(bounds + n), sizeof *bounds}, -1, -1};
    n++;
    if (IS(DOUBLED_SPLIT) && source->is_done && n < max && source->step < source->n_rows) {
      items[n] = items[n - 1];
      n++;
    }
  }
  *out = (igloo_splits){items, n, release_splits, block};
  return IGLOO_OK;
}

static void cancel_splits(void *self) {
  __atomic_store_n(&((struct split_source *)self)->is_cancelled, 1, __ATOMIC_RELEASE);
}

static void release_source(void *self) { free(self); }

static igloo_status splits(void *self, const igloo_ctx *ctx, igloo_bytes handle, int64_t target,
                           igloo_split_source *out, igloo_error *error) {
  struct plan plan;
  if (is_cancelled(ctx)) return cancelled(error);
  const struct table *table = read_handle(self, handle, &plan);
  if (!table) return fail(error, IGLOO_E_INVALID, "22023", "this is no handle of a plan");
  struct split_source *source = calloc(1, sizeof *source);
  source->n_rows = table->n_rows;
  source->step = target / 64 < 8 ? 8 : (size_t)(target / 64);
  if (plan.n_sorts || (plan.is_grouped && !IS(GROUP_IN_TWO_SPLITS))) source->step = SIZE_MAX / 2;
  *out = (igloo_split_source){source, next_splits, cancel_splits, release_source};
  return IGLOO_OK;
}

static igloo_status open_split(void *self, const igloo_ctx *ctx, igloo_bytes handle,
                               igloo_bytes split, igloo_reader *out, igloo_error *error) {
  struct reader *reader = calloc(1, sizeof *reader);
  struct bounds bounds;
  reader->table = is_cancelled(ctx) ? NULL : read_handle(self, handle, &reader->plan);
  if (reader->table && split.n == sizeof bounds) memcpy(&bounds, split.p, sizeof bounds);
  if (!reader->table || split.n != sizeof bounds || bounds.from > bounds.to ||
      bounds.to > reader->table->n_rows) {
    free(reader);
    if (is_cancelled(ctx)) return cancelled(error);
    return fail(error, IGLOO_E_INVALID, "22023", "this is no split of a plan");
  }
  reader->n_columns = output_count(&reader->plan);
  for (size_t i = 0; i < reader->n_columns; i++) {
    reader->names[i] = output_name(&reader->plan, reader->table, i);
    reader->types[i] = output_type(&reader->plan, reader->table, i);
  }
  fill(reader, bounds.from, bounds.to);
  give(reader, out);
  return IGLOO_OK;
}

static igloo_status ping(void *self, const igloo_ctx *ctx, igloo_error *error) {
  const struct instance *instance = self;
  (void)ctx;
  if (access(instance->folder, R_OK) != 0)
    return fail(error, IGLOO_E_UNAVAILABLE, "58030", "the folder cannot be read");
  return IGLOO_OK;
}

// ---------------------------------------------------------------- statistics

static igloo_status stats(void *self, const igloo_ctx *ctx, igloo_bytes handle,
                          const uint32_t *columns, size_t n, igloo_table_stats *out,
                          igloo_error *error) {
  struct plan plan;
  (void)ctx, (void)columns, (void)n;
  const struct table *table = read_handle(self, handle, &plan);
  if (!table) return fail(error, IGLOO_E_INVALID, "22023", "this is no handle of a plan");
  if (plan.n_conditions || plan.is_joined) return IGLOO_END;
  static const struct { igloo_expr_header header; igloo_expr_node nodes[2]; } bounds = {
      {"IGX1", 2, sizeof bounds, 0},
      {{.op = IGX_LITERAL, .type = IGX_TYPE_INT32, .lit.i64 = 0},
       {.op = IGX_LITERAL, .type = IGX_TYPE_INT32, .lit.i64 = IS(FALSE_BOUNDS) ? 50 : 1000}}};
  static const igloo_column_stats id = {0, 0, 0, -1, 4, 0, 1};
  *out = (igloo_table_stats){.rows = (double)table->n_rows + (IS(FALSE_EXACT_COUNT) ? 1 : 0),
                             .bytes = __builtin_nan(""), .exact = 1};
  if (table->types[0] == 'i' && table->n_columns > 3) {
    static igloo_column_stats column;
    column = id;
    column.distinct = __builtin_nan("");
    out->columns = &column;
    out->n = 1;
    out->exprs = (igloo_bytes){(const uint8_t *)&bounds, sizeof bounds};
  }
  return IGLOO_OK;
}

static const igloo_stats stats_facet = {stats};

// ---------------------------------------------------------------- joins

static igloo_status join(void *self, const igloo_ctx *ctx, const igloo_join_request *request,
                         igloo_blob *out, struct ArrowSchema *schema, igloo_error *error) {
  const struct instance *instance = self;
  const struct table *tables[2];
  struct plan plan;
  (void)ctx;
  struct join *made = calloc(1, sizeof *made);
  made->type = request->type;
  bool is_known = true;
  for (int i = 0; i < 2; i++) {
    tables[i] = read_handle(instance, i ? request->right : request->left, &plan);
    is_known = is_known && tables[i] && take_side(&plan, made->sides + i);
  }
  for (size_t i = 0; is_known && i < request->n_conjuncts; i++)
    is_known = understand_join(request->exprs, request->conjuncts[i], made->sides, tables[0]->types,
                               tables[1]->types, made);
  const struct table *table = is_known ? find_join(instance->folder, made) : NULL;
  if (!table) {
    free(made);
    return fail(error, IGLOO_E_UNSUPPORTED, "0A000", "expression: not a join of two columns");
  }
  *out = (igloo_blob){(uint8_t *)made, sizeof *made, release_blob, NULL};
  const char *names[COLUMNS_MAX];
  for (size_t i = 0; i < table->n_columns; i++) names[i] = table->names[i];
  make_schema(schema, table->n_columns, names, table->types);
  return IGLOO_OK;
}

static const igloo_join join_facet = {join};

static const void *facet(void *self, uint32_t id) {
  (void)self;
  if (id == IGLOO_FACET_JOIN_1) return &join_facet;
  if (id == IGLOO_FACET_STATS_1) return IS(DECLARED_NO_FACET) ? NULL : &stats_facet;
  return IS(FACET_NOT_DECLARED) && id == 0x0102 ? &stats_facet : NULL;
}

// ---------------------------------------------------------------- life

static pthread_t idler;
static int has_idler;

static void *idle(void *unused) {
  (void)unused;
  for (;;) pause();
  return NULL;
}

static void start_idler(void) {
  if (!has_idler) pthread_create(&idler, NULL, idle, NULL);
  has_idler = 1;
}

static igloo_str option(const igloo_value *values, size_t n, const char *name) {
  for (size_t i = 0; i < n; i++)
    if (values[i].name.n == strlen(name) && memcmp(values[i].name.p, name, strlen(name)) == 0)
      return values[i].s;
  return (igloo_str){NULL, 0};
}

static igloo_status create(const igloo_kind *kind, const igloo_value *values, size_t n,
                           const igloo_ctx *ctx, void **self, igloo_error *error) {
  (void)kind, (void)ctx;
  const igloo_str path = option(values, n, "path"), token = option(values, n, "token");
  if (path.p == NULL) return fail(error, IGLOO_E_INVALID, "22023", "the option path is missing");
  struct instance *instance = calloc(1, sizeof *instance);
  instance->folder = strndup(path.p, path.n);
  instance->token = strndup(token.p ? token.p : "", token.n);
  if (IS(SECRET_LOGGED) && token.n) host->log(IGLOO_LOG_DEBUG, (igloo_str)STR("wrong"), token);
  if (IS(INSTANCE_LEAK)) lost = malloc(1000);
  if (IS(THREAD_LEFT)) start_idler();
  if (IS(LOCALE_CHANGED)) setlocale(LC_ALL, "C.UTF-8");
  if (IS(SIGNAL_CHANGED)) signal(SIGUSR1, SIG_IGN);
  if (IS(FOLDER_CHANGED)) (void)!chdir("/");
  if (IS(DESCRIPTOR_LEFT)) (void)!open("/dev/null", O_RDONLY | O_CLOEXEC);
  instance->descriptor = IS(DESCRIPTOR_INHERITED) ? open("/dev/null", O_RDONLY) : -1;
  *self = instance;
  return IGLOO_OK;
}

static void destroy(void *self) {
  struct instance *instance = self;
  free(instance->folder);
  free(instance->token);
  if (instance->descriptor >= 0) close(instance->descriptor);
  free(instance);
}

static const igloo_connector connector = {list, open_table, plan, splits, open_split, ping};

static const igloo_option options[] = {
    {STR("path"), IGLOO_OPT_PATH, IGLOO_OPT_REQUIRED, {NULL, 0}, {NULL, 0}, STR("A folder.")},
    {STR("token"), IGLOO_OPT_SECRET, 0, {NULL, 0}, {NULL, 0},
#if WRONG_OPTION_DOC
     {NULL, 0}
#else
     STR("Who asks.")
#endif
    }};

static const igloo_kind kinds[] = {{.kind = IGLOO_CONNECTOR, .name = STR("wrong"),
                                    .options = options, .n_options = 2,
                                    .caps = IGLOO_CAP_CPU_BOUND | IGLOO_CAP_STATS | IGLOO_CAP_JOIN,
                                    .create = create, .destroy = destroy, .vtable = &connector,
                                    .facet = facet}};

static const igloo_plugin plugin = {.id = STR("wrong"),
#if WRONG_VERSION
                                    .version = STR("2.0"),
#else
                                    .version = STR("1.0"),
#endif
                                    .needs_minor = 1, .wire_min = 1, .wire_max = 1, .n_kinds = 1,
                                    .kinds = kinds};

#if WRONG_SYMBOL
int igloo_plugin_helper(void);
int igloo_plugin_helper(void) { return 1; }
#endif

const igloo_plugin *igloo_plugin_0(const igloo_host *given, igloo_error *error) {
  (void)error;
  host = given;
  if (IS(THREAD_IN_ENTRY)) start_idler();
  return &plugin;
}
