// SplitBlock: a Bloom filter in which a key sets one bit in each of the eight words of one block of 32 bytes (Putze,
// Sanders, Singler 2007), with the salts and the choice of a block that Parquet prescribes.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "learnedidx/base/compiler.hpp"

#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
#define LIDX_WIDE_BLOCKS 1
#include <immintrin.h>
#endif

namespace learnedidx {

constexpr std::uint32_t kSalts[8] = {0x47b6137bu, 0x44974d91u, 0x8824ad5bu, 0xa2b7289du,
                                     0x705495c7u, 0x2df1424bu, 0x9efc4947u, 0x5c6bfb31u};
constexpr std::size_t kBlockBytes = 32, kBlocksAhead = 16;

LIDX_INLINE std::size_t block_of(std::uint64_t hash, std::uint64_t blocks) {
  return static_cast<std::size_t>(((hash >> 32) * blocks) >> 32);
}

LIDX_INLINE std::uint32_t bit_of(std::uint64_t hash, std::size_t word) {
  return std::uint32_t{1} << ((static_cast<std::uint32_t>(hash) * kSalts[word]) >> 27);
}

#ifdef LIDX_WIDE_BLOCKS
__attribute__((target("avx2"), always_inline)) inline __m256i bits_of_block(std::uint64_t hash, __m256i salts) {
  const __m256i shifts = _mm256_srli_epi32(_mm256_mullo_epi32(_mm256_set1_epi32(static_cast<int>(hash)), salts), 27);
  return _mm256_sllv_epi32(_mm256_set1_epi32(1), shifts);
}

__attribute__((target("avx2"))) inline void insert_hashes_wide(const std::uint64_t* hashes, std::size_t count, std::uint32_t* words,
                                                               std::uint64_t blocks) {
  const __m256i salts = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(kSalts));
  for (std::size_t i = 0; i < count; ++i) {
    __builtin_prefetch(words + 8 * block_of(hashes[std::min(i + kBlocksAhead, count - 1)], blocks), 1, 3);
    auto* block = reinterpret_cast<__m256i*>(words + 8 * block_of(hashes[i], blocks));
    _mm256_storeu_si256(block, _mm256_or_si256(_mm256_loadu_si256(block), bits_of_block(hashes[i], salts)));
  }
}

__attribute__((target("avx2"), always_inline)) inline bool is_in_block(std::uint64_t hash, const std::uint32_t* words, std::uint64_t blocks,
                                                                       __m256i salts) {
  const __m256i block = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(words + 8 * block_of(hash, blocks)));
  return _mm256_testc_si256(block, bits_of_block(hash, salts)) != 0;
}

__attribute__((target("avx2"))) inline void test_hashes_wide(const std::uint64_t* hashes, std::size_t count, const std::uint32_t* words,
                                                             std::uint64_t blocks, bool* answers) {
  const __m256i salts = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(kSalts));
  std::size_t i = 0;
  for (; i + kBlocksAhead < count; ++i) {
    __builtin_prefetch(words + 8 * block_of(hashes[i + kBlocksAhead], blocks), 0, 3);
    answers[i] = is_in_block(hashes[i], words, blocks, salts);
  }
  for (; i < count; ++i) answers[i] = is_in_block(hashes[i], words, blocks, salts);
}
#endif

inline void insert_hashes(const std::uint64_t* hashes, std::size_t count, std::uint32_t* words, std::uint64_t blocks) {
#ifdef LIDX_WIDE_BLOCKS
  if (__builtin_cpu_supports("avx2")) return insert_hashes_wide(hashes, count, words, blocks);
#endif
  for (std::size_t i = 0; i < count; ++i) {
    prefetch_near(words + 8 * block_of(hashes[std::min(i + kBlocksAhead, count - 1)], blocks));
    std::uint32_t* block = words + 8 * block_of(hashes[i], blocks);
    for (std::size_t word = 0; word < 8; ++word) block[word] |= bit_of(hashes[i], word);
  }
}

// answers[i]: may the key of a hash be there? At least one block.
inline void test_hashes(const std::uint64_t* hashes, std::size_t count, const std::uint32_t* words, std::uint64_t blocks, bool* answers) {
#ifdef LIDX_WIDE_BLOCKS
  if (__builtin_cpu_supports("avx2")) return test_hashes_wide(hashes, count, words, blocks, answers);
#endif
  for (std::size_t i = 0; i < count; ++i) {
    prefetch_near(words + 8 * block_of(hashes[std::min(i + kBlocksAhead, count - 1)], blocks));
    const std::uint32_t* block = words + 8 * block_of(hashes[i], blocks);
    std::uint32_t missing = 0;
    for (std::size_t word = 0; word < 8; ++word) missing |= bit_of(hashes[i], word) & ~block[word];
    answers[i] = missing == 0;
  }
}

}  // namespace learnedidx
