/* SPDX-License-Identifier: MIT
 * Makes Arrow's C structs: columns of int64, double and text, and the struct around them. What is made
 * owns its memory and frees it by its own `release`, as Arrow wants it. Each function answers 1, or
 * 0 when there is no memory; then the caller releases the whole. */
#ifndef ARROW_H
#define ARROW_H

#include <stdint.h>

#include "arrow_c_data.h"

/* A schema of `count` columns, to be filled by schema_column. */
int schema_struct(struct ArrowSchema *out, int64_t count);

/* Formats: "l" int64, "g" double, "u" text. The name must be a constant. */
void schema_column(struct ArrowSchema *schema, int64_t index, const char *format, const char *name);

/* A batch of `rows` rows and `count` columns, to be filled by the functions below. */
int array_struct(struct ArrowArray *out, int64_t rows, int64_t count);

/* Columns. A NULL text is a NULL; `nulls`, if given, has a byte a row that is not 0 for NULL. */
int array_int64(struct ArrowArray *out, const int64_t *values, const uint8_t *nulls, int64_t rows);
int array_double(struct ArrowArray *out, const double *values, int64_t rows);
int array_text(struct ArrowArray *out, const char *const *texts, int64_t rows);

#endif
