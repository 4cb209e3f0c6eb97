/* Blocks of 32 rows. */
#ifdef __x86_64__
#include <immintrin.h>
#include <string.h>

#include "trees.h"

#define TARGET __attribute__((target("avx2")))

TARGET static inline void select_leaves(const int8_t *ranks, int8_t k, const uint8_t *left, const uint8_t *right, uint8_t *result) {
  __m256i beyond = _mm256_cmpgt_epi8(_mm256_loadu_si256((const __m256i *)ranks), _mm256_set1_epi8(k));
  __m256i low = _mm256_loadu_si256((const __m256i *)left), high = _mm256_loadu_si256((const __m256i *)right);
  _mm256_storeu_si256((__m256i *)result, _mm256_blendv_epi8(low, high, beyond));
}

TARGET static inline void add_leaves(double *sums, const double *values, const uint8_t *leaves) {
  for (int i = 0; i < 8; i++) sums[i] += values[leaves[i]];
}

#define LANES 32
#define SELECT select_leaves
#define ADD_LEAVES add_leaves
#define BLOCK hs_block_avx2
#include "block.inc"
#endif
