// How a leaf of a counted B+-tree gets room: it gives keys to a neighbour or is divided, and nodes above it with it. No
// call moves keys of more than two leaves, or divides more than one node a level. See tree/tree.hpp.
#pragma once

#include <cstddef>
#include <cstdint>

#include "learnedidx/tree/inner.hpp"
#include "learnedidx/tree/state.hpp"

namespace learnedidx {

template <class K, class V> struct SortedSplit {
  using State = SortedState<K, V>;
  using Leaf = SortedLeaf<K>;
  using Node = SortedNode<K>;
  using Path = SortedPath<K>;
  using Slots = SortedSlots<K, V>;
  using Inner = SortedInner<K>;

  // The leaf of a path is full, or an empty tree has none: afterwards the path leads to the same place in a leaf that is
  // not, or has no leaf, and a new descent leads there. False without memory: nothing has changed.
  static bool make_room(State& tree, Path& path) noexcept {
    if (!path.leaf || path.leaf->capacity < kLeafKeys) return grow(tree);
    Leaf& leaf = *path.leaf;
    const unsigned number = path.slot - leaf.first;
    const int side = expected_side(tree, leaf, number);
    if (side <= 0 && relieve_behind(tree, path, number, side)) return true;
    if (side >= 0 && relieve_before(tree, path, number, side)) return true;
    return split_leaf(tree, path, number, side);
  }

  // A leaf that wants to hold more keys than fit gives some to the leaf behind or before it in its node. False if neither
  // has room. The slot of the path is not read, and the path is stale then.
  static bool hand_over(State& tree, const Path& path, unsigned wanted) noexcept {
    const Leaf& leaf = *path.leaf;
    if (has_room_behind(tree, path, wanted)) give_on(tree, path, share_of(leaf, *leaf.next, wanted));
    else if (has_room_before(tree, path, wanted)) give_back(tree, path, share_of(leaf, *leaf.previous, wanted));
    else return false;
    return true;
  }

  // The child of a path at a level becomes two, `left` with `keys` keys; nodes for it were promised. Is it still a child
  // of the same node?
  static bool attach(State& tree, Path& path, unsigned level, void* left, void* right, K separator,
                     std::uint32_t keys) noexcept {
    if (level == tree.root.height) {
      add_root(tree, left, right, separator, keys);
      return false;
    }
    Node* node = path.nodes[level];
    std::size_t c = path.child[level];
    const bool full = node->count == kFanout;
    if (full) {
      Node& fresh = *::new (tree.pool.take(SortedPool::node)) Node;
      const std::size_t kept = c + 1 == kFanout ? kFanout - 1 : kFanout / 2;
      const std::uint32_t kept_keys = node->before[kept];
      const K between = Inner::split(*node, fresh, kept, level);
      attach(tree, path, level + 1, node, &fresh, between, kept_keys);
      LIDX_MOVED(tree, nodes);
      if (c >= kept) {
        node = &fresh;
        c -= kept;
      }
    }
    Inner::split_child(*node, c, left, right, separator, keys, level);
    return !full;
  }

 private:
  static constexpr unsigned kFew = kStreak;  // keys that are rather moved than that they leave no room
  static constexpr unsigned kRoom = kLeafKeys / 16;  // that a neighbour must have to take keys over

  // The first leaf of an empty tree, or the only one in a larger block. False without memory: nothing has changed.
  static bool grow(State& tree) noexcept {
    Leaf* old = tree.first_leaf;
    const std::size_t capacity = old ? std::size_t{2} * old->capacity : kBlockKeys;
    Leaf* leaf = tree.take_only(capacity < kLeafKeys ? capacity : kLeafKeys);
    if (!leaf) return false;
    if (old) {
      leaf->first = old->first;
      leaf->count = old->count;
      leaf->recent = old->recent;
      leaf->streak = old->streak;
      Slots::copy(*old, old->first, *leaf, leaf->first, old->count);
      Slots::settle(*leaf);
      tree.pool.give_alone(old, State::leaf_bytes(old->capacity));
    }
    tree.set_root(leaf, 0);
    tree.first_leaf = tree.last_leaf = leaf;
    return true;
  }

  // Which side of a full leaf will get the next keys, if any is known: 1 those before `number`, since keys come in
  // ascending order; -1 those behind it; 0 unknown.
  static int expected_side(const State& tree, const Leaf& leaf, unsigned number) noexcept {
    if (&leaf == tree.last_leaf && number == leaf.count) return 1;
    if (&leaf == tree.first_leaf && number == 0) return -1;
    if (leaf.streak >= kStreak && number == leaf.recent + 1u) return 1;
    if (leaf.streak <= -kStreak && number == leaf.recent) return -1;
    return 0;
  }

  // The nodes that a new child of path.nodes[0] may cost.
  static std::size_t nodes_needed(const State& tree, const Path& path) noexcept {
    unsigned level = 0;
    while (level < tree.root.height && path.nodes[level]->count == kFanout) ++level;
    return level + (level == tree.root.height ? 1u : 0u);
  }

  static bool has_room_behind(const State& tree, const Path& path, unsigned wanted) noexcept {
    return tree.root.height > 0 && path.child[0] + 1u < path.nodes[0]->count &&
           path.leaf->next->count + wanted + kRoom <= 2 * kLeafKeys;
  }
  static bool has_room_before(const State& tree, const Path& path, unsigned wanted) noexcept {
    return tree.root.height > 0 && path.child[0] > 0 && path.leaf->previous->count + wanted + kRoom <= 2 * kLeafKeys;
  }

  // The keys that a neighbour takes over: half of what the leaf will have more, but not all that it has. Where the next
  // keys are expected on the other side, nearly all that it has room for, once.
  static unsigned share_of(const Leaf& leaf, const Leaf& other, unsigned wanted, int side = 0) noexcept {
    if (side != 0) return kLeafKeys - other.count - kRoom / 2;
    return (wanted - other.count) / 2u < leaf.count ? (wanted - other.count) / 2u : leaf.count - 1u;
  }

  // The last `moved` keys of a leaf go to the next one, or the first ones to the one before, of the same node.
  static void give_on(State& tree, const Path& path, unsigned moved) noexcept {
    Leaf& leaf = *path.leaf;
    Slots::move_on(leaf, *leaf.next, moved);
    path.nodes[0]->before[path.child[0] + 1u] -= moved;
    path.nodes[0]->separators[path.child[0]] = leaf.back();
    LIDX_MOVED(tree, leaves);
  }
  static void give_back(State& tree, const Path& path, unsigned moved) noexcept {
    Leaf& leaf = *path.leaf;
    Slots::move_back(leaf, *leaf.previous, moved);
    path.nodes[0]->before[path.child[0]] += moved;
    path.nodes[0]->separators[path.child[0] - 1u] = leaf.previous->back();
    LIDX_MOVED(tree, leaves);
  }

  // A full leaf gives keys to a neighbour that has room; a streak goes on.
  static bool relieve_behind(State& tree, Path& path, unsigned number, int side) noexcept {
    if (!has_room_behind(tree, path, kLeafKeys)) return false;
    Leaf& leaf = *path.leaf;
    const std::size_t c = path.child[0];
    give_on(tree, path, share_of(leaf, *leaf.next, kLeafKeys, side));
    if (number < leaf.count) leaf.expect(number, side);
    if (number < leaf.count) path.lead_to(leaf, number, c);
    else path.lead_to(*leaf.next, number - leaf.count, c + 1);
    return true;
  }
  static bool relieve_before(State& tree, Path& path, unsigned number, int side) noexcept {
    if (!has_room_before(tree, path, kLeafKeys)) return false;
    Leaf& leaf = *path.leaf;
    const std::size_t c = path.child[0];
    const unsigned moved = share_of(leaf, *leaf.previous, kLeafKeys, side);
    give_back(tree, path, moved);
    if (number > moved) leaf.expect(number - moved - 1, side);
    if (number < moved) path.lead_to(*leaf.previous, leaf.previous->count - moved + number, c - 1);
    else path.lead_to(leaf, number - moved, c);
    return true;
  }

  // Divides a full leaf where the next keys are expected, else in the middle. They go to the part that has room for a
  // streak of them; few keys at an end are what moves.
  static bool split_leaf(State& tree, Path& path, unsigned number, int side) noexcept {
    if (!tree.pool.promise(1, nodes_needed(tree, path))) return false;
    Leaf& fresh = *::new (tree.pool.take(SortedPool::leaf)) Leaf;
    path.leaf->streak = 0;
    LIDX_MOVED(tree, leaves);
    if (side == 0) split_middle(tree, path, fresh, number);
    else if (side < 0 && number < kFew) split_before(tree, path, fresh, number);
    else split_behind(tree, path, fresh, number, side > 0);
    return true;
  }

  static void split_middle(State& tree, Path& path, Leaf& fresh, unsigned number) noexcept {
    constexpr unsigned half = kLeafKeys / 2;
    Leaf& leaf = *path.leaf;
    Slots::make_empty(fresh, kLeafKeys, half / 2);
    Slots::divide(leaf, fresh, half, half / 2);
    attach_behind(tree, path, fresh, leaf.back(), number, number < half);
  }

  // The first keys, few or none, go to a leaf of their own, and the next ones behind them.
  static void split_before(State& tree, Path& path, Leaf& fresh, unsigned number) noexcept {
    Leaf& leaf = *path.leaf;
    const std::size_t c = path.child[0];
    Slots::make_empty(fresh, kLeafKeys, kLeafKeys - number);
    tree.link(leaf.previous, fresh);
    if (number > 0) Slots::move_back(leaf, fresh, number);
    fresh.expect(number, -1);
    if (attach(tree, path, 0, &fresh, &leaf, leaf.front(), number)) path.lead_to(fresh, number, c);
    else path.leaf = nullptr;
  }

  // Keys from `number` on go to a leaf behind: in front of them come the next ones, or behind what stays if they
  // ascend and enough has gone.
  static void split_behind(State& tree, Path& path, Leaf& fresh, unsigned number, bool ascend) noexcept {
    Leaf& leaf = *path.leaf;
    const unsigned moved = kLeafKeys - number;
    const bool stay = ascend && moved >= kFew;
    Slots::make_empty(fresh, kLeafKeys, !ascend ? number : stay || moved == 0 ? 0 : kFew);
    if (moved > 0) Slots::divide(leaf, fresh, number, leaf.first);
    if (!ascend) fresh.expect(0, -1);
    if (stay) leaf.expect(number - 1, 1);
    attach_behind(tree, path, fresh, stay ? fresh.front() : leaf.back(), number, stay);
  }

  // The leaf of a path has given keys to a new one behind it; the path goes to key `number` of both.
  static void attach_behind(State& tree, Path& path, Leaf& fresh, K separator, unsigned number, bool stay) noexcept {
    Leaf& leaf = *path.leaf;
    const std::size_t c = path.child[0];
    tree.link(&leaf, fresh);
    if (!attach(tree, path, 0, &leaf, &fresh, separator, leaf.count)) path.leaf = nullptr;
    else if (stay) path.lead_to(leaf, number, c);
    else path.lead_to(fresh, number - leaf.count, c + 1);
  }

  static void add_root(State& tree, void* left, void* right, K separator, std::uint32_t keys) noexcept {
    Node& root = *::new (tree.pool.take(SortedPool::node)) Node;
    root.parent = nullptr;
    root.count = 1;
    root.before[0] = 0;
    Inner::pad(root);
    Inner::split_child(root, 0, left, right, separator, keys, tree.root.height);
    tree.set_root(&root, tree.root.height + 1);
  }
};

}  // namespace learnedidx
