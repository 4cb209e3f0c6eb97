/* Blocks of 64 rows. */
#ifdef __x86_64__
#include <immintrin.h>
#include <string.h>

#include "trees.h"

#define TARGET __attribute__((target("avx512f,avx512bw")))

TARGET static inline void select_leaves(const int8_t *ranks, int8_t k, const uint8_t *left, const uint8_t *right, uint8_t *result) {
  __mmask64 beyond = _mm512_cmpgt_epi8_mask(_mm512_loadu_si512(ranks), _mm512_set1_epi8(k));
  _mm512_storeu_si512(result, _mm512_mask_loadu_epi8(_mm512_loadu_si512(left), beyond, right));
}

TARGET static inline void add_leaves(double *sums, const double *values, const uint8_t *leaves) {
  __m512i places = _mm512_cvtepu8_epi64(_mm_loadl_epi64((const __m128i *)leaves));
  _mm512_storeu_pd(sums, _mm512_add_pd(_mm512_loadu_pd(sums), _mm512_i64gather_pd(places, values, 8)));
}

#define LANES 64
#define SELECT select_leaves
#define ADD_LEAVES add_leaves
#define BLOCK hs_block_avx512
#include "block.inc"
#endif
