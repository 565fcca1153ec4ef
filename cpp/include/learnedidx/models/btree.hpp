// Static implicit B+-tree over borrowed keys.
//   The layout without pointers: P.-V. Khuong, P. Morin: Array Layouts for Comparison-Based
//   Searching, JEA 22, 2017, section 3.4.
//
// Leaves are windows of the keys themselves. A separator is the last key below its child, so the
// child that is entered always holds the answer. Levels are stored root first; unused slots of the
// last node of a level hold the largest value of the key format, which no count of smaller
// separators ever includes: every key remains usable.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "learnedidx/base/aligned_table.hpp"
#include "learnedidx/base/compiled.hpp"
#include "learnedidx/base/executor.hpp"
#include "learnedidx/base/inline_vector.hpp"
#include "learnedidx/base/key_traits.hpp"
#include "learnedidx/base/shared_memory.hpp"
#include "learnedidx/base/unaligned_array.hpp"
#include "learnedidx/search/bisect.hpp"
#include "learnedidx/search/trace.hpp"
#include "learnedidx/search/window.hpp"

namespace learnedidx {

// What stays in the L1 cache by itself.
constexpr std::size_t kCachedBytes = 32 * 1024;

// Upper levels that a query takes in one go, whose nodes are in the L1 cache: each level more saves a
// pass over the queries, but lengthens the chain of loads that wait for each other (5.3, 5.5 and 5.8 ns
// for two, three and one of 16 at 1 M; 5.9, 6.1, 6.2 and 6.8 for three, four, two and one of 8).
constexpr std::size_t kFirstLevelsOf16 = 2, kFirstLevelsOf8 = 3;

constexpr std::size_t kSlotsAPiece = std::size_t{1} << 16;  // that a thread fills in one go

// Levels of a tree, at most: 9^17 windows are more keys than there can be.
constexpr std::size_t kMostTreeLevels = 18;

// What a lookup reads: sizes, and separators owned by a BTree or lying in a file.
template <class K> struct BTreeView {
  unsigned node = 16;                            // separators in a node: 8 or 16
  WindowFrame frame{0, 0};
  std::size_t leaves = 0;
  std::size_t first_levels = 0;                  // upper levels that a query takes in one go
  InlineVector<std::size_t, kMostTreeLevels> levels;      // offset of each level in the separators, root first
  InlineVector<std::size_t, kMostTreeLevels> nodes;       // of each level
  std::size_t size = 0;                          // separators of all levels
  UnalignedArray<K> separators;                           // on a cache line, unless they lie in a file
  bool guarded = false;                          // they may hold anything: children are cut off at the last one

  // The position after the last key of leaf `leaf`.
  std::size_t leaf_end(std::size_t leaf, std::size_t n) const {
    const std::size_t end = (leaf + 1) * kWindowKeys<K> - static_cast<std::size_t>(frame.phase);
    return end < n ? end : n;
  }

  // The child of a node of a level, a node of the next or a leaf, that a query leads to.
  template <class AnyTracer = NoTrace>
  LIDX_INLINE std::size_t child_of(std::size_t level, std::size_t number, K query, const AnyTracer& tracer = {}) const {
    tracer.model(separators.address(levels[level] + number * node), node * sizeof(K));
    tracer.step(Visit::node, number);
    const auto child = static_cast<std::size_t>(loaded_once(
        number * (node + 1) + lower_bound(separators + (levels[level] + number * node), node, query)));
    const std::size_t children = level + 1 < levels.size() ? nodes[level + 1] : leaves;
    return child < children ? child : children - 1;
  }

  // So many upper levels can be taken in one go, whatever they hold: the node that the largest counts
  // lead to, if there were so many, would still lie among the separators. At least one.
  std::size_t levels_without_guard() const {
    std::size_t safe = 1, most = node + 1;
    while (safe < first_levels && levels[safe] + most * node <= size) {
      most *= node + 1;
      ++safe;
    }
    return safe;
  }

  template <class AnyTracer = NoTrace> std::size_t leaf_of(K query, const AnyTracer& tracer = {}) const {
    std::size_t number = 0;
    for (std::size_t level = 0; level < levels.size(); ++level) number = child_of(level, number, query, tracer);
    tracer.leaf(number);
    return number;
  }
};

// Where everything lies in a tree over n keys, which depends on nothing else. Needs n >= kWindowKeys<K>.
template <class K> BTreeView<K> lay_out_tree(std::size_t n, const WindowFrame& frame, unsigned node) {
  BTreeView<K> tree;
  tree.node = node;
  tree.frame = frame;
  tree.leaves = (n + static_cast<std::size_t>(frame.phase) + kWindowKeys<K> - 1) / kWindowKeys<K>;
  InlineVector<std::size_t, kMostTreeLevels> nodes;  // of each level, lowest first
  for (std::size_t children = tree.leaves; children > 1;) {
    children = (children + node) / (node + 1);
    nodes.push_back(children);
  }
  for (std::size_t i = nodes.size(); i-- > 0;) {
    tree.levels.push_back(tree.size);
    tree.nodes.push_back(nodes[i]);
    tree.size += nodes[i] * node;
  }
  tree.first_levels = std::min(tree.levels.size(), node == 8 ? kFirstLevelsOf8 : kFirstLevelsOf16);
  return tree;
}

// A tree that owns its separators.
template <class K> struct BTree {
  BTreeView<K> view;
  Table<K> storage;

  BTree() = default;
  BTree(const BTree&) = delete;
  BTree& operator=(const BTree&) = delete;

  std::size_t bytes() const { return storage.size() * sizeof(K); }
};

// Copies the separators that an older tree over the first of the keys has at the same height; `under` are
// the leaves under one child. Returns how many slots of the level that fills.
template <class K>
std::size_t keep_separators(const BTreeView<K>* old, std::size_t height, std::size_t under, K* level) {
  if (!old || height >= old->levels.size()) return 0;
  const std::size_t children = (old->leaves - 1) / under;  // those with a child after them
  const std::size_t in_last = children % (old->node + 1);
  const std::size_t slots = children / (old->node + 1) * old->node + std::min<std::size_t>(in_last, old->node);
  const std::size_t from = old->levels[old->levels.size() - 1 - height];
  if (slots > 0) std::memcpy(level, old->separators.address(from), slots * sizeof(K));
  return slots;
}

// Are the separators of an older tree those of one over more keys, and certain?
template <class K> bool continues(const BTreeView<K>* old, unsigned node, const WindowFrame& frame) {
  return old && !old->guarded && old->node == node && old->leaves > 0 && old->frame.phase == frame.phase;
}

// A tree whose leaves lie over the keys as `frame` says. Needs n >= kWindowKeys<K>. False if stopped:
// asks after every kSlotsAPiece separators. O(n / kWindowKeys) time and memory. old: a tree over the first of
// these keys, whose separators are copied if leaves begin at the same keys; those are not read then. A guarded
// one is passed over: its separators may be wrong, and lookups in the new tree believe theirs.
template <class K>
bool build(BTree<K>& tree, const K* keys, std::size_t n, unsigned node, const WindowFrame& frame, const Executor& executor,
           const BTreeView<K>* old = nullptr) {
  tree.view = lay_out_tree<K>(n, frame, node);
  const BTreeView<K>& view = tree.view;
  tree.storage.assign(view.size, highest_key<K>());
  tree.view.separators = tree.storage.data();
  if (!continues(old, node, frame)) old = nullptr;
  std::size_t leaves_below = 1;  // leaves under one child of the level
  for (std::size_t height = 0; height < view.levels.size(); ++height, leaves_below *= node + 1) {
    const std::size_t l = view.levels.size() - 1 - height;
    K* level = tree.storage.data() + view.levels[l];
    const std::size_t first = keep_separators(old, height, leaves_below, level);
    const bool done = executor.for_each_piece(view.nodes[l] * node - first, kSlotsAPiece, [&](std::size_t at, std::size_t count) {
      for (const std::size_t end = (at += first) + count; at < end; ++at) {
        const std::size_t child = at / node * (node + 1) + at % node;
        const std::size_t last_leaf = (child + 1) * leaves_below - 1;
        if (last_leaf + 1 >= view.leaves) break;  // the last child needs no separator
        level[at] = keys[view.leaf_end(last_leaf, n) - 1];
      }
    });
    if (!done) return false;
  }
  return true;
}

// Leaves on the cache lines on which the keys lie.
template <class K>
bool build(BTree<K>& tree, const K* keys, std::size_t n, unsigned node, const Executor& executor = {}) {
  return build(tree, keys, n, node, frame_of(keys, n), executor);
}

#define LIDX_THESE(name, K) \
  LIDX_COMPILE(bool build(BTree<K>&, const K*, std::size_t, unsigned, const WindowFrame&, const Executor&, const BTreeView<K>*))
LIDX_FOR_ALL_KEYS(LIDX_THESE)
#undef LIDX_THESE

}  // namespace learnedidx
