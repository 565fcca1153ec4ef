// The AVX2 row: compares give lanes of ones, whose sign bits are gathered and counted.
#pragma once

#include "learnedidx/kernels/kernels.hpp"

#ifdef LIDX_X86
#include <immintrin.h>

#define LIDX_ROW avx2_row
#define LIDX_TARGET __attribute__((target("avx2,bmi,bmi2,lzcnt,popcnt")))

namespace learnedidx::LIDX_ROW {

LIDX_TARGET LIDX_INLINE __m256i load(const void* keys) {
  return _mm256_loadu_si256(static_cast<const __m256i*>(keys));
}

// One register of "key < q": every lane all ones or all zeros. Unsigned lanes have their sign flipped.
LIDX_TARGET LIDX_INLINE __m256i lanes_below(const std::uint64_t* keys, std::uint64_t q) {
  const __m256i flip = _mm256_set1_epi64x(static_cast<long long>(1ull << 63));
  return _mm256_cmpgt_epi64(_mm256_xor_si256(_mm256_set1_epi64x(static_cast<long long>(q)), flip),
                            _mm256_xor_si256(load(keys), flip));
}
LIDX_TARGET LIDX_INLINE __m256i lanes_below(const std::int64_t* keys, std::int64_t q) {
  return _mm256_cmpgt_epi64(_mm256_set1_epi64x(q), load(keys));
}
LIDX_TARGET LIDX_INLINE __m256i lanes_below(const double* keys, double q) {
  return _mm256_castpd_si256(_mm256_cmp_pd(_mm256_loadu_pd(keys), _mm256_set1_pd(q), _CMP_LT_OQ));
}
LIDX_TARGET LIDX_INLINE __m256i lanes_below(const std::uint32_t* keys, std::uint32_t q) {
  const __m256i flip = _mm256_set1_epi32(static_cast<int>(1u << 31));
  return _mm256_cmpgt_epi32(_mm256_xor_si256(_mm256_set1_epi32(static_cast<int>(q)), flip),
                            _mm256_xor_si256(load(keys), flip));
}
LIDX_TARGET LIDX_INLINE __m256i lanes_below(const std::int32_t* keys, std::int32_t q) {
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(q), load(keys));
}
LIDX_TARGET LIDX_INLINE __m256i lanes_below(const float* keys, float q) {
  return _mm256_castps_si256(_mm256_cmp_ps(_mm256_loadu_ps(keys), _mm256_set1_ps(q), _CMP_LT_OQ));
}

template <class K, std::size_t N>
LIDX_TARGET LIDX_INLINE std::int64_t count_below(const K* keys, K q) {
  if constexpr (sizeof(K) == 8 && N % 8 == 0) {
    // Two registers of 64-bit lanes become one of 32-bit lanes: half the sign bits to gather.
    const __m256i lanes = _mm256_packs_epi32(lanes_below(keys, q), lanes_below(keys + 4, q));
    const std::int64_t here = _mm_popcnt_u32(static_cast<unsigned>(
        _mm256_movemask_ps(_mm256_castsi256_ps(lanes))));
    if constexpr (N > 8) return here + count_below<K, N - 8>(keys + 8, q);
    else return here;
  } else if constexpr (sizeof(K) == 4 && N % 8 == 0) {
    const std::int64_t here = _mm_popcnt_u32(static_cast<unsigned>(
        _mm256_movemask_ps(_mm256_castsi256_ps(lanes_below(keys, q)))));
    if constexpr (N > 8) return here + count_below<K, N - 8>(keys + 8, q);
    else return here;
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

namespace learnedidx {
LIDX_TABLE Kernels avx2_kernels = avx2_row::make_row("avx2");
}
#endif
