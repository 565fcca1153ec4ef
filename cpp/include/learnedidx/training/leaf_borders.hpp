// Leaf borders: which keys are the first of their leaves, found without reading the keys between.
//
// A stage never decreases, so it can be inverted: the smallest point that reaches a border comes
// from integer arithmetic alone, stage by stage, and at last the smallest key value that does. That
// value is counted in a window of two cache lines where the borders before it make one expect it; a
// count strictly inside proves the position, any other gallops from there.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "learnedidx/base/cancellation.hpp"
#include "learnedidx/base/compiled.hpp"
#include "learnedidx/base/executor.hpp"
#include "learnedidx/base/inline_vector.hpp"
#include "learnedidx/kernels/kernels.hpp"
#include "learnedidx/models/rmi.hpp"
#include "learnedidx/search/bisect.hpp"
#include "learnedidx/search/window.hpp"

namespace learnedidx {

constexpr std::uint64_t kNever = ~std::uint64_t{0};  // no point reaches the border

// The smallest input of a stage whose output is not below a target; targets must not decrease.
class StageInverse {
 public:
  StageInverse() = default;
  StageInverse(const std::uint64_t* knots, std::size_t inputs) : knots_(knots), inputs_(inputs) {}

  std::uint64_t operator()(std::uint64_t target) {
    if (above_ <= inputs_ && target > knots_[above_]) advance(target);
    if (above_ > inputs_) return kNever;
    if (above_ == 0) return 0;
    const std::uint64_t point = ((above_ - 1) << 32) + fraction(target - knots_[above_ - 1]);
    return point >> 32 < inputs_ ? point : kNever;
  }

 private:
  // Steps to the first knot that is not below the target: by ones, since most targets are near.
  void advance(std::uint64_t target) {
    for (unsigned step = 0; step < 4 && above_ <= inputs_ && knots_[above_] < target; ++step) ++above_;
    if (above_ <= inputs_ && knots_[above_] < target)
      above_ = static_cast<std::size_t>(std::lower_bound(knots_ + above_, knots_ + inputs_ + 1, target) - knots_);
    if (above_ == 0 || above_ > inputs_) return;
    rise_ = knots_[above_] - knots_[above_ - 1];
    inverse_ = 0x1p32 / static_cast<double>(rise_);
  }

  // The smallest f with scaled(rise, f) >= t, for 0 < t <= rise. The double is wrong by less than 2^-18,
  // so that its floor is never too large.
  std::uint64_t fraction(std::uint64_t t) const {
    auto f = static_cast<std::uint64_t>(static_cast<std::int64_t>(static_cast<double>(t) * inverse_));
    while (scaled(rise_, f) < t) ++f;
    return f;
  }

  const std::uint64_t* knots_ = nullptr;
  std::size_t inputs_ = 0, above_ = 0;
  std::uint64_t rise_ = 1;
  double inverse_ = 0;
};

// The smallest coordinate whose point is not below a target, through some of a model's stages; targets
// must not decrease. `models` are those that each stage leads to; none of them: a point of the root.
class PointInverse {
 public:
  PointInverse(const RmiView& rmi, const std::vector<std::size_t>& models) : rmi_(rmi) {
    auto inputs = static_cast<std::size_t>(rmi.root_bins());
    for (std::size_t stage = 0; stage < models.size(); ++stage) {
      stages_.push_back({rmi.stages[stage].knots.aligned(), inputs});
      inputs = models[stage];
    }
  }

  // False if no coordinate reaches the target.
  bool find(std::uint64_t target, std::uint64_t& y) {
    for (std::size_t stage = stages_.size(); stage-- > 0 && target != kNever;) target = stages_[stage](target);
    if (target >> 32 >= rmi_.root_bins()) return false;
    if (rmi_.pieces.count > 0) return first_coordinate(target, rmi_.pieces, y);
    y = target << (32 - rmi_.root_bits);
    return true;
  }

 private:
  const RmiView& rmi_;
  InlineVector<StageInverse, kMostStages> stages_;
};

// The smallest key with a coordinate of at least y (> 0), false if there is none. For floating-point
// keys it is only near: what was counted with it must be settled.
template <class K> bool key_reaching(std::uint64_t y, const Coordinate& c, K& key) {
  if constexpr (kIsReal<K>) {
    if (!(c.scale > 0)) return false;
    double x = (static_cast<double>(static_cast<std::int64_t>((y >> 1) + (y & 1))) / c.scale + c.base) / c.prescale;
    x = x > c.real_low ? x : c.real_low;
    x = x < c.real_high ? x : c.real_high;
    key = static_cast<K>(x);
    return true;
  } else {
    const std::uint64_t steps = (y >> c.shift) + static_cast<std::uint64_t>((y & ((std::uint64_t{1} << c.shift) - 1)) != 0);
    if (steps > c.high - c.low) return false;
    key = key_of_code<K>(c.low + steps);
    return true;
  }
}

// The coordinate and the key at which the model reaches a point; false if none does.
template <class K>
bool border_of(PointInverse& inverse, std::uint64_t target, const Coordinate& domain, std::uint64_t& y, K& key) {
  key = lowest_key<K>();
  return inverse.find(target, y) && (y == 0 || key_reaching(y, domain, key));
}

// The first number in [low, high) of which `below` is false, or high.
template <class Below> std::size_t first_not(Below&& below, std::size_t low, std::size_t high) {
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    if (below(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}

// From the count of keys below key_reaching(y) to the first key whose coordinate is at least y.
template <class K>
std::size_t settle(const K* keys, std::size_t n, const Coordinate& domain, std::uint64_t y, std::size_t at) {
  if constexpr (kIsReal<K>) {
    const auto below = [&](std::size_t i) { return coordinate(keys[i], domain) < y; };
    std::size_t low = at, high = at, step = 1;
    while (low > 0 && !below(low - 1)) {
      high = low - 1;
      low = low > step ? low - step : 0;
      step *= 2;
    }
    if (low == high)
      for (step = 1; high < n && below(high); step *= 2) {
        low = high + 1;
        high = n - low > step ? low + step : n;
      }
    return first_not(below, low, high);
  } else {
    return at;
  }
}

// out[i] = number of keys below wanted[i], in step, so that the keys of the next step are fetched
// together. O(count * log n).
template <class K>
void bisect_in_step(const K* keys, std::size_t n, const K* wanted, std::size_t count, std::size_t* out) {
  for (std::size_t i = 0; i < count; ++i) out[i] = 0;
  for (std::size_t left = n; left > 1;) {
    const std::size_t half = left / 2;
    left -= half;
    for (std::size_t i = 0; i < count; ++i) {
      out[i] += static_cast<std::size_t>(keys[out[i] + half - 1] < wanted[i]) * half;
      prefetch(keys + out[i] + left / 2 - (left > 1));
    }
  }
  for (std::size_t i = 0; n > 0 && i < count; ++i) out[i] += static_cast<std::size_t>(keys[out[i]] < wanted[i]);
}

// The first key whose point, behind the stages that lead to `models` (none: in the root), is not below
// targets[t], for ascending targets; false if stopped. O(targets * log n).
template <class K>
bool first_at_points(const K* keys, std::size_t n, const RmiView& rmi, const std::vector<std::size_t>& models,
                     const std::uint64_t* targets, std::size_t count, std::int64_t* out, Cancellation cancellation) {
  constexpr std::size_t group = 64;
  constexpr std::size_t groups_between_polls = 256;
  PointInverse inverse(rmi, models);
  std::uint64_t reaching[group];
  K wanted[group];
  std::size_t found[group];
  for (std::size_t from = 0; from < count; from += group) {
    if (from / group % groups_between_polls == groups_between_polls - 1 && cancellation.requested()) return false;
    const std::size_t size = count - from < group ? count - from : group;
    std::size_t reached = 0;
    for (; reached < size; ++reached)
      if (!border_of(inverse, targets[from + reached], rmi.domain, reaching[reached], wanted[reached])) break;
    bisect_in_step(keys, n, wanted, reached, found);
    for (std::size_t i = 0; i < size; ++i)
      out[from + i] = static_cast<std::int64_t>(
          i < reached ? settle(keys, n, rmi.domain, reaching[i], found[i]) : n);
  }
  return true;
}

// Writes positions[leaf, leaf + count) of leaf borders, in units of 2^position_shift keys.
template <class K>
void walk_leaves(const K* keys, std::size_t n, const RmiView& rmi, const Kernels& kernels,
                 const std::vector<std::size_t>& models, std::size_t leaf, std::size_t count, std::uint32_t* positions) {
  constexpr std::size_t block = 256;
  PointInverse inverse(rmi, models);
  std::uint64_t reaching[block];
  K borders[block];
  std::int64_t found[block];
  const std::size_t end = leaf + count;
  std::size_t at = 0;
  while (leaf < end) {
    const std::size_t wanted = std::min(block, end - leaf);
    std::size_t reached = 0;
    for (; reached < wanted; ++reached)
      if (!border_of(inverse, static_cast<std::uint64_t>(leaf + reached) << 32, rmi.domain, reaching[reached],
                     borders[reached]))
        break;
    kernels.walk[key_type_index<K>()](keys, n, borders, reached, at, found);
    for (std::size_t i = 0; i < reached; ++i) {
      at = settle(keys, n, rmi.domain, reaching[i], static_cast<std::size_t>(found[i]));
      positions[leaf + i] = static_cast<std::uint32_t>(at >> rmi.position_shift);
    }
    leaf += reached;
    if (reached < wanted) break;
  }
  for (; leaf < end; ++leaf) positions[leaf] = static_cast<std::uint32_t>(n >> rmi.position_shift);
}

// Writes positions[0, leaves] of all leaf borders; false if stopped. models: those that each stage leads to, the leaves
// last. O(n / window + leaves) and, whatever the keys, O(leaves * log n).
template <class K>
bool walk_leaf_borders(const K* keys, std::size_t n, const RmiView& rmi, const Kernels& kernels,
                       const std::vector<std::size_t>& models, std::uint32_t* positions, const Executor& executor) {
  constexpr std::size_t leaves_a_piece = 8192;
  positions[models.back()] = static_cast<std::uint32_t>(n >> rmi.position_shift);
  return executor.for_each_piece(models.back(), leaves_a_piece, [&](std::size_t leaf, std::size_t count) {
    walk_leaves(keys, n, rmi, kernels, models, leaf, count, positions);
  });
}

#define LIDX_THESE(name, K) \
  LIDX_COMPILE(bool first_at_points(const K*, std::size_t, const RmiView&, const std::vector<std::size_t>&, \
                                    const std::uint64_t*, std::size_t, std::int64_t*, Cancellation))
LIDX_FOR_ALL_KEYS(LIDX_THESE)
#undef LIDX_THESE

}  // namespace learnedidx
