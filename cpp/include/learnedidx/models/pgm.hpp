// PGM-index: predict the position of a key by lines that are never off by more than epsilon.
//   P. Ferragina, G. Vinciguerra: The PGM-index: a fully-dynamic compressed learned index with
//   provable worst-case bounds, PVLDB 13(8), 2020.
//
// The last level cuts the ordinals of the keys (keys/ordinal.hpp) into segments, each with a line that gives
// positions. The level above does the same for the segments, and so on, until one look finds the
// segment. Of a segment is kept the last ordinal before it, so that counting what is below an
// ordinal finds its segment: no value is reserved, and the first of these numbers, which
// nobody counts, wraps round. A prediction is cut off at what the next segment predicts at its
// start, which keeps epsilon in the gap between the two.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "learnedidx/base/doubles.hpp"
#include "learnedidx/base/inline_vector.hpp"
#include "learnedidx/base/key_types.hpp"
#include "learnedidx/base/unaligned_array.hpp"
#include "learnedidx/keys/ordinal.hpp"
#include "learnedidx/models/corrections.hpp"
#include "learnedidx/models/line.hpp"
#include "learnedidx/search/bisect.hpp"
#include "learnedidx/search/trace.hpp"
#include "learnedidx/search/window.hpp"

namespace learnedidx {

// A window of two lines around a place that is off by at most this holds the answer: the epsilon of
// the levels above the last.
constexpr std::int64_t kUpperEpsilon = 4;

// Lines in 8 bytes, where that keeps epsilon, else in 16. Narrow ones count in units of the level,
// from `lift` positions below 0 and half a position above that, so that cutting off the fraction rounds.
struct NarrowLine {
  float slope;
  std::uint32_t position;
};
struct WideLine {
  double slope, position;
};

// What a lookup reads of one level. Borrowed.
struct PgmLevel {
  UnalignedArray<std::uint64_t> before;    // one for each segment, and kWindowKeys more, the largest value
  std::size_t segments = 1;
  UnalignedArray<NarrowLine> narrow;       // segments + 1, or null; the last holds the number of positions
  UnalignedArray<WideLine> wide;           // the same; one of the two is there
  unsigned shift = 0;                     // of narrow lines: 2^shift units are a position
  std::int64_t lift = 0;

  const void* line(std::uint64_t segment) const {
    return narrow ? narrow.address(segment) : wide.address(segment);
  }
  std::size_t line_bytes() const { return narrow ? sizeof(NarrowLine) : sizeof(WideLine); }
  // In positions.
  Line line_at(std::uint64_t segment) const {
    if (wide) return {wide[segment].slope, wide[segment].position};
    const double units = static_cast<double>(1u << shift), at = static_cast<double>(narrow[segment].position);
    return {static_cast<double>(narrow[segment].slope) / units, at / units - static_cast<double>(lift) - 0.5};
  }
};

constexpr std::uint64_t kFraction = (std::uint64_t{1} << 52) - 1;  // bits of a double after its exponent

// The top level is found without a line: among the last of every window of its segments, then in that window.
constexpr std::size_t kSplitters = 2 * kWindowKeys<std::uint64_t>;
constexpr std::size_t kTopSegments = (kSplitters + 1) * kWindowKeys<std::uint64_t> + 1;

// Each level has at most a quarter of the segments below it: with so many, more than there can be keys.
constexpr std::size_t kMostLevels = 16;

struct PgmView {
  OrdinalDomain domain;
  std::int64_t epsilon = 1;
  InlineVector<PgmLevel, kMostLevels> levels;  // the last one, of the keys, at the end
  UnalignedArray<std::uint64_t> splitters;     // kSplitters of the top level; null: it is one window
  std::size_t cached_levels = 1; // upper levels that stay in the L2 cache together
  Corrections corrections;       // of the last level; none where windows reach far enough without
  std::uint64_t most = ~std::uint64_t{0};  // the largest prediction that has a correction
  bool guarded = false;          // the arrays may hold anything: segments are cut off at the last one
};

// Upper levels of this size are left to stay in the L2 cache by themselves: computing hides its latency.
constexpr std::size_t kCachedLevelBytes = 512 * 1024;

// Counting starts at the second of `before`, on a cache line: so many lie before the first of it.
constexpr std::size_t kSegmentsSkipped = kLineKeys<std::uint64_t> - 1;

inline std::size_t level_bytes(const PgmLevel& level) {
  return (kSegmentsSkipped + level.segments + kWindowKeys<std::uint64_t>) * sizeof(std::uint64_t) +
         (level.segments + 1) * level.line_bytes();
}

inline std::size_t cached_levels_of(const PgmView& pgm) {
  std::size_t bytes = 0, levels = 1;
  for (std::size_t l = 0; l < pgm.levels.size(); ++l) {
    bytes += level_bytes(pgm.levels[l]);
    if (bytes <= kCachedLevelBytes) levels = l + 1;
  }
  return levels;
}

// The nearest whole number of 0 <= x < 2^51, the even one of two.
LIDX_INLINE std::uint64_t nearest(double x) { return bits_of(x + 0x1p52) & kFraction; }

// The position that a line predicts `across` ordinals after its start: at most that at which the next
// line starts.
LIDX_INLINE std::uint64_t position_from(float slope, std::uint32_t start, std::uint32_t next, std::uint64_t across,
                                        unsigned shift, std::int64_t lift) {
  // Bits of doubles in [2^52, 2^53) ascend with the number that low_half put there.
  const auto moved = static_cast<std::int64_t>(bits_of(low_half(start) + static_cast<double>(slope) * to_double(across)));
  const auto most = static_cast<std::int64_t>(bits_of(low_half(next)));
  const auto units = static_cast<std::uint64_t>(moved < most ? moved : most) & kFraction;
  const std::int64_t position = static_cast<std::int64_t>(units >> shift) - lift;
  return static_cast<std::uint64_t>(position > 0 ? position : 0);
}

LIDX_INLINE std::uint64_t position_from(double slope, double start, double next, std::uint64_t across, unsigned,
                                        std::int64_t) {
  double position = start + slope * to_double(across);
  position = position < next ? position : next;
  return nearest(position > 0 ? position : 0);
}

template <class L>
LIDX_INLINE std::uint64_t position_on(const UnalignedArray<L>& lines, std::uint64_t segment, std::uint64_t x,
                                      const PgmLevel& level) {
  const L line = lines[segment];
  return position_from(line.slope, line.position, lines[segment + 1].position, x - level.before[segment] - 1,
                       level.shift, level.lift);
}

// The position that a level predicts for an ordinal of one of its segments. It never decreases
// inside a segment.
template <class AnyTracer = NoTrace>
LIDX_INLINE std::uint64_t position_in(const PgmLevel& level, std::uint64_t segment, std::uint64_t x,
                                      const AnyTracer& tracer = {}) {
  tracer.model(level.before.address(segment), sizeof(std::uint64_t));
  tracer.model(level.line(segment), 2 * level.line_bytes());
  return level.narrow ? position_on(level.narrow, segment, x, level) : position_on(level.wide, segment, x, level);
}

// Of a segment that a count led to: one that there is, whatever was counted.
LIDX_INLINE std::uint64_t kept_in(const PgmLevel& level, std::uint64_t segment) {
  return segment < level.segments ? segment : level.segments - 1;
}

// The start of the window that is counted for a predicted one of so many segments, in `before`.
LIDX_INLINE std::uint64_t segment_window(std::uint64_t predicted, std::int64_t segments) {
  constexpr auto line = static_cast<std::int64_t>(kLineKeys<std::uint64_t>);
  std::int64_t start = (static_cast<std::int64_t>(predicted) - kUpperEpsilon) & -line;
  start = start > 0 ? start : 0;
  return static_cast<std::uint64_t>(start < segments ? start : segments - 1);
}

// Where lookups look for a prediction of the last level: it starts a window, and promises nothing.
template <class AnyTracer = NoTrace>
LIDX_INLINE std::uint64_t corrected_position(std::uint64_t position, const PgmView& pgm, const AnyTracer& tracer = {}) {
  position = loaded_once(position);
  return pgm.corrections.values ? corrected(position < pgm.most ? position : pgm.most, pgm.corrections, tracer) : position;
}

// The largest epsilon for which windows of four lines are counted: most answers are in them.
template <class K> constexpr std::size_t kMostOfFour = 2 * kLineKeys<K>;

// How far a prediction may be off so that the four lines at place_of_four hold the answer.
template <class K> constexpr std::size_t kReachOfFour = 3 * kLineKeys<K> / 2;

template <class K> WindowPlace place_of_four(const WindowFrame& frame) {
  constexpr auto line = static_cast<std::int64_t>(kLineKeys<K>);
  return {0, frame.phase - static_cast<std::int64_t>(kReachOfFour<K>), -line, frame.phase, frame.last - 2 * line};
}

// The segment of the last level that an ordinal lies in: what the kernels must answer.
template <class AnyTracer = NoTrace>
std::uint64_t pgm_segment(std::uint64_t x, const PgmView& pgm, const AnyTracer& tracer = {}) {
  constexpr std::size_t window = kWindowKeys<std::uint64_t>;
  const std::uint64_t top = pgm.splitters ? window * lower_bound(pgm.splitters, kSplitters, x) : 0;
  if (pgm.splitters) tracer.model(pgm.splitters.address(), kSplitters * sizeof(std::uint64_t));
  std::uint64_t segment = 0;
  for (std::size_t l = 0; l < pgm.levels.size(); ++l) {
    const auto segments = static_cast<std::int64_t>(pgm.levels[l].segments);
    const std::uint64_t start =
        l ? segment_window(loaded_once(position_in(pgm.levels[l - 1], segment, x, tracer)), segments)
          : kept_in(pgm.levels[0], loaded_once(top));
    segment = kept_in(pgm.levels[l], loaded_once(start + lower_bound(pgm.levels[l].before + (1 + start), window, x)));
    tracer.model(pgm.levels[l].before.address(1 + start), window * sizeof(std::uint64_t));
    tracer.step(Visit::segments, segment, start, start + window);
  }
  return segment;
}

template <class AnyTracer = NoTrace>
std::int64_t pgm_position(std::uint64_t x, const PgmView& pgm, const AnyTracer& tracer = {}) {
  const std::uint64_t segment = pgm_segment(x, pgm, tracer), position = position_in(pgm.levels.back(), segment, x, tracer);
  tracer.leaf(segment);
  tracer.predicts(position);
  return static_cast<std::int64_t>(position);
}

}  // namespace learnedidx
