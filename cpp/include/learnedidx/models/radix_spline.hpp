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

#include "learnedidx/base/doubles.hpp"
#include "learnedidx/base/key_types.hpp"
#include "learnedidx/base/unaligned_array.hpp"
#include "learnedidx/keys/ordinal.hpp"
#include "learnedidx/models/corrections.hpp"
#include "learnedidx/search/bisect.hpp"
#include "learnedidx/search/trace.hpp"
#include "learnedidx/search/window.hpp"

namespace learnedidx {

// What a lookup reads: arrays and sizes, owned by RadixSpline or lying in a file.
struct RadixSplineView {
  OrdinalDomain domain;
  std::size_t n_points = 0;                    // at least 2
  UnalignedArray<std::uint64_t> coordinates;            // ordinals of the points: from 0, ascending, up to domain.top
  UnalignedArray<std::uint64_t> positions;              // how many keys lie before each point
  UnalignedArray<std::uint32_t> radix_table;            // 2^radix_bits + 1: points before each bin of coordinates
  unsigned radix_bits = 1, radix_shift = 0;    // the bin of a coordinate: what is left after the shift
  std::uint64_t epsilon = 1;                   // promised largest distance between prediction and position
  Corrections corrections;                     // where lookups look first
  std::uint64_t most = ~std::uint64_t{0};      // the largest prediction that windows and corrections are there for
  bool guarded = false;                        // the arrays may hold anything: what is read of them is cut off
};

// The bits of coordinates up to `top` beyond the upper ones that name a bin.
inline unsigned radix_shift_for(std::uint64_t top, unsigned radix_bits) {
  unsigned shift = 0;
  while (top >> shift >> radix_bits) ++shift;
  return shift;
}

// Positions are below 2^52: as low bits of 2^52 they turn into numbers and back without a conversion.
constexpr std::uint64_t kTwoTo52 = 0x4330000000000000u;

// The predicted position of a coordinate inside segment number `segment`.
template <class Array>
LIDX_INLINE std::uint64_t spline_position(std::uint64_t x, std::uint64_t segment, const Array& coordinates,
                                          const Array& positions) {
  const std::uint64_t from = coordinates[segment];
  const double part = to_double(x - from) / to_double(coordinates[segment + 1] - from);
  const double low = key_of_bits<double>(kTwoTo52 | positions[segment]);
  const double high = key_of_bits<double>(kTwoTo52 | positions[segment + 1]);
  const double predicted = low + part * (high - low);
  std::uint64_t bits;
  std::memcpy(&bits, &predicted, sizeof bits);
  return bits - kTwoTo52;
}

// The points between which a coordinate lies, whatever the table holds.
struct SplineBin {
  std::uint64_t first, last;
};

LIDX_INLINE SplineBin spline_bin(std::uint64_t x, const RadixSplineView& spline) {
  const std::uint64_t bin = x >> spline.radix_shift, first = spline.radix_table[bin];
  const std::uint64_t last = spline.radix_table[bin + 1];
  if (!spline.guarded) return {first, last};
  const std::uint64_t from = loaded_once(first), to = loaded_once(last);
  const std::uint64_t end = to < spline.n_points ? to : spline.n_points;
  return {from < end ? from : end, end};
}

// The segment behind so many points: its point on the left lies before it, unless it is the first.
LIDX_INLINE std::uint64_t segment_before(std::uint64_t points, const RadixSplineView& spline) {
  const std::uint64_t segment = points - (points != 0);
  return segment < spline.n_points - 1 ? segment : spline.n_points - 2;
}

// The segment that holds a coordinate.
template <class AnyTracer = NoTrace>
LIDX_INLINE std::uint64_t spline_segment(std::uint64_t x, const RadixSplineView& spline, const AnyTracer& tracer = {}) {
  const SplineBin bin = spline_bin(x, spline);
  tracer.model(spline.radix_table.address(x >> spline.radix_shift), 2 * sizeof(std::uint32_t));
  tracer.step(Visit::table, x >> spline.radix_shift, bin.first, bin.last);
  const UnalignedArray<std::uint64_t> points = spline.coordinates + bin.first;
  const std::uint64_t before = bin.first + lower_bound(traced_model(points, tracer), bin.last - bin.first, x);
  tracer.step(Visit::points, before, bin.first, bin.last);
  return segment_before(before, spline);
}

template <class K, class AnyTracer = NoTrace>
LIDX_INLINE std::uint64_t spline_prediction(K key, const RadixSplineView& spline, const AnyTracer& tracer = {}) {
  const std::uint64_t x = ordinal(key, spline.domain), segment = spline_segment(x, spline, tracer);
  const std::uint64_t position = spline_position(x, segment, spline.coordinates, spline.positions);
  tracer.model(spline.coordinates.address(segment), 2 * sizeof(std::uint64_t));
  tracer.model(spline.positions.address(segment), 2 * sizeof(std::uint64_t));
  tracer.leaf(segment);
  tracer.predicts(position);
  return position;
}

// Where lookups look for a prediction: it starts a window, and promises nothing.
template <class AnyTracer = NoTrace>
LIDX_INLINE std::uint64_t corrected_position(std::uint64_t position, const RadixSplineView& spline, const AnyTracer& tracer = {}) {
  position = loaded_once(position);
  const std::uint64_t kept = position < spline.most ? position : spline.most;
  return spline.corrections.values ? corrected(kept, spline.corrections, tracer) : kept;
}

}  // namespace learnedidx
