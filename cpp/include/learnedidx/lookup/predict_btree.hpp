// The predictors that arrive at the answer's own window: the B+-tree, and binary search without one.
#pragma once

#include "learnedidx/lookup/engine.hpp"
#include "learnedidx/search/bisect.hpp"

namespace learnedidx {

// kGuarded: separators may hold anything, so that no step leads beyond a level and answers are verified.
template <class K, bool kGuarded> class TreePredictor {
 public:
  static constexpr bool kCertain = !kGuarded;
  static constexpr bool kStartsLater = false;  // predict() ends at the windows
  static constexpr bool wide() { return false; }
  static constexpr std::size_t kAtOnce = kGroup;

  TreePredictor(const Engine<K>& engine, const Kernels& kernels)
      : tree_(*engine.tree), keys_(engine.keys), kernels_(kernels),
        place_(place_of_leaf<K>(engine.frame)),
        far_end_(kGuarded && frame_of(engine.keys, engine.n).phase != engine.frame.phase) {}

  // The upper levels in one go; then level by level, so that a group's
  // nodes are fetched together.
  void predict(const K* queries, std::size_t count, std::uint64_t* nodes) const {
    const std::size_t levels = tree_.levels.size();
    if (levels == 0) {  // the keys are one leaf
      for (std::size_t i = 0; i < count; ++i) nodes[i] = window_start(0, place_);
      return;
    }
    const std::size_t first = kGuarded ? tree_.levels_without_guard() : tree_.first_levels;
    down(queries, count, 0, first, nodes);
    for (std::size_t level = first; level < levels; ++level) {
      if constexpr (kGuarded) keep_in(tree_.nodes[level], count, nodes);
      down(queries, count, level, 1, nodes);
    }
    if (far_end_) prefetch_each(kernels_.hint, count, [&](std::size_t i) { return keys_ + nodes[i] + kWindowKeys<K> - 1; });
  }

  template <class AnyTracer = NoTrace> std::uint64_t point_of(K query, const AnyTracer& tracer = {}) const {
    return tree_.leaf_of(query, tracer);
  }

  template <class AnyTracer> std::uint64_t window_start_of(std::uint64_t node, const AnyTracer&) const {
    return window_start(node, place_);
  }

  // Asked of a guarded tree. A leaf whose first key is the answer does not prove it, but the key before
  // it does; where the tree was wrong, nothing is known, and the query gallops.
  Bracket bracket(K, std::uint64_t start) const {
    const auto at = static_cast<std::size_t>(start);
    return {at > 0 ? at - 1 : 0, at + kWindowKeys<K> + 1};
  }

 private:
  static void keep_in(std::size_t nodes, std::size_t count, std::uint64_t* numbers) {
    for (std::size_t i = 0; i < count; ++i) numbers[i] = numbers[i] < nodes ? numbers[i] : nodes - 1;
  }

  void down(const K* queries, std::size_t count, std::size_t from, std::size_t levels, std::uint64_t* nodes) const {
    const bool ends = from + levels == tree_.levels.size();
    kernels_.descend[key_type_index<K>()]({tree_.separators.address(), tree_.node, tree_.levels.data() + from, levels, from == 0,
                                       ends ? keys_ : nullptr, place_},
                                      kernels_.hint, queries, count, nodes);
  }

  const BTreeView<K>& tree_;
  const K* keys_;
  const Kernels& kernels_;
  WindowPlace place_;
  bool far_end_;  // leaves of a tree from a file may end on a third cache line of these keys
};

// Binary search, all queries of the group in step.
template <class K> class BisectPredictor {
 public:
  static constexpr bool kCertain = true;
  static constexpr bool kStartsLater = true;
  static constexpr bool wide() { return false; }
  static constexpr std::size_t kAtOnce = kGroup;

  BisectPredictor(const Engine<K>& engine, const Kernels& kernels)
      : keys_(engine.keys), n_(engine.n), last_(static_cast<std::uint64_t>(engine.frame.last)), hint_(kernels.hint) {}

  void predict(const K* queries, std::size_t count, std::uint64_t* bases) const {
    for (std::size_t i = 0; i < count; ++i) bases[i] = 0;
    for (std::size_t left = n_; left > kWindowKeys<K>;) {
      const std::size_t half = left / 2;
      left -= half;
      prefetch_each(hint_, count, [&](std::size_t i) {
        bases[i] += static_cast<std::size_t>(keys_[bases[i] + half - 1] < queries[i]) * half;
        return keys_ + bases[i] + left / 2 - 1;
      });
    }
  }

  void window_starts(const K*, std::size_t count, std::uint64_t* bases) const {
    for (std::size_t i = 0; i < count; ++i) bases[i] = bases[i] < last_ ? bases[i] : last_;
  }

  // Asked of nobody: one query is searched for as a whole.
  template <class AnyTracer> std::uint64_t point_of(K, const AnyTracer&) const { return 0; }

 private:
  const K* keys_;
  std::size_t n_;
  std::uint64_t last_;
  Hint hint_;
};

}  // namespace learnedidx
