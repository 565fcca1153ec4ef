// The product of two numbers of 64 bits.
#pragma once

#include <cstdint>

#include "learnedidx/base/compiler.hpp"

namespace learnedidx {

// Its upper half.
LIDX_INLINE std::uint64_t high_product(std::uint64_t x, std::uint64_t y) {
#ifdef __SIZEOF_INT128__
  __extension__ using Wide = unsigned __int128;
  return static_cast<std::uint64_t>((static_cast<Wide>(x) * y) >> 64);
#else
  const std::uint64_t a = x >> 32, b = x & 0xffffffffu, c = y >> 32, d = y & 0xffffffffu;
  const std::uint64_t middle = a * d + ((b * d) >> 32), low = b * c + (middle & 0xffffffffu);
  return a * c + (middle >> 32) + (low >> 32);
#endif
}

// Its halves, folded into one.
LIDX_INLINE std::uint64_t folded_product(std::uint64_t x, std::uint64_t y) { return high_product(x, y) ^ (x * y); }

}  // namespace learnedidx
