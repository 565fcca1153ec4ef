// Leaves of a counted B+-tree beside each other: their links, and keys that one gives to another. See tree/tree.hpp.
#pragma once

#include <cstddef>
#include <cstdint>

#include "learnedidx/tree/leaf.hpp"
#include "learnedidx/tree/reads.hpp"

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

template <class K, class V> class SortedNeighbours : public SortedReads<K, V> {
 public:
  using Base = SortedReads<K, V>;
  using typename Base::Leaf;
  using typename Base::Node;
  using typename Base::Path;
  using Slots = SortedSlots<K, V>;

#ifdef LIDX_COUNT_MOVES
  SortedMoves moves_;
#endif

 protected:
  using Base::Base;
  ~SortedNeighbours() = default;

  static constexpr unsigned kRoom = kLeafKeys / 16;  // that a neighbour must have to take keys over

  void link_behind(Leaf& leaf, Leaf& fresh) noexcept {
    fresh.previous = &leaf;
    fresh.next = leaf.next;
    (leaf.next ? leaf.next->previous : this->last_) = &fresh;
    leaf.next = &fresh;
  }
  void link_before(Leaf& leaf, Leaf& fresh) noexcept {
    fresh.next = &leaf;
    fresh.previous = leaf.previous;
    (leaf.previous ? leaf.previous->next : this->first_) = &fresh;
    leaf.previous = &fresh;
  }

  // A leaf that wants to hold more keys than fit gives some to the leaf behind or before it in its node, if that has room.
  bool hand_on(Path& path, unsigned wanted) noexcept {
    if (!has_room_behind(path, wanted)) return false;
    give_on(path, share_of(*path.leaf, *path.leaf->next, wanted));
    return true;
  }
  bool hand_back(Path& path, unsigned wanted) noexcept {
    if (!has_room_before(path, wanted)) return false;
    give_back(path, share_of(*path.leaf, *path.leaf->previous, wanted));
    return true;
  }

  bool has_room_behind(const Path& path, unsigned wanted) const noexcept {
    return this->root_.height > 0 && path.child[0] + 1u < path.nodes[0]->count &&
           path.leaf->next->count + wanted + kRoom <= 2 * kLeafKeys;
  }
  bool has_room_before(const Path& path, unsigned wanted) const noexcept {
    return this->root_.height > 0 && path.child[0] > 0 && path.leaf->previous->count + wanted + kRoom <= 2 * kLeafKeys;
  }

  // The last `moved` keys of a leaf go to the next one, or the first ones to the one before, of the same node.
  void give_on(const Path& path, unsigned moved) noexcept {
    Leaf& leaf = *path.leaf;
    Node& node = *path.nodes[0];
    const std::size_t c = path.child[0];
    Slots::move_on(leaf, *leaf.next, moved);
    node.before[c + 1] -= moved;
    node.separators[c] = leaf.keys()[leaf.end() - 1];
    LIDX_MOVED(leaves);
  }
  void give_back(const Path& path, unsigned moved) noexcept {
    Leaf& leaf = *path.leaf;
    Node& node = *path.nodes[0];
    const std::size_t c = path.child[0];
    Slots::move_back(leaf, *leaf.previous, moved);
    node.before[c] += moved;
    node.separators[c - 1] = leaf.previous->keys()[leaf.previous->end() - 1];
    LIDX_MOVED(leaves);
  }

  // What a full leaf gives to a neighbour: half of what this has room for; where the next keys are expected on the other
  // side, nearly all, once.
  static unsigned share(const Leaf& other, int side) noexcept {
    return side == 0 ? (kLeafKeys - other.count) / 2u : kLeafKeys - other.count - kRoom / 2;
  }

 private:
  // The keys that a neighbour takes over: half of what the leaf will have more, but not all that it has.
  static unsigned share_of(const Leaf& leaf, const Leaf& other, unsigned wanted) noexcept {
    return (wanted - other.count) / 2u < leaf.count ? (wanted - other.count) / 2u : leaf.count - 1u;
  }
};

}  // namespace learnedidx
