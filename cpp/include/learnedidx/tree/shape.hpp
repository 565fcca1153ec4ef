// How a counted B+-tree keeps its shape: leaves that fill up, leaves and nodes that become empty. No change
// moves keys of more than two leaves, or children of more than two nodes a level. See tree/tree.hpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "learnedidx/tree/inner.hpp"
#include "learnedidx/tree/leaf.hpp"
#include "learnedidx/tree/neighbours.hpp"

namespace learnedidx {

template <class K, class V> class SortedShape : public SortedNeighbours<K, V> {
 public:
  using Base = SortedNeighbours<K, V>;
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

 protected:
  using Base::Base;
  ~SortedShape() { clear(); }

  static constexpr unsigned kFewKeys = kLeafKeys / 4;          // from which a leaf looks for a neighbour to join
  static constexpr unsigned kJoinedKeys = kLeafKeys * 3 / 4;  // at most, so that the next keys fit
  static constexpr unsigned kFew = kStreak;                    // keys that are rather moved than that they leave no room
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

  // The leaf of a path is full: afterwards the path leads to the same place in a leaf that is not, or has no leaf, and
  // a new descent leads there. False without memory.
  bool make_room(Path& path) noexcept {
    Leaf& leaf = *path.leaf;
    if (leaf.capacity < kLeafKeys) return grow();
    const unsigned number = path.slot - leaf.first;
    const int side = expected_side(leaf, number);
    if (side <= 0 && relieve_behind(path, number, side)) return true;
    if (side >= 0 && relieve_before(path, number, side)) return true;
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

  // The child of a path at a level becomes two, `left` with `keys` keys. Is it still a child of the same node?
  bool attach(Path& path, unsigned level, void* left, void* right, K separator, std::uint32_t keys) noexcept {
    if (level == this->root_.height) {
      add_root(left, right, separator, keys);
      return false;
    }
    Node* node = path.nodes[level];
    std::size_t c = path.child[level];
    const bool full = node->count == kFanout;
    if (full) {
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
    return !full;
  }

  Path path_{};

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

  // The nodes that a new child of path.nodes[0] may cost.
  std::size_t nodes_needed(const Path& path) const noexcept {
    unsigned level = 0;
    while (level < this->root_.height && path.nodes[level]->count == kFanout) ++level;
    return level + (level == this->root_.height ? 1u : 0u);
  }

  // A full leaf gives keys to a neighbour that has room; a streak goes on.
  bool relieve_behind(Path& path, unsigned number, int side) noexcept {
    if (!this->has_room_behind(path, kLeafKeys)) return false;
    Leaf& leaf = *path.leaf;
    const std::size_t c = path.child[0];
    this->give_on(path, Base::share(*leaf.next, side));
    if (number >= leaf.count) {
      path.lead_to(*leaf.next, number - leaf.count, c + 1);
      return true;
    }
    leaf.expect(number, side);
    path.lead_to(leaf, number, c);
    return true;
  }
  bool relieve_before(Path& path, unsigned number, int side) noexcept {
    if (!this->has_room_before(path, kLeafKeys)) return false;
    Leaf& leaf = *path.leaf;
    const std::size_t c = path.child[0];
    const unsigned moved = Base::share(*leaf.previous, side);
    this->give_back(path, moved);
    if (number > moved) leaf.expect(number - moved - 1, side);
    if (number < moved) path.lead_to(*leaf.previous, leaf.previous->count - moved + number, c - 1);
    else path.lead_to(leaf, number - moved, c);
    return true;
  }

  // Divides a full leaf where the next keys are expected, else in the middle. They go to the part that has room for a
  // streak of them; few keys at an end are what moves.
  bool split_leaf(Path& path, unsigned number, int side) noexcept {
    if (!this->pool_.promise(SortedPool::leaf, 1) || !this->pool_.promise(SortedPool::node, nodes_needed(path)))
      return false;
    Leaf& fresh = *::new (this->pool_.take(SortedPool::leaf)) Leaf;
    path.leaf->streak = 0;
    LIDX_MOVED(leaves);
    if (side == 0) split_middle(path, fresh, number);
    else if (side < 0 && number < kFew) split_before(path, fresh, number);
    else split_behind(path, fresh, number, side > 0);
    return true;
  }

  void split_middle(Path& path, Leaf& fresh, unsigned number) noexcept {
    constexpr unsigned half = kLeafKeys / 2;
    Leaf& leaf = *path.leaf;
    Slots::make_empty(fresh, kLeafKeys, half / 2);
    Slots::divide(leaf, fresh, half, half / 2);
    attach_behind(path, fresh, leaf.keys()[leaf.end() - 1], number, number < half);
  }

  // The first keys, few or none, go to a leaf of their own, and the next ones behind them.
  void split_before(Path& path, Leaf& fresh, unsigned number) noexcept {
    Leaf& leaf = *path.leaf;
    const std::size_t c = path.child[0];
    Slots::make_empty(fresh, kLeafKeys, kLeafKeys - number);
    this->link_before(leaf, fresh);
    if (number > 0) Slots::move_back(leaf, fresh, number);
    fresh.expect(number, -1);
    if (attach(path, 0, &fresh, &leaf, leaf.keys()[leaf.first], number)) path.lead_to(fresh, number, c);
    else path.leaf = nullptr;
  }

  // Keys from `number` on go to a leaf behind: in front of them come the next ones, or behind what stays if they
  // ascend and enough has gone.
  void split_behind(Path& path, Leaf& fresh, unsigned number, bool ascend) noexcept {
    Leaf& leaf = *path.leaf;
    const unsigned moved = kLeafKeys - number;
    const bool stay = ascend && moved >= kFew;
    Slots::make_empty(fresh, kLeafKeys, !ascend ? number : stay || moved == 0 ? 0 : kFew);
    if (moved > 0) Slots::divide(leaf, fresh, number, leaf.first);
    if (!ascend) fresh.expect(0, -1);
    if (stay) leaf.expect(number - 1, 1);
    attach_behind(path, fresh, stay ? fresh.keys()[fresh.first] : leaf.keys()[leaf.end() - 1], number, stay);
  }

  // The leaf of a path has given keys to a new one behind it; the path goes to key `number` of both.
  void attach_behind(Path& path, Leaf& fresh, K separator, unsigned number, bool stay) noexcept {
    Leaf& leaf = *path.leaf;
    const std::size_t c = path.child[0];
    this->link_behind(leaf, fresh);
    if (!attach(path, 0, &leaf, &fresh, separator, leaf.count)) path.leaf = nullptr;
    else if (stay) path.lead_to(leaf, number, c);
    else path.lead_to(fresh, number - leaf.count, c + 1);
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
