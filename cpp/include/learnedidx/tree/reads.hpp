// What a counted B+-tree answers: find, bounds, rank, select, iteration, scans. See tree/tree.hpp.
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "learnedidx/kernels/kernels.hpp"
#include "learnedidx/kernels/tree_node.hpp"
#include "learnedidx/tree/leaf.hpp"
#include "learnedidx/tree/pool.hpp"

namespace learnedidx {

enum class SortedStatus : std::uint8_t {
  ok,
  no_memory,  // nothing was changed
  full,       // 2^32 - 2 keys; nothing was changed
  stopped,    // as the caller asked; nothing was changed
};

template <class K, class V> class SortedReads {
 public:
  using Key = K;
  using Value = V;
  using Leaf = SortedLeaf<K>;
  using Node = SortedNode<K>;
  using Path = SortedPath<K>;
  static constexpr bool kHasValues = !std::is_empty_v<V>;
  static_assert(std::is_trivially_copyable_v<V> && alignof(V) <= 64);

  // A key: its leaf and its number there. The default place is the end, behind the last key. Any change of
  // the tree makes places stale.
  struct Place {
    Leaf* leaf = nullptr;
    unsigned slot = 0;
    bool operator==(const Place& other) const noexcept { return leaf == other.leaf && slot == other.slot; }
    bool operator!=(const Place& other) const noexcept { return !(*this == other); }
    explicit operator bool() const noexcept { return leaf != nullptr; }
  };

  SortedReads(const SortedReads&) = delete;
  SortedReads& operator=(const SortedReads&) = delete;

  std::size_t size() const noexcept { return size_; }
  // Bytes taken, free blocks included, the tree object itself not.
  std::size_t bytes() const noexcept { return pool_.bytes(); }
  unsigned height() const noexcept { return root_.height; }  // levels of inner nodes
  // Differs after each change of keys or of their number; assigned values do not count.
  std::uint64_t version() const noexcept { return version_; }

  // The key and the value at a place that is not the end. O(1).
  K key(Place place) const noexcept { return place.leaf->keys()[place.leaf->first + place.slot]; }
  V& value(Place place) const noexcept { return values(*place.leaf)[place.leaf->first + place.slot]; }

  // O(1): the first key, the last key (the end if there is none), the end.
  Place begin() const noexcept { return size_ ? Place{first_, 0} : Place{}; }
  Place last() const noexcept { return size_ ? Place{last_, last_->count - 1u} : Place{}; }
  Place end() const noexcept { return {}; }
  Place next(Place place) const noexcept {
    if (++place.slot < place.leaf->count) return place;
    return {place.leaf->next, 0};
  }
  // The place before; of the end, the last key; of the first key, the end.
  Place previous(Place place) const noexcept {
    if (!place) return last();
    if (place.slot > 0) return {place.leaf, place.slot - 1};
    Leaf* leaf = place.leaf->previous;
    return leaf ? Place{leaf, leaf->count - 1u} : Place{};
  }

  // The first key that is not below `key`, the first above it, the first equal one; else the end. O(log n).
  Place lower_bound(K key) const noexcept { return size_ ? settled(seek(key)) : Place{}; }
  // lower_bound, where the `ahead` keys from there on and their values are read next: they are on their way already.
  Place lower_bound(K key, std::size_t ahead) const noexcept {
    return size_ ? settled(kernels().seek_ahead(root_, key, ahead)) : Place{};
  }
  Place upper_bound(K key) const noexcept {
    return size_ && key < highest_key<K>() ? settled(seek(next_key(key))) : Place{};
  }
  Place find(K key) const noexcept {
    const Place place = lower_bound(key);
    return place && this->key(place) == key ? place : Place{};
  }
  bool contains(K key) const noexcept { return static_cast<bool>(find(key)); }

  // The number of keys below `key`; of those not above it; of those equal to it. O(log n).
  std::size_t rank_left(K key) const noexcept { return size_ ? kernels().rank(root_, key) : 0; }
  std::size_t rank_right(K key) const noexcept {
    if (!size_) return 0;
    return key < highest_key<K>() ? kernels().rank(root_, next_key(key)) : size_;
  }
  std::size_t count(K key) const noexcept { return rank_right(key) - rank_left(key); }

  // The keys from `low` to `high`, both included: the first of them, the place behind the last, and how many.
  // Nothing is found if there are none. O(log n), as one descent.
  struct Between {
    Place first, behind;
    std::size_t count = 0;
  };
  Between between(K low, K high) const noexcept {
    if (!size_ || high < low) return {};
    const bool open = !(high < highest_key<K>());  // there is no value above: all keys behind are in
    SortedSpan<K> span;
    kernels().span(root_, low, open ? low : next_key(high), span);
    const std::size_t count = static_cast<std::size_t>((open ? size_ : span.until) - span.before);
    if (count == 0) return {};
    return {settled(span.first), open ? Place{} : settled(span.behind), count};
  }

  // Key number i; the end if there are no more than i. O(log n).
  Place select(std::size_t i) const noexcept {
    if (i >= size_) return {};
    const SortedFound<K> found = kernels().select(root_, i);
    return {found.leaf, found.slot};
  }
  // The number of the key at a place; the size, for the end. O(log n).
  std::size_t rank(Place place) const noexcept {
    if (!place) return size_;
    std::size_t below = place.slot;
    const void* child = place.leaf;
    for (const Node* node = place.leaf->parent; node; child = node, node = node->parent)
      below += node->before[number_in(*node, child)];
    return below;
  }

  // Calls use(keys, values, count) for the stretches of up to n keys from a place on, in order, and returns
  // the place behind them. Values of a set are null. O(log n) is not needed: leaves are linked.
  template <class Use> Place scan(Place place, std::size_t n, Use&& use) const {
    while (n > 0 && place) {
      Leaf& leaf = *place.leaf;
      const std::size_t here = leaf.count - place.slot < n ? leaf.count - place.slot : n;
      const unsigned from = leaf.first + place.slot;
      use(static_cast<const K*>(leaf.keys() + from), kHasValues ? values(leaf) + from : nullptr, here);
      n -= here;
      place.slot += static_cast<unsigned>(here);
      if (place.slot == leaf.count) place = {leaf.next, 0};
    }
    return place;
  }
  // Copies up to n keys (and values, unless null) from a place on; returns how many.
  std::size_t copy(Place place, std::size_t n, K* keys, V* values = nullptr) const noexcept {
    std::size_t done = 0;
    scan(place, n, [&](const K* from, const V* held, std::size_t count) {
      std::memcpy(keys + done, from, count * sizeof(K));
      if (kHasValues && values) std::memcpy(static_cast<void*>(values + done), held, count * sizeof(V));
      done += count;
    });
    return done;
  }

  // out[i] = find(keys[i]); out[i] = rank_left or, with `right`, rank_right of keys[i]. `out` must not lie over the keys:
  // builds without NDEBUG stop then.
  void find_many(const K* keys, std::size_t n, Place* out) const noexcept {
    assert(are_apart(keys, n * sizeof(K), out, n * sizeof *out));
    constexpr std::size_t block = 128;
    SortedFound<K> found[block];
    for (std::size_t from = 0; from < n; from += block) {
      const std::size_t count = n - from < block ? n - from : block;
      if (size_) kernels().seek_many(root_, keys + from, count, found);
      for (std::size_t i = 0; i < count; ++i) {
        const Place place = size_ ? settled(found[i]) : Place{};
        out[from + i] = place && key(place) == keys[from + i] ? place : Place{};
      }
    }
  }
  void rank_many(const K* keys, std::size_t n, bool right, std::int64_t* out) const noexcept {
    assert(are_apart(keys, n * sizeof(K), out, n * sizeof *out));
    constexpr std::size_t block = 128;
    K bounds[block];
    for (std::size_t from = 0; from < n; from += block) {
      const std::size_t count = n - from < block ? n - from : block;
      for (std::size_t i = 0; i < count; ++i) bounds[i] = right ? above(keys[from + i]) : keys[from + i];
      if (size_) kernels().rank_many(root_, bounds, count, out + from);
      for (std::size_t i = 0; i < count; ++i)
        if (!size_ || (right && !(keys[from + i] < highest_key<K>()))) out[from + i] = static_cast<std::int64_t>(size_);
    }
  }

 protected:
  SortedReads(const SortedRow& row, const SortedMemory& memory) noexcept
      : kernels_(&row.of<K>()), pool_(leaf_bytes(kLeafKeys), sizeof(Node), memory) {}
  ~SortedReads() = default;

  static constexpr std::size_t leaf_bytes(std::size_t capacity) {
    const std::size_t bytes = sizeof(Leaf) + capacity * (sizeof(K) + (kHasValues ? sizeof(V) : 0));
    return (bytes + kSortedLine - 1) / kSortedLine * kSortedLine;
  }
  static V* values(Leaf& leaf) noexcept { return SortedSlots<K, V>::values(leaf); }
  const SortedKernels<K>& kernels() const noexcept { return *kernels_; }
  SortedFound<K> seek(K key) const noexcept { return kernels().seek(root_, key); }

  // Does an address lie in the memory of this tree? O(chunks).
  bool owns(const void* address) const noexcept {
    const auto at = reinterpret_cast<std::uintptr_t>(address), only = reinterpret_cast<std::uintptr_t>(first_);
    return pool_.holds(address) || (first_ && at - only < leaf_bytes(first_->capacity));
  }

  // The end of a leaf is the beginning of the next one. No leaf of a tree with keys is empty.
  static Place settled(const SortedFound<K>& found) noexcept {
    const unsigned slot = found.slot - found.leaf->first;
    return slot < found.leaf->count ? Place{found.leaf, slot} : Place{found.leaf->next, 0};
  }

  static K above(K key) noexcept { return key < highest_key<K>() ? next_key(key) : key; }

  static std::size_t number_in(const Node& node, const void* child) noexcept {
    std::size_t number = 0;
    while (node.children[number] != child) ++number;
    return number;
  }

  // The way up from a leaf.
  Path path_of(Leaf* leaf, unsigned slot) const noexcept {
    Path path;
    path.leaf = leaf;
    path.slot = slot;
    const void* child = leaf;
    Node* node = leaf->parent;
    for (unsigned level = 0; level < root_.height; ++level, child = node, node = node->parent) {
      path.nodes[level] = node;
      path.child[level] = static_cast<std::uint8_t>(number_in(*node, child));
    }
    return path;
  }

  const SortedKernels<K>* kernels_;
  SortedPool pool_;
  SortedRoot<K> root_{nullptr, 0, kHasValues ? static_cast<unsigned>(sizeof(V)) : 0u};
  Leaf* first_ = nullptr;
  Leaf* last_ = nullptr;
  std::size_t size_ = 0;
  std::uint64_t version_ = 0;
};

}  // namespace learnedidx
