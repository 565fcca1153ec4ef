// Changes inside the inner nodes of a counted B+-tree.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "learnedidx/kernels/tree_node.hpp"

namespace learnedidx {

template <class K> struct SortedInner {
  using Node = SortedNode<K>;

  static void pad(Node& node) noexcept {
    for (std::size_t i = node.count ? node.count - 1 : 0; i < kFanout; ++i) node.separators[i] = highest_key<K>();
    for (std::size_t i = node.count; i < kFanout; ++i) node.before[i] = kNoCount;
  }

  // Children know their parent. At level 0 they are leaves.
  static void set_parent(void* child, Node* parent, unsigned level) noexcept {
    if (level == 0) static_cast<SortedLeaf<K>*>(child)->parent = parent;
    else static_cast<Node*>(child)->parent = parent;
  }
  static void adopt_all(Node& node, unsigned level) noexcept {
    for (std::size_t i = 0; i < node.count; ++i) set_parent(node.children[i], &node, level);
  }

  // Child c becomes two: `left` with `keys` keys and `right`, with `separator` between them. The node has room.
  static void split_child(Node& node, std::size_t c, void* left, void* right, K separator, std::uint32_t keys,
                          unsigned level) noexcept {
    const std::size_t behind = node.count - c - 1;
    std::memmove(node.children + c + 2, node.children + c + 1, behind * sizeof(void*));
    std::memmove(node.before + c + 2, node.before + c + 1, behind * sizeof *node.before);
    std::memmove(node.separators + c + 1, node.separators + c, behind * sizeof(K));
    node.children[c] = left;
    node.children[c + 1] = right;
    node.before[c + 1] = node.before[c] + keys;
    node.separators[c] = separator;
    ++node.count;
    set_parent(left, &node, level);
    set_parent(right, &node, level);
  }

  // Children c and c + 1 become one.
  static void join_children(Node& node, std::size_t c, void* survivor, unsigned level) noexcept {
    const std::size_t behind = node.count - c - 2;
    node.children[c] = survivor;
    std::memmove(node.children + c + 1, node.children + c + 2, behind * sizeof(void*));
    std::memmove(node.before + c + 1, node.before + c + 2, behind * sizeof *node.before);
    std::memmove(node.separators + c, node.separators + c + 1, behind * sizeof(K));
    --node.count;
    node.separators[node.count - 1] = highest_key<K>();
    node.before[node.count] = kNoCount;
    set_parent(survivor, &node, level);
  }

  // `right`, which is empty, gets the children of `node` from number `kept` on. Returns the separator between.
  static K split(Node& node, Node& right, std::size_t kept, unsigned level) noexcept {
    fill(right, node.children + kept, node.separators + kept, node.before + kept, node.count - kept, node.before[kept], level);
    const K separator = node.separators[kept - 1];
    node.count = static_cast<std::uint32_t>(kept);
    pad(node);
    return separator;
  }

  // Two neighbours, `keys` keys in the left one and `separator` between them, deal their children anew: `kept`
  // of them go left. Sets the number of keys on the left; returns the new separator between.
  static K deal(Node& left, Node& right, std::size_t kept, K separator, std::uint32_t& keys, unsigned level) noexcept {
    void* children[2 * kFanout];
    K separators[2 * kFanout];
    std::uint32_t before[2 * kFanout];
    const std::size_t count = left.count, total = count + right.count;
    std::memcpy(children, left.children, count * sizeof(void*));
    std::memcpy(children + count, right.children, right.count * sizeof(void*));
    std::memcpy(separators, left.separators, count * sizeof(K));
    std::memcpy(separators + count, right.separators, right.count * sizeof(K));
    separators[count - 1] = separator;
    for (std::size_t i = 0; i < total; ++i) before[i] = i < count ? left.before[i] : right.before[i - count] + keys;
    if (kept < total) keys = before[kept];
    fill(left, children, separators, before, kept, 0, level);
    fill(right, children + kept, separators + kept, before + kept, total - kept, keys, level);
    return separators[kept - 1];
  }

 private:
  static void fill(Node& node, void* const* children, const K* separators, const std::uint32_t* before, std::size_t count,
                   std::uint32_t keys, unsigned level) noexcept {
    std::memcpy(node.children, children, count * sizeof(void*));
    std::memcpy(node.separators, separators, count * sizeof(K));
    for (std::size_t i = 0; i < count; ++i) node.before[i] = before[i] - keys;
    node.count = static_cast<std::uint32_t>(count);
    pad(node);
    adopt_all(node, level);
  }
};

}  // namespace learnedidx
