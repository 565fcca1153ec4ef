// Training of a PGM-index: one pass over the keys cuts them into the fewest segments, the same over
// the segments makes the levels above.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "learnedidx/base/aligned_table.hpp"
#include "learnedidx/base/compiled.hpp"
#include "learnedidx/kernels/kernels.hpp"
#include "learnedidx/models/btree.hpp"
#include "learnedidx/models/pgm.hpp"
#include "learnedidx/training/fit_rmi.hpp"
#include "learnedidx/training/segments.hpp"

namespace learnedidx {

// The arrays of one level.
struct PgmArrays {
  Table<std::uint64_t> before;
  Table<NarrowLine> narrow;
  Table<WideLine> wide;

  std::size_t bytes() const {
    return before.size() * sizeof(std::uint64_t) + narrow.size() * sizeof(NarrowLine) + wide.size() * sizeof(WideLine);
  }
};

// The fitted arrays and the view of them that lookups read.
struct Pgm {
  PgmView view;
  std::vector<PgmArrays> arrays;  // of each level, as in the view
  Table<std::uint64_t> splitters;
  Table<std::int8_t> corrections;
  OpenSegment open;               // lookups do not read it

  Pgm() = default;
  Pgm(const Pgm&) = delete;
  Pgm& operator=(const Pgm&) = delete;

  std::size_t bytes() const {
    std::size_t total = corrections.size() + splitters.size() * sizeof(std::uint64_t);
    for (const PgmArrays& level : arrays) total += level.bytes();
    return total;
  }
};

// The units of narrow lines for a number of positions; returns what they have to hold.
inline double choose_units(std::int64_t epsilon, std::size_t positions, PgmLevel& level) {
  level.lift = epsilon + 1;
  level.shift = 16;
  const double top = static_cast<double>(positions) + 2 * static_cast<double>(level.lift) + 1;
  while (level.shift > 0 && top * static_cast<double>(1u << level.shift) >= 0x1p32) --level.shift;
  return top;
}

// The lines in 8 bytes each; false if rounding them could move a prediction by as much as half a
// position, which is what predictions forgive: they are rounded to the nearest.
inline bool narrow_lines(const Segments& segments, std::int64_t epsilon, std::size_t positions, PgmLevel& level,
                         Table<NarrowLine>& lines) {
  constexpr double most = 0.49;  // the rest is for the double arithmetic, which is off by less than 2^-8
  const double top = choose_units(epsilon, positions, level);
  const double units = static_cast<double>(1u << level.shift);
  if (!(1 / units < most && top * units < 0x1p32)) return false;
  const auto stored = [&](double position) {
    return static_cast<std::uint32_t>(static_cast<std::int64_t>((position + static_cast<double>(level.lift) + 0.5) * units + 0.5));
  };
  lines.reserve(segments.size() + 1);
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const Line& line = segments.lines[i];
    const auto slope = static_cast<float>(line.slope * units);
    // Half of what the slope lost is given back at the start, so that neither end is off by the whole.
    const double lost = (line.slope - static_cast<double>(slope) / units) * segments.lengths[i] / 2;
    if (!(1 / units + (lost < 0 ? -lost : lost) <= most)) return false;
    lines.push_back({slope, stored(line.position + lost)});
  }
  lines.push_back({0, stored(static_cast<double>(positions))});
  return true;
}

inline void lay_out_level(const Segments& segments, std::int64_t epsilon, std::size_t positions, PgmLevel& level,
                          PgmArrays& arrays) {
  const std::size_t count = segments.size();
  arrays.before.assign(kSegmentsSkipped + count + kWindowKeys<std::uint64_t>, std::numeric_limits<std::uint64_t>::max());
  std::uint64_t* before = arrays.before.data() + kSegmentsSkipped;
  for (std::size_t i = 0; i < count; ++i) before[i] = segments.firsts[i] - 1;
  level.before = before;
  level.segments = count;
  if (narrow_lines(segments, epsilon, positions, level, arrays.narrow)) {
    level.narrow = arrays.narrow.data();
    return;
  }
  arrays.narrow = {};
  for (const Line& line : segments.lines) arrays.wide.push_back({line.slope, line.position});
  arrays.wide.push_back({0, static_cast<double>(positions)});
  level.wide = arrays.wide.data();
}

// The last of every window of the top level that has another one after it.
inline void lay_out_splitters(Pgm& pgm) {
  constexpr std::size_t window = kWindowKeys<std::uint64_t>;
  const PgmLevel& top = pgm.view.levels[0];
  if (top.segments <= window + 1) return;
  pgm.splitters.assign(kSplitters, std::numeric_limits<std::uint64_t>::max());
  for (std::size_t at = window; at < top.segments; at += window)
    if (at / window <= kSplitters) pgm.splitters[at / window - 1] = top.before[at];
  pgm.view.splitters = pgm.splitters.data();
}

// Lays out the segments of n keys and makes the levels above them. O(segments).
inline void lay_out(Pgm& pgm, Segments segments, std::size_t n, const OrdinalDomain& domain, std::int64_t epsilon) {
  pgm.view.domain = domain;
  pgm.view.epsilon = epsilon;
  std::vector<Segments> found;
  found.push_back(std::move(segments));
  while (found.back().size() > kTopSegments) found.push_back(segments_above(found.back()));
  pgm.arrays.resize(found.size());
  pgm.view.levels.clear();
  for (std::size_t l = 0; l < found.size(); ++l) pgm.view.levels.push_back({});
  for (std::size_t l = 0; l < found.size(); ++l) {
    const std::size_t from_below = found.size() - 1 - l;
    const std::size_t positions = from_below == 0 ? n : found[from_below - 1].size() - 1;
    const std::int64_t within = from_below == 0 ? std::min(epsilon, static_cast<std::int64_t>(n)) : kUpperEpsilon;
    lay_out_level(found[from_below], within, positions, pgm.view.levels[l], pgm.arrays[l]);
  }
  pgm.view.cached_levels = cached_levels_of(pgm.view);
  lay_out_splitters(pgm);
}

// Predicted positions of ordinals, by the kernels that lookups use.
inline void pgm_predict(const PgmView& pgm, const Kernels& kernels, const std::uint64_t* ordinals, std::size_t count,
                        std::uint64_t* positions) {
  kernels.pgm_top(pgm.splitters.aligned(), ordinals, count, positions);
  kernels.pgm_count(pgm.levels[0], ordinals, count, positions);
  for (std::size_t l = 1; l < pgm.levels.size(); ++l) {
    kernels.pgm_windows(pgm.levels[l - 1], pgm.levels[l], ordinals, count, positions);
    kernels.pgm_count(pgm.levels[l], ordinals, count, positions);
  }
  kernels.pgm_positions(pgm.levels.back(), ordinals, count, positions);
}

// Fills in, for every block of predicted positions, how far the answer is from where it begins, from
// pairs of both at some keys; no prediction is above `most`.
class CorrectionFill {
 public:
  CorrectionFill(std::size_t most, unsigned shift, unsigned scale, Table<std::int8_t>& out)
      : shift_(shift), scale_(scale), out_(out) {
    out_.assign((most >> shift) + 2, 0);
  }

  // Predictions that are not above the last one are passed over: those of equal keys.
  void add(std::int64_t predicted, std::int64_t position) {
    if (predicted <= predicted_) return;
    for (; block_ < out_.size() && start() <= predicted; ++block_) {
      const std::int64_t across = predicted - predicted_, up = position - position_;
      set(position_ + (start() - predicted_) * up / across - start());
    }
    predicted_ = predicted;
    position_ = position;
  }

  // Beyond the last pair, the same as there.
  void finish() {
    for (; block_ < out_.size(); ++block_) set(position_ - predicted_);
  }

 private:
  std::int64_t start() const { return static_cast<std::int64_t>(block_ << shift_); }
  void set(std::int64_t off) {
    const std::int64_t units = off >> scale_;
    out_[block_] = static_cast<std::int8_t>(units < -128 ? -128 : (units < 127 ? units : 127));
  }

  unsigned shift_, scale_;
  Table<std::int8_t>& out_;
  std::size_t block_ = 0;
  std::int64_t predicted_ = -1, position_ = -1;
};

// Measures corrections at every 16th key or so, if epsilon asks for them and is small enough that they
// can help. O(n / 16); false if stopped.
template <class K>
bool fit_corrections(Pgm& pgm, const K* keys, std::size_t n, const Kernels& kernels, Cancellation cancellation) {
  constexpr std::size_t sample = 2 * kLineKeys<K>;
  PgmView& view = pgm.view;
  const unsigned scale = correction_scale(static_cast<std::uint64_t>(view.epsilon));
  if (static_cast<std::size_t>(view.epsilon) <= kMostOfFour<K> || (std::size_t{1} << scale) > kLineKeys<K>) return true;
  const std::size_t most = n + static_cast<std::size_t>(view.epsilon);
  CorrectionFill corrections(most, pgm_correction_shift<K>(), scale, pgm.corrections);
  std::uint64_t ordinals[kFitBlock], predicted[kFitBlock];
  for (std::size_t from = 0, blocks = 1; from < n; from += kFitBlock * sample, ++blocks) {
    if (blocks % kPollBlocks == 0 && cancellation.requested()) return false;
    const std::size_t left = (n - from + sample - 1) / sample, count = left < kFitBlock ? left : kFitBlock;
    for (std::size_t i = 0; i < count; ++i) ordinals[i] = ordinal(keys[from + i * sample], view.domain);
    pgm_predict(view, kernels, ordinals, count, predicted);
    for (std::size_t i = 0; i < count; ++i)
      corrections.add(static_cast<std::int64_t>(predicted[i]), static_cast<std::int64_t>(from + i * sample));
  }
  corrections.finish();
  view.corrections = {pgm.corrections.data(), pgm_correction_shift<K>(), scale};
  view.most = most;
  return true;
}

// Lays out segments of keys[0, n) and measures corrections; false if stopped.
template <class K>
bool finish_pgm(Pgm& pgm, Segments segments, const K* keys, std::size_t n, const OrdinalDomain& domain,
                std::int64_t epsilon, const Kernels& kernels, Cancellation cancellation) {
  std::vector<double> lengths(segments.lengths.begin(),
                              segments.lengths.begin() + static_cast<std::ptrdiff_t>(pgm.open.closed));
  lay_out(pgm, std::move(segments), n, domain, epsilon);
  if (pgm.view.levels.back().wide) pgm.open.lengths = std::move(lengths);
  return fit_corrections(pgm, keys, n, kernels, cancellation);
}

// All of a model of keys[0, n); false if stopped. O(n).
template <class K>
bool fit_pgm(Pgm& pgm, const K* keys, std::size_t n, std::int64_t epsilon, const Kernels& kernels,
             Cancellation cancellation) {
  const OrdinalDomain domain = n ? ordinals_over(keys[0], keys[n - 1]) : ordinals_over(K{}, K{});
  Segments segments;
  if (!fit_segments(keys, n, domain, epsilon, kernels, segments, pgm.open, cancellation)) return false;
  return finish_pgm(pgm, std::move(segments), keys, n, domain, epsilon, kernels, cancellation);
}

// How far predictions lie from the truth, over = max(prediction - position) and under =
// max(position - prediction), for keys and for what lies between them: at the corners of the
// staircase and at the last ordinal before each, where a prediction that rises is highest.
template <class K>
bool measure_pgm(const K* keys, std::size_t n, const PgmView& pgm, const Kernels& kernels, ErrorBounds& errors,
                 Cancellation cancellation) {
  constexpr std::size_t room = kFitBlock + 2;
  std::uint64_t ordinals[room], predicted[room];
  std::int64_t positions[room], before = 0;
  std::size_t count = 0;
  const auto flush = [&] {
    pgm_predict(pgm, kernels, ordinals, count, predicted);
    for (std::size_t i = 0; i < count; ++i) {
      const std::int64_t ahead = static_cast<std::int64_t>(predicted[i]) - positions[i];
      errors.over = std::max(errors.over, ahead);
      errors.under = std::max(errors.under, -ahead);
    }
    count = 0;
  };
  const auto check = [&](std::uint64_t x, std::int64_t position) {
    ordinals[count] = x;
    positions[count++] = position;
  };
  const bool done = for_each_corner(keys, n, pgm.domain, kernels, cancellation, [&](std::uint64_t x, std::int64_t position) {
    if (position == before && x != 0) check(x - 1, position);  // the end of a gap
    check(x, position);
    before = position;
    if (count >= kFitBlock) flush();
  });
  flush();
  return done;
}

#define LIDX_THESE(name, K) \
  LIDX_COMPILE(bool fit_pgm(Pgm&, const K*, std::size_t, std::int64_t, const Kernels&, Cancellation)) \
  LIDX_COMPILE(bool measure_pgm(const K*, std::size_t, const PgmView&, const Kernels&, ErrorBounds&, Cancellation))
LIDX_FOR_ALL_KEYS(LIDX_THESE)
#undef LIDX_THESE

}  // namespace learnedidx
