// SPDX-License-Identifier: MIT
// What the connector takes over: comparisons of a column with a literal, orders, limits, groups.

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "wrong.h"

// A checked view of the request's expressions.
struct blob {
  const igloo_expr_node *nodes;
  uint32_t n_nodes;
  const uint8_t *pool;
  uint32_t n_pool;
};

static bool open_blob(igloo_bytes bytes, struct blob *out) {
  memset(out, 0, sizeof *out);
  if (bytes.n == 0) return true;
  const igloo_expr_header *header = (const void *)bytes.p;
  if (!IS(TRUSTS_BLOB)) {
    if (bytes.n < sizeof *header || memcmp(header->magic, "IGX1", 4)) return false;
    const uint64_t nodes_end = sizeof *header + (uint64_t)header->n_nodes * sizeof *out->nodes;
    if (nodes_end > header->pool_off || header->pool_off > bytes.n ||
        header->pool_len > bytes.n - header->pool_off)
      return false;
  } else if (bytes.n < sizeof *header + sizeof *out->nodes) {
    abort();
  }
  out->nodes = (const void *)(bytes.p + sizeof *header);
  out->n_nodes = header->n_nodes;
  out->pool = bytes.p + header->pool_off;
  out->n_pool = header->pool_len;
  return true;
}

static const igloo_expr_node *argument(const struct blob *blob, const igloo_expr_node *node,
                                       uint32_t number) {
  uint32_t index;
  if (number >= node->n_args || node->args > blob->n_pool ||
      (uint64_t)node->args + 4ull * node->n_args > blob->n_pool)
    return NULL;
  memcpy(&index, blob->pool + node->args + 4 * number, 4);
  return index < blob->n_nodes ? blob->nodes + index : NULL;
}

static bool is_column(const struct table *table, const igloo_expr_node *node, uint8_t *column) {
  if (!node || node->op != IGX_COLUMN || node->lit.i64 < 0 ||
      node->lit.i64 >= (int64_t)table->n_columns)
    return false;
  *column = (uint8_t)node->lit.i64;
  return true;
}

static bool is_literal(const struct blob *blob, const igloo_expr_node *node, char type,
                       struct condition *out) {
  if (!node || node->op != IGX_LITERAL || node->flags & IGX_FLAG_NULL) return false;
  switch (type) {
  case 'u':
    if (node->type != IGX_TYPE_UTF8 || node->lit.str.len >= NAME_MAX_BYTES ||
        node->lit.str.off > blob->n_pool || node->lit.str.len > blob->n_pool - node->lit.str.off)
      return false;
    out->n = node->lit.str.len;
    memcpy(out->text, blob->pool + node->lit.str.off, out->n);
    return true;
  case 'g': out->d = node->lit.f64; return node->type == IGX_TYPE_FLOAT64;
  case 'l': out->i = node->lit.i64; return node->type == IGX_TYPE_INT64;
  case 'i': out->i = node->lit.i64; return node->type == IGX_TYPE_INT32;
  default: out->i = node->lit.i64; return node->type == IGX_TYPE_BOOL;
  }
}

static bool understand(const struct blob *blob, const struct table *table, uint32_t root,
                       struct condition *out) {
  if (root >= blob->n_nodes) return false;
  const igloo_expr_node *node = blob->nodes + root;
  memset(out, 0, sizeof *out);
  out->op = node->op;
  if (!is_column(table, argument(blob, node, 0), &out->column)) return false;
  if (node->op == IGX_IS_NULL) return node->n_args == 1;
  return node->op >= IGX_EQ && node->op <= IGX_GE && node->n_args == 2 &&
         is_literal(blob, argument(blob, node, 1), table->types[out->column], out);
}

static bool holds(const struct condition *x, const struct table *table, size_t row) {
  const struct cell cell = cell_at(table, row, x->column);
  if (x->op == IGX_IS_NULL) return cell.is_null;
  if (cell.is_null) return IS(NULL_IS_TRUE) && x->op == IGX_NE;
  const struct cell right = {false, x->i, x->d, x->text, x->n};
  if (IS(COLLATION_NE) && x->op == IGX_NE && table->types[x->column] == 'u')
    return cell.n != right.n || (cell.n && strncasecmp(cell.s, right.s, cell.n) != 0);
  return compares(x->op, compare_cells(table->types[x->column], cell, right));
}

bool compares(uint16_t op, int order) {
  switch (op) {
  case IGX_EQ: return order == 0;
  case IGX_NE: return order != 0;
  case IGX_LT: return order < 0;
  case IGX_LE: return order <= 0;
  case IGX_GT: return order > 0;
  default: return order >= 0;
  }
}

bool understand_join(igloo_bytes exprs, uint32_t root, const struct side *left, const char *left_types,
                     const char *right_types, struct join *join) {
  struct blob blob;
  if (!open_blob(exprs, &blob) || root >= blob.n_nodes || join->n_on == JOIN_CONDITIONS_MAX)
    return false;
  const igloo_expr_node *node = blob.nodes + root;
  const igloo_expr_node *a = argument(&blob, node, 0), *b = argument(&blob, node, 1);
  if (node->op < IGX_EQ || node->op > IGX_GE || node->n_args != 2 || !a || !b ||
      a->op != IGX_COLUMN || b->op != IGX_COLUMN || a->lit.i64 < 0 ||
      a->lit.i64 >= left->n_columns || b->lit.i64 < left->n_columns ||
      b->lit.i64 >= left->n_columns + join->sides[1].n_columns)
    return false;
  const uint8_t right = (uint8_t)(b->lit.i64 - left->n_columns);
  if (left_types[left->columns[a->lit.i64]] != right_types[join->sides[1].columns[right]])
    return false;
  join->on[join->n_on].op = (uint8_t)node->op;
  join->on[join->n_on].left = (uint8_t)a->lit.i64;
  join->on[join->n_on++].right = right;
  return true;
}

bool passes(const struct plan *plan, const struct table *table, size_t row) {
  for (uint32_t i = 0; i < plan->n_conditions; i++)
    if (!holds(plan->conditions + i, table, row)) return false;
  return true;
}

static bool plan_groups(const struct blob *blob, const struct table *table,
                        const igloo_scan_request *request, struct plan *plan) {
  if (request->agg_mode != IGLOO_AGG_FULL || request->n_group_by > AGGREGATES_MAX / 2 ||
      request->n_aggs > AGGREGATES_MAX)
    return false;
  for (size_t i = 0; i < request->n_group_by; i++)
    if (request->group_by[i] >= blob->n_nodes ||
        !is_column(table, blob->nodes + request->group_by[i], plan->keys + i))
      return false;
  for (size_t i = 0; i < request->n_aggs; i++) {
    const igloo_agg *agg = request->aggs + i;
    const bool is_known = agg->fn == IGLOO_AGG_COUNT_ROWS || agg->fn == IGLOO_AGG_COUNT ||
                          agg->fn == IGLOO_AGG_MIN || agg->fn == IGLOO_AGG_MAX;
    if (!is_known || agg->distinct || agg->filter != IGLOO_NO_EXPR) return false;
    plan->aggregates[i].fn = (uint8_t)agg->fn;
    if (agg->fn == IGLOO_AGG_COUNT_ROWS) continue;
    if (agg->n_args != 1 || agg->args[0] >= blob->n_nodes ||
        !is_column(table, blob->nodes + agg->args[0], &plan->aggregates[i].column))
      return false;
  }
  plan->n_keys = (uint32_t)request->n_group_by;
  plan->n_aggregates = (uint32_t)request->n_aggs;
  plan->is_grouped = 1;
  return true;
}

static bool plan_sort(const struct blob *blob, const igloo_scan_request *request,
                      struct plan *plan) {
  if (request->n_sort == 0 || request->n_sort > SORTS_MAX) return false;
  for (size_t i = 0; i < request->n_sort; i++) {
    const igloo_sort *sort = request->sort + i;
    if (sort->expr >= blob->n_nodes || blob->nodes[sort->expr].op != IGX_COLUMN ||
        blob->nodes[sort->expr].lit.i64 < 0 ||
        blob->nodes[sort->expr].lit.i64 >= (int64_t)output_count(plan))
      return false;
    plan->sorts[i].column = (uint8_t)blob->nodes[sort->expr].lit.i64;
    plan->sorts[i].descending = sort->descending;
    plan->sorts[i].nulls_first = sort->nulls_first;
  }
  plan->n_sorts = (uint32_t)request->n_sort;
  return true;
}

static void add_column(struct plan *plan, size_t column) {
  for (uint32_t i = 0; i < plan->n_columns; i++)
    if (plan->columns[i] == column) return;
  if (plan->n_columns < sizeof plan->columns) plan->columns[plan->n_columns++] = (uint8_t)column;
}

// Arguments stand before their node, so that one pass downwards meets every node once, also where a
// malformed blob makes a node the argument of several.
static void mark_columns(const struct blob *blob, uint32_t root, bool *used, size_t n) {
  bool *needed = calloc((size_t)root + 1, 1);
  needed[root] = true;
  for (uint32_t i = root + 1; i-- > 0;) {
    const igloo_expr_node *node = blob->nodes + i;
    if (!needed[i] || node->op == IGX_LITERAL) continue;
    if (node->op == IGX_COLUMN) {
      if (node->lit.i64 >= 0 && (uint64_t)node->lit.i64 < n) used[node->lit.i64] = true;
      continue;
    }
    const uint32_t n_args = node->n_args < blob->n_nodes ? node->n_args : 0;
    for (uint32_t j = 0; j < n_args; j++) {
      const igloo_expr_node *child = argument(blob, node, j);
      if (child && child < node) needed[child - blob->nodes] = true;
    }
  }
  free(needed);
}

// Verdicts on the conditions; true when all are exact.
static bool plan_conditions(const struct blob *blob, const struct table *table,
                            const igloo_scan_request *request, struct plan *plan,
                            igloo_scan_answer *answer) {
  bool used[COLUMNS_MAX] = {false}, is_exact = true;
  for (size_t i = 0; i < request->n_conjuncts; i++) {
    struct condition condition;
    if (plan->n_conditions < CONJUNCTS_MAX &&
        understand(blob, table, request->conjuncts[i], &condition)) {
      // Ranges of text are filtered, and the host is asked to look again.
      const bool is_range = table->types[condition.column] == 'u' && condition.op >= IGX_LT &&
                            condition.op <= IGX_GE;
      answer->conjuncts[i] = is_range ? IGLOO_INEXACT : IGLOO_EXACT;
      if (IS(SUBSET_AS_INEXACT) && is_range)
        condition.op = condition.op == IGX_LE ? IGX_LT : IGX_GT;
      plan->conditions[plan->n_conditions++] = condition;
    }
    if (answer->conjuncts[i] == IGLOO_EXACT) continue;
    is_exact = false;
    mark_columns(blob, request->conjuncts[i], used, COLUMNS_MAX);
  }
  for (size_t i = 0; i < table->n_columns; i++)
    if (used[i]) add_column(plan, i);
  return is_exact;
}

igloo_status make_plan(const struct table *table, const char *name, size_t n,
                       const igloo_scan_request *request, struct plan *plan,
                       igloo_scan_answer *answer, igloo_error *error) {
  struct blob blob;
  memset(plan, 0, sizeof *plan);
  if (n == sizeof plan->join) {
    memcpy(&plan->join, name, n);
    plan->is_joined = 1;
  } else {
    memcpy(plan->table, name, n);
  }
  plan->limit = -1;
  if (!open_blob(request->exprs, &blob))
    return fail(error, IGLOO_E_INVALID, "22023", "the expressions are cut short");
  if (request->n_columns > 48) return fail(error, IGLOO_E_INVALID, "22023", "too many columns");
  for (size_t i = 0; i < request->n_columns; i++) {
    if (request->columns[i] >= table->n_columns)
      return fail(error, IGLOO_E_INVALID, "22023", "no such column");
    plan->columns[plan->n_columns++] = (uint8_t)request->columns[i];
  }
  for (size_t i = 0; i < request->n_conjuncts; i++) {
    if (request->conjuncts[i] >= blob.n_nodes)
      return fail(error, IGLOO_E_INVALID, "22023", "no such expression");
    if (IS(UNKNOWN_OP_FAILS) && blob.nodes[request->conjuncts[i]].op > IGX_CALL)
      return fail(error, IGLOO_E_UNSUPPORTED, "0A000", "unknown operation");
  }
  const bool is_exact = plan_conditions(&blob, table, request, plan, answer);
  bool is_settled = is_exact;
  if (request->agg_mode != IGLOO_AGG_NONE) {
    is_settled = is_exact && plan_groups(&blob, table, request, plan);
    answer->aggregate = is_settled ? IGLOO_EXACT : IGLOO_UNSUPPORTED;
  }
  bool is_ordered = is_settled && plan_sort(&blob, request, plan);
  answer->sort = is_ordered ? IGLOO_EXACT : IGLOO_UNSUPPORTED;
  if (request->n_sort == 0) is_ordered = is_settled;
  if (request->limit >= 0 && (is_ordered || (IS(LIMIT_UNDER_INEXACT) && request->n_sort == 0 &&
                                             request->agg_mode == IGLOO_AGG_NONE))) {
    plan->limit = request->limit;
    // Each split by itself gives so many rows at most.
    const bool is_one_split = plan->n_sorts || plan->is_grouped || IS(LIMIT_PER_SPLIT);
    answer->limit = is_one_split ? IGLOO_EXACT : IGLOO_INEXACT;
  }
  return IGLOO_OK;
}

size_t output_count(const struct plan *plan) {
  return plan->is_grouped ? plan->n_keys + plan->n_aggregates : plan->n_columns;
}

char output_type(const struct plan *plan, const struct table *table, size_t column) {
  if (!plan->is_grouped) return table->types[plan->columns[column]];
  if (column < plan->n_keys) return table->types[plan->keys[column]];
  const uint8_t fn = plan->aggregates[column - plan->n_keys].fn;
  return fn == IGLOO_AGG_MIN || fn == IGLOO_AGG_MAX
             ? table->types[plan->aggregates[column - plan->n_keys].column] : 'l';
}

const char *output_name(const struct plan *plan, const struct table *table, size_t column) {
  if (!plan->is_grouped) return table->names[plan->columns[column]];
  return column < plan->n_keys ? table->names[plan->keys[column]] : "value";
}
