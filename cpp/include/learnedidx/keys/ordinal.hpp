// Ordinal: the number of a key in the order of its format, counted from the first key. A coordinate
// that tells all keys apart: the bits of floating-point numbers, read as integers, are in order, so
// that no two of them meet, however far apart or close together keys lie. Both zeros are one number.
#pragma once

#include <cstdint>
#include <limits>

#include "learnedidx/base/key_traits.hpp"

namespace learnedidx {

// Keys below `low` get 0; keys above the last key get `top`, one more than the last key has if that
// is a number of 64 bits.
struct OrdinalDomain {
  std::uint64_t low = 0, top = 0;
};

template <class K> LIDX_INLINE std::uint64_t ordinal(K key, const OrdinalDomain& domain) {
  std::uint64_t code = key_code(key);
  code = (code > domain.low ? code : domain.low) - domain.low;
  return code < domain.top ? code : domain.top;
}

template <class K> OrdinalDomain ordinals_over(K first, K last) {
  const std::uint64_t low = key_code(first), high = key_code(last);
  const std::uint64_t span = high > low ? high - low : 0;
  return {low, span < std::numeric_limits<std::uint64_t>::max() ? span + 1 : span};
}

}  // namespace learnedidx
