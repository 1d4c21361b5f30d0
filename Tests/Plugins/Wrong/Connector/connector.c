// SPDX-License-Identifier: MIT
// The connector's functions, as igloo.h asks for them, and its facets of statistics and joins.

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "wrong.h"

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

void release_blob(igloo_blob *blob) { free(blob->p); }

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

const struct table *read_handle(const struct instance *instance, igloo_bytes handle,
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

const igloo_stats stats_facet = {stats};

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

const igloo_join join_facet = {join};

const igloo_connector connector = {list, open_table, plan, splits, open_split, ping};
