// Single changes of a counted B+-tree. The contract of each verb is in tree/tree.hpp. What takes memory leaves the tree as
// it was if there is none; erasing takes none.
#pragma once

#include <cstddef>
#include <cstdint>

#include "learnedidx/tree/join.hpp"
#include "learnedidx/tree/state.hpp"
#include "learnedidx/tree/split.hpp"

namespace learnedidx {

template <class K, class V> struct SortedWrites {
  using State = SortedState<K, V>;
  using Leaf = SortedLeaf<K>;
  using Path = SortedPath<K>;
  using Place = SortedPlace<K>;
  using Slots = SortedSlots<K, V>;

  static SortedStatus insert(State& tree, K key, const V& value, Place* where) noexcept {
    if (tree.size == State::kMostKeys) return SortedStatus::full;
    const bool edge = tree.size == 0 || !(key < State::key(tree.last()));
    if (edge && append(tree, key, value, where)) return SortedStatus::ok;
    if (edge) tree.lead_to_end(tree.path);
    else seek_again(tree, next_key(key));
    return put(tree, edge, edge ? key : next_key(key), key, value, where);
  }

  static SortedStatus insert_unique(State& tree, K key, const V& value, Place* where, bool* existing) noexcept {
    *existing = false;
    if (tree.size == State::kMostKeys) {
      *existing = static_cast<bool>(*where = tree.find(key));
      return *existing ? SortedStatus::ok : SortedStatus::full;
    }
    const bool edge = tree.size == 0 || State::key(tree.last()) < key;
    if (edge && append(tree, key, value, where)) return SortedStatus::ok;
    if (edge) {
      tree.lead_to_end(tree.path);
    } else {
      seek_again(tree, key);
      *where = State::settled({tree.path.leaf, tree.path.slot});
      *existing = State::key(*where) == key;
      if (*existing) return SortedStatus::ok;
    }
    return put(tree, edge, key, key, value, where);
  }

  static SortedStatus insert_beside(State& tree, Place at, bool behind, const V& value) noexcept {
    if (tree.size == State::kMostKeys) return SortedStatus::full;
    const K key = State::key(at);
    Path& path = tree.path;
    path = tree.path_of(at.leaf, at.leaf->first + at.slot + behind);
    if (at.leaf->count == at.leaf->capacity) {
      const std::size_t number = tree.rank(at) + behind;
      at.leaf->streak = 0;  // so a leaf in the middle is halved, and both halves have room
      tree.forget_moves();
      const bool done = SortedSplit<K, V>::make_room(tree, path);
      if (!done) path.leaf = nullptr;
      if (!done) return SortedStatus::no_memory;
      if (!path.leaf) lead_to(tree, number, behind);
    }
    put_in(tree, *path.leaf, path.slot, key, value, nullptr);
    tree.add(path, 1);
    return SortedStatus::ok;
  }

  static void erase(State& tree, Place at) noexcept { remove(tree, tree.path_of(at.leaf, at.leaf->first + at.slot)); }

  static bool erase_one(State& tree, K key, V* out) noexcept {
    if (tree.size == 0) return false;
    Path path;
    tree.kernels->seek_path(tree.root, key, path);
    if (path.slot == path.leaf->end()) {  // then it is the first of the next leaf
      if (!path.leaf->next) return false;
      path = tree.path_of(path.leaf->next, path.leaf->next->first);
    }
    if (!(path.leaf->keys()[path.slot] == key)) return false;
    if constexpr (State::kHasValues)
      if (out) *out = Slots::values(*path.leaf)[path.slot];
    remove(tree, path);
    return true;
  }

  static void erase_range(State& tree, std::size_t low, std::size_t high) noexcept {
    if (high > tree.size) high = tree.size;
    if (low == 0 && high == tree.size) return tree.clear();
    while (low < high) {
      const Place place = tree.select(low);
      const std::size_t here = place.leaf->count - place.slot, left = high - low;
      const auto n = static_cast<unsigned>(here < left ? here : left);
      const Path path = tree.path_of(place.leaf, place.leaf->first + place.slot);
      Slots::erase(*place.leaf, place.slot, n);
      lose(tree, path, n);
      high -= n;
    }
  }

  // n keys have left the leaf of a path: the tree counts and joins leaves, which makes the path stale.
  static void lose(State& tree, const Path& path, unsigned n) noexcept {
    tree.forget_moves();
    tree.add(path, -std::int64_t{n});
    SortedJoin<K, V>::after_erase(tree, path, n);
  }

 private:
  // A key that belongs behind all others, if the last leaf has room: no count changes.
  static bool append(State& tree, K key, const V& value, Place* where) noexcept {
    Leaf* leaf = tree.last_leaf;
    if (!leaf || leaf->count == leaf->capacity) return false;
    put_in(tree, *leaf, leaf->end(), key, value, where);
    tree.set_size(tree.size + 1);
    return true;
  }

  // Keys that come beside each other take the way of the last insert again.
  static void seek_again(State& tree, K target) noexcept {
    Path& path = tree.path;
    if (path.leaf && tree.root.height > 0) {
      const SortedNode<K>& node = *path.nodes[0];
      const std::size_t c = path.child[0];
      if (c > 0 && c + 1 < node.count && node.separators[c - 1] < target && !(node.separators[c] < target)) {
        path.slot = tree.kernels->slot(*path.leaf, target);
        return;
      }
    }
    tree.kernels->seek_path(tree.root, target, path);
  }

  // The leaf of the tree's path is full, or there is none: leads the path to a slot that is free.
  LIDX_RARE static SortedStatus make_room(State& tree, bool edge, K target) noexcept {
    tree.forget_moves();
    Path& path = tree.path;
    if (!SortedSplit<K, V>::make_room(tree, path)) {
      path.leaf = nullptr;
      return SortedStatus::no_memory;
    }
    if (edge) tree.lead_to_end(path);
    else if (!path.leaf) seek_again(tree, target);
    return SortedStatus::ok;
  }

  // Leads the tree's path to where key number `number` will be, beside the one before it or the one that has the number now.
  static void lead_to(State& tree, std::size_t number, bool behind) noexcept {
    if (number == tree.size) return tree.lead_to_end(tree.path);
    const Place beside = number == 0 ? Place{tree.first_leaf, 0} : tree.select(number - behind);  // the first leaf may be empty
    tree.path = tree.path_of(beside.leaf, beside.leaf->first + beside.slot + (number > 0 && behind));
  }

  // Puts a key where the tree's path leads; where there is no room, a new descent may seek `target`.
  static SortedStatus put(State& tree, bool edge, K target, K key, const V& value, Place* where) noexcept {
    const Path& path = tree.path;
    if (!path.leaf || path.leaf->count == path.leaf->capacity) {
      const SortedStatus status = make_room(tree, edge, target);
      if (status != SortedStatus::ok) return status;
    }
    put_in(tree, *path.leaf, path.slot, key, value, where);
    tree.add(path, 1);
    return SortedStatus::ok;
  }

  static void put_in(const State& tree, Leaf& leaf, unsigned slot, K key, const V& value, Place* where) noexcept {
    const unsigned number = Slots::insert(leaf, slot, key, value);
    if (where) *where = {&leaf, number};
    expect_split(tree, leaf);
  }

  // A leaf is nearly full: the one that it may be divided into is asked for, in parts.
  static void expect_split(const State& tree, const Leaf& leaf) noexcept {
    const unsigned room = kLeafKeys - leaf.count;
    const void* next = room > 0 && room <= 3 ? tree.pool.next(SortedPool::leaf) : nullptr;
    if (!next) return;
    const std::size_t block = 3 - room;  // the outermost last: for the first insert the head is needed before
    if (room == 3) Slots::prefetch_head(next);
    else Slots::prefetch_block(next, leaf.streak < 0 ? kLeafBlocks - block : block - 1);
  }

  static void remove(State& tree, const Path& path) noexcept {
    Slots::erase(*path.leaf, path.slot - path.leaf->first);
    lose(tree, path, 1);
  }
};

}  // namespace learnedidx
