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
