// Bulk loads of a counted B+-tree: leaves from left to right, then the nodes over them. See tree/tree.hpp.
#pragma once

#include <cstddef>
#include <cstdint>

#include "learnedidx/base/cancellation.hpp"
#include "learnedidx/tree/inner.hpp"
#include "learnedidx/tree/state.hpp"

namespace learnedidx {

template <class K, class V> struct SortedBuild {
  using State = SortedState<K, V>;
  using Leaf = SortedLeaf<K>;
  using Node = SortedNode<K>;
  using Slots = SortedSlots<K, V>;
  using Inner = SortedInner<K>;

  // Leaves and nodes of a bulk load are not full, so that the next keys do not divide every one of them.
  static constexpr std::size_t kLoadedKeys = kLeafKeys * 29 / 32;
  static constexpr std::size_t kLoadedChildren = kFanout * 7 / 8;
  static std::size_t leaves_of(std::size_t keys) noexcept { return (keys + kLoadedKeys - 1) / kLoadedKeys; }

  // Fills an empty tree with n keys; fill(keys, values, count) writes the next ones, in order, and returns count; of more
  // than a leaf, 0 to stop. O(n). Unless `ok`, the tree is empty.
  template <class Fill>
  static SortedStatus build(State& tree, std::size_t n, Cancellation cancellation, Fill&& fill) noexcept {
    if (n > State::kMostKeys) return SortedStatus::full;
    if (n == 0) return SortedStatus::ok;
    if (n <= kLeafKeys) return build_only(tree, n, fill);
    const std::size_t leaves = leaves_of(n);
    if (!tree.pool.promise(leaves, nodes_over(leaves))) return give_up(tree, SortedStatus::no_memory);
    SeldomPoll poll(cancellation);
    for (std::size_t i = 0; i < leaves; ++i) {
      const std::size_t count = add_leaf(tree, n * (i + 1) / leaves - n * i / leaves, fill);
      if (count == 0 || !poll.may_continue(count)) return give_up(tree, SortedStatus::stopped);
    }
    return finish(tree, leaves, n);
  }

  // The same for a number of keys that shows at the end: fill returns how many it wrote, 0 when there are no more.
  template <class Fill> static SortedStatus build_stream(State& tree, Cancellation cancellation, Fill&& fill) noexcept {
    SeldomPoll poll(cancellation);
    std::size_t leaves = 0, n = 0;
    for (; tree.pool.promise(SortedPool::leaf, 1); ++leaves) {
      const std::size_t count = add_leaf(tree, kLoadedKeys, fill);
      if (!poll.may_continue(count)) return give_up(tree, SortedStatus::stopped);
      if (count == 0) {
        if (!tree.pool.promise(SortedPool::node, nodes_over(leaves))) break;
        return finish(tree, leaves, n);
      }
      n += count;
    }
    return give_up(tree, SortedStatus::no_memory);
  }

 private:
  static SortedStatus finish(State& tree, std::size_t leaves, std::size_t n) noexcept {
    build_nodes(tree, leaves);
    tree.set_size(n);
    return SortedStatus::ok;
  }
  static SortedStatus give_up(State& tree, SortedStatus status) noexcept {
    tree.first_leaf = tree.last_leaf = nullptr;
    tree.pool.clear();
    return status;
  }

  template <class Fill> static SortedStatus build_only(State& tree, std::size_t n, Fill& fill) noexcept {
    const std::size_t capacity = (n + kBlockKeys - 1) / kBlockKeys * kBlockKeys;
    Leaf* leaf = tree.take_only(capacity);
    if (!leaf) return SortedStatus::no_memory;
    fill_leaf(*leaf, capacity, n, fill);
    tree.first_leaf = tree.last_leaf = leaf;
    return finish(tree, 1, n);
  }

  // Fills a new last leaf, which was promised, with up to n keys; returns how many. One without any is given back.
  template <class Fill> static std::size_t add_leaf(State& tree, std::size_t n, Fill& fill) noexcept {
    Leaf& leaf = *::new (tree.pool.take(SortedPool::leaf)) Leaf;
    fill_leaf(leaf, kLeafKeys, n, fill);
    const std::size_t count = leaf.count;
    if (count > 0) tree.link(tree.last_leaf, leaf);
    else tree.pool.give(SortedPool::leaf, &leaf);
    return count;
  }

  template <class Fill> static void fill_leaf(Leaf& leaf, std::size_t capacity, std::size_t n, Fill& fill) noexcept {
    Slots::begin(leaf, capacity, (capacity - n) / 2);
    leaf.count = static_cast<std::uint16_t>(fill(leaf.keys() + leaf.first, Slots::values_at(leaf, leaf.first), n));
    Slots::settle(leaf);
  }

  static std::size_t nodes_over(std::size_t children) noexcept {
    std::size_t nodes = 0;
    while (children > 1) nodes += children = (children + kLoadedChildren - 1) / kLoadedChildren;
    return nodes;
  }

  // Levels of nodes over the leaves. Until a node has its own, `parent` chains the nodes of a level.
  static void build_nodes(State& tree, std::size_t children) noexcept {
    void* at = tree.first_leaf;
    unsigned level = 0;
    for (; children > 1; ++level) {
      const std::size_t nodes = (children + kLoadedChildren - 1) / kLoadedChildren;
      Node *head = nullptr, *tail = nullptr;
      for (std::size_t i = 0; i < nodes; ++i) {
        Node& node = *::new (tree.pool.take(SortedPool::node)) Node;
        node.parent = nullptr;
        at = gather(node, at, children * (i + 1) / nodes - children * i / nodes, level);
        (tail ? tail->parent : head) = &node;
        tail = &node;
      }
      at = head;
      children = nodes;
    }
    tree.set_root(at, level);
  }

  // Leaves of a bulk load lie one behind the other, mostly; those that were written first are no longer in a cache.
  static void prefetch_ahead(const void* leaf) noexcept {
    constexpr std::size_t bytes = State::leaf_bytes(kLeafKeys), ahead = 8;
    const char* at = static_cast<const char*>(leaf) + ahead * bytes;
    prefetch_near(at);
    prefetch_near(at + sizeof(Leaf) + (kLeafKeys + kLoadedKeys) / 2 * sizeof(K));
  }

  // Makes `count` children of a chain those of a node; returns the next of the chain.
  static void* gather(Node& node, void* child, std::size_t count, unsigned level) noexcept {
    node.count = static_cast<std::uint32_t>(count);
    Inner::pad(node);
    std::uint32_t keys = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (level == 0) prefetch_ahead(child);
      node.children[i] = child;
      node.before[i] = keys;
      K last;
      keys += keys_in(child, level, last);
      if (i + 1 < count) node.separators[i] = last;
      child = level == 0 ? static_cast<void*>(static_cast<Leaf*>(child)->next)
                         : static_cast<void*>(static_cast<Node*>(child)->parent);
    }
    Inner::adopt_all(node, level);
    return child;
  }

  // How many keys a child has, and the last of them.
  static std::uint32_t keys_in(const void* at, unsigned level, K& last) noexcept {
    std::uint32_t keys = 0;
    for (; level > 0; --level) {
      const auto& node = *static_cast<const Node*>(at);
      keys += node.before[node.count - 1];
      at = node.children[node.count - 1];
    }
    const auto& leaf = *static_cast<const Leaf*>(at);
    last = leaf.back();
    return keys + leaf.count;
  }
};

}  // namespace learnedidx
