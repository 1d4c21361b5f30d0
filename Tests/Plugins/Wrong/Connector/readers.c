// SPDX-License-Identifier: MIT
// Readers: rows of a table that pass a plan's conditions, grouped and sorted as it says.

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "wrong.h"

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

void append(struct reader *reader, const struct cell *row) {
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

void fill(struct reader *reader, size_t from, size_t to) {
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

void give(struct reader *reader, igloo_reader *out) {
  *out = (igloo_reader){reader, reader_schema, reader_next, reader_cancel, reader_release};
}
