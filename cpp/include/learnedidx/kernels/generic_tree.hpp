// Descents of a counted B+-tree; part of a row, see generic.hpp.
#include "learnedidx/kernels/tree_node.hpp"
#include "learnedidx/search/window.hpp"

namespace learnedidx::LIDX_ROW {

// The first slot of the block in which the first key of a leaf is that is not below q. A block that holds no key is
// counted where the answer is an end of the stretch: below the first key for the lowest value alone, whose pads are not
// smaller; behind the last key where that ends a block.
template <class K> LIDX_TARGET LIDX_INLINE unsigned block_in(const SortedLeaf<K>& leaf, K q) {
  const auto whole = static_cast<unsigned>(count_below<K, kLeafBlocks>(leaf.separators, q));
  const unsigned last = leaf.capacity / kBlockKeys - 1;
  return (whole < last ? whole : last) * kBlockKeys;
}
template <class K> LIDX_TARGET LIDX_INLINE unsigned slot_in_block(const SortedLeaf<K>& leaf, unsigned block, K q) {
  const unsigned slot = block + static_cast<unsigned>(count_below<K, kBlockKeys>(leaf.keys() + block, q));
  const unsigned above = slot > leaf.first ? slot : leaf.first;
  return above < leaf.end() ? above : leaf.end();
}
// The slot of that key, at most the end of the leaf.
template <class K> LIDX_TARGET LIDX_INLINE unsigned slot_in(const SortedLeaf<K>& leaf, K q) {
  return slot_in_block(leaf, block_in(leaf, q), q);
}

// Asks for the lines of slots [from, to) of an array.
LIDX_TARGET LIDX_INLINE void prefetch_slots(const char* slots, std::size_t from, std::size_t to, std::size_t bytes) {
  for (std::size_t at = from * bytes / kLineBytes * kLineBytes; at < to * bytes; at += kLineBytes) prefetch_near(slots + at);
}

// Keys from slot `from` on and values from `with_values` on, up to `count` of these but no more than three blocks: from
// there on the hardware follows.
template <class K>
LIDX_TARGET LIDX_INLINE void prefetch_stretch(const void* leaf, std::size_t from, std::size_t with_values, std::size_t count,
                                              std::size_t value_bytes) {
  constexpr std::size_t most = 3 * kBlockKeys;
  const std::size_t to = with_values + (count < most ? count : most);
  const char* keys = static_cast<const char*>(leaf) + sizeof(SortedLeaf<K>);
  prefetch_slots(keys, from, to, sizeof(K));
  prefetch_slots(keys + kLeafKeys * sizeof(K), with_values, to, value_bytes);
}

// What a scan of `ahead` keys from slot `guess` on reads first, in this leaf, whose keys to slot `asked` are on their way,
// and in the next one, which no hardware foresees. Stretches of keys lie in the middle of their leaves, roughly.
template <class K>
LIDX_TARGET void prefetch_scan(const SortedNode<K>& node, std::size_t child, std::size_t guess, std::size_t asked,
                               std::size_t ahead, std::size_t value_bytes) {
  const std::size_t count = node.before[child + 1] - node.before[child];
  const std::size_t begin = (kLeafKeys - count) / 2, left = guess < begin + count ? begin + count - guess : 0;
  prefetch_stretch<K>(node.children[child], asked, guess, ahead < left ? ahead : left, value_bytes);
  if (ahead <= left) return;
  prefetch_near(static_cast<const char*>(node.children[child + 1]));
  prefetch_stretch<K>(node.children[child + 1], begin, begin, ahead - left, value_bytes);
}

// Asks for the head of a leaf and its separators.
template <class K> LIDX_TARGET LIDX_INLINE void prefetch_head(const void* leaf) {
  prefetch_slots(static_cast<const char*>(leaf), 0, sizeof(SortedLeaf<K>), 1);
}

// The slot of a leaf where q would be if keys lay evenly between the separators beside the child. The first child
// and the last have one at most: the middle is asked for.
template <class K>
LIDX_TARGET LIDX_INLINE std::size_t guess_slot(const SortedNode<K>& node, std::size_t child, K q) {
  if (child == 0 || child + 1 >= node.count) return kLeafKeys / 2;
  const K low = node.separators[child - 1], high = node.separators[child];
  const auto count = static_cast<float>(node.before[child + 1] - node.before[child]);
  const float share = KeyTraits<K>::rough_distance(low, q) / KeyTraits<K>::rough_distance(low, high);
  const float guess = (static_cast<float>(kLeafKeys) - count) * 0.5f + share * count;
  const float most = static_cast<float>(kLeafKeys - 1);
  const float inside = guess > 0.0f ? guess : 0.0f;  // of a NaN too
  return static_cast<std::size_t>(static_cast<std::int32_t>(inside < most ? inside : most));
}

// Asks for what slot_in will read: the head of the leaf, its separators, and the keys where q would be if
// keys lay evenly between the separators beside the child, with those of the block that is next nearest: of 232
// random keys, half are five from there and more. Wrong guesses cost a miss, never an answer.
template <class K> LIDX_TARGET LIDX_INLINE void prefetch_leaf(const SortedNode<K>& node, std::size_t child, K q,
                                                                   std::size_t value_bytes, std::size_t ahead) {
  const char* leaf = static_cast<const char*>(node.children[child]);
  prefetch_head<K>(leaf);
  if (child == 0 || child + 1 >= node.count) return;
  const std::size_t slot = guess_slot(node, child, q);
  // Two blocks: no branch, since which of them is the second is as good as random. What may lie before or behind the keys
  // is a line of this leaf, or one of its neighbour.
  const std::size_t nearest = (slot + kBlockKeys / 2) / kBlockKeys * kBlockKeys;
  const char* keys = leaf + sizeof(SortedLeaf<K>);
  for (std::size_t line = 0; line < 2 * kBlockKeys * sizeof(K); line += kLineBytes)
    prefetch_near(keys + nearest * sizeof(K) + line - kBlockKeys * sizeof(K));
  const std::size_t block = slot / kBlockKeys * kBlockKeys;
  if (ahead == 0) prefetch_slots(keys + kLeafKeys * sizeof(K), block, block + kBlockKeys, value_bytes);
  else prefetch_scan(node, child, slot, nearest + kBlockKeys, ahead, value_bytes);
}

template <class K, class Visit>
LIDX_TARGET LIDX_INLINE SortedLeaf<K>* leaf_for(const SortedRoot<K>& root, K q, std::size_t ahead, Visit&& visit) {
  void* at = root.top;
  for (unsigned level = root.height; level-- > 0;) {
    auto& node = *static_cast<SortedNode<K>*>(at);
    const auto child = static_cast<std::size_t>(count_below<K, kFanout>(node.separators, q));
    at = node.children[child];
    if (level == 0) prefetch_leaf(node, child, q, root.value_bytes, ahead);
    visit(level, node, child);
  }
  return static_cast<SortedLeaf<K>*>(at);
}

template <class K, class Visit>
LIDX_TARGET LIDX_INLINE SortedFound<K> descend_sorted(const SortedRoot<K>& root, K q, Visit&& visit) {
  SortedLeaf<K>* leaf = leaf_for(root, q, 0, visit);
  return {leaf, slot_in(*leaf, q)};
}

template <class K> LIDX_TARGET SortedFound<K> sorted_seek(const SortedRoot<K>& root, K q) {
  return descend_sorted(root, q, [](unsigned, const SortedNode<K>&, std::size_t) LIDX_STEP {});
}

template <class K> LIDX_TARGET SortedFound<K> sorted_seek_ahead(const SortedRoot<K>& root, K q, std::size_t ahead) {
  SortedLeaf<K>* leaf = leaf_for(root, q, ahead, [](unsigned, const SortedNode<K>&, std::size_t) LIDX_STEP {});
  return {leaf, slot_in(*leaf, q)};
}

template <class K> LIDX_TARGET void sorted_seek_path(const SortedRoot<K>& root, K q, SortedPath<K>& path) {
  const SortedFound<K> found = descend_sorted(root, q, [&](unsigned level, SortedNode<K>& node, std::size_t child) LIDX_STEP {
    path.nodes[level] = &node;
    path.child[level] = static_cast<std::uint8_t>(child);
  });
  path.leaf = found.leaf;
  path.slot = found.slot;
}

template <class K> LIDX_TARGET unsigned sorted_slot(const SortedLeaf<K>& leaf, K q) { return slot_in(leaf, q); }

template <class K> LIDX_TARGET std::uint64_t sorted_rank(const SortedRoot<K>& root, K q) {
  std::uint64_t below = 0;
  const SortedFound<K> found = descend_sorted(root, q, [&](unsigned, const SortedNode<K>& node, std::size_t child) LIDX_STEP {
    below += node.before[child];
  });
  return below + found.slot - found.leaf->first;
}

template <class K> LIDX_TARGET SortedFound<K> sorted_select(const SortedRoot<K>& root, std::uint64_t i) {
  const void* at = root.top;
  auto left = static_cast<std::uint32_t>(i);
  for (unsigned level = root.height; level-- > 0;) {
    const auto& node = *static_cast<const SortedNode<K>*>(at);
    // before[0] is 0, and kNoCount is never below: a size has 32 bits.
    const auto child = static_cast<std::size_t>(count_below<std::uint32_t, kFanout>(node.before, left + 1)) - 1;
    left -= node.before[child];
    at = node.children[child];
    if (level > 0) continue;
    // The head of the leaf says where its keys begin; most lie in its middle.
    const std::uint32_t behind = child + 1 < node.count ? node.before[child + 1] : node.before[child];
    const std::size_t guess = (kLeafKeys - (behind - node.before[child])) / 2 + left;
    prefetch_near(static_cast<const char*>(at));
    prefetch_near(static_cast<const char*>(at) + sizeof(SortedLeaf<K>) + guess * sizeof(K));
  }
  auto* leaf = const_cast<SortedLeaf<K>*>(static_cast<const SortedLeaf<K>*>(at));
  return {leaf, left};
}

template <class K> LIDX_TARGET void sorted_add(const SortedPath<K>& path, unsigned height, std::uint32_t keys) {
  for (unsigned level = 0; level < height; ++level) {
    SortedNode<K>& node = *path.nodes[level];
    const std::uint32_t child = path.child[level], count = node.count;
    for (std::uint32_t i = 0; i < kFanout; ++i) node.before[i] += ((i > child) & (i < count)) ? keys : 0;
  }
}

// Queries of a batch that wait for memory side by side.
constexpr std::size_t kSortedGroup = 16;

// Seeks for a group in three rounds, so that all of it waits at once: for the heads of leaves, then for the blocks that
// their separators name. Nothing is guessed. `below` gets the keys in the children before, as in a rank.
template <class K>
LIDX_TARGET LIDX_INLINE void seek_group(const SortedRoot<K>& root, const K* queries, std::size_t count, std::size_t value_bytes,
                                        SortedFound<K>* out, std::uint64_t* below) {
  for (std::size_t i = 0; i < count; ++i) {
    void* at = root.top;
    below[i] = 0;
    for (unsigned level = root.height; level-- > 0;) {
      const auto& node = *static_cast<const SortedNode<K>*>(at);
      const auto child = static_cast<std::size_t>(count_below<K, kFanout>(node.separators, queries[i]));
      below[i] += node.before[child];
      at = node.children[child];
    }
    prefetch_head<K>(at);
    out[i].leaf = static_cast<SortedLeaf<K>*>(at);
  }
  for (std::size_t i = 0; i < count; ++i) {
    const SortedLeaf<K>& leaf = *out[i].leaf;
    const unsigned block = out[i].slot = block_in(leaf, queries[i]);
    const char* keys = reinterpret_cast<const char*>(leaf.keys());
    prefetch_slots(keys, block, block + kBlockKeys, sizeof(K));
    prefetch_slots(keys + leaf.capacity * sizeof(K), block, block + kBlockKeys, value_bytes);
  }
  for (std::size_t i = 0; i < count; ++i) out[i].slot = slot_in_block(*out[i].leaf, out[i].slot, queries[i]);
}

template <class K>
LIDX_TARGET void sorted_seek_many(const SortedRoot<K>& root, const K* queries, std::size_t count, SortedFound<K>* out) {
  std::uint64_t below[kSortedGroup];
  for (std::size_t from = 0; from < count; from += kSortedGroup) {
    const std::size_t here = count - from < kSortedGroup ? count - from : kSortedGroup;
    seek_group(root, queries + from, here, root.value_bytes, out + from, below);
  }
}

template <class K>
LIDX_TARGET void sorted_rank_many(const SortedRoot<K>& root, const K* queries, std::size_t count, std::int64_t* out) {
  SortedFound<K> found[kSortedGroup];
  std::uint64_t below[kSortedGroup];
  for (std::size_t from = 0; from < count; from += kSortedGroup) {
    const std::size_t here = count - from < kSortedGroup ? count - from : kSortedGroup;
    seek_group(root, queries + from, here, 0, found, below);
    for (std::size_t i = 0; i < here; ++i)
      out[from + i] = static_cast<std::int64_t>(below[i] + found[i].slot - found[i].leaf->first);
  }
}

// Asks for the head of a leaf, its separators, and slots [from, to) with what lies a block before and behind them.
template <class K>
LIDX_TARGET LIDX_INLINE void prefetch_between(const void* leaf, std::size_t from, std::size_t to) {
  prefetch_head<K>(leaf);
  const std::size_t begin = from > kBlockKeys / 2 ? from - kBlockKeys / 2 : 0;
  const std::size_t end = to + kBlockKeys / 2 < kLeafKeys ? to + kBlockKeys / 2 : kLeafKeys;
  prefetch_slots(static_cast<const char*>(leaf) + sizeof(SortedLeaf<K>), begin, end, sizeof(K));
}

// Two descents side by side. What lies between their guesses is asked for if it is in one leaf or in two neighbours.
template <class K> LIDX_TARGET void sorted_span(const SortedRoot<K>& root, K low, K past, SortedSpan<K>& span) {
  const void *first = root.top, *behind = root.top;
  span.before = span.until = 0;
  for (unsigned level = root.height; level-- > 0;) {
    const auto& left = *static_cast<const SortedNode<K>*>(first);
    const auto& right = *static_cast<const SortedNode<K>*>(behind);
    const auto from = static_cast<std::size_t>(count_below<K, kFanout>(left.separators, low));
    const auto to = static_cast<std::size_t>(count_below<K, kFanout>(right.separators, past));
    span.before += left.before[from];
    span.until += right.before[to];
    first = left.children[from];
    behind = right.children[to];
    if (level > 0) continue;
    const std::size_t begin = guess_slot(left, from, low), end = guess_slot(right, to, past);
    const bool beside = &left == &right && to == from + 1;
    prefetch_between<K>(first, begin, first == behind ? end : beside ? kLeafKeys : begin);
    if (first != behind) prefetch_between<K>(behind, beside ? 0 : end, end);
  }
  auto* const leaf = static_cast<SortedLeaf<K>*>(const_cast<void*>(first));
  auto* const other = static_cast<SortedLeaf<K>*>(const_cast<void*>(behind));
  span.first = {leaf, slot_in(*leaf, low)};
  span.behind = {other, slot_in(*other, past)};
  span.before += span.first.slot - leaf->first;
  span.until += span.behind.slot - other->first;
}

template <class K> constexpr SortedKernels<K> sorted_kernels_of() {
  return {sorted_seek<K>,   sorted_seek_ahead<K>, sorted_seek_path<K>, sorted_slot<K>,      sorted_rank<K>,
          sorted_select<K>, sorted_seek_many<K>,  sorted_add<K>,       sorted_rank_many<K>, sorted_span<K>};
}

template <class... K> constexpr SortedRow make_sorted_row(TypeList<K...>) { return {sorted_kernels_of<K>()...}; }

}  // namespace learnedidx::LIDX_ROW
