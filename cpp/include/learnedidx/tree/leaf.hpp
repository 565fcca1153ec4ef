// Changes inside the leaves of a counted B+-tree. Every function leaves pads and separators as
// kernels/tree_node.hpp wants them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "learnedidx/kernels/tree_node.hpp"
#include "learnedidx/search/window.hpp"

namespace learnedidx {

// The value of a set's keys: takes no memory.
struct Nothing {};

template <class K, class V> struct SortedSlots {
  using Leaf = SortedLeaf<K>;
  static constexpr bool kHasValues = !std::is_empty_v<V>;

  static V* values(Leaf& leaf) noexcept { return reinterpret_cast<V*>(leaf.keys() + leaf.capacity); }
  // The value of a slot, and those behind it; of a set, null.
  static V* values_at(Leaf& leaf, unsigned slot) noexcept { return kHasValues ? values(leaf) + slot : nullptr; }
  static const V* values_at(const V* values, std::size_t i) noexcept { return kHasValues ? values + i : nullptr; }

  // Keys are to come from slot `first` on; pads and separators are the caller's.
  static void begin(Leaf& leaf, std::size_t capacity, std::size_t first) noexcept {
    leaf.parent = nullptr;
    leaf.previous = leaf.next = nullptr;
    leaf.first = static_cast<std::uint16_t>(first);
    leaf.count = leaf.recent = 0;
    leaf.streak = 0;
    leaf.capacity = static_cast<std::uint16_t>(capacity);
  }
  static void make_empty(Leaf& leaf, std::size_t capacity, std::size_t first) noexcept {
    begin(leaf, capacity, first);
    settle(leaf);
  }

  // Writes all pads and separators anew.
  static void settle(Leaf& leaf) noexcept {
    K* keys = leaf.keys();
    const unsigned first = leaf.first, end = leaf.end();
    for (unsigned i = first / kBlockKeys * kBlockKeys; i < first; ++i) keys[i] = lowest_key<K>();
    for (unsigned i = end; i % kBlockKeys != 0; ++i) keys[i] = highest_key<K>();
    for (unsigned j = 0; j < kLeafBlocks; ++j) {
      const unsigned last = j * kBlockKeys + kBlockKeys - 1;
      leaf.separators[j] = last < first ? lowest_key<K>() : last < end ? keys[last] : highest_key<K>();
    }
  }

  // A leaf will soon be written: asks for its head, or else for what a streak that begins in a block writes first.
  static void prefetch_head(const void* leaf) noexcept { ask(static_cast<const char*>(leaf), sizeof(Leaf)); }
  static void prefetch_block(const void* leaf, std::size_t block) noexcept {
    const char* keys = static_cast<const char*>(leaf) + sizeof(Leaf);
    ask(keys + block * kBlockKeys * sizeof(K), kBlockKeys * sizeof(K));
    if constexpr (kHasValues)
      ask(keys + kLeafKeys * sizeof(K) + block * kBlockKeys * sizeof(V), kBlockKeys * sizeof(V));
  }

  // Puts a key where a count says it belongs, into a leaf that is not full; returns its number in the leaf.
  static unsigned insert(Leaf& leaf, unsigned slot, K key, const V& value) noexcept {
    const unsigned number = slot - leaf.first;
    note(leaf, number);
    bool to_left = number < leaf.count - number || leaf.first == leaf.capacity;
    if (to_left ? leaf.first == 0 : leaf.end() == leaf.capacity) to_left = make_gap(leaf, to_left);
    if (to_left) insert_to_left(leaf, number, key, value);
    else insert_to_right(leaf, number, key, value);
    return number;
  }

  static void erase(Leaf& leaf, unsigned number) noexcept {
    const unsigned at = leaf.first + number, last = leaf.end() - 1u;
    if (number < last - at) {
      const unsigned first = leaf.first;
      shift(leaf, first, first + 1, number);
      leaf.keys()[first] = lowest_key<K>();
      ++leaf.first;
      separate(leaf, first, at);
    } else {
      shift(leaf, at + 1, at, last - at);
      leaf.keys()[last] = highest_key<K>();
      separate(leaf, at, last);
    }
    --leaf.count;
  }

  // Erases keys [number, number + n).
  static void erase(Leaf& leaf, unsigned number, unsigned n) noexcept {
    const unsigned behind = leaf.count - number - n;
    shift(leaf, leaf.first + number + n, leaf.first + number, behind);
    leaf.count = static_cast<std::uint16_t>(leaf.count - n);
    settle(leaf);
  }

  // Moves the first n keys of a leaf behind those of the one before it, or the last n before those of the one
  // behind it.
  static void move_back(Leaf& from, Leaf& to, unsigned n) noexcept {
    if (to.end() + n > to.capacity) slide(to, (to.capacity - to.count - n) / 2u);
    copy(from, from.first, to, to.end(), n);
    to.count = static_cast<std::uint16_t>(to.count + n);
    from.first = static_cast<std::uint16_t>(from.first + n);
    from.count = static_cast<std::uint16_t>(from.count - n);
    forget(from, to);
  }
  static void move_on(Leaf& from, Leaf& to, unsigned n) noexcept {
    if (to.first < n) slide(to, (to.capacity - to.count - n) / 2u + n);
    copy(from, from.end() - n, to, to.first - n, n);
    to.first = static_cast<std::uint16_t>(to.first - n);
    to.count = static_cast<std::uint16_t>(to.count + n);
    from.count = static_cast<std::uint16_t>(from.count - n);
    forget(from, to);
  }

  // Keys of a full leaf from number `kept` on go to an empty one; what stays begins at slot `first`.
  static void divide(Leaf& leaf, Leaf& fresh, unsigned kept, unsigned first) noexcept {
    const unsigned moved = leaf.count - kept;
    copy(leaf, leaf.first + kept, fresh, fresh.first, moved);
    fresh.count = static_cast<std::uint16_t>(moved);
    leaf.count = static_cast<std::uint16_t>(kept);
    if (first != leaf.first) slide(leaf, first);
    settle(leaf);
    settle(fresh);
  }

  // Moves the stretch so that it begins at slot `first`; pads and separators are the caller's.
  static void slide(Leaf& leaf, unsigned first) noexcept {
    shift(leaf, leaf.first, first, leaf.count);
    leaf.first = static_cast<std::uint16_t>(first);
  }

  static void copy(Leaf& from, unsigned from_slot, Leaf& to, unsigned to_slot, unsigned n) noexcept {
    copy(from.keys() + from_slot, values_at(from, from_slot), to.keys() + to_slot, values_at(to, to_slot), n);
  }
  // Values of a set are not read or written, and may be null.
  static void copy(const K* keys, const V* values, K* to, V* to_values, std::size_t n) noexcept {
    std::memcpy(to, keys, n * sizeof(K));
    if constexpr (kHasValues) std::memcpy(static_cast<void*>(to_values), static_cast<const void*>(values), n * sizeof(V));
    else (void)values, (void)to_values;
  }

  // Moves n keys from one slot to another. Every change does, so that a call of it is felt.
  LIDX_INLINE static void shift(Leaf& leaf, unsigned from, unsigned to, unsigned n) noexcept {
    std::memmove(leaf.keys() + to, leaf.keys() + from, n * sizeof(K));
    if constexpr (kHasValues)
      std::memmove(static_cast<void*>(values(leaf) + to), static_cast<const void*>(values(leaf) + from), n * sizeof(V));
  }

 private:
  // The keys before number `number`, or those from there on, give way by one slot. Where a streak goes on, what it
  // writes two blocks from there is asked for.
  static void insert_to_left(Leaf& leaf, unsigned number, K key, const V& value) noexcept {
    const unsigned at = leaf.first + number - 1u;
    shift(leaf, leaf.first, leaf.first - 1u, number);
    put(leaf, at, key, value);
    --leaf.first;
    ++leaf.count;
    for (unsigned i = leaf.first; (leaf.first + 1u) % kBlockKeys == 0 && i % kBlockKeys != 0; --i)
      leaf.keys()[i - 1] = lowest_key<K>();
    if (leaf.streak <= -kStreak && leaf.first >= 2 * kBlockKeys) ask_for(leaf, leaf.first - 2 * kBlockKeys);
    separate(leaf, leaf.first, at);
  }
  static void insert_to_right(Leaf& leaf, unsigned number, K key, const V& value) noexcept {
    const unsigned at = leaf.first + number;
    shift(leaf, at, at + 1, leaf.count - number);
    put(leaf, at, key, value);
    ++leaf.count;
    for (unsigned i = leaf.end(); leaf.end() % kBlockKeys == 1 && i % kBlockKeys != 0; ++i)
      leaf.keys()[i] = highest_key<K>();
    if (leaf.streak >= kStreak && leaf.end() + 2 * kBlockKeys <= leaf.capacity) ask_for(leaf, leaf.end() + kBlockKeys);
    separate(leaf, at, leaf.end() - 1u);
  }

  static void ask(const void* from, std::size_t bytes) noexcept {
    for (std::size_t at = 0; at < bytes; at += kLineBytes) prefetch_near(static_cast<const char*>(from) + at);
  }
  static void ask_for(Leaf& leaf, unsigned slot) noexcept {
    ask(leaf.keys() + slot, 1);
    if constexpr (kHasValues) ask(values(leaf) + slot, 1);
  }

  static void put(Leaf& leaf, unsigned slot, K key, const V& value) noexcept {
    leaf.keys()[slot] = key;
    if constexpr (kHasValues) values(leaf)[slot] = value;
    else (void)value;
  }

  // Separators of the blocks of slots [low, high], each of which holds or held a key: pads make them right.
  static void separate(Leaf& leaf, unsigned low, unsigned high) noexcept {
    const K* keys = leaf.keys();
    for (unsigned j = low / kBlockKeys; j <= high / kBlockKeys; ++j)
      leaf.separators[j] = keys[j * kBlockKeys + kBlockKeys - 1];
  }

  static void note(Leaf& leaf, unsigned number) noexcept {
    const int ahead = static_cast<int>(number) - static_cast<int>(leaf.recent);
    int streak = leaf.streak;
    if (ahead == 1) streak = streak > 0 ? streak + 1 : 1;
    else if (ahead == 0) streak = streak < 0 ? streak - 1 : -1;
    else streak = 0;
    leaf.recent = static_cast<std::uint16_t>(number);
    leaf.streak = static_cast<std::int16_t>(streak > kStreak ? kStreak : streak < -kStreak ? -kStreak : streak);
  }

  // The side that should give way has no free slot. The stretch is moved towards the other side, so that half of
  // the free slots change sides, or all of them where a streak goes on; a nearly full leaf lets the other
  // side give way. Returns whether the left side does.
  static bool make_gap(Leaf& leaf, bool to_left) noexcept {
    constexpr unsigned few = 8;
    const unsigned free = leaf.capacity - static_cast<unsigned>(leaf.count);
    const bool streak = leaf.streak >= kStreak || leaf.streak <= -kStreak;
    if (free < few && !streak) return !to_left;
    const unsigned gap = streak ? free : free / 2;
    slide(leaf, to_left ? gap : free - gap);
    settle(leaf);
    return to_left;
  }

  static void forget(Leaf& from, Leaf& to) noexcept {
    from.streak = to.streak = 0;
    settle(from);
    settle(to);
  }
};

}  // namespace learnedidx
