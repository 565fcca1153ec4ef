// The segments of a PGM-index: one pass over the keys cuts them into the fewest, the same over segments
// makes those of the level above. A fit remembers where it stands, so that it can go on.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "learnedidx/kernels/kernels.hpp"
#include "learnedidx/models/pgm.hpp"
#include "learnedidx/training/fit_rmi.hpp"
#include "learnedidx/training/optimal_line.hpp"

namespace learnedidx {

// What was found of a level, before it is laid out.
struct Segments {
  std::vector<std::uint64_t> firsts;  // first ordinal of each
  std::vector<Line> lines;
  std::vector<double> lengths;  // ordinals from its first to its last point

  std::size_t size() const { return firsts.size(); }
};

// Cuts the staircase that lower_bound is, corner by corner, into the fewest segments whose lines keep
// within epsilon of it. A run of equal keys is a step with two corners: the run itself, which goes to
// the position of its first key, and the next ordinal, which goes to the position after its last.
// Lines never fall, so what holds at corners holds in the gap between two of them.
class Segmentation {
 public:
  Segmentation(std::int64_t epsilon, Segments& found) : line_(epsilon), found_(found) {}
  // Goes on with a segment that is open.
  Segmentation(OptimalLine line, Segments& found) : line_(std::move(line)), found_(found) {}

  LIDX_INLINE void add(std::uint64_t x, std::int64_t position) {
    if (!line_.add(x, position)) {
      close();
      line_.start(x, position);
    }
  }
  void start(std::uint64_t x, std::int64_t position) { line_.start(x, position); }
  LIDX_INLINE bool passes(std::uint64_t x, std::uint64_t last, std::int64_t position) { return line_.passes(x, last, position); }

  // Finishes the segment that is open.
  void close() {
    found_.firsts.push_back(line_.first());
    found_.lines.push_back(line_.line());
    found_.lengths.push_back(to_double(line_.last() - line_.first()));
  }

  const OptimalLine& line() const { return line_; }

 private:
  OptimalLine line_;
  Segments& found_;
};

// Calls corner(x, position) behind an ordinal, if there is a gap before the next one, and there.
template <class Corner>
LIDX_INLINE void visit_corners(std::uint64_t before, std::uint64_t x, std::int64_t position, Corner&& corner) {
  if (x - before > 1) corner(before + 1, position);
  corner(x, position);
}

// Calls corner(x, position) for every corner of the staircase of keys[0, n) that keys[from, n) make, in
// order; x is the ordinal of the key before them, at first. Both corners before a key are left out where
// passes(first x, last x, position). False if stopped.
template <class K, class Corner, class Passes>
bool for_each_corner_from(const K* keys, std::size_t from, std::uint64_t x, std::size_t n, const OrdinalDomain& domain,
                          const Kernels& kernels, Cancellation cancellation, Corner&& corner, Passes&& passes) {
  std::uint64_t block[kFitBlock];
  for (std::size_t blocks = 1; from < n; from += kFitBlock, ++blocks) {
    if (blocks % kPollBlocks == 0 && cancellation.requested()) return false;
    const std::size_t count = n - from < kFitBlock ? n - from : kFitBlock;
    kernels.ordinals[key_type_index<K>()](keys + from, count, domain, block);
    for (std::size_t i = 0; i < count; ++i) {
      if (block[i] == x) continue;
      const auto position = static_cast<std::int64_t>(from + i);
      if (!passes(x + 1, block[i], position)) visit_corners(x, block[i], position, corner);
      x = block[i];
    }
  }
  if (n > 0 && x < domain.top) corner(x + 1, static_cast<std::int64_t>(n));
  return true;
}

// All corners. The first is (0, 0).
template <class K, class Corner>
bool for_each_corner(const K* keys, std::size_t n, const OrdinalDomain& domain, const Kernels& kernels,
                     Cancellation cancellation, Corner&& corner) {
  corner(std::uint64_t{0}, std::int64_t{0});
  const auto none = [](std::uint64_t, std::uint64_t, std::int64_t) { return false; };
  return for_each_corner_from(keys, 0, 0, n, domain, kernels, cancellation, corner, none);
}

// Where a fit stands before the corner behind the last key, the only one that keys appended later can
// move: from there it goes on as if it had never stopped.
struct OpenSegment {
  bool known = false;
  OptimalLine line{1};
  std::size_t closed = 0;       // segments that no key behind can change
  std::vector<double> lengths;  // theirs, where lines are wide: whether narrow ones would do is asked anew
};

// Takes the corners that keys[from, n) make; x is the ordinal of the key before them.
template <class K>
bool fit_segments_from(const K* keys, std::size_t from, std::uint64_t x, std::size_t n, const OrdinalDomain& domain,
                       const Kernels& kernels, Segmentation& segmentation, Segments& found, OpenSegment& open,
                       Cancellation cancellation) {
  const auto stop_here = [&] {
    open.known = true;
    open.line = segmentation.line().in_use();
    open.closed = found.size();
  };
  open.known = false;
  const auto end = static_cast<std::int64_t>(n);
  const bool done = for_each_corner_from(keys, from, x, n, domain, kernels, cancellation,
                                         [&](std::uint64_t corner, std::int64_t position) {
    if (position == end) stop_here();
    if (corner != 0) segmentation.add(corner, position);
  }, [&](std::uint64_t first, std::uint64_t last, std::int64_t position) { return segmentation.passes(first, last, position); });
  if (!open.known) stop_here();  // the last key is the last there can be
  segmentation.close();
  return done;
}

// The segments of keys[0, n), and where their fit stands. O(n), memory for the segments and the hulls of one of them.
template <class K>
bool fit_segments(const K* keys, std::size_t n, const OrdinalDomain& domain, std::int64_t epsilon,
                  const Kernels& kernels, Segments& found, OpenSegment& open, Cancellation cancellation) {
  Segmentation segmentation(std::min(epsilon, static_cast<std::int64_t>(n)), found);
  segmentation.start(0, 0);
  return fit_segments_from(keys, 0, 0, n, domain, kernels, segmentation, found, open, cancellation);
}

// The segments of the segments below, which are found by counting the last ordinals before them.
inline Segments segments_above(const Segments& below) {
  Segments found;
  Segmentation segmentation(kUpperEpsilon, found);
  std::uint64_t x = 0;
  segmentation.start(x, 0);
  for (std::size_t i = 1; i < below.size(); ++i) {
    const std::uint64_t before = below.firsts[i] - 1;
    const auto position = static_cast<std::int64_t>(i) - 1;
    if (before > x) segmentation.add(before, position);
    x = before + 1;
    segmentation.add(x, position + 1);
  }
  segmentation.close();
  return found;
}

}  // namespace learnedidx
