// SPDX-License-Identifier: MIT
// A connector in C over small tables, which does everything right; and, built with -DWRONG=NAME, one
// thing wrong. The conformance kit must pass the first and catch each of the others.
#ifndef WRONG_H
#define WRONG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "igloo.h"

enum wrong {
  NOTHING,
  // Image, entry, process.
  TWO_SYMBOLS, NO_NOTE, OTHER_VERSION, FALSE_RUNTIME, LIBRARY, THREAD_IN_ENTRY, THREAD_LEFT,
  LOCALE_CHANGED, SIGNAL_CHANGED, FOLDER_CHANGED, DESCRIPTOR_LEFT, DESCRIPTOR_INHERITED,
  // Options, errors, memory.
  SECRET_LOGGED, SECRET_IN_ERROR, UNDOCUMENTED_OPTION, INSTANCE_LEAK, OUT_HANDLE, CODE_OUT_OF_RANGE,
  BAD_SQLSTATE, CALL_LEAK, BATCH_DIES_WITH_READER, GIVES_BACK_TOO_MUCH,
  // Cancelling and polling.
  DEAF_TO_CANCEL, AGAIN_AFTER_END, PENDING_WITHOUT_WAKER, NEVER_WAKES,
  // Lists, tables, batches.
  PREFIX_IGNORED, LIST_COLUMNS, WRONG_NOT_FOUND, SCHEMA_DIFFERS, MALFORMED_OFFSETS, SHORT_CHILD,
  WRONG_NULL_COUNT, ROWS_WITHOUT_COLUMNS, MISALIGNED,
  // Plans.
  IMPURE_PLAN, PLAN_WITH_EFFECT, VERDICT_TOO_MANY, UNKNOWN_OP_FAILS, TRUSTS_BLOB, POINTER_IN_HANDLE,
  HUGE_HANDLE,
  // Conditions.
  COLLATION_NE, TRAILING_SPACES, NAN_BELOW, NEGATIVE_ZERO, NULL_IS_TRUE, SUBSET_AS_INEXACT,
  // Limits, orders, groups.
  LIMIT_UNDER_INEXACT, LIMIT_PER_SPLIT, UNORDERED, NULLS_AT_WRONG_END, GROUP_IN_TWO_SPLITS,
  NO_GROUP_OF_NOTHING, MINIMUM_OF_NULLS,
  // Joins.
  JOIN_NULLS_MATCH, JOIN_LOSES_UNMATCHED,
  // Changes.
  TOKEN_STANDS_STILL, TOKEN_EACH_TIME, WAITS_FOR_NOTHING, SLEEPS_THROUGH, CHANGES_SINCE_NEVER,
  // Splits, statistics, facets.
  LOST_SPLIT, DOUBLED_SPLIT, TOO_MANY_SPLITS, FALSE_BOUNDS, FALSE_EXACT_COUNT, FACET_NOT_DECLARED,
  DECLARED_NO_FACET
};

#ifndef WRONG
#define WRONG NOTHING
#endif
#define IS(name) (WRONG == (name))
#define STR(literal) {literal, sizeof(literal) - 1}

extern const igloo_host *host;
extern void *volatile lost; // what nobody frees
igloo_status fail(igloo_error *error, igloo_status status, const char *state, const char *message);
bool is_cancelled(const igloo_ctx *ctx);
igloo_status cancelled(igloo_error *error);

struct instance {
  char *folder, *token;
  int descriptor;
};

// ---------------------------------------------------------------- tables.c

struct cell {
  bool is_null;
  int64_t i;
  double d;
  const char *s;
  size_t n;
};

enum { COLUMNS_MAX = 16, NAME_MAX_BYTES = 64 };

// Columns are int64 (l), int32 (i), utf8 (u), float64 (g) and bool (b), as Arrow spells them.
struct table {
  size_t n_columns, n_rows;
  char names[COLUMNS_MAX][NAME_MAX_BYTES];
  char types[COLUMNS_MAX];
  struct cell *cells; // NULL: the table "big", whose cells follow from the row's number
};

// NULL: there is no such table. Kept for the life of the process.
const struct table *find_table(const char *folder, const char *name, size_t n);
struct cell cell_at(const struct table *table, size_t row, size_t column);
int compare_cells(char type, struct cell a, struct cell b);

// ---------------------------------------------------------------- plans.c

enum { CONJUNCTS_MAX = 8, SORTS_MAX = 4, AGGREGATES_MAX = 8, JOIN_CONDITIONS_MAX = 4 };

struct condition {
  uint16_t op; // IGX_EQ to IGX_GE, IGX_IS_NULL
  uint8_t column, pad;
  int64_t i;
  double d;
  uint32_t n;
  char text[NAME_MAX_BYTES];
};

// A plan of rows, as a side of a join.
struct side {
  char table[NAME_MAX_BYTES];
  uint32_t n_columns, n_conditions;
  uint8_t columns[COLUMNS_MAX];
  struct condition conditions[CONJUNCTS_MAX];
};

// The handle of a joined table.
struct join {
  uint32_t type, n_on;
  struct { uint8_t op, left, right, pad; } on[JOIN_CONDITIONS_MAX];
  struct side sides[2];
};

// A plan's handle: position-independent, of fixed size.
struct plan {
  char table[NAME_MAX_BYTES];
  uint32_t n_columns, n_conditions, n_sorts, n_keys, n_aggregates, is_grouped;
  int64_t limit;
  uint8_t columns[64];
  struct condition conditions[CONJUNCTS_MAX];
  struct { uint8_t column, descending, nulls_first, pad; } sorts[SORTS_MAX];
  uint8_t keys[AGGREGATES_MAX];
  struct { uint8_t fn, column; } aggregates[AGGREGATES_MAX];
  void *pointer;
  uint32_t is_joined, pad;
  struct join join; // the table, if it is one
};

bool compares(uint16_t op, int order);
bool passes(const struct plan *plan, const struct table *table, size_t row);
igloo_status make_plan(const struct table *table, const char *name, size_t n,
                       const igloo_scan_request *request, struct plan *plan,
                       igloo_scan_answer *answer, igloo_error *error);
// A join's condition: a column of the left side with one of the right side.
bool understand_join(igloo_bytes exprs, uint32_t root, const struct side *left, const char *left_types,
                     const char *right_types, struct join *join);
char output_type(const struct plan *plan, const struct table *table, size_t column);
const char *output_name(const struct plan *plan, const struct table *table, size_t column);
size_t output_count(const struct plan *plan);

// ---------------------------------------------------------------- joins.c

const struct table *find_join(const char *folder, const struct join *join);
bool take_side(const struct plan *plan, struct side *side); // false: not of rows alone

// ---------------------------------------------------------------- readers.c

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

void append(struct reader *reader, const struct cell *row);
void fill(struct reader *reader, size_t from, size_t to); // with what these rows of the table give
void give(struct reader *reader, igloo_reader *out);

// ---------------------------------------------------------------- connector.c, changes.c

void release_blob(igloo_blob *blob);
// The table of a plan; NULL: the bytes are no handle.
const struct table *read_handle(const struct instance *instance, igloo_bytes handle,
                                struct plan *plan);
extern const igloo_connector connector;
extern const igloo_stats stats_facet;
extern const igloo_join join_facet;
extern const igloo_changes changes_facet;

// ---------------------------------------------------------------- batches.c

void make_schema(struct ArrowSchema *out, size_t n, const char *const *names, const char *types);

// Rows of cells: `n_rows` times `n_columns` of them.
void make_batch(struct ArrowDeviceArray *out, size_t n_rows, size_t n_columns, const char *types,
                const struct cell *cells);

#endif
