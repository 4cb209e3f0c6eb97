/* Blocks of 16 rows, in whatever 16-byte vectors the compiler's target has (SSE2, NEON). */
#include <string.h>

#include "trees.h"

typedef int8_t bytes __attribute__((vector_size(16)));

static inline void select_leaves(const int8_t *ranks, int8_t k, const uint8_t *left, const uint8_t *right, uint8_t *result) {
  bytes found, low, high;
  memcpy(&found, ranks, sizeof found);
  memcpy(&low, left, sizeof low);
  memcpy(&high, right, sizeof high);
  low ^= (low ^ high) & (bytes)(found > k);
  memcpy(result, &low, sizeof low);
}

static inline void add_leaves(double *sums, const double *values, const uint8_t *leaves) {
  for (int i = 0; i < 8; i++) sums[i] += values[leaves[i]];
}

#define TARGET
#define LANES 16
#define SELECT select_leaves
#define ADD_LEAVES add_leaves
#define BLOCK hs_block_plain
#include "block.inc"
