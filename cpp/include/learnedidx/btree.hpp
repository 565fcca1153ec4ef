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
#include <limits>
#include <vector>

#include "keep_going.hpp"
#include "kinds.hpp"
#include "table.hpp"
#include "window.hpp"

namespace learnedidx {

template <class K> constexpr K largest_value() {
  if constexpr (std::numeric_limits<K>::has_infinity) return std::numeric_limits<K>::infinity();
  else return std::numeric_limits<K>::max();
}

// What stays in the L1 cache by itself.
constexpr std::size_t kCachedBytes = 32 * 1024;

// Upper levels that a query takes in one go, whose nodes are in the L1 cache: each level more saves a
// pass over the queries, but lengthens the chain of loads that wait for each other (5.3, 5.5 and 5.8 ns
// for two, three and one of 16 at 1 M; 5.9, 6.1, 6.2 and 6.8 for three, four, two and one of 8).
constexpr std::size_t kFirstLevelsOf16 = 2, kFirstLevelsOf8 = 3;

template <class K> struct BTree {
  unsigned node = 16;                   // separators in a node: 8 or 16
  WindowFrame frame{0, 0};
  std::size_t leaves = 0;
  std::size_t first_levels = 0;         // upper levels that a query takes in one go
  std::vector<std::size_t> levels;      // offset of each level in the separators, root first
  Table<K> storage;
  const K* separators = nullptr;        // in storage, on a cache line

  std::size_t bytes() const { return storage.size() * sizeof(K); }

  // The position after the last key of leaf `leaf`.
  std::size_t leaf_end(std::size_t leaf, std::size_t n) const {
    const std::size_t end = (leaf + 1) * kWindowKeys<K> - static_cast<std::size_t>(frame.phase);
    return end < n ? end : n;
  }
};

// Needs n >= kWindowKeys<K>. False if stopped: asks once for every 65,536 separators.
// O(n / kWindowKeys) time and memory.
template <class K> bool build(BTree<K>& tree, const K* keys, std::size_t n, unsigned node, KeepGoing keep_going = {}) {
  tree.node = node;
  tree.frame = frame_of(keys, n);
  tree.leaves = (n + static_cast<std::size_t>(tree.frame.phase) + kWindowKeys<K> - 1) / kWindowKeys<K>;
  const std::size_t fanout = node + 1;
  std::vector<std::size_t> nodes;  // nodes of each level, lowest first
  for (std::size_t children = tree.leaves; children > 1;) {
    children = (children + fanout - 1) / fanout;
    nodes.push_back(children);
  }
  std::size_t total = 0;
  tree.levels.clear();
  for (std::size_t i = nodes.size(); i-- > 0;) {
    tree.levels.push_back(total);
    total += nodes[i] * node;
  }
  tree.first_levels = std::min(tree.levels.size(), node == 8 ? kFirstLevelsOf8 : kFirstLevelsOf16);
  tree.storage.assign(total, largest_value<K>());
  K* base = tree.storage.data();
  tree.separators = base;
  std::size_t leaves_below = 1;  // leaves under one child of the level
  for (std::size_t i = 0; i < nodes.size(); ++i, leaves_below *= fanout) {
    K* level = base + tree.levels[tree.levels.size() - 1 - i];
    for (std::size_t at = 0; at < nodes[i] * node; ++at) {
      if (at % 65536 == 65535 && !keep_going()) return false;
      const std::size_t child = at / node * fanout + at % node;
      const std::size_t last_leaf = (child + 1) * leaves_below - 1;
      if (last_leaf + 1 >= tree.leaves) break;  // the last child needs no separator
      level[at] = keys[tree.leaf_end(last_leaf, n) - 1];
    }
  }
  return true;
}

}  // namespace learnedidx
