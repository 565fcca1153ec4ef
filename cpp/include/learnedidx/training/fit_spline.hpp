// Training of a RadixSpline: one pass over the keys finds the points, one over the points the table.
//   T. Neumann, S. Michel: Smooth Interpolating Histograms with Error Guarantees, BNCOD 2008,
//   section 3.2 (the greedy spline corridor).
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "learnedidx/base/aligned_table.hpp"
#include "learnedidx/base/compiled.hpp"
#include "learnedidx/kernels/kernels.hpp"
#include "learnedidx/models/radix_spline.hpp"
#include "learnedidx/training/fit_rmi.hpp"

namespace learnedidx {

struct SplinePoints {
  std::vector<std::uint64_t> coordinates, positions;

  void add(std::uint64_t x, std::uint64_t y) {
    coordinates.push_back(x);
    positions.push_back(y);
  }
};

// What lookups rely on: at least two points, from (0, 0) on, coordinates ascending to the end of the
// domain, positions never falling. A fit over keys that change meanwhile may break it, and a pickle.
inline bool are_points(const std::uint64_t* x, const std::uint64_t* y, std::size_t count, const OrdinalDomain& domain) {
  bool right = count >= 2 && x[0] == 0 && y[0] == 0 && x[count - 1] == domain.top;
  for (std::size_t i = 1; right && i < count; ++i) right = x[i - 1] < x[i] && y[i - 1] <= y[i];
  return right;
}

// The greedy spline corridor over the staircase that lower_bound is: a run of equal keys is a step
// from (x, keys before it) to (x + 1, keys before or in it). A line keeps within epsilon of all
// queries if it passes below (x, before + epsilon) and above (x + 1, after - epsilon) for every run:
// lines that rise cannot leave the rest of the staircase between two such gates. From the last point
// of the spline, the slopes that pass all gates so far lie between low and high. The spline gets a
// point where the next corner of the staircase can no longer be reached with such a slope.
// Slopes are rounded, by far less than predictions forgive (models/radix_spline.hpp).
class SplineCorridor {
 public:
  struct Corner {
    std::uint64_t x, y, after;  // after: position after the run that begins here, or y
  };

  // Where the corridor stands: all that a fit needs to go on, but the points.
  struct State {
    std::uint64_t x = 0;  // the last point of the spline
    double y = 0, low = 0, high = 0;
    Corner reached{0, 0, 0};
  };

  SplineCorridor(std::uint64_t epsilon, SplinePoints& points)
      : whole_epsilon_(epsilon), epsilon_(to_double(epsilon)), points_(points) {}

  State state() const { return at_; }
  void go_on(const State& state) { at_ = state; }

  // The run of the first key, which has coordinate 0.
  void start(std::uint64_t after, bool gap) {
    at_.reached = {0, 0, after};
    turn();
    if (gap) step(0, 0, after);
  }

  // The next run: coordinate, positions of its first key and after its last, and whether the next
  // key, if any, leaves a gap after it.
  LIDX_INLINE void add(std::uint64_t x, std::uint64_t first, std::uint64_t after, bool gap) {
    const double dx = reach(x, first), dy = to_double(first) - at_.y;
    const double most = dy + epsilon_, least = to_double(after) - at_.y - epsilon_;
    at_.high = std::min(at_.high, most / dx);  // divisions cost less than guessing whether they are needed
    at_.low = std::max(at_.low, least / (dx + 1));
    at_.reached = {x, first, after};
    if (gap) step(x, first, after);
  }

  // All keys were added, n of them; the spline ends at `top`, one after the last key if there is such.
  void finish(std::uint64_t top, std::uint64_t n) {
    if (at_.reached.x < top) {
      reach(top, n);
      at_.reached = {top, n, n};
    }
    points_.add(at_.reached.x, at_.reached.y);
  }

 private:
  // The far corner of a long run is one that the spline may have to turn at; a line to the next key
  // passes short runs anyway.
  LIDX_INLINE void step(std::uint64_t x, std::uint64_t first, std::uint64_t after) {
    if (after - first <= whole_epsilon_) return;
    reach(x + 1, after);
    at_.reached = {x + 1, after, after};
  }

  // Makes sure that a line from the last point of the spline can reach this corner; how far it goes.
  LIDX_INLINE double reach(std::uint64_t x, std::uint64_t y) {
    const double dx = to_double(x - at_.x), dy = to_double(y) - at_.y;
    if (at_.low * dx <= dy && dy <= at_.high * dx) return dx;
    turn();
    return to_double(x - at_.x);
  }

  // The corner that was reached last becomes a point of the spline.
  void turn() {
    points_.add(at_.reached.x, at_.reached.y);
    at_.x = at_.reached.x;
    at_.y = to_double(at_.reached.y);
    const double needed = to_double(at_.reached.after - at_.reached.y) - epsilon_;
    at_.low = needed > 0 ? needed : 0;  // the least slope with which a line that starts here passes the gate of its own run
    at_.high = std::numeric_limits<double>::infinity();
  }

  std::uint64_t whole_epsilon_;
  double epsilon_;
  SplinePoints& points_;
  State at_;
};

// Calls visit(ordinal, position of the first, position after the last, does a gap follow?) for every
// run of equal keys that ends in keys[from, n); x and first are those of the run that is open there.
// False if stopped.
template <class K, class Visit>
bool for_each_run_from(const K* keys, std::size_t from, std::uint64_t x, std::uint64_t first, std::size_t n,
                       const OrdinalDomain& domain, const Kernels& kernels, Cancellation cancellation, Visit&& visit) {
  std::uint64_t block[kFitBlock];
  for (std::size_t blocks = 1; from < n; from += kFitBlock, ++blocks) {
    if (blocks % kPollBlocks == 0 && cancellation.requested()) return false;
    const std::size_t count = n - from < kFitBlock ? n - from : kFitBlock;
    kernels.ordinals[key_type_index<K>()](keys + from, count, domain, block);
    for (std::size_t i = 0; i < count; ++i) {
      if (block[i] == x) continue;
      visit(x, first, std::uint64_t{from + i}, block[i] - x > 1);
      x = block[i];
      first = from + i;
    }
  }
  visit(x, first, std::uint64_t{n}, x < domain.top);
  return true;
}

// All runs; needs n >= 1.
template <class K, class Visit>
bool for_each_run(const K* keys, std::size_t n, const OrdinalDomain& domain, const Kernels& kernels,
                  Cancellation cancellation, Visit&& visit) {
  return for_each_run_from(keys, 0, 0, 0, n, domain, kernels, cancellation, visit);
}

// Where a fit stands before the run of the last key, which keys appended later may make longer: from
// there it goes on as if it had never stopped.
struct OpenSpline {
  bool known = false;
  SplineCorridor::State corridor;
  std::size_t points = 0;   // that no key behind can change
  std::uint64_t first = 0;  // position of the first key of the last run
};

// Takes the runs that end in keys[from, n), the open one of ordinal x first, and ends the spline.
template <class K>
bool fit_spline_from(const K* keys, std::size_t from, std::uint64_t x, std::uint64_t start, std::size_t n,
                     const OrdinalDomain& domain, const Kernels& kernels, SplineCorridor& corridor,
                     SplinePoints& points, OpenSpline& open, Cancellation cancellation) {
  open.known = false;
  const bool done = for_each_run_from(keys, from, x, start, n, domain, kernels, cancellation,
                                      [&](std::uint64_t run, std::uint64_t first, std::uint64_t after, bool gap) {
    if (after == n) open = {first != 0, corridor.state(), points.coordinates.size(), first};
    if (first == 0) corridor.start(after, gap);
    else corridor.add(run, first, after, gap);
  });
  corridor.finish(domain.top, n);
  return done;
}

// Points of a spline within epsilon of keys[0, n), and where the fit stands; needs n >= 1. O(n), one
// pass; false if stopped.
template <class K>
bool fit_spline(const K* keys, std::size_t n, const OrdinalDomain& domain, std::uint64_t epsilon,
                const Kernels& kernels, SplinePoints& points, OpenSpline& open, Cancellation cancellation) {
  SplineCorridor corridor(epsilon < n ? epsilon : n, points);
  return fit_spline_from(keys, 0, 0, 0, n, domain, kernels, corridor, points, open, cancellation);
}

// The largest distance between prediction and answer over all queries: keys, and what follows a run
// of equal keys; predictions rise, so nothing in a gap is farther off than its ends. O(n).
template <class K>
bool measure_spline(const K* keys, std::size_t n, const RadixSplineView& spline, const Kernels& kernels,
                    std::int64_t& largest, Cancellation cancellation) {
  std::uint64_t segment = 0;
  const auto widen = [&](std::uint64_t x, std::uint64_t answer) {
    while (segment + 2 < spline.n_points && spline.coordinates[segment + 1] < x) ++segment;
    const std::uint64_t predicted = spline_position(x, segment, spline.coordinates, spline.positions);
    const std::uint64_t off = predicted > answer ? predicted - answer : answer - predicted;
    if (static_cast<std::int64_t>(off) > largest) largest = static_cast<std::int64_t>(off);
  };
  return for_each_run(keys, n, spline.domain, kernels, cancellation,
                      [&](std::uint64_t x, std::uint64_t first, std::uint64_t after, bool gap) {
    widen(x, first);
    if (gap) widen(x + 1, after);
  });
}

// The fitted arrays and the view of them that lookups read.
struct RadixSpline {
  RadixSplineView view;
  Table<std::uint64_t> storage;  // coordinates, padded; then positions, on a cache line too
  Table<std::uint32_t> radix_table;
  Table<std::int8_t> corrections;
  OpenSpline open;  // lookups do not read it

  RadixSpline() = default;
  RadixSpline(const RadixSpline&) = delete;
  RadixSpline& operator=(const RadixSpline&) = delete;

  std::size_t bytes() const {
    return storage.size() * sizeof(std::uint64_t) + radix_table.size() * sizeof(std::uint32_t) +
           corrections.size();
  }
};

constexpr unsigned kMostRadixBits = 24;         // of those a user may ask for
constexpr unsigned kMostDefaultRadixBits = 18;  // a table of 1 MiB, which caches still hold
constexpr std::size_t kPointsABin = 2;

// A bin for every two points: were they spread evenly, hardly a bin would exceed a window.
inline unsigned default_radix_bits(std::size_t n_points) {
  unsigned bits = 1;
  while (bits < kMostDefaultRadixBits && (n_points >> bits) >= kPointsABin) ++bits;
  return bits;
}

// Bins of the coordinates up to top, by their upper bits; bin b holds coordinates from b << shift on.
inline void fill_radix_table(RadixSpline& spline, unsigned radix_bits) {
  RadixSplineView& view = spline.view;
  view.radix_bits = radix_bits;
  view.radix_shift = radix_shift_for(view.domain.top, radix_bits);
  const std::size_t bins = std::size_t{1} << radix_bits;
  spline.radix_table.assign(bins + 1, static_cast<std::uint32_t>(view.n_points));
  std::size_t bin = 0;
  for (std::size_t i = 0; i < view.n_points; ++i)
    for (const std::uint64_t last = view.coordinates[i] >> view.radix_shift; bin <= last; ++bin)
      spline.radix_table[bin] = static_cast<std::uint32_t>(i);
  view.radix_table = spline.radix_table.data();
}

// Lays out points that were fitted or checked (at least two, fewer than 2^32); radix_bits 0: chosen
// by the number of points.
inline void lay_out(RadixSpline& spline, const SplinePoints& points, const OrdinalDomain& domain,
                    std::uint64_t epsilon, unsigned radix_bits) {
  constexpr std::size_t padding = kWindowKeys<std::uint64_t>, line = kLineKeys<std::uint64_t>;
  const std::size_t count = points.coordinates.size();
  const std::size_t stride = (count + padding + line - 1) / line * line;
  spline.storage.assign(stride + count, std::numeric_limits<std::uint64_t>::max());
  std::uint64_t* coordinates = spline.storage.data();
  std::copy(points.coordinates.begin(), points.coordinates.end(), coordinates);
  std::copy(points.positions.begin(), points.positions.end(), coordinates + stride);
  spline.view.domain = domain;
  spline.view.n_points = count;
  spline.view.coordinates = coordinates;
  spline.view.positions = coordinates + stride;
  spline.view.epsilon = epsilon;
  fill_radix_table(spline, radix_bits ? radix_bits : default_radix_bits(count));
}

constexpr std::size_t kCorrectionsAPoll = std::size_t{1} << 15;  // a million keys

// The first key in [low, high) whose ordinal is not below x.
template <class K>
std::size_t first_ordinal(const K* keys, std::size_t low, std::size_t high, const OrdinalDomain& domain,
                          std::uint64_t x) {
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    if (ordinal(keys[middle], domain) < x) low = middle + 1;
    else high = middle;
  }
  return low;
}

// The coordinate that predictions reach `target` at, about: in its segment, or in the last one.
inline std::uint64_t coordinate_at(std::uint64_t target, std::uint64_t segment, const RadixSplineView& view) {
  const std::uint64_t *x = view.coordinates.aligned() + segment, *y = view.positions.aligned() + segment;
  const double part = to_double(target - y[0]) / to_double(y[1] - y[0]);
  return part < 1 ? x[0] + static_cast<std::uint64_t>(part * to_double(x[1] - x[0])) : x[1];
}

// Copies the corrections of the lines that an extension kept; returns the first block that is left.
inline std::size_t keep_corrections(RadixSpline& spline, const RadixSpline* old, unsigned shift) {
  if (!old || old->open.points == 0 || old->corrections.empty()) return 0;
  const std::size_t kept = (old->view.positions[old->open.points - 1] >> shift) + 1;
  const std::size_t blocks = std::min({kept, old->corrections.size() - 2, spline.corrections.size() - 2});
  std::copy_n(old->corrections.begin(), blocks, spline.corrections.begin());
  return blocks;
}

// Measures at the borders of all blocks how far the answer is from the prediction; needs n >= 1.
// O(n / 32 * log epsilon), reads a few lines of keys for each block; false if stopped. old: what this
// one extends, with the same epsilon.
template <class K>
bool fit_corrections(RadixSpline& spline, const K* keys, std::size_t n, Cancellation cancellation,
                     const RadixSpline* old = nullptr) {
  RadixSplineView& view = spline.view;
  if (view.epsilon <= kLineKeys<K>) return true;
  constexpr unsigned shift = correction_shift<K>();
  const std::size_t blocks = n >> shift, reach = static_cast<std::size_t>(view.epsilon);
  const unsigned scale = correction_scale(view.epsilon);
  spline.corrections.assign(blocks + 2, 0);
  std::uint64_t segment = 0;
  for (std::size_t block = keep_corrections(spline, old, shift); block <= blocks; ++block) {
    if (block % kCorrectionsAPoll == kCorrectionsAPoll - 1 && cancellation.requested()) return false;
    const std::size_t target = block << shift;
    while (segment + 2 < view.n_points && view.positions[segment + 1] < target) ++segment;
    const std::uint64_t x = coordinate_at(target, segment, view);
    const std::size_t low = target > reach ? target - reach : 0, high = n - target > reach ? target + reach : n;
    const std::size_t answer = first_ordinal(keys, low, high, view.domain, x);
    const auto off = static_cast<std::int64_t>(answer) - static_cast<std::int64_t>(target);
    spline.corrections[block] = static_cast<std::int8_t>(off >> scale);  // off is within epsilon
  }
  spline.corrections[blocks + 1] = spline.corrections[blocks];
  view.corrections = {spline.corrections.data(), shift, scale};
  view.most = n;
  return true;
}

#define LIDX_THESE(name, K) \
  LIDX_COMPILE(bool fit_spline(const K*, std::size_t, const OrdinalDomain&, std::uint64_t, const Kernels&, SplinePoints&, \
                               OpenSpline&, Cancellation)) \
  LIDX_COMPILE(bool measure_spline(const K*, std::size_t, const RadixSplineView&, const Kernels&, std::int64_t&, Cancellation)) \
  LIDX_COMPILE(bool fit_corrections(RadixSpline&, const K*, std::size_t, Cancellation, const RadixSpline*))
LIDX_FOR_ALL_KEYS(LIDX_THESE)
#undef LIDX_THESE

}  // namespace learnedidx
