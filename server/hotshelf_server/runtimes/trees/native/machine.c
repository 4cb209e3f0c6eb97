/* What the processor and the operating system offer. Asked for here, and not by the compiler's builtin: not every compiler that
   has that one brings what it needs at run time. Source: Intel's Software Developer's Manual, volume 1, 14.3 and 15.2. */
#include "trees.h"

#ifdef __x86_64__
#include <cpuid.h>

#define OSXSAVE (1u << 27) /* leaf 1, ecx */
#define AVX2 (1u << 5)     /* leaf 7, ebx, as are the next two */
#define AVX512F (1u << 16)
#define AVX512BW (1u << 30)
#define YMM 0x06u /* registers that the system keeps for each thread */
#define ZMM 0xe6u

static uint32_t kept_registers(void) {
  uint32_t low, high;
  __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return low;
}
#endif

/* The best instruction set of this machine. */
int32_t hs_trees_best(void) {
#ifdef __x86_64__
  unsigned a, b, c, d;
  if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & OSXSAVE)) return HS_PLAIN;
  uint32_t kept = kept_registers();
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || !(b & AVX2) || (kept & YMM) != YMM) return HS_PLAIN;
  return (b & AVX512F) && (b & AVX512BW) && (kept & ZMM) == ZMM ? HS_AVX512 : HS_AVX2;
#else
  return HS_PLAIN;
#endif
}
