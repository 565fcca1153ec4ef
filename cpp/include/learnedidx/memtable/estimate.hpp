// About how many entries of a memtable lie between two keys, without a walk over them.
#pragma once

#include <algorithm>
#include <cstdint>

#include "learnedidx/memtable/search.hpp"

namespace learnedidx {

template <class Order> class Estimate {
 public:
  using Key = typename Order::Key;

  explicit Estimate(const MemtableState<Order>& state) : t_(state), search_(state) {}

  // In [low, high): counted as far as 16 leaves go (exactly, where nobody inserts), then judged by how the inner nodes divide
  // at both keys. Some microseconds.
  std::uint64_t between(const Key& low, const Key& high) const {
    EntryPlace from = place_of(low), to = place_of(high);
    std::uint64_t counted = 0;
    unsigned leaves = 0;
    for (const Node* leaf = from.leaf; leaf && leaves < kCounted; ++leaves) {
      if (leaf == to.leaf) return counted + to.slot > from.slot ? counted + to.slot - from.slot : 0;
      counted += count_of(*leaf);
      leaf = leaf->next.load(std::memory_order_acquire);
      if (leaf == nullptr) return 0;  // high is not above low
    }
    const double a_leaf = static_cast<double>(counted) / kCounted, share = to.share - from.share;
    const double all = static_cast<double>(t_.leaves.load(std::memory_order_relaxed)) * a_leaf;
    return share > 0 ? std::max(counted, static_cast<std::uint64_t>(share * all)) : 0;
  }

 private:
  static constexpr unsigned kCounted = 16;

  // A leaf, a slot in it, and the share of all entries that lie before, if every child of a node held as many.
  struct EntryPlace {
    const Node* leaf;
    unsigned slot;
    double share;
  };

  static unsigned count_of(const Node& node) { return Meta(node.meta.load(std::memory_order_acquire)).count(); }

  EntryPlace place_of(const Key& key) const {
    const Node* node = t_.root.load(std::memory_order_acquire);
    double share = 0, width = 1;
    NodeFound f{};
    while (node->level > 0) {
      const unsigned slot = slot_in(*node, key, true, f);
      const Node* const child = static_cast<const InnerNode*>(node)->children[slot].load(std::memory_order_acquire);
      if (child == nullptr) return {nullptr, 0, share};  // it changed
      width /= f.count + 1;
      share += width * slot;
      node = child;
    }
    const unsigned slot = slot_in(*node, key, false, f);
    return {node, slot, share + width * slot / std::max(f.count, 1u)};
  }

  // 0 where the node changes again and again.
  unsigned slot_in(const Node& node, const Key& key, bool upper, NodeFound& f) const {
    for (unsigned turn = 0; turn < kTries; ++turn)
      if (search_.in_node(node, key, upper, f)) return f.slot;
    f.count = count_of(node);
    return 0;
  }

  const MemtableState<Order>& t_;
  Search<Order> search_;
};

template <class Order>
std::uint64_t about_entries_between(const MemtableState<Order>& state, const typename Order::Key& low,
                                    const typename Order::Key& high) {
  return Estimate<Order>(state).between(low, high);
}

}  // namespace learnedidx
