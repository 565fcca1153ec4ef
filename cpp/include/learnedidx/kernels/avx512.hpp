// The AVX-512 row (F, BW, DQ, VL): compares give bit masks, whose ones are counted.
#pragma once

#include "learnedidx/kernels/kernels.hpp"

#ifdef LIDX_X86
#include <immintrin.h>

#define LIDX_ROW avx512_row
#define LIDX_FEATURES "avx512f,avx512bw,avx512dq,avx512vl,bmi,bmi2,lzcnt,popcnt"
#ifdef __clang__  // ignores the whole attribute when it does not know a word in it
#define LIDX_TARGET __attribute__((target(LIDX_FEATURES)))
#else
#define LIDX_TARGET __attribute__((target(LIDX_FEATURES ",prefer-vector-width=512")))
#endif

namespace learnedidx::LIDX_ROW {

#define LIDX_MASK(K, Load, Cmp, Set)                                                        \
  LIDX_TARGET LIDX_INLINE unsigned long long mask_below(const K* keys, K q) {               \
    return Cmp(_mm512_loadu_si512(keys), Set(static_cast<Load>(q)));                        \
  }
LIDX_MASK(std::uint8_t, char, _mm512_cmplt_epu8_mask, _mm512_set1_epi8)
LIDX_MASK(std::int8_t, char, _mm512_cmplt_epi8_mask, _mm512_set1_epi8)
LIDX_MASK(std::uint16_t, short, _mm512_cmplt_epu16_mask, _mm512_set1_epi16)
LIDX_MASK(std::int16_t, short, _mm512_cmplt_epi16_mask, _mm512_set1_epi16)
LIDX_MASK(std::uint32_t, int, _mm512_cmplt_epu32_mask, _mm512_set1_epi32)
LIDX_MASK(std::int32_t, int, _mm512_cmplt_epi32_mask, _mm512_set1_epi32)
LIDX_MASK(std::uint64_t, long long, _mm512_cmplt_epu64_mask, _mm512_set1_epi64)
LIDX_MASK(std::int64_t, long long, _mm512_cmplt_epi64_mask, _mm512_set1_epi64)
#undef LIDX_MASK

LIDX_TARGET LIDX_INLINE unsigned long long mask_below(const float* keys, float q) {
  return _mm512_cmp_ps_mask(_mm512_loadu_ps(keys), _mm512_set1_ps(q), _CMP_LT_OQ);
}
LIDX_TARGET LIDX_INLINE unsigned long long mask_below(const double* keys, double q) {
  return _mm512_cmp_pd_mask(_mm512_loadu_pd(keys), _mm512_set1_pd(q), _CMP_LT_OQ);
}

// Nodes of fewer keys than a register holds are counted by a loop, which the compiler vectorises.
template <class K, std::size_t N>
LIDX_TARGET LIDX_INLINE std::int64_t count_below(const K* keys, K q) {
  constexpr std::size_t width = 64 / sizeof(K);
  if constexpr (N == width) {
    return _mm_popcnt_u64(mask_below(keys, q));
  } else if constexpr (N == 2 * width && width < 64) {
    return _mm_popcnt_u64(mask_below(keys, q) | mask_below(keys + width, q) << width);
  } else if constexpr (N % width == 0) {
    return _mm_popcnt_u64(mask_below(keys, q)) + count_below<K, N - width>(keys + width, q);
  } else {
    std::int64_t c = 0;
    for (std::size_t j = 0; j < N; ++j) c += static_cast<std::int64_t>(keys[j] < q);
    return c;
  }
}

// A register of codes is no atomic load in the language. In the machine each of its lanes is, as the lanes are aligned.
LIDX_TARGET inline unsigned codes_below(const std::atomic<std::uint32_t>* codes, std::uint32_t q) {
  static_assert(sizeof(std::atomic<std::uint32_t>) == sizeof(std::uint32_t));
  return static_cast<unsigned>(count_below<std::uint32_t, kNodeCodes>(reinterpret_cast<const std::uint32_t*>(codes), q));
}

}  // namespace learnedidx::LIDX_ROW

#include "learnedidx/kernels/generic.hpp"

#undef LIDX_ROW
#undef LIDX_TARGET
#undef LIDX_FEATURES

namespace learnedidx {
LIDX_TABLE Kernels avx512_kernels = avx512_row::make_row("avx512");
}
#endif
