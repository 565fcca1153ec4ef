// PGM-index: predict the position of a key by lines that are never off by more than epsilon.
//   P. Ferragina, G. Vinciguerra: The PGM-index: a fully-dynamic compressed learned index with
//   provable worst-case bounds, PVLDB 13(8), 2020.
//
// The last level cuts the ordinals of the keys (ordinal.hpp) into segments, each with a line that gives
// positions. The level above does the same for the segments, and so on, until one look finds the
// segment. Of a segment is kept the last ordinal before it, so that counting what is below an
// ordinal finds its segment: no value is reserved, and the first of these numbers, which
// nobody counts, wraps round. A prediction is cut off at what the next segment predicts at its
// start, which keeps epsilon in the gap between the two.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "kinds.hpp"
#include "optimal_line.hpp"
#include "ordinal.hpp"
#include "search.hpp"
#include "window.hpp"

namespace learnedidx {

// A window of two lines around a place that is off by at most this holds the answer: the epsilon of
// the levels above the last.
constexpr std::int64_t kUpperEpsilon = 4;

// Lines in 8 bytes, where that keeps epsilon, else in 16.
struct NarrowLine {
  float slope;
  std::uint32_t position;  // in units of the level, moved up so that none is negative
};
struct WideLine {
  double slope, position;
};

// What a lookup reads of one level. Borrowed.
struct PgmLevel {
  const std::uint64_t* before = nullptr;  // one for each segment, and kWindowKeys more, the largest value
  std::size_t segments = 1;
  const NarrowLine* narrow = nullptr;     // segments + 1, or null; the last holds the number of positions
  const WideLine* wide = nullptr;         // the same; one of the two is there
  double unit = 1, lift = 0;              // of narrow positions

  const void* line(std::uint64_t segment) const {
    return narrow ? static_cast<const void*>(narrow + segment) : static_cast<const void*>(wide + segment);
  }
};

struct PgmView {
  OrdinalDomain domain;
  std::int64_t epsilon = 1;
  std::vector<PgmLevel> levels;  // the last one, of the keys, at the end
  std::size_t cached_levels = 1; // upper levels that stay in the L1 cache together
};

// The nearest whole number of 0 <= x < 2^51, the even one of two.
LIDX_INLINE std::uint64_t nearest(double x) {
  const double moved = x + 0x1p52;
  std::uint64_t bits;
  std::memcpy(&bits, &moved, sizeof bits);
  return bits & ((std::uint64_t{1} << 52) - 1);
}

LIDX_INLINE Line line_of(const NarrowLine& line, const PgmLevel& level) {
  return {static_cast<double>(line.slope),
          static_cast<double>(static_cast<std::int64_t>(line.position)) * level.unit - level.lift};
}
LIDX_INLINE Line line_of(const WideLine& line, const PgmLevel&) { return {line.slope, line.position}; }

template <class L>
LIDX_INLINE std::uint64_t position_on(const L* lines, std::uint64_t segment, std::uint64_t x, const PgmLevel& level) {
  const Line line = line_of(lines[segment], level);
  const double most = line_of(lines[segment + 1], level).position;
  double position = line.position + line.slope * to_double(x - level.before[segment] - 1);
  position = position < most ? position : most;
  return nearest(position > 0 ? position : 0);
}

// The position that a level predicts for an ordinal of one of its segments. It never decreases
// inside a segment.
LIDX_INLINE std::uint64_t position_in(const PgmLevel& level, std::uint64_t segment, std::uint64_t x) {
  return level.narrow ? position_on(level.narrow, segment, x, level) : position_on(level.wide, segment, x, level);
}

// The start of the window of `level.before` that is counted for a predicted segment.
LIDX_INLINE std::uint64_t segment_window(std::uint64_t predicted, const PgmLevel& level) {
  constexpr auto line = static_cast<std::int64_t>(kLineKeys<std::uint64_t>);
  const std::int64_t start = (static_cast<std::int64_t>(predicted) - kUpperEpsilon) & -line;
  const auto most = static_cast<std::int64_t>(level.segments);
  return static_cast<std::uint64_t>(start > 0 ? (start < most ? start : most) : 0);
}

// A position and the upper half of the slope there, as a float: enough to correct it by a key nearby.
LIDX_INLINE std::uint64_t sloped_position(std::uint64_t position, float slope) {
  std::uint32_t bits;
  std::memcpy(&bits, &slope, sizeof bits);
  return position << 16 | bits >> 16;
}

// The key at a predicted position tells how far the prediction is from that key, not yet from the
// answer; by the slope, what is left after it is about the root of what it was.
template <class K>
LIDX_INLINE std::uint64_t corrected_position(const K* keys, std::size_t n, K query, std::uint64_t sloped,
                                             const OrdinalDomain& domain, double epsilon) {
  const std::uint64_t predicted = sloped >> 16, position = predicted < n ? predicted : n - 1;
  const auto bits = static_cast<std::uint32_t>((sloped & 0xffffu) << 16);
  float slope;
  std::memcpy(&slope, &bits, sizeof slope);
  const std::uint64_t x = ordinal(query, domain), met = ordinal(keys[position], domain);
  double away = static_cast<double>(slope) * to_double(x > met ? x - met : met - x);
  away = away < epsilon ? away : epsilon;
  const auto from = static_cast<double>(static_cast<std::int64_t>(position));
  const double moved = x > met ? from + away : from - away;
  return nearest(moved > 0 ? moved : 0);
}

// How far a prediction may be off so that the four lines at place_of_four hold the answer.
template <class K> constexpr std::size_t kChoiceReach = 3 * kLineKeys<K> / 2;

template <class K> WindowPlace place_of_four(const WindowFrame& frame) {
  constexpr std::uint64_t line = kLineKeys<K>;
  const auto phase = static_cast<std::uint64_t>(frame.phase);
  return {0, phase + 2 * line - kChoiceReach<K>, ~(line - 1), phase + 2 * line, static_cast<std::uint64_t>(frame.last) - 2 * line};
}

// Of four lines from `start` on, the two next to each other that hold the answer, if the four do.
template <class K> LIDX_INLINE std::uint64_t chosen_window(const K* keys, K query, std::uint64_t start) {
  constexpr std::size_t line = kLineKeys<K>;
  const auto passed = static_cast<std::uint64_t>(keys[start + kChoiceReach<K>] < query) +
                      static_cast<std::uint64_t>(keys[start + kChoiceReach<K> + line] < query);
  return start + passed * line;
}

// The segment of the last level that an ordinal lies in: what the kernels must answer.
inline std::uint64_t pgm_segment(std::uint64_t x, const PgmView& pgm) {
  std::uint64_t segment = 0;
  for (std::size_t l = 0; l < pgm.levels.size(); ++l) {
    const std::uint64_t start = l ? segment_window(position_in(pgm.levels[l - 1], segment, x), pgm.levels[l]) : 0;
    segment = start + lower_bound(pgm.levels[l].before + 1 + start, kWindowKeys<std::uint64_t>, x);
  }
  return segment;
}

inline std::int64_t pgm_position(std::uint64_t x, const PgmView& pgm) {
  return static_cast<std::int64_t>(position_in(pgm.levels.back(), pgm_segment(x, pgm), x));
}

}  // namespace learnedidx
