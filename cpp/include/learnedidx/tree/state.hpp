// What a counted B+-tree consists of, and what it answers: nodes, counts, and the memory in which they lie. See
// tree/tree.hpp, which has the contract of each verb.
//
// A state owns all of its memory and gives it back when it ends; kernels and the memory's source are borrowed and must
// outlive it. The parts of the tree (split, join, writes, build, runs, batch) are functions that receive a state; they
// keep nothing between two calls and throw nothing. Many threads may read a state while none changes it; one thread at
// a time may change it. const functions change nothing and take no memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <type_traits>
#include <utility>

#include "learnedidx/kernels/kernels.hpp"
#include "learnedidx/tree/leaf.hpp"
#include "learnedidx/tree/pool.hpp"

namespace learnedidx {

enum class SortedStatus : std::uint8_t {
  ok,
  no_memory,  // nothing was changed
  full,       // 2^32 - 2 keys; nothing was changed
  stopped,    // as the caller asked; nothing was changed
};

// A key: its leaf and its number there. The default place is the end, behind the last key. Any change of the tree makes
// places stale.
template <class K> struct SortedPlace {
  SortedLeaf<K>* leaf = nullptr;
  unsigned slot = 0;
  bool operator==(const SortedPlace& other) const noexcept { return leaf == other.leaf && slot == other.slot; }
  bool operator!=(const SortedPlace& other) const noexcept { return !(*this == other); }
  explicit operator bool() const noexcept { return leaf != nullptr; }
};

template <class K> struct SortedBetween {
  SortedPlace<K> first, behind;
  std::size_t count = 0;
};

// What the last change moved, for tests that assert the worst case.
struct SortedMoves {
  unsigned leaves = 0;  // leaves beside the one that the key is in
  unsigned nodes = 0;   // nodes that were divided, or joined or evened out with a neighbour
};

#ifdef LIDX_COUNT_MOVES
#define LIDX_MOVED(tree, what) (++(tree).moves.what)
#else
#define LIDX_MOVED(tree, what) ((void)(tree))
#endif

template <class K, class V> struct SortedState {
  using Leaf = SortedLeaf<K>;
  using Node = SortedNode<K>;
  using Path = SortedPath<K>;
  using Place = SortedPlace<K>;
  using Slots = SortedSlots<K, V>;
  static constexpr bool kHasValues = Slots::kHasValues;
  static constexpr std::size_t kMostKeys = kNoCount - 1;
  static_assert(std::is_trivially_copyable_v<V> && alignof(V) <= 64);

  const SortedKernels<K>* kernels;
  SortedPool pool;
  SortedRoot<K> root{nullptr, 0, kHasValues ? static_cast<unsigned>(sizeof(V)) : 0u};
  Leaf* first_leaf = nullptr;
  Leaf* last_leaf = nullptr;
  std::size_t size = 0;
  std::uint64_t version = 0;  // differs after each change of keys or of their number
  Path path{};  // the way of the last insert; what changes the shape forgets it, and it has no leaf
#ifdef LIDX_COUNT_MOVES
  SortedMoves moves;
#endif

  SortedState(const SortedKernels<K>& by, const SortedMemory& memory) noexcept
      : kernels(&by), pool(leaf_bytes(kLeafKeys), sizeof(Node), memory) {}
  SortedState(const SortedState&) = delete;
  SortedState& operator=(const SortedState&) = delete;
  ~SortedState() { clear(); }

  static constexpr std::size_t leaf_bytes(std::size_t capacity) {
    const std::size_t bytes = sizeof(Leaf) + capacity * (sizeof(K) + (kHasValues ? sizeof(V) : 0));
    return (bytes + kSortedLine - 1) / kSortedLine * kSortedLine;
  }
  // Does an address lie in the memory of this tree? O(chunks).
  bool owns(const void* address) const noexcept {
    const auto at = reinterpret_cast<std::uintptr_t>(address), only = reinterpret_cast<std::uintptr_t>(first_leaf);
    return pool.holds(address) || (first_leaf && at - only < leaf_bytes(first_leaf->capacity));
  }

  static K key(Place place) noexcept { return place.leaf->keys()[place.leaf->first + place.slot]; }
  static V& value(Place place) noexcept { return Slots::values(*place.leaf)[place.leaf->first + place.slot]; }

  Place begin() const noexcept { return size ? Place{first_leaf, 0} : Place{}; }
  Place last() const noexcept { return size ? Place{last_leaf, last_leaf->count - 1u} : Place{}; }
  static Place next(Place place) noexcept {
    if (++place.slot < place.leaf->count) return place;
    return {place.leaf->next, 0};
  }
  Place previous(Place place) const noexcept {
    if (!place) return last();
    if (place.slot > 0) return {place.leaf, place.slot - 1};
    Leaf* leaf = place.leaf->previous;
    return leaf ? Place{leaf, leaf->count - 1u} : Place{};
  }

  Place lower_bound(K key) const noexcept { return size ? settled(kernels->seek(root, key)) : Place{}; }
  Place lower_bound(K key, std::size_t ahead) const noexcept {
    return size ? settled(kernels->seek_ahead(root, key, ahead)) : Place{};
  }
  Place upper_bound(K key) const noexcept { return key < highest_key<K>() ? lower_bound(next_key(key)) : Place{}; }
  Place find(K key) const noexcept {
    const Place place = lower_bound(key);
    return place && SortedState::key(place) == key ? place : Place{};
  }

  std::size_t rank_left(K key) const noexcept { return size ? kernels->rank(root, key) : 0; }
  std::size_t rank_right(K key) const noexcept { return key < highest_key<K>() ? rank_left(next_key(key)) : size; }

  SortedBetween<K> between(K low, K high) const noexcept {
    if (!size || high < low) return {};
    const bool open = !(high < highest_key<K>());  // there is no value above: all keys behind are in
    SortedSpan<K> span;
    kernels->span(root, low, open ? low : next_key(high), span);
    const std::size_t count = static_cast<std::size_t>((open ? size : span.until) - span.before);
    if (count == 0) return {};
    return {settled(span.first), open ? Place{} : settled(span.behind), count};
  }

  Place locate(K key, std::size_t& rank) const noexcept {
    rank = 0;
    if (!size) return {};
    SortedSpan<K> span;
    kernels->span(root, key, key, span);
    rank = static_cast<std::size_t>(span.before);
    return settled(span.first);
  }

  Place select(std::size_t i) const noexcept {
    if (i >= size) return {};
    const SortedFound<K> found = kernels->select(root, i);
    return {found.leaf, found.slot};
  }
  std::size_t rank(Place place) const noexcept {
    if (!place) return size;
    std::size_t below = place.slot;
    const void* child = place.leaf;
    for (const Node* node = place.leaf->parent; node; child = node, node = node->parent)
      below += node->before[number_in(*node, child)];
    return below;
  }

  template <class Use> static Place scan(Place place, std::size_t n, Use&& use) {
    while (n > 0 && place) {
      Leaf& leaf = *place.leaf;
      const std::size_t here = leaf.count - place.slot < n ? leaf.count - place.slot : n;
      const unsigned from = leaf.first + place.slot;
      use(static_cast<const K*>(leaf.keys() + from), Slots::values_at(leaf, from), here);
      n -= here;
      place.slot += static_cast<unsigned>(here);
      if (place.slot == leaf.count) place = {leaf.next, 0};
    }
    return place;
  }
  // Copies up to n keys (and values, unless null); returns how many. `place` is the one behind them afterwards.
  static std::size_t copy(Place& place, std::size_t n, K* keys, V* values) noexcept {
    std::size_t done = 0;
    place = scan(place, n, [&](const K* from, const V* held, std::size_t count) {
      std::memcpy(keys + done, from, count * sizeof(K));
      if (kHasValues && values) std::memcpy(static_cast<void*>(values + done), held, count * sizeof(V));
      done += count;
    });
    return done;
  }

  void find_many(const K* keys, std::size_t n, Place* out) const noexcept {
    SortedFound<K> found[kBlock];
    for (std::size_t from = 0; from < n; from += kBlock) {
      const std::size_t count = n - from < kBlock ? n - from : kBlock;
      if (size) kernels->seek_many(root, keys + from, count, found);
      for (std::size_t i = 0; i < count; ++i) {
        const Place place = size ? settled(found[i]) : Place{};
        out[from + i] = place && key(place) == keys[from + i] ? place : Place{};
      }
    }
  }
  void rank_many(const K* keys, std::size_t n, bool right, std::int64_t* out) const noexcept {
    K bounds[kBlock];
    for (std::size_t from = 0; from < n; from += kBlock) {
      const std::size_t count = n - from < kBlock ? n - from : kBlock;
      for (std::size_t i = 0; i < count; ++i) bounds[i] = right ? above(keys[from + i]) : keys[from + i];
      if (size) kernels->rank_many(root, bounds, count, out + from);
      for (std::size_t i = 0; i < count; ++i)
        if (!size || (right && !(keys[from + i] < highest_key<K>()))) out[from + i] = static_cast<std::int64_t>(size);
    }
  }

  // The end of a leaf is the beginning of the next one. No leaf of a tree with keys is empty.
  static Place settled(const SortedFound<K>& found) noexcept {
    const unsigned slot = found.slot - found.leaf->first;
    return slot < found.leaf->count ? Place{found.leaf, slot} : Place{found.leaf->next, 0};
  }

  // The way up from a leaf.
  Path path_of(Leaf* leaf, unsigned slot) const noexcept {
    Path way;
    way.leaf = leaf;
    way.slot = slot;
    const void* child = leaf;
    Node* node = leaf->parent;
    for (unsigned level = 0; level < root.height; ++level, child = node, node = node->parent) {
      way.nodes[level] = node;
      way.child[level] = static_cast<std::uint8_t>(number_in(*node, child));
    }
    return way;
  }
  // Leads a path to the end of the last leaf; in an empty tree it has no leaf. Nothing behind it is counted, so only a
  // change of the shape reads it.
  void lead_to_end(Path& to) const noexcept {
    to.leaf = last_leaf;
    if (!last_leaf) return;
    to.slot = last_leaf->end();
    Node* node = last_leaf->parent;
    for (unsigned level = 0; level < root.height; ++level, node = node->parent) {
      to.nodes[level] = node;
      to.child[level] = static_cast<std::uint8_t>(node->count - 1);
    }
  }

  // Erases all and gives the memory back.
  void clear() noexcept {
    if (!first_leaf) return;
    if (first_leaf->capacity < kLeafKeys) pool.give_alone(first_leaf, leaf_bytes(first_leaf->capacity));
    pool.clear();
    first_leaf = last_leaf = nullptr;
    set_root(nullptr, 0);
    set_size(0);
  }

  void swap(SortedState& other) noexcept {
    if (&other == this) return;
    pool.swap(other.pool);
    std::swap(kernels, other.kernels);
    std::swap(root, other.root);
    std::swap(first_leaf, other.first_leaf);
    std::swap(last_leaf, other.last_leaf);
    std::swap(size, other.size);
    path.leaf = other.path.leaf = nullptr;
    ++version;
    ++other.version;
  }

  // The first leaf of a tree, the only one: of less than the usual size it is a block of its own. Null without memory.
  Leaf* take_only(std::size_t capacity) noexcept {
    void* block = nullptr;
    if (capacity < kLeafKeys) block = pool.take_alone(leaf_bytes(capacity));
    else if (pool.promise(SortedPool::leaf, 1)) block = pool.take(SortedPool::leaf);
    if (!block) return nullptr;
    Leaf* leaf = ::new (block) Leaf;
    Slots::make_empty(*leaf, capacity, 0);
    return leaf;
  }

  // Leaves are linked in the order of their keys. A fresh one goes behind a leaf; behind null it is the first.
  void link(Leaf* leaf, Leaf& fresh) noexcept {
    Leaf*& next = leaf ? leaf->next : first_leaf;
    fresh.previous = leaf;
    fresh.next = next;
    (next ? next->previous : last_leaf) = &fresh;
    next = &fresh;
  }
  void unlink(Leaf& leaf) noexcept {
    (leaf.previous ? leaf.previous->next : first_leaf) = leaf.next;
    (leaf.next ? leaf.next->previous : last_leaf) = leaf.previous;
  }

  void set_root(void* top, unsigned height) noexcept {
    path.leaf = nullptr;
    root.top = top;
    root.height = height;
  }
  void set_size(std::size_t keys) noexcept {
    size = keys;
    ++version;
  }
  // The leaf of a path has got so many keys more, or less: all counts follow.
  void add(const Path& to, std::int64_t keys) noexcept {
    kernels->add(to, root.height, static_cast<std::uint32_t>(keys));
    set_size(size + static_cast<std::size_t>(keys));
  }

  void forget_moves() noexcept {
#ifdef LIDX_COUNT_MOVES
    moves = {};
#endif
  }

 private:
  static constexpr std::size_t kBlock = 128;  // queries that a kernel takes side by side

  static K above(K key) noexcept { return key < highest_key<K>() ? next_key(key) : key; }
  static std::size_t number_in(const Node& node, const void* child) noexcept {
    std::size_t number = 0;
    while (node.children[number] != child) ++number;
    return number;
  }
};

}  // namespace learnedidx
