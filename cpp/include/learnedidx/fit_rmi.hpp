// The passes over all keys that training needs. Decisions (how many leaves, which root) are made
// by the caller. Every pass polls `keep_going` about once a million keys and stops when it says no.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "kernels.hpp"
#include "rmi.hpp"

namespace learnedidx {

struct KeepGoing {
  bool (*poll)(void*) = nullptr;
  void* context = nullptr;
  bool operator()() const { return poll == nullptr || poll(context); }
};

constexpr std::size_t kFitBlock = 1024;       // coordinates of a block stay in the L1 cache
constexpr std::size_t kPollBlocks = 1024;     // blocks between two polls

// Leaf points of keys [from, from + count), with the row's own kernels.
template <class K>
void leaf_points(const K* keys, std::size_t count, const RmiView& rmi, const Kernels& kernels,
                 std::uint64_t* points) {
  kernels.root_points[kind_index<K>()](keys, count, rmi.domain, rmi.root_bits, points);
  kernels.stage_points(points, count, rmi.root);
  for (const std::uint64_t* knots : rmi.middle) kernels.stage_points(points, count, knots);
}

// Calls visit(first key number, points, count) for every block of keys; false if stopped.
template <class K, class Visit>
bool for_each_block(const K* keys, std::size_t n, const RmiView& rmi, const Kernels& kernels,
                    KeepGoing keep_going, Visit&& visit) {
  std::uint64_t points[kFitBlock];
  for (std::size_t from = 0, block = 0; from < n; from += kFitBlock, ++block) {
    if (block % kPollBlocks == kPollBlocks - 1 && !keep_going()) return false;
    const std::size_t count = n - from < kFitBlock ? n - from : kFitBlock;
    leaf_points(keys + from, count, rmi, kernels, points);
    visit(from, points, count);
  }
  return true;
}

// How far predictions lie from the truth: over = max(prediction - i), under = max(i + 1 - prediction)
// over all keys i. Since predictions never decrease, for every query, present or absent,
// prediction - over <= lower_bound <= prediction + under.
struct ErrorBounds {
  std::int64_t over = 0, under = 0;
};

// Widens the bounds by keys [from, from + count), whose leaf points are overwritten.
inline void measure_errors(const RmiView& rmi, const Kernels& kernels, std::size_t from,
                           std::uint64_t* points, std::size_t count, ErrorBounds& bounds) {
  if (rmi.lines) kernels.on_lines(points, count, rmi.leaf_positions, rmi.lines);
  else kernels.interpolate(points, count, rmi.leaf_positions);
  std::int64_t over = bounds.over, under = bounds.under;
  for (std::size_t i = 0; i < count; ++i) {
    const std::int64_t ahead = static_cast<std::int64_t>(points[i] << rmi.position_shift) -
                               static_cast<std::int64_t>(from + i);
    over = ahead > over ? ahead : over;
    under = 1 - ahead > under ? 1 - ahead : under;
  }
  bounds.over = over;
  bounds.under = under;
}

template <class K>
bool fit_errors(const K* keys, std::size_t n, const RmiView& rmi, const Kernels& kernels,
                ErrorBounds& bounds, KeepGoing keep_going) {
  return for_each_block(keys, n, rmi, kernels, keep_going,
                        [&](std::size_t from, std::uint64_t* points, std::size_t count) {
    measure_errors(rmi, kernels, from, points, count, bounds);
  });
}

// positions[l] = number of keys in leaves before l, in units of 2^shift keys; n_leaves + 1 entries,
// zero on entry. Leaves that interpolate have their errors measured in the same pass, one block
// behind: by then the borders of all but the last leaf are known. O(n).
template <class K> class LeafFit {
 public:
  LeafFit(const RmiView& rmi, const Kernels& kernels, std::size_t n_leaves, std::uint32_t* positions)
      : rmi_(rmi), kernels_(kernels), n_leaves_(n_leaves), positions_(positions) {}

  bool run(const K* keys, std::size_t n, ErrorBounds& bounds, KeepGoing keep_going) {
    const bool interpolates = rmi_.lines == nullptr;
    bool one_pass = interpolates;
    const bool done = for_each_block(keys, n, rmi_, kernels_, keep_going,
                                     [&](std::size_t from, std::uint64_t* points, std::size_t count) {
      write_borders(from, points, count);
      const std::size_t last_leaf = points[count - 1] >> 32;
      fill_to(last_leaf);
      // A leaf that is wider than a block has no border yet: measure in a pass of its own.
      if (held_ && held_points_[held_ - 1] >> 32 == last_leaf) one_pass = false;
      if (one_pass && held_) measure_errors(rmi_, kernels_, from - held_, held_points_, held_, bounds);
      std::copy(points, points + count, held_points_);
      held_ = count;
    });
    fill_to(n_leaves_);
    if (!done || !interpolates) return done;
    if (!one_pass) return fit_errors(keys, n, rmi_, kernels_, bounds, keep_going);
    measure_errors(rmi_, kernels_, n - held_, held_points_, held_, bounds);
    return true;
  }

 private:
  // The last key of a leaf writes last.
  void write_borders(std::size_t from, const std::uint64_t* points, std::size_t count) {
    const unsigned shift = rmi_.position_shift;
    for (std::size_t i = 0; i < count; ++i)
      positions_[(points[i] >> 32) + 1] = static_cast<std::uint32_t>((from + i + 1) >> shift);
  }

  // Empty leaves begin where the one before ends.
  void fill_to(std::size_t leaf) {
    for (; filled_ < leaf; ++filled_)
      if (positions_[filled_ + 1] < positions_[filled_]) positions_[filled_ + 1] = positions_[filled_];
  }

  const RmiView& rmi_;
  const Kernels& kernels_;
  std::size_t n_leaves_, filled_ = 0, held_ = 0;
  std::uint32_t* positions_;
  std::uint64_t held_points_[kFitBlock];
};

// The first key whose leaf point is not below targets[t], for ascending targets. O(targets * log n).
template <class K>
void first_at_points(const K* keys, std::size_t n, const RmiView& rmi, bool root_only,
                     const std::uint64_t* targets, std::size_t count, std::int64_t* out) {
  std::size_t low = 0;
  for (std::size_t t = 0; t < count; ++t) {
    const auto before = [&](std::size_t i) {
      const std::uint64_t point = root_only ? root_point(coordinate(keys[i], rmi.domain), rmi.root_bits)
                                            : leaf_point(keys[i], rmi);
      return point < targets[t];
    };
    std::size_t step = 1, high = low;
    while (high < n && before(high)) {
      low = high + 1;
      high = n - low > step ? low + step : n;
      step *= 2;
    }
    while (low < high) {
      const std::size_t middle = low + (high - low) / 2;
      if (before(middle)) low = middle + 1;
      else high = middle;
    }
    out[t] = static_cast<std::int64_t>(low);
  }
}

// Weighted least squares of position on fraction, leaf by leaf; weights may be null (all 1). O(n).
template <class K>
bool fit_lines(const K* keys, std::size_t n, const RmiView& rmi, const Kernels& kernels,
               const double* weights, LeafLine* lines, KeepGoing keep_going) {
  std::uint64_t leaf = 0;
  double w = 0, wx = 0, wy = 0, wxx = 0, wxy = 0;
  const auto finish = [&] {
    const double spread = w * wxx - wx * wx;
    double slope = spread > 0 ? (w * wxy - wx * wy) / spread : 0;
    if (!(slope > 0 && slope < 1e12)) slope = 0;
    if (w > 0) lines[leaf] = {static_cast<float>((wy - slope * wx) / w), static_cast<float>(slope)};
    w = wx = wy = wxx = wxy = 0;
  };
  const bool done = for_each_block(keys, n, rmi, kernels, keep_going,
                                   [&](std::size_t from, const std::uint64_t* points, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      if (points[i] >> 32 != leaf) {
        finish();
        leaf = points[i] >> 32;
      }
      const std::uint64_t border = std::uint64_t{rmi.leaf_positions[leaf]} << rmi.position_shift;
      const double x = static_cast<double>(points[i] & kLow32) * 0x1p-32;
      const double y = static_cast<double>(static_cast<std::int64_t>(from + i - border)) /
                       static_cast<double>(std::uint64_t{1} << rmi.position_shift);
      const double weight = weights ? weights[from + i] : 1.0;
      w += weight; wx += weight * x; wy += weight * y; wxx += weight * x * x; wxy += weight * x * y;
    }
  });
  finish();
  return done;
}

}  // namespace learnedidx
