// What compilers call alike under different names.
#pragma once

#if defined(__GNUC__) || defined(__clang__)
#define LIDX_INLINE __attribute__((always_inline)) inline
#define LIDX_STEP __attribute__((always_inline))  // of a lambda, after its parameters
#define LIDX_RARE __attribute__((noinline, cold))
#else
#define LIDX_INLINE __forceinline
#define LIDX_STEP [[msvc::forceinline]]
#define LIDX_RARE __declspec(noinline)
#endif

// Asks for a cache line, in the L2 cache or in the L1.
LIDX_INLINE void prefetch(const void* address) {
#if defined(__GNUC__) || defined(__clang__)
  __builtin_prefetch(address, 0, 2);
#else
  (void)address;
#endif
}

LIDX_INLINE void prefetch_near(const void* address) {
#if defined(__GNUC__) || defined(__clang__)
  __builtin_prefetch(address, 0, 3);
#else
  (void)address;
#endif
}
