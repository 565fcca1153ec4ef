// How a counted B+-tree keeps its shape: leaves that fill up, leaves and nodes that become empty. No change
// moves keys of more than two leaves, or children of more than two nodes a level. See sorted_tree.hpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "sorted_inner.hpp"
#include "sorted_leaf.hpp"
#include "sorted_reads.hpp"

namespace learnedidx {

// What the last change moved, for tests that assert the worst case.
struct SortedMoves {
  unsigned leaves = 0;  // leaves beside the one that the key is in
  unsigned nodes = 0;   // nodes that were divided, or joined or evened out with a neighbour
};

#ifdef LIDX_COUNT_MOVES
#define LIDX_MOVED(what) (++this->moves_.what)
#else
#define LIDX_MOVED(what) ((void)0)
#endif

template <class K, class V> class SortedShape : public SortedReads<K, V> {
 public:
  using Base = SortedReads<K, V>;
  using typename Base::Leaf;
  using typename Base::Node;
  using typename Base::Path;
  using typename Base::Place;
  using Slots = SortedSlots<K, V>;
  using Inner = SortedInner<K>;

  // Erases all and gives the memory back.
  void clear() noexcept {
    if (!this->first_) return;
    if (alone()) this->pool_.give_alone(this->first_, Base::leaf_bytes(this->first_->capacity));
    this->pool_.clear();
    set_root(nullptr, 0);
    this->first_ = this->last_ = nullptr;
    this->size_ = 0;
    ++this->version_;
  }

#ifdef LIDX_COUNT_MOVES
  SortedMoves moves_;
#endif

 protected:
  using Base::Base;
  ~SortedShape() { clear(); }

  static constexpr unsigned kFewKeys = kLeafKeys / 4;          // from which a leaf looks for a neighbour to join
  static constexpr unsigned kJoinedKeys = kLeafKeys * 3 / 4;  // at most, so that the next keys fit
  static constexpr unsigned kRoom = kLeafKeys / 16;           // that a neighbour must have to take keys over
  static constexpr unsigned kFewChildren = kFanout / 4;
  static constexpr unsigned kJoinedChildren = kFanout * 3 / 4;

  bool alone() const noexcept { return this->first_->capacity < kLeafKeys; }

  // The first leaf of an empty tree, or the only one in a larger block.
  bool grow() noexcept {
    Leaf* old = this->first_;
    const std::size_t capacity = old ? std::size_t{2} * old->capacity : kBlockKeys;
    Leaf* leaf = take_only(capacity < kLeafKeys ? capacity : kLeafKeys);
    if (!leaf) return false;
    if (old) {
      leaf->first = old->first;
      leaf->count = old->count;
      leaf->recent = old->recent;
      leaf->streak = old->streak;
      Slots::copy(*old, old->first, *leaf, leaf->first, old->count);
      Slots::settle(*leaf);
      this->pool_.give_alone(old, Base::leaf_bytes(old->capacity));
    }
    set_root(leaf, 0);
    this->first_ = this->last_ = leaf;
    return true;
  }

  Leaf* take_only(std::size_t capacity) noexcept {
    void* block = nullptr;
    if (capacity < kLeafKeys) block = this->pool_.take_alone(Base::leaf_bytes(capacity));
    else if (this->pool_.promise(SortedPool::leaf, 1)) block = this->pool_.take(SortedPool::leaf);
    if (!block) return nullptr;
    Leaf* leaf = ::new (block) Leaf;
    Slots::make_empty(*leaf, capacity, 0);
    return leaf;
  }

  // The way of the last insert is kept: keys that come beside each other take it again. What changes the shape
  // forgets it.
  void seek_path_to(K target) noexcept {
    Path& path = this->path_;
    if (path.leaf && this->root_.height > 0) {
      const Node& node = *path.nodes[0];
      const std::size_t c = path.child[0];
      if (c > 0 && c + 1 < node.count && node.separators[c - 1] < target && !(node.separators[c] < target)) {
        path.slot = this->kernels().slot(*path.leaf, target);
        return;
      }
    }
    this->kernels().seek_path(this->root_, target, path);
  }

  void set_root(void* top, unsigned height) noexcept {
    path_.leaf = nullptr;
    this->root_.top = top;
    this->root_.height = height;
  }

  void add_counts(const Path& path, std::uint32_t keys) noexcept {
    this->kernels().add(path, this->root_.height, keys);
  }

  // The way up from a leaf.
  Path path_of(Leaf* leaf, unsigned slot) const noexcept {
    Path path;
    path.leaf = leaf;
    path.slot = slot;
    const void* child = leaf;
    Node* node = leaf->parent;
    for (unsigned level = 0; level < this->root_.height; ++level, child = node, node = node->parent) {
      path.nodes[level] = node;
      path.child[level] = static_cast<std::uint8_t>(Base::number_in(*node, child));
    }
    return path;
  }

  // The leaf of a path is full: afterwards a leaf that a new descent leads to is not. False without memory.
  bool make_room(Path& path) noexcept {
    Leaf& leaf = *path.leaf;
    if (leaf.capacity < kLeafKeys) return grow();
    const unsigned number = path.slot - leaf.first;
    const int side = expected_side(leaf, number);
    if (side <= 0 && hand_on(path)) return true;
    if (side >= 0 && hand_back(path)) return true;
    return split_leaf(path, number, side);
  }

  // n keys have left the leaf of a path: joins it with a neighbour if it has few. To look there is a cache
  // miss, so it looks now and then.
  void after_erase(Path& path, unsigned n) noexcept {
    Leaf& leaf = *path.leaf;
    if (this->size_ == 0) return clear();
    const bool look = n > 1 || leaf.count % kBlockKeys == 0;
    if (this->root_.height > 0 && leaf.count <= kFewKeys && look) join_leaf(path);
  }

  // A leaf that wants to hold more keys than fit gives some to the leaf behind or before it in its node, if that has room.
  bool hand_on(Path& path, unsigned wanted = kLeafKeys) noexcept {
    if (this->root_.height == 0) return false;
    Leaf& leaf = *path.leaf;
    Node& node = *path.nodes[0];
    const std::size_t c = path.child[0];
    if (c + 1 == node.count || leaf.next->count + wanted + kRoom > 2 * kLeafKeys) return false;
    const unsigned moved = share_of(leaf, *leaf.next, wanted);
    Slots::move_on(leaf, *leaf.next, moved);
    node.before[c + 1] -= moved;
    node.separators[c] = leaf.keys()[leaf.end() - 1];
    LIDX_MOVED(leaves);
    return true;
  }
  bool hand_back(Path& path, unsigned wanted = kLeafKeys) noexcept {
    if (this->root_.height == 0) return false;
    Leaf& leaf = *path.leaf;
    Node& node = *path.nodes[0];
    const std::size_t c = path.child[0];
    if (c == 0 || leaf.previous->count + wanted + kRoom > 2 * kLeafKeys) return false;
    const unsigned moved = share_of(leaf, *leaf.previous, wanted);
    Slots::move_back(leaf, *leaf.previous, moved);
    node.before[c] += moved;
    node.separators[c - 1] = leaf.previous->keys()[leaf.previous->end() - 1];
    LIDX_MOVED(leaves);
    return true;
  }

  void join_leaf(Path& path) noexcept {
    Leaf& leaf = *path.leaf;
    Node& node = *path.nodes[0];
    const std::size_t c = path.child[0];
    const auto fits = [&](const Leaf& other) { return leaf.count == 0 || other.count + leaf.count <= kJoinedKeys; };
    if (c > 0 && fits(*leaf.previous)) {
      Slots::move_back(leaf, *leaf.previous, leaf.count);
      drop_leaf(path, c - 1, leaf.previous);
    } else if (c + 1 < node.count && fits(*leaf.next)) {
      Slots::move_on(leaf, *leaf.next, leaf.count);
      drop_leaf(path, c, leaf.next);
    }
  }

  // The child of a path at a level becomes two, `left` with `keys` keys.
  void attach(Path& path, unsigned level, void* left, void* right, K separator, std::uint32_t keys) noexcept {
    if (level == this->root_.height) return add_root(left, right, separator, keys);
    Node* node = path.nodes[level];
    std::size_t c = path.child[level];
    if (node->count == kFanout) {
      Node& fresh = *::new (this->pool_.take(SortedPool::node)) Node;
      const std::size_t kept = c + 1 == kFanout ? kFanout - 1 : kFanout / 2;
      const std::uint32_t kept_keys = node->before[kept];
      const K between = Inner::split(*node, fresh, kept, level);
      attach(path, level + 1, node, &fresh, between, kept_keys);
      LIDX_MOVED(nodes);
      if (c >= kept) {
        node = &fresh;
        c -= kept;
      }
    }
    Inner::split_child(*node, c, left, right, separator, keys, level);
  }

  Path path_{};

  void link_behind(Leaf& leaf, Leaf& fresh) noexcept {
    fresh.previous = &leaf;
    fresh.next = leaf.next;
    (leaf.next ? leaf.next->previous : this->last_) = &fresh;
    leaf.next = &fresh;
  }

 private:
  // Which side of a full leaf will get the next keys, if any is known: 1 those before `number`, since keys come in
  // ascending order; -1 those behind it; 0 unknown.
  int expected_side(const Leaf& leaf, unsigned number) const noexcept {
    if (&leaf == this->last_ && number == leaf.count) return 1;
    if (&leaf == this->first_ && number == 0) return -1;
    if (leaf.streak >= kStreak && number == leaf.recent + 1u) return 1;
    if (leaf.streak <= -kStreak && number == leaf.recent) return -1;
    return 0;
  }

  // The keys that a neighbour takes over: half of what the leaf will have more, but not all that it has.
  static unsigned share_of(const Leaf& leaf, const Leaf& other, unsigned wanted) noexcept {
    return (wanted - other.count) / 2u < leaf.count ? (wanted - other.count) / 2u : leaf.count - 1u;
  }

  // The nodes that a new child of path.nodes[0] may cost.
  std::size_t nodes_needed(const Path& path) const noexcept {
    unsigned level = 0;
    while (level < this->root_.height && path.nodes[level]->count == kFanout) ++level;
    return level + (level == this->root_.height ? 1u : 0u);
  }

  // Divides a full leaf where the next keys are expected, else in the middle. Where they are expected at an end, it
  // gets an empty neighbour there, and nothing moves.
  bool split_leaf(Path& path, unsigned number, int side) noexcept {
    if (!this->pool_.promise(SortedPool::leaf, 1) || !this->pool_.promise(SortedPool::node, nodes_needed(path)))
      return false;
    Leaf& leaf = *path.leaf;
    Leaf& fresh = *::new (this->pool_.take(SortedPool::leaf)) Leaf;
    leaf.streak = 0;
    LIDX_MOVED(leaves);
    if (side < 0 && number == 0) {
      Slots::make_empty(fresh, kLeafKeys, kLeafKeys);
      link_before(leaf, fresh);
      attach(path, 0, &fresh, &leaf, leaf.keys()[leaf.first], 0);
      return true;
    }
    const unsigned kept = side == 0 ? kLeafKeys / 2 : number;
    const unsigned moved = kLeafKeys - kept;
    Slots::make_empty(fresh, kLeafKeys, side == 0 ? kept / 2 : side > 0 ? 0 : kept);
    link_behind(leaf, fresh);
    if (moved > 0) {
      Slots::copy(leaf, leaf.first + kept, fresh, fresh.first, moved);
      fresh.count = static_cast<std::uint16_t>(moved);
      leaf.count = static_cast<std::uint16_t>(kept);
      if (side == 0) Slots::slide(leaf, moved / 2);
      Slots::settle(leaf);
      Slots::settle(fresh);
    }
    attach(path, 0, &leaf, &fresh, separator_between(leaf, fresh, side), kept);
    return true;
  }

  void link_before(Leaf& leaf, Leaf& fresh) noexcept {
    fresh.next = &leaf;
    fresh.previous = leaf.previous;
    (leaf.previous ? leaf.previous->next : this->first_) = &fresh;
    leaf.previous = &fresh;
  }

  // The last key of the left leaf or, where the next keys are expected behind that, so that all of them are to go
  // left, the first key of the right one. That may be empty for now.
  static K separator_between(const Leaf& left, const Leaf& right, int side) noexcept {
    return side > 0 && right.count > 0 ? right.keys()[right.first] : left.keys()[left.end() - 1];
  }

  void add_root(void* left, void* right, K separator, std::uint32_t keys) noexcept {
    Node& root = *::new (this->pool_.take(SortedPool::node)) Node;
    root.parent = nullptr;
    root.count = 1;
    root.before[0] = 0;
    Inner::pad(root);
    Inner::split_child(root, 0, left, right, separator, keys, this->root_.height);
    set_root(&root, this->root_.height + 1);
  }

  // The leaf of a path has moved its keys to `survivor`: children c and c + 1 become one.
  void drop_leaf(Path& path, std::size_t c, Leaf* survivor) noexcept {
    Leaf* leaf = path.leaf;
    path_.leaf = nullptr;
    (leaf->previous ? leaf->previous->next : this->first_) = leaf->next;
    (leaf->next ? leaf->next->previous : this->last_) = leaf->previous;
    this->pool_.give(SortedPool::leaf, leaf);
    Inner::join_children(*path.nodes[0], c, survivor, 0);
    LIDX_MOVED(leaves);
    after_join(path, 0);
  }

  // A node has lost a child: with few left it joins a neighbour, or they deal theirs anew.
  void after_join(Path& path, unsigned level) noexcept {
    Node& node = *path.nodes[level];
    if (level + 1 == this->root_.height) {
      if (node.count == 1) drop_root(node);
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
    LIDX_MOVED(nodes);
    if (!join) {
      parent.separators[low] = between;
      parent.before[low + 1] = parent.before[low] + keys;
      return;
    }
    this->pool_.give(SortedPool::node, &right);
    Inner::join_children(parent, low, &left, level + 1);
    after_join(path, level + 1);
  }

  void drop_root(Node& root) noexcept {
    void* child = root.children[0];
    const unsigned height = this->root_.height - 1;
    set_root(child, height);
    if (height == 0) static_cast<Leaf*>(child)->parent = nullptr;
    else static_cast<Node*>(child)->parent = nullptr;
    this->pool_.give(SortedPool::node, &root);
  }
};

}  // namespace learnedidx
