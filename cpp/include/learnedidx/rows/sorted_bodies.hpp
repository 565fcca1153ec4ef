// Descents of a counted B+-tree; part of a row, see bodies.hpp.
#include "../sorted_node.hpp"
#include "../window.hpp"

namespace learnedidx::LIDX_ROW {

// The slot of the first key of a leaf that is not below q, at most its end. Blocks that hold no key are counted
// where the answer is an end of the stretch: below the first key for the lowest value alone, whose pads are not
// smaller; behind the last key where that ends a block.
template <class K> LIDX_TARGET LIDX_INLINE unsigned slot_in(const SortedLeaf<K>& leaf, K q) {
  const auto whole = static_cast<unsigned>(count_below<K, kLeafBlocks>(leaf.separators, q));
  const unsigned last = leaf.capacity / kBlockKeys - 1;
  const unsigned block = (whole < last ? whole : last) * kBlockKeys;
  const unsigned slot = block + static_cast<unsigned>(count_below<K, kBlockKeys>(leaf.keys() + block, q));
  const unsigned above = slot > leaf.first ? slot : leaf.first;
  return above < leaf.end() ? above : leaf.end();
}

// high - low, roughly.
template <class K> LIDX_TARGET LIDX_INLINE float rough_distance(K low, K high) {
  if constexpr (std::is_floating_point_v<K>) {
    return static_cast<float>(high) - static_cast<float>(low);
  } else {  // halved: signed numbers convert in one step
    const auto between = static_cast<KeyBits<K>>(static_cast<KeyBits<K>>(high) - static_cast<KeyBits<K>>(low));
    return static_cast<float>(static_cast<std::make_signed_t<K>>(between >> 1));
  }
}

LIDX_TARGET LIDX_INLINE void prefetch_block(const char* slots, std::size_t block, std::size_t bytes) {
  for (std::size_t line = 0; line < kBlockKeys * bytes; line += kLineBytes)
    prefetch_near(slots + block * kBlockKeys * bytes + line);
}

// Asks for what slot_in will read: the head of the leaf, its separators, and the keys where q would be if
// keys lay evenly between the separators beside the child, with those of the block that is next nearest: of 232
// random keys, half are five from there and more. Wrong guesses cost a miss, never an answer.
template <class K> LIDX_TARGET LIDX_INLINE void prefetch_leaf(const SortedNode<K>& node, std::size_t child, K q,
                                                                   std::size_t value_bytes) {
  const char* leaf = static_cast<const char*>(node.children[child]);
  for (std::size_t line = 0; line < sizeof(SortedLeaf<K>); line += kLineBytes) prefetch_near(leaf + line);
  if (child == 0 || child + 1 >= node.count) return;
  const K low = node.separators[child - 1], high = node.separators[child];
  const auto count = static_cast<float>(node.before[child + 1] - node.before[child]);
  const float share = rough_distance(low, q) / rough_distance(low, high);
  const float middle = (static_cast<float>(kLeafKeys) - count) * 0.5f;
  const float guess = middle + share * count;
  const bool inside = guess >= 0.0f && guess < static_cast<float>(kLeafKeys);
  const std::size_t slot = inside ? static_cast<std::size_t>(guess) : kLeafKeys / 2;
  const std::size_t block = slot / kBlockKeys;
  const std::size_t beside = slot % kBlockKeys < kBlockKeys / 2 ? (block > 0 ? block - 1 : 1)
                                                                : (block + 1 < kLeafBlocks ? block + 1 : block - 1);
  const char* keys = leaf + sizeof(SortedLeaf<K>);
  prefetch_block(keys, block, sizeof(K));
  prefetch_block(keys, beside, sizeof(K));
  prefetch_block(keys + kLeafKeys * sizeof(K), block, value_bytes);
}

template <class K, class Visit>
LIDX_TARGET LIDX_INLINE SortedLeaf<K>* leaf_for(const SortedRoot<K>& root, K q, Visit&& visit) {
  void* at = root.top;
  for (unsigned level = root.height; level-- > 0;) {
    auto& node = *static_cast<SortedNode<K>*>(at);
    const auto child = static_cast<std::size_t>(count_below<K, kFanout>(node.separators, q));
    at = node.children[child];
    if (level == 0) prefetch_leaf(node, child, q, root.value_bytes);
    visit(level, node, child);
  }
  return static_cast<SortedLeaf<K>*>(at);
}

template <class K, class Visit>
LIDX_TARGET LIDX_INLINE SortedFound<K> descend_sorted(const SortedRoot<K>& root, K q, Visit&& visit) {
  SortedLeaf<K>* leaf = leaf_for(root, q, visit);
  return {leaf, slot_in(*leaf, q)};
}

template <class K> LIDX_TARGET SortedFound<K> sorted_seek(const SortedRoot<K>& root, K q) {
  return descend_sorted(root, q, [](unsigned, const SortedNode<K>&, std::size_t) LIDX_STEP {});
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

// Leaves of a group are on their way while the others are found.
template <class K>
LIDX_TARGET void sorted_seek_many(const SortedRoot<K>& root, const K* queries, std::size_t count, SortedFound<K>* out) {
  constexpr std::size_t group = 16;
  for (std::size_t from = 0; from < count; from += group) {
    const std::size_t end = from + group < count ? from + group : count;
    for (std::size_t i = from; i < end; ++i)
      out[i].leaf = leaf_for(root, queries[i], [](unsigned, const SortedNode<K>&, std::size_t) LIDX_STEP {});
    for (std::size_t i = from; i < end; ++i) out[i].slot = slot_in(*out[i].leaf, queries[i]);
  }
}

template <class K>
LIDX_TARGET void sorted_rank_many(const SortedRoot<K>& root, const K* queries, std::size_t count, std::int64_t* out) {
  for (std::size_t i = 0; i < count; ++i) out[i] = static_cast<std::int64_t>(sorted_rank(root, queries[i]));
}

template <class K> constexpr SortedKernels<K> sorted_kernels_of() {
  return {sorted_seek<K>,   sorted_seek_path<K>, sorted_slot<K>, sorted_rank<K>,
          sorted_select<K>, sorted_seek_many<K>, sorted_add<K>,  sorted_rank_many<K>};
}

constexpr SortedRow make_sorted_row() {
  return {sorted_kernels_of<std::uint32_t>(), sorted_kernels_of<std::uint64_t>(), sorted_kernels_of<std::int32_t>(),
          sorted_kernels_of<std::int64_t>(),  sorted_kernels_of<float>(),         sorted_kernels_of<double>()};
}

}  // namespace learnedidx::LIDX_ROW
