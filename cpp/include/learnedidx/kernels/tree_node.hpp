// Nodes of a counted B+-tree, as its kernels see them: keys and counts, whatever the values are.
//
// A leaf holds its keys in one stretch of an array, with room before and behind it, so that a change
// shifts the shorter side. In the blocks where the stretch begins and ends, free slots before it hold the
// lowest value of the format and those behind it the highest: "count what is smaller" needs no bounds, and
// no value is reserved, since a count that a pad could falsify is cut off at the stretch. separators[j] is
// the last key of block j or, where that slot is free, such a value; a count in a block without keys is cut off so too.
//
// An inner node holds, for each child, a separator (not below any key of it, not above any key of the
// next one; the last child needs none) and the number of keys in the children before it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "learnedidx/base/key_traits.hpp"

namespace learnedidx {

#ifndef LIDX_SMALL_NODES
constexpr unsigned kLeafKeys = 256;   // 128 to 512: lookups alike, 512 better for scans, worse for inserts
constexpr unsigned kFanout = 64;
#else  // tests: many levels over few keys
constexpr unsigned kLeafKeys = 64;
constexpr unsigned kFanout = 8;
#endif
constexpr unsigned kBlockKeys = 16;   // keys that are counted at once
constexpr unsigned kLeafBlocks = kLeafKeys / kBlockKeys;
constexpr unsigned kMaxHeight = 16;   // inner levels; two neighbours have more than three quarters of kFanout
constexpr int kStreak = 16;  // keys in a row beside each other from which a leaf expects more of them there
constexpr std::uint32_t kNoCount = ~std::uint32_t{0};

template <class K> struct SortedNode;

template <class K> struct alignas(64) SortedLeaf {
  SortedNode<K>* parent;
  SortedLeaf* previous;
  SortedLeaf* next;
  std::uint16_t first, count;  // keys lie in slots [first, first + count)
  std::uint16_t capacity;      // slots, whole blocks
  std::uint16_t recent;        // where the last key went: number in the leaf
  std::int16_t streak;         // keys in a row that went behind (positive) or before (negative) the last one
  alignas(64) K separators[kLeafBlocks];

  K* keys() noexcept { return reinterpret_cast<K*>(this + 1); }
  const K* keys() const noexcept { return reinterpret_cast<const K*>(this + 1); }
  unsigned end() const noexcept { return static_cast<unsigned>(first + count); }
  K front() const noexcept { return keys()[first]; }  // of a leaf with keys, as back() is
  K back() const noexcept { return keys()[end() - 1]; }
  // A streak goes on behind (side above 0) or before key number `number`.
  void expect(unsigned number, int side) noexcept {
    recent = static_cast<std::uint16_t>(number);
    streak = static_cast<std::int16_t>(side * kStreak);
  }
};

template <class K> struct alignas(64) SortedNode {
  SortedNode* parent;
  std::uint32_t count;                 // children
  alignas(64) K separators[kFanout];   // the highest value from count - 1 on
  std::uint32_t before[kFanout];       // keys in the children before; kNoCount from count on
  void* children[kFanout];             // leaves or nodes
};

// Where a descent came to: the leaf, the slot, and the way from its parent (level 0) up to the root.
template <class K> struct SortedPath {
  SortedLeaf<K>* leaf;
  unsigned slot;
  SortedNode<K>* nodes[kMaxHeight];
  std::uint8_t child[kMaxHeight];

  // To key number `number` of another child of the same node.
  void lead_to(SortedLeaf<K>& to, unsigned number, std::size_t c) noexcept {
    leaf = &to;
    slot = to.first + number;
    child[0] = static_cast<std::uint8_t>(c);
  }
};

template <class K> struct SortedFound {
  SortedLeaf<K>* leaf;
  unsigned slot;  // may be the end of the leaf
};

// The keys from one value up to another: where the first one is, and the first one behind them; how many lie before
// each of the two.
template <class K> struct SortedSpan {
  SortedFound<K> first, behind;
  std::uint64_t before, until;
};

// A tree as kernels see it: `height` levels of nodes above the leaves.
template <class K> struct SortedRoot {
  void* top;
  unsigned height;
  unsigned value_bytes;  // of a value; 0 for a set
};

// What a row of kernels does for keys of one format. "Seek" finds the first key that is not below q: the
// leaf that it would be in, and its slot there.
template <class K> struct SortedKernels {
  SortedFound<K> (*seek)(const SortedRoot<K>& root, K q);
  // seek, where the `ahead` keys from there on and their values are read next: they are asked for on the way.
  SortedFound<K> (*seek_ahead)(const SortedRoot<K>& root, K q, std::size_t ahead);
  void (*seek_path)(const SortedRoot<K>& root, K q, SortedPath<K>& path);
  unsigned (*slot)(const SortedLeaf<K>& leaf, K q);  // the last step of a seek
  std::uint64_t (*rank)(const SortedRoot<K>& root, K q);  // keys below q
  // The leaf of key number i, and its number there; i is below the size.
  SortedFound<K> (*select)(const SortedRoot<K>& root, std::uint64_t i);
  // seek for each of count queries, side by side.
  void (*seek_many)(const SortedRoot<K>& root, const K* queries, std::size_t count, SortedFound<K>* out);
  // Adds to the counts behind each child of a path. Unsigned: n less is its complement more.
  void (*add)(const SortedPath<K>& path, unsigned height, std::uint32_t keys);
  void (*rank_many)(const SortedRoot<K>& root, const K* queries, std::size_t count, std::int64_t* out);
  // The keys that are not below `low`, and below `past`, which is not below it.
  void (*span)(const SortedRoot<K>& root, K low, K past, SortedSpan<K>& span);
};

// The kernels of a row for each of the types that keys of a tree may have.
template <class List> struct SortedKernelsOf;
template <class... K> struct SortedKernelsOf<TypeList<K...>> : SortedKernels<K>... {
  template <class T> const SortedKernels<T>& of() const noexcept { return *this; }
};
using SortedRow = SortedKernelsOf<WideKeyTypes>;

}  // namespace learnedidx
