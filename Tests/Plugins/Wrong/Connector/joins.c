// SPDX-License-Identifier: MIT
// Joins of two tables as tables: made row by row when they are first read.

#include <stdlib.h>
#include <string.h>

#include "wrong.h"

static bool is_terminated(const char *text) { return memchr(text, 0, NAME_MAX_BYTES) != NULL; }

static const struct table *side_table(const char *folder, const struct side *side) {
  if (!is_terminated(side->table) || side->n_columns > COLUMNS_MAX ||
      side->n_conditions > CONJUNCTS_MAX)
    return NULL;
  const struct table *table = find_table(folder, side->table, strlen(side->table));
  for (uint32_t i = 0; table && i < side->n_columns; i++)
    if (side->columns[i] >= table->n_columns) return NULL;
  for (uint32_t i = 0; table && i < side->n_conditions; i++)
    if (side->conditions[i].column >= table->n_columns) return NULL;
  return table;
}

static bool side_passes(const struct side *side, const struct table *table, size_t row) {
  struct plan plan = {.n_conditions = side->n_conditions};
  memcpy(plan.conditions, side->conditions, sizeof plan.conditions);
  return passes(&plan, table, row);
}

static bool matches(const struct join *join, const struct table *left, size_t left_row,
                    const struct table *right, size_t right_row) {
  for (uint32_t i = 0; i < join->n_on; i++) {
    const uint8_t column = join->sides[0].columns[join->on[i].left];
    const struct cell a = cell_at(left, left_row, column);
    const struct cell b = cell_at(right, right_row, join->sides[1].columns[join->on[i].right]);
    if (a.is_null || b.is_null) {
      if (IS(JOIN_NULLS_MATCH) && a.is_null && b.is_null) continue;
      return false;
    }
    if (!compares(join->on[i].op, compare_cells(left->types[column], a, b))) return false;
  }
  return true;
}

// Left cells, then right ones; NULLs where there is no right row.
static void add_row(struct table *out, const struct join *join, const struct table *left,
                    size_t left_row, const struct table *right, size_t right_row) {
  struct cell *cells = out->cells =
      realloc(out->cells, (out->n_rows + 1) * (out->n_columns + 1) * sizeof *out->cells);
  cells += out->n_rows++ * out->n_columns;
  for (uint32_t i = 0; i < join->sides[0].n_columns; i++)
    *cells++ = cell_at(left, left_row, join->sides[0].columns[i]);
  if (out->n_columns == join->sides[0].n_columns) return;
  for (uint32_t i = 0; i < join->sides[1].n_columns; i++)
    *cells++ = right ? cell_at(right, right_row, join->sides[1].columns[i])
                     : (struct cell){.is_null = true};
}

static struct table *make(const char *folder, const struct join *join) {
  const struct table *left = side_table(folder, join->sides), *right = side_table(folder, join->sides + 1);
  const bool is_wide = join->type == IGLOO_JOIN_INNER || join->type == IGLOO_JOIN_LEFT;
  if (!left || !right || join->type < IGLOO_JOIN_INNER || join->type > IGLOO_JOIN_ANTI ||
      join->n_on > JOIN_CONDITIONS_MAX ||
      join->sides[0].n_columns + (is_wide ? join->sides[1].n_columns : 0) > COLUMNS_MAX)
    return NULL;
  for (uint32_t i = 0; i < join->n_on; i++)
    if (join->on[i].left >= join->sides[0].n_columns || join->on[i].right >= join->sides[1].n_columns)
      return NULL;
  struct table *out = calloc(1, sizeof *out);
  for (int s = 0; s < (is_wide ? 2 : 1); s++)
    for (uint32_t i = 0; i < join->sides[s].n_columns; i++) {
      const struct table *table = s ? right : left;
      memcpy(out->names[out->n_columns], table->names[join->sides[s].columns[i]], NAME_MAX_BYTES);
      out->types[out->n_columns++] = table->types[join->sides[s].columns[i]];
    }
  out->cells = calloc(out->n_columns + 1, sizeof *out->cells);
  for (size_t l = 0; l < left->n_rows; l++) {
    if (!side_passes(join->sides, left, l)) continue;
    bool has_match = false;
    for (size_t r = 0; r < right->n_rows; r++) {
      if (!side_passes(join->sides + 1, right, r) || !matches(join, left, l, right, r)) continue;
      has_match = true;
      if (!is_wide) break;
      add_row(out, join, left, l, right, r);
    }
    if (join->type == IGLOO_JOIN_LEFT && !has_match && !IS(JOIN_LOSES_UNMATCHED))
      add_row(out, join, left, l, NULL, 0);
    if ((join->type == IGLOO_JOIN_SEMI && has_match) || (join->type == IGLOO_JOIN_ANTI && !has_match))
      add_row(out, join, left, l, NULL, 0);
  }
  return out;
}

static struct known {
  struct join join;
  char *folder;
  struct table *table;
  struct known *next;
} *known;
static int lock;

const struct table *find_join(const char *folder, const struct join *join) {
  while (__atomic_exchange_n(&lock, 1, __ATOMIC_ACQUIRE)) {}
  struct known *found = known;
  while (found && (memcmp(&found->join, join, sizeof *join) || strcmp(found->folder, folder)))
    found = found->next;
  if (!found) {
    struct table *table = make(folder, join);
    if (table) {
      found = malloc(sizeof *found);
      *found = (struct known){*join, strdup(folder), table, known};
      known = found;
    }
  }
  __atomic_store_n(&lock, 0, __ATOMIC_RELEASE);
  return found ? found->table : NULL;
}

bool take_side(const struct plan *plan, struct side *side) {
  if (plan->is_joined || plan->n_sorts || plan->is_grouped || plan->limit >= 0 ||
      plan->n_columns > COLUMNS_MAX)
    return false;
  memcpy(side->table, plan->table, sizeof side->table);
  side->n_columns = plan->n_columns;
  memcpy(side->columns, plan->columns, plan->n_columns);
  side->n_conditions = plan->n_conditions;
  memcpy(side->conditions, plan->conditions, sizeof side->conditions);
  return true;
}
