// Counts and places of bits in a word, hashes of numbers, and shares of a hash.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "learnedidx/base/compiler.hpp"
#include "learnedidx/base/product.hpp"

#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
#define LIDX_BIT_INSTRUCTIONS 1
#endif

namespace learnedidx {

// Does this processor have popcnt and pdep? Where not, functions of kFast = false do the same.
inline bool has_bit_instructions() {
#ifdef LIDX_BIT_INSTRUCTIONS
  return __builtin_cpu_supports("popcnt") && __builtin_cpu_supports("bmi2");
#else
  return false;
#endif
}

// As instructions, so that nothing else is compiled for the processors that have them.
template <bool kFast> LIDX_INLINE unsigned ones_of(std::uint64_t word) {
#ifdef LIDX_BIT_INSTRUCTIONS
  if constexpr (kFast) {
    std::uint64_t count;
    __asm__("popcntq %1, %0" : "=r"(count) : "r"(word) : "cc");
    return static_cast<unsigned>(count);
  }
#endif
  word -= (word >> 1) & 0x5555555555555555u;
  word = (word & 0x3333333333333333u) + ((word >> 2) & 0x3333333333333333u);
  word = (word + (word >> 4)) & 0x0f0f0f0f0f0f0f0fu;
  return static_cast<unsigned>((word * 0x0101010101010101u) >> 56);
}

// The place of the lowest one, 64 where there is none.
LIDX_INLINE unsigned first_one(std::uint64_t word) {
#if defined(__GNUC__) || defined(__clang__)
  return word == 0 ? 64 : static_cast<unsigned>(__builtin_ctzll(word));
#else
  return word == 0 ? 64 : ones_of<false>((word & (0 - word)) - 1);
#endif
}

// The place of one number k, from 0; 64 where there are not so many.
template <bool kFast> LIDX_INLINE unsigned place_of_one(std::uint64_t word, unsigned k) {
#ifdef LIDX_BIT_INSTRUCTIONS
  if constexpr (kFast) {
    std::uint64_t alone;
    __asm__("pdepq %2, %1, %0" : "=r"(alone) : "r"(std::uint64_t{1} << (k & 63)), "r"(word));
    return first_one(alone);
  }
#endif
  unsigned place = 0;
  for (unsigned half = 32; half > 0; half /= 2) {
    const unsigned low = ones_of<false>(word & ((std::uint64_t{1} << half) - 1));
    if (k < low) continue;
    k -= low;
    word >>= half;
    place += half;
  }
  return k == 0 && (word & 1) ? place : 64;
}

// x or 0, without a branch.
LIDX_INLINE std::uint64_t if_true(bool chosen, std::uint64_t x) { return x & (0 - static_cast<std::uint64_t>(chosen)); }

// How many bits a number has.
LIDX_INLINE unsigned width_of(std::uint64_t x) {
#if defined(__GNUC__) || defined(__clang__)
  return x == 0 ? 0 : 64 - static_cast<unsigned>(__builtin_clzll(x));
#else
  unsigned bits = 0;
  for (; x > 0; x >>= 1) ++bits;
  return bits;
#endif
}

// A number of 64 bits, mixed: the finalizer of MurmurHash3 (Appleby, public domain), as SplitMix64 seeds it.
LIDX_INLINE std::uint64_t mixed(std::uint64_t x, std::uint64_t seed) {
  x += seed * 0x9e3779b97f4a7c15u + 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 33)) * 0xff51afd7ed558ccdu;
  x = (x ^ (x >> 33)) * 0xc4ceb9fe1a85ec53u;
  return x ^ (x >> 33);
}

}  // namespace learnedidx
