// All that must hold of a counted B+-tree between two calls, for tests and for those who doubt. See
// tree/tree.hpp.
#pragma once

#include <cstddef>
#include <cstdint>

#include "learnedidx/tree/state.hpp"

namespace learnedidx {

template <class K, class V> class SortedTreeCheck {
 public:
  using Leaf = SortedLeaf<K>;
  using Node = SortedNode<K>;

  // Null, or what does not hold. O(n).
  const char* check(const SortedState<K, V>& tree) {
    if (tree.size == 0) return tree.root.top || tree.first_leaf || tree.last_leaf ? "an empty tree holds memory" : nullptr;
    next_ = tree.first_leaf;
    const std::size_t keys = check_at(tree.root.top, tree.root.height, nullptr, nullptr, nullptr);
    refuse(next_, "a leaf is linked that no node leads to");
    refuse(last_ != tree.last_leaf, "the last leaf is another one");
    refuse(keys != tree.size, "the size is not the number of keys");
    return wrong_;
  }

 private:
  void refuse(bool wrong, const char* what) {
    if (wrong && !wrong_) wrong_ = what;
  }

  std::size_t check_at(const void* at, unsigned height, const Node* parent, const K* low, const K* high) {
    if (height == 0) return check_leaf(*static_cast<const Leaf*>(at), parent, low, high);
    const auto& node = *static_cast<const Node*>(at);
    refuse(node.parent != parent, "a node has another parent");
    refuse(node.count < 2 || node.count > kFanout, "a node has one child or too many");
    if (!wrong_) check_pads(node);
    std::size_t keys = 0;
    for (std::size_t i = 0; i < node.count && !wrong_; ++i) {
      refuse(node.before[i] != keys, "a node counts other keys before a child");
      const K* from = i > 0 ? &node.separators[i - 1] : low;
      const K* to = i + 1 < node.count ? &node.separators[i] : high;
      refuse(from && to && *to < *from, "separators are not in order");
      keys += check_at(node.children[i], height - 1, &node, from, to);
    }
    return keys;
  }

  void check_pads(const Node& node) {
    for (std::size_t i = node.count - 1; i < kFanout; ++i)
      refuse(!(node.separators[i] == highest_key<K>()), "a separator behind the last one is not the highest value");
    for (std::size_t i = node.count; i < kFanout; ++i)
      refuse(node.before[i] != kNoCount, "a count behind the last one is a number");
  }

  std::size_t check_leaf(const Leaf& leaf, const Node* parent, const K* low, const K* high) {
    refuse(next_ != &leaf, "leaves are linked in another order");
    refuse(leaf.previous != last_, "a leaf is linked back to another one");
    refuse(leaf.parent != parent, "a leaf has another parent");
    refuse(leaf.count == 0, "a leaf is empty");
    refuse(leaf.end() > leaf.capacity, "a leaf is too full");
    refuse(leaf.capacity % kBlockKeys || leaf.capacity > kLeafKeys, "a leaf has another size");
    refuse(parent && leaf.capacity != kLeafKeys, "a leaf among others is small");
    if (wrong_) return 0;
    last_ = &leaf;
    next_ = leaf.next;
    check_keys(leaf, low, high);
    return leaf.count;
  }

  void check_keys(const Leaf& leaf, const K* low, const K* high) {
    const K* keys = leaf.keys();
    const unsigned first = leaf.first, end = leaf.end();
    for (unsigned i = first; i % kBlockKeys != 0; --i) refuse(!(keys[i - 1] == lowest_key<K>()), "a pad is not the lowest value");
    for (unsigned i = end; i % kBlockKeys != 0; ++i) refuse(!(keys[i] == highest_key<K>()), "a pad is not the highest value");
    for (unsigned i = first + 1; i < end; ++i) refuse(keys[i] < keys[i - 1], "keys are not in order");
    refuse(low && keys[first] < *low, "a key is below the separator before its leaf");
    refuse(high && *high < keys[end - 1], "a key is above the separator behind its leaf");
    for (unsigned j = 0; j < kLeafBlocks; ++j) {
      const unsigned last = j * kBlockKeys + kBlockKeys - 1;
      const K expected = last < first ? lowest_key<K>() : last < end ? keys[last] : highest_key<K>();
      refuse(!(leaf.separators[j] == expected), "a leaf's separator is not the last key of its block");
    }
  }

  const char* wrong_ = nullptr;
  const Leaf* next_ = nullptr;
  const Leaf* last_ = nullptr;
};

}  // namespace learnedidx
