// The predictors that arrive at the answer's own window: the B+-tree, and binary search without one.
#pragma once

#include "engine.hpp"
#include "search.hpp"

namespace learnedidx {

template <class K> class TreePredictor {
 public:
  static constexpr bool kCertain = true;

  TreePredictor(const Engine<K>& engine, const Kernels& kernels)
      : tree_(*engine.tree), kernels_(kernels), place_(place_of_leaf<K>(engine.frame)) {}

  // The upper levels, which stay in the cache, in one go; then level by level, so that a group's
  // nodes are fetched together.
  void predict(const K* queries, std::size_t count, std::uint64_t* nodes) const {
    const auto down = kernels_.descend[kind_index<K>()];
    const std::size_t* offsets = tree_.levels.data();
    down(tree_.separators, tree_.node, offsets, tree_.cached_levels, true, queries, count, nodes);
    for (std::size_t level = tree_.cached_levels; level < tree_.levels.size(); ++level) {
      const K* separators = tree_.separators + offsets[level];
      for (std::size_t line = 0; line < tree_.node; line += kLineKeys<K>)
        prefetch_each(kernels_.hint, count, [&](std::size_t i) { return separators + nodes[i] * tree_.node + line; });
      down(tree_.separators, tree_.node, offsets + level, 1, false, queries, count, nodes);
    }
  }

  void aim(const K*, std::size_t count, std::uint64_t* nodes) const {
    kernels_.window_starts(nodes, count, place_);
  }

  std::uint64_t point_of(K query) const {
    std::uint64_t node = 0;
    kernels_.descend[kind_index<K>()](tree_.separators, tree_.node, tree_.levels.data(), tree_.levels.size(), true,
                                      &query, 1, &node);
    return node;
  }

  std::uint64_t aim_one(std::uint64_t node) const { return window_start(node, place_); }

 private:
  const BTree<K>& tree_;
  const Kernels& kernels_;
  WindowPlace place_;
};

// Binary search, all queries of the group in step.
template <class K> class BisectPredictor {
 public:
  static constexpr bool kCertain = true;

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

  void aim(const K*, std::size_t count, std::uint64_t* bases) const {
    for (std::size_t i = 0; i < count; ++i) bases[i] = aim_one(bases[i]);
  }

  std::uint64_t point_of(K query) const {
    const std::uint64_t at = lower_bound(keys_, n_, query);
    return at < kLineKeys<K> ? 0 : at - kLineKeys<K>;
  }

  std::uint64_t aim_one(std::uint64_t base) const { return base < last_ ? base : last_; }

 private:
  const K* keys_;
  std::size_t n_;
  std::uint64_t last_;
  Hint hint_;
};

}  // namespace learnedidx
