// A model of one of all kinds that owns its arrays: fitted to keys, and told to a file.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "learnedidx/base/compiled.hpp"
#include "learnedidx/file/plan.hpp"
#include "learnedidx/models/btree.hpp"
#include "learnedidx/models/direct_table.hpp"
#include "learnedidx/fitting/options.hpp"
#include "learnedidx/fitting/status.hpp"
#include "learnedidx/fitting/train_rmi.hpp"
#include "learnedidx/training/fit_pgm.hpp"
#include "learnedidx/training/fit_spline.hpp"

namespace learnedidx {

// Views point into it, so it stays where it is. Keys are borrowed for the length of a call.
template <class K> struct Fitted {
  Choice model = Choice::none;
  BuildOptions options;  // with the node that was chosen
  RmiArrays rmi;
  BTree<K> tree;
  RadixSpline spline;
  Pgm pgm;
  ErrorBounds pgm_errors;
  Table<std::uint32_t> narrow_table;
  Table<std::uint64_t> wide_table;  // of 2^32 keys or more

  // keys[0, n): those that are numbers, in order. options: can_build. O(n), no more than two passes over the keys.
  Status fit(const K* keys, std::size_t n, const BuildOptions& wanted, const Kernels& kernels);
  // What a file says of the model. `moved` gets a tree that begins at a leaf's border, if that over these keys does not, and
  // lives as long as the plan. O(n) for a spline, whose largest error files hold.
  void plan_into(FilePlan& plan, const K* keys, std::size_t n, const Kernels& kernels, BTree<K>& moved) const;

  std::size_t bytes() const {
    return rmi.bytes() + tree.bytes() + spline.bytes() + pgm.bytes() + narrow_table.size() * sizeof(std::uint32_t) +
           wide_table.size() * sizeof(std::uint64_t);
  }

 private:
  void choose(const K* keys, std::size_t n, const Kernels& kernels);
  void grow_tree(const K* keys, std::size_t n, unsigned node);
  void fill_table(const K* keys, std::size_t n);
  void fit_pgm_model(const K* keys, std::size_t n, const Kernels& kernels);
  Status fit_spline_model(const K* keys, std::size_t n, const Kernels& kernels);
};

// The rule of model="auto", fitted by `python -m benchmarks refit` to the records of several processors; the Python library
// keeps the same numbers (learnedidx/models/choose.py). Below 64 keys no model. From 2^16 keys on an RMI is trained if its root
// needs no pieces, and kept if at most 1/64 of its first windows misses; each doubling of the keys allows as much again, and a
// stage beyond two asks for 64 times the keys. Else a B+-tree. Keys of 8 and 16 bits get a direct table.
namespace choose_rule {
constexpr std::size_t kFewest = 64, kFewestForModel = std::size_t{1} << 16, kSample = 4096, kKeysAStage = 64;
constexpr std::size_t kFewestForNarrowNodes = 256, kFewestForWideNodes = std::size_t{1} << 22;
constexpr std::size_t kFewestForTableOf16 = std::size_t{1} << 14;
constexpr double kMissesADoubling = 1.0 / 64;

// The share of sampled keys that first windows of an RMI prove.
template <class K> double window_hits(const RmiView& rmi, const K* keys, std::size_t n) {
  const std::size_t count = std::min(kSample, n), line = kLineKeys<K>;
  std::size_t hits = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const K key = keys[spaced(i, count, n - 1)];
    const auto truth = static_cast<std::int64_t>(lower_bound(keys, n, key));
    const auto width = static_cast<std::int64_t>(line), keys_there = static_cast<std::int64_t>(n);
    std::int64_t low = leaf_position(leaf_point(key, rmi), rmi) - width / 2;
    low -= ((low % width) + width) % width;
    low = std::max<std::int64_t>(0, std::min(low, keys_there - 2 * width));
    hits += static_cast<std::size_t>((low < truth && truth < low + 2 * width) || truth == 0 || truth + width >= keys_there);
  }
  return static_cast<double>(hits) / static_cast<double>(count);
}

// Is an RMI worth training? Equal keys have nothing to learn.
template <class K> bool may_suit(const K* keys, std::size_t n) {
  if (n < kFewestForModel) return false;
  RmiArrays rmi;
  begin_rmi(rmi, keys, n);
  const StoredDomain ends = stored_domain<K>(rmi.view.domain);
  if (ends.low == ends.high || is_crowded(keys, n, rmi.view)) return false;
  return n >= kFewestForModel * kKeysAStage || !RmiTraining<K>(rmi, keys, n).is_skewed();
}

template <class K> bool suits(const RmiArrays& rmi, const K* keys, std::size_t n) {
  const double fewest = static_cast<double>(kFewestForModel) * std::pow(static_cast<double>(kKeysAStage), static_cast<double>(rmi.models.size() - 1));
  const double times = static_cast<double>(n) / fewest;
  return times >= 1 && 1 - window_hits(rmi.view, keys, n) <= kMissesADoubling * std::log2(2 * times);
}
}  // namespace choose_rule

template <class K>
Status Fitted<K>::fit(const K* keys, std::size_t n, const BuildOptions& wanted, const Kernels& kernels) {
  options = wanted;
  model = wanted.model;
  switch (wanted.model) {
    case Choice::automatic: choose(keys, n, kernels); break;
    case Choice::none: break;
    case Choice::rmi: train_rmi(rmi, keys, n, static_cast<std::size_t>(wanted.leaves), kernels); break;
    case Choice::btree: grow_tree(keys, n, wanted.node > 0 ? wanted.node : kDefaultNode); break;
    case Choice::radix_spline: return fit_spline_model(keys, n, kernels);
    case Choice::pgm: fit_pgm_model(keys, n, kernels); break;
    case Choice::direct: fill_table(keys, n); break;
  }
  return {};
}

template <class K> void Fitted<K>::choose(const K* keys, std::size_t n, const Kernels& kernels) {
  using namespace choose_rule;
  options = {};
  model = Choice::none;
  if (n < kFewest) return;
  if (kIsNarrow<K> && (sizeof(K) == 1 || n >= kFewestForTableOf16)) return fill_table(keys, n);
  if (may_suit(keys, n)) {
    model = Choice::rmi;
    train_rmi(rmi, keys, n, 0, kernels);
    if (suits(rmi, keys, n)) return;
    rmi = RmiArrays();
  }
  grow_tree(keys, n, sizeof(K) == 8 && n >= kFewestForNarrowNodes && n < kFewestForWideNodes ? 8 : 16);
}

template <class K> void Fitted<K>::grow_tree(const K* keys, std::size_t n, unsigned node) {
  model = Choice::btree;
  options.node = node;
  if (n >= kWindowKeys<K>) build(tree, keys, n, node);
}

template <class K> void Fitted<K>::fill_table(const K* keys, std::size_t n) {
  if constexpr (kIsNarrow<K>) {
    model = Choice::direct;
    if (n >> 32) wide_table.resize(kSlots<K>), fill_direct(keys, n, wide_table.data());
    else narrow_table.resize(kSlots<K>), fill_direct(keys, n, narrow_table.data());
  }
}

template <class K> void Fitted<K>::fit_pgm_model(const K* keys, std::size_t n, const Kernels& kernels) {
  const std::uint64_t epsilon = options.epsilon > 0 ? options.epsilon : kDefaultPgmEpsilon;
  fit_pgm(pgm, keys, n, static_cast<std::int64_t>(std::min(epsilon, kMostPgmEpsilon)), kernels, {});
  if (n > 0) measure_pgm(keys, n, pgm.view, kernels, pgm_errors, {});
}

template <class K> Status Fitted<K>::fit_spline_model(const K* keys, std::size_t n, const Kernels& kernels) {
  const std::uint64_t epsilon = options.epsilon > 0 ? options.epsilon : kDefaultSplineEpsilon;
  const OrdinalDomain domain = n > 0 ? ordinals_over(keys[0], keys[n - 1]) : ordinals_over(K{}, K{});
  SplinePoints points;
  if (n > 0) {
    fit_spline(keys, n, domain, epsilon, kernels, points, spline.open, {});
  } else {
    points.add(0, 0);
    points.add(domain.top, 0);
  }
  const std::size_t count = points.coordinates.size();
  if (!are_points(points.coordinates.data(), points.positions.data(), count, domain)) return Status::unsorted(n);
  if (count >> 32) return Reason::bad_option;  // more than the radix table can count
  lay_out(spline, points, domain, std::min<std::uint64_t>(epsilon, n), options.radix_bits);
  if (n > 0) fit_corrections(spline, keys, n, {});
  return {};
}

template <class K>
void Fitted<K>::plan_into(FilePlan& plan, const K* keys, std::size_t n, const Kernels& kernels, BTree<K>& moved) const {
  switch (model) {
    case Choice::rmi: return plan_rmi<K>(plan, rmi.view, rmi.errors_view);
    case Choice::pgm: return plan_pgm(plan, pgm.view, n, pgm_errors);
    case Choice::radix_spline: {
      std::int64_t largest = 0;
      if (n > 0) measure_spline(keys, n, spline.view, kernels, largest, {});
      return plan_spline(plan, spline.view, n, static_cast<std::uint64_t>(largest));
    }
    case Choice::btree: {
      const bool moves = tree.view.leaves > 0 && tree.view.frame.phase != 0;
      if (moves) build(moved, keys, n, options.node, {0, tree.view.frame.last}, {});
      plan_tree(plan, moves ? moved.view : tree.view);
      plan.model.tree.node = options.node;
      return;
    }
    case Choice::direct:
      if (wide_table.empty()) return plan_table(plan, narrow_table.data(), narrow_table.size(), 4);
      return plan_table(plan, wide_table.data(), wide_table.size(), 8);
    case Choice::automatic:
    case Choice::none: break;
  }
}

#define LIDX_THESE(name, K) \
  LIDX_COMPILE(struct Fitted<K>)
LIDX_FOR_ALL_KEYS(LIDX_THESE)
#undef LIDX_THESE

}  // namespace learnedidx
