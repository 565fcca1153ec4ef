// The passes over all keys that training needs. Decisions (how many leaves, which root) are made
// by the caller. Every pass polls `cancellation` about once a million keys and stops when it says no.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "learnedidx/base/cancellation.hpp"
#include "learnedidx/base/compiled.hpp"
#include "learnedidx/base/executor.hpp"
#include "learnedidx/kernels/kernels.hpp"
#include "learnedidx/models/error_bounds.hpp"
#include "learnedidx/models/rmi.hpp"
#include "learnedidx/training/leaf_borders.hpp"
#include "learnedidx/training/leaf_points.hpp"

namespace learnedidx {

constexpr std::size_t kFitBlock = 1024;       // coordinates of a block stay in the L1 cache
constexpr std::size_t kPollBlocks = 1024;     // blocks between two polls
constexpr std::size_t kFewestKeysWalked = 8;  // keys a leaf, below which all keys are read

// Calls visit(first key number, points, count) for every block of keys; false if stopped.
template <class K, class Visit>
bool for_each_block(const K* keys, std::size_t n, const RmiView& rmi, const Kernels& kernels,
                    Cancellation cancellation, Visit&& visit) {
  std::uint64_t points[kFitBlock];
  for (std::size_t from = 0, block = 0; from < n; from += kFitBlock, ++block) {
    if (block % kPollBlocks == kPollBlocks - 1 && cancellation.requested()) return false;
    const std::size_t count = n - from < kFitBlock ? n - from : kFitBlock;
    leaf_points(keys + from, count, rmi, kernels, points);
    visit(from, points, count);
  }
  return true;
}

struct GroupErrors {
  unsigned shift = 0;  // a group is 2^shift leaves
  std::vector<ErrorBounds> groups;

  explicit GroupErrors(std::size_t n_leaves = 1) : shift(group_shift(n_leaves)), groups(groups_of(n_leaves)) {}

  GroupErrorsView view() const { return {shift, groups.data()}; }
  ErrorBounds largest() const {
    ErrorBounds all;
    for (const ErrorBounds& group : groups) {
      all.over = group.over > all.over ? group.over : all.over;
      all.under = group.under > all.under ? group.under : all.under;
    }
    return all;
  }
};

template <class K>
bool fit_errors(const K* keys, std::size_t n, const RmiView& rmi, const Kernels& kernels,
                GroupErrors& errors, Cancellation cancellation) {
  std::uint64_t groups[kFitBlock];
  return for_each_block(keys, n, rmi, kernels, cancellation,
                        [&](std::size_t from, std::uint64_t* points, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) groups[i] = points[i] >> (32 + errors.shift);
    if (rmi.lines) kernels.on_lines(points, count, rmi.leaf_positions.aligned(), rmi.lines.aligned());
    else kernels.interpolate(points, count, rmi.leaf_positions.aligned());
    for (std::size_t i = 0; i < count;) {  // keys ascend, so a group is a run of them
      ErrorBounds& group = errors.groups[groups[i]];
      ErrorBounds found = group;
      const std::uint64_t number = groups[i];
      for (; i < count && groups[i] == number; ++i)
        found.widen(static_cast<std::int64_t>(points[i] << rmi.position_shift) -
                    static_cast<std::int64_t>(from + i));
      group = found;
    }
  });
}

// positions[l] = number of keys in leaves before l, in units of 2^shift keys; n_leaves + 1 entries,
// zero on entry. By the points of all keys: O(n).
template <class K>
bool count_leaf_positions(const K* keys, std::size_t n, const RmiView& rmi, const Kernels& kernels,
                        std::size_t n_leaves, std::uint32_t* positions, Cancellation cancellation) {
  const unsigned shift = rmi.position_shift;
  const bool done = for_each_block(keys, n, rmi, kernels, cancellation,
                                   [=](std::size_t from, const std::uint64_t* points, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i)  // the last key of a leaf writes last
      positions[(points[i] >> 32) + 1] = static_cast<std::uint32_t>((from + i + 1) >> shift);
  });
  for (std::size_t l = 1; l <= n_leaves; ++l)  // empty leaves begin where the one before ends
    if (positions[l] < positions[l - 1]) positions[l] = positions[l - 1];
  return done;
}

// The same, by whichever way reads less. models: those that each stage leads to, the leaves last.
template <class K>
bool fit_leaf_positions(const K* keys, std::size_t n, const RmiView& rmi, const Kernels& kernels,
                        const std::vector<std::size_t>& models, std::uint32_t* positions, const Executor& executor) {
  if (n / models.back() < kFewestKeysWalked)
    return count_leaf_positions(keys, n, rmi, kernels, models.back(), positions, executor.cancellation);
  return walk_leaf_borders(keys, n, rmi, kernels, models, positions, executor);
}

// Weighted least squares of position on fraction, leaf by leaf; weights may be null (all 1). Lines of
// leaves before that of key number `start` are left alone. O(n - start).
template <class K>
bool fit_lines(const K* keys, std::size_t n, const RmiView& rmi, const Kernels& kernels,
               const double* weights, LeafLine* lines, Cancellation cancellation, std::size_t start = 0) {
  std::uint64_t leaf = 0;
  double w = 0, wx = 0, wy = 0, wxx = 0, wxy = 0;
  const auto finish = [&] {
    const double spread = w * wxx - wx * wx;
    double slope = spread > 0 ? (w * wxy - wx * wy) / spread : 0;
    if (!(slope > 0 && slope < 1e12)) slope = 0;
    if (w > 0) lines[leaf] = {static_cast<float>((wy - slope * wx) / w), static_cast<float>(slope)};
    w = wx = wy = wxx = wxy = 0;
  };
  const bool done = for_each_block(keys + start, n - start, rmi, kernels, cancellation,
                                   [&](std::size_t from, const std::uint64_t* points, std::size_t count) {
    from += start;
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

#define LIDX_THESE(name, K) \
  LIDX_COMPILE(bool fit_errors(const K*, std::size_t, const RmiView&, const Kernels&, GroupErrors&, Cancellation)) \
  LIDX_COMPILE(bool fit_leaf_positions(const K*, std::size_t, const RmiView&, const Kernels&, const std::vector<std::size_t>&, \
                                       std::uint32_t*, const Executor&)) \
  LIDX_COMPILE(bool fit_lines(const K*, std::size_t, const RmiView&, const Kernels&, const double*, LeafLine*, Cancellation, \
                              std::size_t))
LIDX_FOR_ALL_KEYS(LIDX_THESE)
#undef LIDX_THESE

}  // namespace learnedidx
