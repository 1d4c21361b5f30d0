// SPDX-License-Identifier: MIT
// Reads tables from files of hexadecimal cells, as Tests/Conformance/seed.py writes them.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "wrong.h"

static char *read_file(const char *path) {
  FILE *file = fopen(path, "re");
  if (!file) return NULL;
  fseek(file, 0, SEEK_END);
  const long size = ftell(file);
  rewind(file);
  char *text = malloc((size_t)size + 1);
  text[fread(text, 1, (size_t)size, file)] = 0;
  fclose(file);
  return text;
}

static int digit(char c) { return c <= '9' ? c - '0' : c - 'a' + 10; }

static struct cell read_cell(char type, char *text) {
  struct cell cell = {0};
  if (strcmp(text, "-") == 0) {
    cell.is_null = true;
  } else if (type == 'u') {
    text++; // the x that makes "" a field, too
    cell.n = strlen(text) / 2;
    for (size_t i = 0; i < cell.n; i++)
      text[i] = (char)(digit(text[2 * i]) << 4 | digit(text[2 * i + 1]));
    cell.s = text;
  } else if (type == 'g') {
    const uint64_t bits = strtoull(text, NULL, 16);
    memcpy(&cell.d, &bits, 8);
  } else {
    cell.i = strtoll(text, NULL, 10);
  }
  return cell;
}

// The head names columns and types, "id:i\tt:u\n"; then a line a row.
static struct table *parse(char *text) {
  struct table *table = calloc(1, sizeof *table);
  char *lines = NULL, *fields = NULL;
  char *line = strtok_r(text, "\n", &lines);
  for (char *field = strtok_r(line, "\t", &fields); field; field = strtok_r(NULL, "\t", &fields)) {
    char *colon = strchr(field, ':');
    *colon = 0;
    snprintf(table->names[table->n_columns], NAME_MAX_BYTES, "%s", field);
    table->types[table->n_columns++] = colon[1];
  }
  size_t capacity = 0;
  while ((line = strtok_r(NULL, "\n", &lines))) {
    if (line[0] == '#') {
      table->n_rows = (size_t)strtoull(line + 1, NULL, 10);
      return table;
    }
    if (table->n_rows == capacity) {
      capacity = capacity * 2 + 16;
      table->cells = realloc(table->cells, capacity * table->n_columns * sizeof *table->cells);
    }
    size_t column = 0;
    for (char *field = strtok_r(line, "\t", &fields); field && column < table->n_columns;
         field = strtok_r(NULL, "\t", &fields), column++)
      table->cells[table->n_rows * table->n_columns + column] =
          read_cell(table->types[column], field);
    table->n_rows++;
  }
  if (!table->cells) table->cells = calloc(1, sizeof *table->cells);
  return table;
}

static struct known {
  char *path;
  long size;
  struct table *table;
  struct known *next;
} *known;
static int lock;

const struct table *find_table(const char *folder, const char *name, size_t n) {
  char path[4200];
  if (n == 0 || n >= NAME_MAX_BYTES || memchr(name, '/', n) || memchr(name, 0, n)) return NULL;
  snprintf(path, sizeof path, "%s/%.*s.rows", folder, (int)n, name);
  while (__atomic_exchange_n(&lock, 1, __ATOMIC_ACQUIRE)) {}
  struct known *found = known;
  struct stat status;
  const long size = stat(path, &status) == 0 ? (long)status.st_size : -1;
  while (found && (strcmp(found->path, path) || found->size != size)) found = found->next;
  if (!found) {
    char *text = read_file(path);
    if (text) {
      found = malloc(sizeof *found);
      *found = (struct known){strdup(path), size, parse(text), known};
      known = found;
    }
  }
  __atomic_store_n(&lock, 0, __ATOMIC_RELEASE);
  return found ? found->table : NULL;
}

struct cell cell_at(const struct table *table, size_t row, size_t column) {
  if (table->cells) return table->cells[row * table->n_columns + column];
  static _Thread_local char texts[64][16];
  static _Thread_local unsigned next;
  struct cell cell = {0};
  if (column == 0) cell.i = (int64_t)row;
  if (column == 1) cell.i = (int64_t)(row % 1000);
  if (column == 2) cell.d = (double)row / 4;
  if (column == 3) {
    char *text = texts[next++ % 64];
    cell.n = (size_t)snprintf(text, 16, "row %u", (unsigned)(row % 5000));
    cell.s = text;
  }
  return cell;
}

static int order(double a, double b) { return a < b ? -1 : a > b ? 1 : 0; }

int compare_cells(char type, struct cell a, struct cell b) {
  if (type == 'g') {
    const bool a_nan = a.d != a.d, b_nan = b.d != b.d;
    if (a_nan || b_nan) return IS(NAN_BELOW) ? b_nan - a_nan : a_nan - b_nan;
    if (IS(NEGATIVE_ZERO) && a.d == 0 && b.d == 0) return !__builtin_signbit(a.d) - !__builtin_signbit(b.d);
    return order(a.d, b.d);
  }
  if (type != 'u') return a.i < b.i ? -1 : a.i > b.i;
  if (IS(TRAILING_SPACES)) {
    while (a.n && a.s[a.n - 1] == ' ') a.n--;
    while (b.n && b.s[b.n - 1] == ' ') b.n--;
  }
  const int result = memcmp(a.n ? a.s : "", b.n ? b.s : "", a.n < b.n ? a.n : b.n);
  return result ? result : a.n < b.n ? -1 : a.n > b.n;
}
