/* The library's interface: choice of the instruction set, blocks of rows, scratch. */
#include <stdlib.h>

#include "trees.h"

typedef void block_function(const hs_model *, const hs_scratch *, const hs_sink *, int64_t);

typedef struct {
  block_function *compute;
  int64_t lanes;
} block_kind;

static const block_kind BLOCKS[] = {
    {hs_block_plain, 16},
#ifdef __x86_64__
    {hs_block_avx2, 32},
    {hs_block_avx512, 64},
#endif
};

/* A block costs as much for one row as for all its lanes: rows that are left over take a smaller one. */
static const block_kind *block_for(int32_t set, int64_t rows) {
  int32_t smaller = set == HS_AVX512 ? HS_AVX2 : set;
  return BLOCKS + (rows <= BLOCKS[smaller].lanes ? smaller : set);
}

/* And a few are walked each on its own. */
static int64_t lanes_for(const block_kind *block, int64_t rows) {
  int64_t few = block->lanes > 16 ? 6 : 3;
  return rows <= few ? 1 : block->lanes;
}

int32_t hs_trees_abi(void) { return HS_ABI; }

static void sum_row(const hs_model *model, int64_t first, int64_t chunk, const uint16_t *leaves, double *sums) {
  int64_t class = first % model->classes;
  for (int64_t at = 0; at < chunk; at++) {
    const double *value = model->values + model->trees[first + at].values + leaves[at];
    if (model->stride) {
      for (int64_t i = 0; i < model->classes; i++) sums[i] += value[i * model->stride];
      continue;
    }
    sums[class] += *value;
    if (++class == model->classes) class = 0;
  }
}

static void score_row(const hs_model *model, const hs_scratch *scratch, const hs_sink *sink) {
  uint16_t *leaves = (uint16_t *)scratch->leaves;
  for (int64_t i = 0; i < model->classes; i++) scratch->sums[i] = 0.0;
  for (int64_t first = 0; first < model->n_trees; first += HS_CHUNK) {
    int64_t chunk = model->n_trees - first < HS_CHUNK ? model->n_trees - first : HS_CHUNK;
    hs_walk_trees(model, first, chunk, scratch->ranks, leaves);
    if (sink->leaves)
      for (int64_t at = 0; at < chunk; at++) sink->leaves[first + at] = leaves[at];
    else
      sum_row(model, first, chunk, leaves, scratch->sums);
  }
}

static int64_t score_block(const hs_model *model, const hs_rows *rows, int64_t first, int32_t set, int kind,
                           const hs_scratch *scratch, void *output) {
  int64_t left = rows->n - first;
  const block_kind *block = block_for(set, left);
  int64_t lanes = lanes_for(block, left);
  int64_t count = left < lanes ? left : lanes;
  hs_sink sink = {kind == HS_LEAF ? (int32_t *)output + first * model->n_trees : NULL, model->n_trees};
  hs_rank_rows(model, rows, first, count, lanes, scratch->ranks);
  if (lanes == 1)
    score_row(model, scratch, &sink);
  else
    block->compute(model, scratch, &sink, count);
  if (kind != HS_LEAF)
    for (int64_t row = 0; row < count; row++)
      hs_transform(model, scratch->sums + row, lanes, kind, (double *)output + (first + row) * model->classes);
  return count;
}

/* Scores [n, classes] of double, or for HS_LEAF leaves [n, trees] of int32_t.

   `set`: one of those that this machine has, HS_PLAIN always among them. Returns 0, or -1 where memory is short. */
int32_t hs_trees_score(const hs_model *model, const void *values, int64_t n, int32_t is_float, int32_t set, int32_t kind,
                       void *output) {
  hs_rows rows = {values, n, is_float, model->zero};
  int64_t lanes = lanes_for(block_for(set, n), n);
  size_t sums = (size_t)(model->classes * lanes) * sizeof(double), leaves = (size_t)(HS_CHUNK * 2 * lanes);
  size_t arena = lanes == 1 ? 0 : (size_t)((2 * HS_MASKED - 1) * lanes);
  uint8_t *memory = malloc(sums + leaves + arena + (size_t)(model->columns * lanes) + 64);
  if (!memory) return -1;
  uint8_t *aligned = memory + (64 - (uintptr_t)memory % 64);
  hs_scratch scratch = {.arena = aligned, .leaves = aligned + arena, .sums = (double *)(aligned + arena + leaves)};
  scratch.ranks = (int8_t *)(aligned + arena + leaves + sums);
  for (int64_t first = 0; first < n;) first += score_block(model, &rows, first, set, kind, &scratch, output);
  free(memory);
  return 0;
}

/* Predictions [n, classes] of sums that were added up elsewhere. */
void hs_trees_convert(const hs_model *model, const double *sums, int64_t n, double *output) {
  for (int64_t at = 0; at < n * model->classes; at += model->classes)
    hs_transform(model, sums + at, 1, HS_PREDICTION, output + at);
}
