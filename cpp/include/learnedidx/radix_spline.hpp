// RadixSpline: predict the position of a key by a linear spline through a few points of the CDF,
// whose segment a radix table finds.
//   A. Kipf, R. Marcus, A. van Renen, M. Stoian, A. Kemper, T. Kraska, T. Neumann: RadixSpline: a
//   single-pass learned index, aiDM at SIGMOD 2020, section 2.
//
// Points lie on the CDF, and between two of them the spline keeps within epsilon of it, for keys and
// for what lies between keys. Predictions never decrease with the key and are the same on every
// instruction set: a quotient, a product and a sum in double precision, rounded to the nearest
// position. That last step also forgives what the others round: for fewer than 2^45 keys all of it
// together stays below 2^-4 of a position.
//
// Lookups look nearer than epsilon, where corrections say; what is predicted and promised is the
// spline alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "corrections.hpp"
#include "kinds.hpp"
#include "ordinal.hpp"
#include "search.hpp"
#include "window.hpp"

namespace learnedidx {

// What a lookup reads: pointers and sizes, owned by RadixSpline.
struct RadixSplineView {
  OrdinalDomain domain;
  std::size_t n_points = 0;                    // at least 2
  const std::uint64_t* coordinates = nullptr;  // ordinals of the points: from 0, ascending, up to domain.top
  const std::uint64_t* positions = nullptr;    // how many keys lie before each point
  const std::uint32_t* radix_table = nullptr;  // 2^radix_bits + 1: points before each bin of coordinates
  unsigned radix_bits = 1, radix_shift = 0;    // the bin of a coordinate: what is left after the shift
  std::uint64_t epsilon = 1;                   // promised largest distance between prediction and position
  Corrections corrections;                     // where lookups look first
};

LIDX_INLINE double real_of_bits(std::uint64_t bits) {
  double real;
  std::memcpy(&real, &bits, sizeof real);
  return real;
}

// static_cast<double>(x), by integer operations that every vector unit has: both halves are put into
// the low bits of a number whose exponent makes them count, then added with one rounding.
LIDX_INLINE double real_of(std::uint64_t x) {
  const double high = real_of_bits(0x4530000000000000u | (x >> 32)) - 0x1.00000001p84;
  return high + real_of_bits(0x4330000000000000u | (x & 0xffffffffu));
}

// Positions are below 2^52: as low bits of 2^52 they turn into numbers and back without a conversion.
constexpr std::uint64_t kTwoTo52 = 0x4330000000000000u;

// The predicted position of a coordinate inside segment number `segment`.
LIDX_INLINE std::uint64_t spline_position(std::uint64_t x, std::uint64_t segment, const std::uint64_t* coordinates,
                                          const std::uint64_t* positions) {
  const std::uint64_t from = coordinates[segment];
  const double part = real_of(x - from) / real_of(coordinates[segment + 1] - from);
  const double low = real_of_bits(kTwoTo52 | positions[segment]);
  const double high = real_of_bits(kTwoTo52 | positions[segment + 1]);
  const double predicted = low + part * (high - low);
  std::uint64_t bits;
  std::memcpy(&bits, &predicted, sizeof bits);
  return bits - kTwoTo52;
}

// The segment that holds a coordinate: its point on the left lies before it, unless it is the first.
LIDX_INLINE std::uint64_t spline_segment(std::uint64_t x, const RadixSplineView& spline) {
  const std::uint32_t* bin = spline.radix_table + (x >> spline.radix_shift);
  const std::uint64_t before = bin[0] + lower_bound(spline.coordinates + bin[0], std::size_t{bin[1]} - bin[0], x);
  return before - (before != 0);
}

template <class K> LIDX_INLINE std::uint64_t spline_prediction(K key, const RadixSplineView& spline) {
  const std::uint64_t x = ordinal(key, spline.domain);
  return spline_position(x, spline_segment(x, spline), spline.coordinates, spline.positions);
}

}  // namespace learnedidx
