// Single changes of a counted B+-tree. See tree/tree.hpp.
#pragma once

#include <cstddef>
#include <cstdint>

#include "learnedidx/tree/shape.hpp"

namespace learnedidx {

template <class K, class V> class SortedWrites : public SortedShape<K, V> {
 public:
  using Base = SortedShape<K, V>;
  using typename Base::Leaf;
  using typename Base::Path;
  using typename Base::Place;
  using typename Base::Slots;

  static constexpr std::size_t kMostKeys = kNoCount - 1;

  // Adds a key behind those that equal it. O(log n). On success `where`, unless null, is its place. The value is a
  // copy: it may be one that the tree holds, which moves.
  SortedStatus insert(K key, V value = V{}, Place* where = nullptr) noexcept {
    if (this->size_ == kMostKeys) return SortedStatus::full;
    const bool edge = this->size_ == 0 || !(key < this->key(this->last()));
    if (edge && append(key, value, where)) return SortedStatus::ok;
    Path& path = this->path_;
    if (edge) path = edge_path();
    else this->seek_path_to(next_key(key));
    if (!path.leaf || path.leaf->count == path.leaf->capacity) {
      const SortedStatus status = make_room_for(edge, edge ? key : next_key(key));
      if (status != SortedStatus::ok) return status;
    }
    put(path, key, value, where);
    return SortedStatus::ok;
  }

  // Adds a key unless one equals it; `existing` says which it was, and `where`, not null, is the place of either.
  SortedStatus insert_unique(K key, V value, Place* where, bool* existing) noexcept {
    *existing = false;
    if (this->size_ == kMostKeys) return find_unique(key, where, existing);
    const bool edge = this->size_ == 0 || this->key(this->last()) < key;
    if (edge && append(key, value, where)) return SortedStatus::ok;
    Path& path = this->path_;
    if (edge) {
      path = edge_path();
    } else {
      this->seek_path_to(key);
      *where = Base::settled({path.leaf, path.slot});
      *existing = this->key(*where) == key;
      if (*existing) return SortedStatus::ok;
    }
    if (!path.leaf || path.leaf->count == path.leaf->capacity) {
      const SortedStatus status = make_room_for(edge, key);
      if (status != SortedStatus::ok) return status;
    }
    put(path, key, value, where);
    return SortedStatus::ok;
  }

  // Erases the key at a place that is not the end. O(log n); needs no memory.
  void erase(Place place) noexcept {
    Path path = this->path_of(place.leaf, place.leaf->first + place.slot);
    remove(path);
  }

  // Erases the first key that equals `key`; false if there is none. Its value goes to `out` unless null. O(log n).
  bool erase_one(K key, V* out = nullptr) noexcept {
    if (this->size_ == 0) return false;
    Path path;
    this->kernels().seek_path(this->root_, key, path);
    if (path.slot == path.leaf->end()) {  // then it is the first of the next leaf
      if (!path.leaf->next) return false;
      path = this->path_of(path.leaf->next, path.leaf->next->first);
    }
    if (!(path.leaf->keys()[path.slot] == key)) return false;
    if constexpr (Base::kHasValues)
      if (out) *out = Slots::values(*path.leaf)[path.slot];
    remove(path);
    return true;
  }

  // Erases keys number low to high - 1. O(log n) for each leaf that loses keys.
  void erase_range(std::size_t low, std::size_t high) noexcept {
    if (high > this->size_) high = this->size_;
    if (low == 0 && high == this->size_) return this->clear();
    while (low < high) {
      const Place place = this->select(low);
      const std::size_t here = place.leaf->count - place.slot, left = high - low;
      const auto n = static_cast<unsigned>(here < left ? here : left);
      Path path = this->path_of(place.leaf, place.leaf->first + place.slot);
      Slots::erase(*place.leaf, place.slot, n);
      lose(path, n);
      high -= n;
    }
  }

 protected:
  using Base::Base;

  void forget_moves() noexcept {
#ifdef LIDX_COUNT_MOVES
    this->moves_ = {};
#endif
  }

  SortedStatus find_unique(K key, Place* where, bool* existing) const noexcept {
    *where = this->find(key);
    *existing = static_cast<bool>(*where);
    return *existing ? SortedStatus::ok : SortedStatus::full;
  }

  // A key that belongs behind all others, if the last leaf has room: no count changes.
  bool append(K key, const V& value, Place* where) noexcept {
    Leaf* leaf = this->last_;
    if (!leaf || leaf->count == leaf->capacity) return false;
    const unsigned number = Slots::insert(*leaf, leaf->end(), key, value);
    expect_split(*leaf);
    if (where) *where = {leaf, number};
    ++this->size_;
    ++this->version_;
    return true;
  }

  // A leaf is nearly full: the one that it may be divided into is asked for, in parts.
  void expect_split(const Leaf& leaf) const noexcept {
    const unsigned room = kLeafKeys - leaf.count;
    const void* next = room > 0 && room <= 3 ? this->pool_.next(SortedPool::leaf) : nullptr;
    if (!next) return;
    const std::size_t block = 3 - room;  // the outermost last: for the first insert the head is needed before
    if (room == 3) Slots::prefetch_head(next);
    else Slots::prefetch_block(next, leaf.streak < 0 ? kLeafBlocks - block : block - 1);
  }

  // The way to the end of the last leaf. Nothing behind it is counted, so that only make_room reads it.
  Path edge_path() const noexcept {
    Path path;
    path.leaf = this->last_;
    path.slot = this->last_ ? this->last_->end() : 0;
    if (!this->last_) return path;
    SortedNode<K>* node = this->last_->parent;
    for (unsigned level = 0; level < this->root_.height; ++level, node = node->parent) {
      path.nodes[level] = node;
      path.child[level] = static_cast<std::uint8_t>(node->count - 1);
    }
    return path;
  }

  SortedStatus make_room_for(bool edge, K target) noexcept {
    forget_moves();
    Path& path = this->path_;
    if (!(path.leaf ? this->make_room(path) : this->grow())) {
      path.leaf = nullptr;
      return SortedStatus::no_memory;
    }
    if (edge) path = edge_path();
    else if (!path.leaf) this->seek_path_to(target);
    return SortedStatus::ok;
  }

  void put(const Path& path, K key, const V& value, Place* where) noexcept {
    const unsigned number = Slots::insert(*path.leaf, path.slot, key, value);
    if (where) *where = {path.leaf, number};
    expect_split(*path.leaf);
    this->add_counts(path, 1);
    ++this->size_;
    ++this->version_;
  }

  void remove(Path& path) noexcept {
    Slots::erase(*path.leaf, path.slot - path.leaf->first);
    lose(path, 1);
  }

  // n keys have left the leaf of a path.
  void lose(Path& path, unsigned n) noexcept {
    forget_moves();
    this->add_counts(path, ~std::uint32_t{n} + 1);
    this->size_ -= n;
    ++this->version_;
    this->after_erase(path, n);
  }
};

}  // namespace learnedidx
