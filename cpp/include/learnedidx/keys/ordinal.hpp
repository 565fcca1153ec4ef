// Ordinal: the number of a key in the order of its format, counted from the first key. A coordinate
// that tells all keys apart: the bits of floating-point numbers, read as integers, are in order, so
// that no two of them meet, however far apart or close together keys lie. Both zeros are one number.
#pragma once

#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>

#include "learnedidx/base/key_types.hpp"
#include "learnedidx/keys/coordinate.hpp"

namespace learnedidx {

// Keys below `low` get 0; keys above the last key get `top`, one more than the last key has if that
// is a number of 64 bits.
struct OrdinalDomain {
  std::uint64_t low = 0, top = 0;
};

template <class K> LIDX_INLINE std::uint64_t ordered_bits(K key) {
  if constexpr (std::is_floating_point_v<K>) {
    constexpr auto sign = static_cast<KeyBits<K>>(KeyBits<K>{1} << (8 * sizeof(K) - 1));
    KeyBits<K> bits;
    std::memcpy(&bits, &key, sizeof key);
    return static_cast<KeyBits<K>>(bits & sign ? KeyBits<K>{0} - bits : bits | sign);  // -0.0 meets 0.0
  } else {
    return biased(key);
  }
}

template <class K> LIDX_INLINE std::uint64_t ordinal(K key, const OrdinalDomain& domain) {
  std::uint64_t bits = ordered_bits(key);
  bits = (bits > domain.low ? bits : domain.low) - domain.low;
  return bits < domain.top ? bits : domain.top;
}

template <class K> OrdinalDomain ordinals_over(K first, K last) {
  const std::uint64_t low = ordered_bits(first), high = ordered_bits(last);
  const std::uint64_t span = high > low ? high - low : 0;
  return {low, span < std::numeric_limits<std::uint64_t>::max() ? span + 1 : span};
}

}  // namespace learnedidx
