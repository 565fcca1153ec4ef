// How leaves and nodes of a counted B+-tree with little in them join their neighbours. Takes no memory. No call moves
// keys of more than two leaves, or children of more than two nodes a level. See tree/tree.hpp.
#pragma once

#include <cstddef>
#include <cstdint>

#include "learnedidx/tree/inner.hpp"
#include "learnedidx/tree/state.hpp"

namespace learnedidx {

template <class K, class V> struct SortedJoin {
  using State = SortedState<K, V>;
  using Leaf = SortedLeaf<K>;
  using Node = SortedNode<K>;
  using Path = SortedPath<K>;
  using Slots = SortedSlots<K, V>;
  using Inner = SortedInner<K>;

  static constexpr unsigned kFewKeys = kLeafKeys / 4;  // from which a leaf looks for a neighbour to join

  // n keys have left the leaf of a path: joins it with a neighbour if it has few, which makes the path stale. To look
  // there is a cache miss, so it looks now and then.
  static void after_erase(State& tree, const Path& path, unsigned n) noexcept {
    if (tree.size == 0) return tree.clear();
    const Leaf& leaf = *path.leaf;
    const bool look = n > 1 || leaf.count % kBlockKeys == 0;
    if (tree.root.height > 0 && leaf.count <= kFewKeys && look) join_leaf(tree, path);
  }

 private:
  static constexpr unsigned kJoinedKeys = kLeafKeys * 3 / 4;  // at most, so that the next keys fit
  static constexpr unsigned kFewChildren = kFanout / 4;
  static constexpr unsigned kJoinedChildren = kFanout * 3 / 4;

  static void join_leaf(State& tree, const Path& path) noexcept {
    Leaf& leaf = *path.leaf;
    const std::size_t c = path.child[0];
    const auto fits = [&](const Leaf& other) { return leaf.count == 0 || other.count + leaf.count <= kJoinedKeys; };
    if (c > 0 && fits(*leaf.previous)) {
      Slots::move_back(leaf, *leaf.previous, leaf.count);
      drop_leaf(tree, path, c - 1, leaf.previous);
    } else if (c + 1 < path.nodes[0]->count && fits(*leaf.next)) {
      Slots::move_on(leaf, *leaf.next, leaf.count);
      drop_leaf(tree, path, c, leaf.next);
    }
  }

  // The leaf of a path has moved its keys to `survivor`: children c and c + 1 become one.
  static void drop_leaf(State& tree, const Path& path, std::size_t c, Leaf* survivor) noexcept {
    tree.path.leaf = nullptr;
    tree.unlink(*path.leaf);
    tree.pool.give(SortedPool::leaf, path.leaf);
    Inner::join_children(*path.nodes[0], c, survivor, 0);
    LIDX_MOVED(tree, leaves);
    after_join(tree, path, 0);
  }

  // A node has lost a child: with few left it joins a neighbour, or they deal theirs anew.
  static void after_join(State& tree, const Path& path, unsigned level) noexcept {
    Node& node = *path.nodes[level];
    if (level + 1 == tree.root.height) {
      if (node.count == 1) drop_root(tree, node);
      return;
    }
    if (node.count >= kFewChildren) return;
    Node& parent = *path.nodes[level + 1];
    const std::size_t c = path.child[level + 1], low = c > 0 ? c - 1 : c;
    Node& left = *static_cast<Node*>(parent.children[low]);
    Node& right = *static_cast<Node*>(parent.children[low + 1]);
    const std::size_t total = left.count + right.count;
    const bool join = total <= kJoinedChildren;
    std::uint32_t keys = parent.before[low + 1] - parent.before[low];
    const K between = Inner::deal(left, right, join ? total : total / 2, parent.separators[low], keys, level);
    LIDX_MOVED(tree, nodes);
    if (!join) {
      parent.separators[low] = between;
      parent.before[low + 1] = parent.before[low] + keys;
      return;
    }
    tree.pool.give(SortedPool::node, &right);
    Inner::join_children(parent, low, &left, level + 1);
    after_join(tree, path, level + 1);
  }

  static void drop_root(State& tree, Node& root) noexcept {
    tree.set_root(root.children[0], tree.root.height - 1);
    Inner::set_parent(root.children[0], nullptr, tree.root.height);
    tree.pool.give(SortedPool::node, &root);
  }
};

}  // namespace learnedidx
