// Bulk loads of a counted B+-tree. See tree/tree.hpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>

#include "learnedidx/tree/writes.hpp"

namespace learnedidx {

template <class K, class V> class SortedBuild : public SortedWrites<K, V> {
 public:
  using Base = SortedWrites<K, V>;
  using typename Base::Leaf;
  using typename Base::Node;
  using typename Base::Path;
  using typename Base::Place;
  using typename Base::Slots;
  using Inner = SortedInner<K>;

  // Leaves and nodes of a bulk load are not full, so that the next keys do not divide every one of them.
  static constexpr std::size_t kLoadedKeys = kLeafKeys * 29 / 32;
  static constexpr std::size_t kLoadedChildren = kFanout * 7 / 8;

 protected:
  using Base::Base;

  // Fills an empty tree with n keys; fill(keys, values, count) writes the next ones, in order, and
  // returns count; of more than a leaf, 0 to give up, and the tree is empty. O(n).
  template <class Fill> SortedStatus build(std::size_t n, Fill&& fill) noexcept {
    if (n > Base::kMostKeys) return SortedStatus::full;
    if (n == 0) return SortedStatus::ok;
    if (n <= kLeafKeys) return build_only(n, fill);
    const std::size_t leaves = (n + kLoadedKeys - 1) / kLoadedKeys;
    if (!this->pool_.promise(SortedPool::leaf, leaves) || !this->pool_.promise(SortedPool::node, nodes_over(leaves))) {
      this->pool_.clear();
      return SortedStatus::no_memory;
    }
    for (std::size_t i = 0; i < leaves; ++i) {
      Leaf& leaf = *::new (this->pool_.take(SortedPool::leaf)) Leaf;
      fill_leaf(leaf, kLeafKeys, n * (i + 1) / leaves - n * i / leaves, fill);
      if (leaf.count == 0) return give_up();
      if (this->last_) Base::link_behind(*this->last_, leaf);
      else this->first_ = this->last_ = &leaf;
    }
    build_nodes(leaves);
    this->size_ = n;
    ++this->version_;
    return SortedStatus::ok;
  }

  // The same for a number of keys that shows at the end: fill returns how many it wrote, 0 when there are no more.
  template <class Fill> SortedStatus build_stream(Fill&& fill) noexcept {
    std::size_t leaves = 0, n = 0;
    while (this->pool_.promise(SortedPool::leaf, 1)) {
      Leaf& leaf = *::new (this->pool_.take(SortedPool::leaf)) Leaf;
      std::size_t count = 0;
      fill_leaf(leaf, kLeafKeys, kLoadedKeys,
                [&](K* keys, V* values, std::size_t most) { return count = fill(keys, values, most); });
      if (count == 0) {
        this->pool_.give(SortedPool::leaf, &leaf);
        if (!this->pool_.promise(SortedPool::node, nodes_over(leaves))) break;
        build_nodes(leaves);
        this->size_ = n;
        ++this->version_;
        return SortedStatus::ok;
      }
      if (this->last_) Base::link_behind(*this->last_, leaf);
      else this->first_ = this->last_ = &leaf;
      ++leaves;
      n += count;
    }
    this->first_ = this->last_ = nullptr;
    this->pool_.clear();
    return SortedStatus::no_memory;
  }

  void swap_all(SortedBuild& other) noexcept {
    this->pool_.swap(other.pool_);
    std::swap(this->kernels_, other.kernels_);
    std::swap(this->root_, other.root_);
    this->path_.leaf = other.path_.leaf = nullptr;
    std::swap(this->first_, other.first_);
    std::swap(this->last_, other.last_);
    std::swap(this->size_, other.size_);
    ++this->version_;
    ++other.version_;
  }

 private:
  SortedStatus give_up() noexcept {
    this->first_ = this->last_ = nullptr;
    this->pool_.clear();
    return SortedStatus::ok;
  }

  template <class Fill> SortedStatus build_only(std::size_t n, Fill& fill) noexcept {
    const std::size_t capacity = (n + kBlockKeys - 1) / kBlockKeys * kBlockKeys;
    Leaf* leaf = this->take_only(capacity);
    if (!leaf) return SortedStatus::no_memory;
    fill_leaf(*leaf, capacity, n, fill);
    this->first_ = this->last_ = leaf;
    this->set_root(leaf, 0);
    this->size_ = n;
    ++this->version_;
    return SortedStatus::ok;
  }

  template <class Fill> static void fill_leaf(Leaf& leaf, std::size_t capacity, std::size_t n, Fill&& fill) noexcept {
    leaf.parent = nullptr;
    leaf.previous = leaf.next = nullptr;
    leaf.capacity = static_cast<std::uint16_t>(capacity);
    leaf.first = static_cast<std::uint16_t>((capacity - n) / 2);
    leaf.recent = 0;
    leaf.streak = 0;
    V* values = Base::kHasValues ? Slots::values(leaf) + leaf.first : nullptr;
    leaf.count = static_cast<std::uint16_t>(fill(leaf.keys() + leaf.first, values, n));
    Slots::settle(leaf);
  }

  static std::size_t nodes_over(std::size_t children) noexcept {
    std::size_t nodes = 0;
    while (children > 1) nodes += children = (children + kLoadedChildren - 1) / kLoadedChildren;
    return nodes;
  }

  // Levels of nodes over the leaves. Until a node has its own, `parent` chains the nodes of a level.
  void build_nodes(std::size_t children) noexcept {
    void* at = this->first_;
    unsigned level = 0;
    for (; children > 1; ++level) {
      const std::size_t nodes = (children + kLoadedChildren - 1) / kLoadedChildren;
      Node *head = nullptr, *tail = nullptr;
      for (std::size_t i = 0; i < nodes; ++i) {
        Node& node = *::new (this->pool_.take(SortedPool::node)) Node;
        node.parent = nullptr;
        at = gather(node, at, children * (i + 1) / nodes - children * i / nodes, level);
        (tail ? tail->parent : head) = &node;
        tail = &node;
      }
      at = head;
      children = nodes;
    }
    this->set_root(at, level);
  }

  // Leaves of a bulk load lie one behind the other, mostly; those that were written first are no longer in a cache.
  static void prefetch_ahead(const void* leaf) noexcept {
    constexpr std::size_t bytes = Base::leaf_bytes(kLeafKeys), ahead = 8;
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
      if (i + 1 < count) node.separators[i] = last_key(child, level);
      keys += keys_in(child, level);
      child = level == 0 ? static_cast<void*>(static_cast<Leaf*>(child)->next)
                         : static_cast<void*>(static_cast<Node*>(child)->parent);
    }
    Inner::adopt_all(node, 0, count, level);
    return child;
  }

  static K last_key(const void* at, unsigned level) noexcept {
    for (; level > 0; --level) {
      const auto& node = *static_cast<const Node*>(at);
      at = node.children[node.count - 1];
    }
    const auto& leaf = *static_cast<const Leaf*>(at);
    return leaf.keys()[leaf.end() - 1];
  }

  static std::uint32_t keys_in(const void* at, unsigned level) noexcept {
    std::uint32_t keys = 0;
    for (; level > 0; --level) {
      const auto& node = *static_cast<const Node*>(at);
      keys += node.before[node.count - 1];
      at = node.children[node.count - 1];
    }
    return keys + static_cast<const Leaf*>(at)->count;
  }
};

}  // namespace learnedidx
