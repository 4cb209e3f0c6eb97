/* Scores ensembles of decision trees as LightGBM and scikit-learn do, to the last bit.

   A row's values are first replaced by ranks: how many of a column's thresholds a value exceeds, as a signed byte. A node is then
   one comparison of bytes, "column's rank > k means right", for numbers, missing values and categories alike.

   The caller owns all memory here and changes none of it while a call runs; calls of several threads may share a model. */
#ifndef HOTSHELF_TREES_H
#define HOTSHELF_TREES_H

#include <stdint.h>

#define HS_ABI 5

#define HS_RANKS 255      /* thresholds of a column */
#define HS_MASKED 256     /* leaves up to which a tree is computed for many rows at once; beyond, each row walks */
#define HS_CHUNK 64       /* trees whose leaves are found before they are summed, so that the cache holds them */
#define HS_LANES 64       /* most rows of a block */

typedef struct { /* thresholds of one feature that treat missing values alike, ascending */
  double nan_to, zero_to; /* what NaN and zero count as; NaN goes right, negative infinity left, everywhere */
  int64_t thresholds;     /* place of the first */
  int32_t count, feature;
  int32_t column;         /* first column; one for each HS_RANKS thresholds */
  int32_t columns;
} hs_group;

typedef struct { /* the sets of categories that go left, of one feature; each set is a column */
  int64_t bits;  /* place of the first set's first word */
  int32_t words; /* of each set; its last bit is 0 and stands for what is in no set */
  int32_t feature, column, columns;
} hs_categories;

typedef struct {
  uint16_t column;
  int8_t k;
  uint8_t unused;
  uint16_t left, right; /* places in the tree: its inner nodes, children after parents, then its leaves, which lead to themselves */
} hs_node;

typedef struct {
  int64_t nodes, values; /* places of its first node and leaf value */
  int32_t inner, depth;
} hs_tree;

enum { HS_RAW, HS_LEAF, HS_PREDICTION };
enum { HS_IDENTITY, HS_SIGMOID, HS_SOFTMAX, HS_EXP, HS_SQUARE, HS_LOG1P_EXP };
enum { HS_PLAIN, HS_AVX2, HS_AVX512 };

typedef struct {
  const hs_group *groups;
  const double *thresholds;
  const hs_categories *categories;
  const uint32_t *bits;
  const hs_tree *trees;
  const hs_node *nodes;
  const double *values;
  int64_t features, n_groups, n_categories, columns, n_trees, classes;
  int64_t transform;
  double sigmoid;
  double divisor; /* iterations where outputs are averaged, else 1 */
  double zero;    /* what isn't further from zero counts as zero */
  int64_t stride; /* from a leaf's value for one class to that for the next, where each tree speaks for all classes; else 0 */
  double (*exp)(double), (*log1p)(double); /* of the C library that LightGBM calls; a compiler may bring others */
} hs_model;

typedef struct {
  const void *values; /* [n, features], row by row */
  int64_t n;
  int64_t is_float; /* float32, not float64 */
  double zero;      /* the model's */
} hs_rows;

/* Scratch of one call. */
typedef struct {
  int8_t *ranks;   /* [columns, lanes] */
  uint8_t *leaves; /* [HS_CHUNK, lanes] of uint8_t, or of uint16_t for trees that are walked */
  uint8_t *arena;  /* [HS_MASKED - 1 results, HS_MASKED leaves, lanes] */
  double *sums;    /* [classes, lanes] */
} hs_scratch;

/* Where a chunk's leaves go when they are what was asked for: [n, trees]. */
typedef struct {
  int32_t *leaves; /* of the block's first row, or NULL */
  int64_t trees;
} hs_sink;

void hs_rank_rows(const hs_model *model, const hs_rows *rows, int64_t first, int64_t count, int64_t lanes, int8_t *ranks);
void hs_walk_trees(const hs_model *model, int64_t first, int64_t count, const int8_t *ranks, uint16_t *leaves);
void hs_walk_rows(const hs_model *model, const hs_tree *tree, const int8_t *ranks, int64_t lanes, uint16_t *leaves);
void hs_transform(const hs_model *model, const double *sums, int64_t stride, int kind, double *output);

/* Blocks of one instruction set: fill `scratch->sums`, or the sink, from `scratch->ranks`. */
void hs_block_plain(const hs_model *model, const hs_scratch *scratch, const hs_sink *sink, int64_t count);
void hs_block_avx2(const hs_model *model, const hs_scratch *scratch, const hs_sink *sink, int64_t count);
void hs_block_avx512(const hs_model *model, const hs_scratch *scratch, const hs_sink *sink, int64_t count);

#endif
