// Coordinate: the unsigned 64-bit number that a model reads in place of a key.
//
// The map from keys to coordinates never decreases. Integers have their origin subtracted before
// anything else, so keys near 2^63 keep every digit; floating-point keys are placed by value, and
// each rounding step (subtract, multiply, truncate) keeps the order. From here on a model does
// integer arithmetic only: no rounding, nothing for the compiler to contract, the same result on
// every instruction set.
#pragma once

#include <cstdint>
#include <limits>

#include "learnedidx/base/key_traits.hpp"

namespace learnedidx {

// The domain [first, last] that is stretched over the 64-bit range. Keys outside are clamped to it.
struct Coordinate {
  std::uint64_t low = 0, high = 0;      // codes of integers
  unsigned shift = 0;
  double real_low = 0, real_high = 0;   // floating-point numbers, both finite
  double prescale = 1, base = 0, scale = 0;
};

template <class K> LIDX_INLINE std::uint64_t coordinate(K key, const Coordinate& c) {
  if constexpr (kIsReal<K>) {
    double x = static_cast<double>(key);
    x = x > c.real_low ? x : c.real_low;  // NaN goes to the low end too
    x = x < c.real_high ? x : c.real_high;
    return static_cast<std::uint64_t>(static_cast<std::int64_t>((x * c.prescale - c.base) * c.scale))
           << 1;
  } else {
    std::uint64_t u = key_code(key);
    u = u > c.low ? u : c.low;
    u = u < c.high ? u : c.high;
    return (u - c.low) << c.shift;
  }
}

inline Coordinate integer_coordinate(std::uint64_t low, std::uint64_t high) {
  Coordinate c;
  c.low = low;
  c.high = high < low ? low : high;
  for (std::uint64_t span = c.high - c.low; span && !(span >> 63); span <<= 1) ++c.shift;
  return c;
}

// A power of two for the keys, so that neither their span overflows nor a span of subnormals is lost.
inline double prescale_for(double low, double high) {
  constexpr double largest = std::numeric_limits<double>::max(), huge = 6.668014432879854e+240;  // 2^800
  if (high * 0.5 - low * 0.5 > largest * 0.5) return 0.5;
  if (high - low >= 1e-280) return 1;
  const bool fits = high * huge < largest && low * huge > -largest;
  return fits ? huge : 0.5;
}

inline Coordinate real_coordinate(double low, double high) {
  constexpr double largest = std::numeric_limits<double>::max();
  constexpr double top = 4611686018427387904.0;  // 2^62: the product below stays inside int64
  if (!(low >= -largest && high <= largest)) low = high = 0;  // no number, or none that is finite
  Coordinate c;
  c.real_low = low;
  c.real_high = high < low ? low : high;
  c.prescale = prescale_for(c.real_low, c.real_high);
  c.base = c.real_low * c.prescale;
  const double span = c.real_high * c.prescale - c.base;
  c.scale = span > 0 ? top / span : 0;
  if (!(c.scale <= largest)) c.scale = largest;
  while (span * c.scale > top) c.scale *= 1 - 0x1p-50;
  return c;
}

// A domain in 64 bits an end, as files hold it: unsigned integers, or the bits of doubles.
struct StoredDomain {
  std::uint64_t low, high;
};

template <class K> StoredDomain stored_domain(const Coordinate& c) {
  if constexpr (kIsReal<K>) return {bits_of(c.real_low), bits_of(c.real_high)};
  else return {c.low, c.high};
}

// Whatever the bits are, coordinates over the domain are safe.
template <class K> Coordinate domain_of(const StoredDomain& stored) {
  if constexpr (kIsReal<K>)
    return real_coordinate(key_of_bits<double>(stored.low), key_of_bits<double>(stored.high));
  else return integer_coordinate(stored.low, stored.high);
}

// Are these the ends of a domain, as they would be stored: numbers of the format, in order?
template <class K> bool is_domain(const StoredDomain& stored) {
  const StoredDomain kept = stored_domain<K>(domain_of<K>(stored));
  bool right = kept.low == stored.low && kept.high == stored.high;
  if constexpr (!kIsReal<K>)
    right = right && stored.low >= key_code(lowest_key<K>()) && stored.high <= key_code(highest_key<K>());
  return right;
}

template <class K> Coordinate coordinate_over(K first, K last) {
  if constexpr (kIsReal<K>) {
    return real_coordinate(static_cast<double>(first), static_cast<double>(last));
  } else {
    return integer_coordinate(key_code(first), key_code(last));
  }
}

}  // namespace learnedidx
