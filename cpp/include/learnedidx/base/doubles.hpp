// 64-bit numbers as doubles, by integer operations that every vector unit has.
#pragma once

#include <cstdint>

#include "learnedidx/base/key_traits.hpp"

namespace learnedidx {

// The halves of a number, exactly: 2^84 + high * 2^32, and 2^52 + low.
LIDX_INLINE double high_half(std::uint64_t x) {
  return key_of_bits<double>((x >> 32) | 0x4530000000000000u);
}
LIDX_INLINE double low_half(std::uint64_t x) {
  return key_of_bits<double>((x & 0xffffffffu) | 0x4330000000000000u);
}

// The nearest double: only the last sum rounds.
LIDX_INLINE double to_double(std::uint64_t x) { return (high_half(x) - (0x1p84 + 0x1p52)) + low_half(x); }

}  // namespace learnedidx
