// PointFilter: may a key be one of a set? False is certain. Keys are hashed by XXH64, and hashes lie in a SplitBlock, whose
// bytes are those of Parquet, or in a binary fuse filter. A view of memory, whose lengths follow from its first 64 bytes.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "learnedidx/base/aligned_table.hpp"
#include "learnedidx/base/key_traits.hpp"
#include "learnedidx/base/shared_memory.hpp"
#include "learnedidx/filters/binary_fuse.hpp"
#include "learnedidx/filters/split_block.hpp"
#include "learnedidx/filters/xxh64.hpp"

namespace learnedidx {

// As Parquet has numbers: those of at most 32 bits as INT32 or FLOAT, others as INT64 or DOUBLE. -0.0 is 0.0.
template <class K> LIDX_INLINE std::uint64_t hash_of(K key, std::uint64_t seed) {
  if constexpr (kIsReal<K>) key = key == 0 ? K{0} : key;
  if constexpr (sizeof(K) == 8) return Xxh64::of_eight(bits_of(key), seed);
  else if constexpr (kIsReal<K>) return Xxh64::of_four(static_cast<std::uint32_t>(bits_of(key)), seed);
  else return Xxh64::of_four(static_cast<std::uint32_t>(key), seed);
}

#ifdef LIDX_WIDE_BLOCKS
template <class K> __attribute__((target("avx2"))) void hash_wide(const K* keys, std::size_t count, std::uint64_t seed, std::uint64_t* hashes) {
  for (std::size_t i = 0; i < count; ++i) hashes[i] = hash_of(keys[i], seed);
}
#endif

template <class K> void hash_all(const K* keys, std::size_t count, std::uint64_t seed, std::uint64_t* hashes) {
#ifdef LIDX_WIDE_BLOCKS
  if (__builtin_cpu_supports("avx2")) return hash_wide(keys, count, seed, hashes);
#endif
  for (std::size_t i = 0; i < count; ++i) hashes[i] = hash_of(keys[i], seed);
}

enum class PointLayout : std::uint32_t { split_block = 16, fuse8, fuse16 };  // beside the strategies of range filters

struct StoredPointFilter {
  std::uint32_t layout, zero;
  std::uint64_t keys;    // that were given; fewer may be distinct
  std::uint64_t blocks;  // of a split block, at least 1; of a fuse filter its distinct hashes
  std::uint64_t seed;    // of the hash
  std::uint64_t again;   // of a fuse filter: the seed that its keys go with
  std::uint64_t zeros[3];
};
static_assert(sizeof(StoredPointFilter) == 64);

constexpr std::uint64_t kMostBlocks = std::uint64_t{1} << 31;

inline std::uint64_t point_filter_words(const StoredPointFilter& said) {
  if (said.layout == static_cast<std::uint32_t>(PointLayout::split_block)) return 8 + said.blocks * (kBlockBytes / 8);
  const std::uint64_t slots = fuse_sizes(said.blocks).slots();
  return 8 + (said.layout == static_cast<std::uint32_t>(PointLayout::fuse8) ? slots + 7 : slots * 2 + 7) / 8;
}

inline bool is_point_filter(const StoredPointFilter& said, std::uint64_t bytes) {
  const bool split = said.layout == static_cast<std::uint32_t>(PointLayout::split_block);
  if (said.layout < static_cast<std::uint32_t>(PointLayout::split_block) || said.layout > static_cast<std::uint32_t>(PointLayout::fuse16)) return false;
  if (said.blocks > kMostBlocks || (split && (said.blocks == 0 || said.again != 0)) || said.zero != 0) return false;
  return said.zeros[0] == 0 && said.zeros[1] == 0 && said.zeros[2] == 0 && point_filter_words(said) * 8 == bytes;
}

class PointFilter {
 public:
  // Reads what lies in so many bytes, which stay; they begin at a multiple of 8. False: no filter.
  bool open(const void* data, std::uint64_t bytes) {
    if (bytes < sizeof said_) return false;
    copy_once(data, said_);
    if (!is_point_filter(said_, bytes)) return false;
    body_ = static_cast<const unsigned char*>(data) + sizeof said_;
    sizes_ = fuse_sizes(said_.blocks);
    return true;
  }

  const StoredPointFilter& said() const { return said_; }

  void test(const std::uint64_t* hashes, std::size_t count, bool* answers) const noexcept {
    if (said_.keys == 0) std::fill_n(answers, count, false);
    else if (said_.layout == static_cast<std::uint32_t>(PointLayout::split_block))
      test_hashes(hashes, count, reinterpret_cast<const std::uint32_t*>(body_), said_.blocks, answers);
    else if (said_.layout == static_cast<std::uint32_t>(PointLayout::fuse8)) test_fused<std::uint8_t>(hashes, count, answers);
    else test_fused<std::uint16_t>(hashes, count, answers);
  }

 private:
  template <class F> void test_fused(const std::uint64_t* hashes, std::size_t count, bool* answers) const {
    constexpr std::size_t group = 32;
    const auto* slots = reinterpret_cast<const F*>(body_);
    std::uint64_t mixes[group];
    FusePlaces places[group];
    for (std::size_t from = 0; from < count; from += group) {
      const std::size_t m = std::min(group, count - from);
      for (std::size_t i = 0; i < m; ++i) {
        mixes[i] = mixed(hashes[from + i], said_.again);
        places[i] = fuse_places(mixes[i], sizes_);
        for (const std::uint64_t at : places[i].at) prefetch_near(slots + at);
      }
      for (std::size_t i = 0; i < m; ++i) {
        const auto [a, b, c] = places[i].at;
        answers[from + i] = static_cast<F>(slots[a] ^ slots[b] ^ slots[c]) == fuse_print<F>(mixes[i]);
      }
    }
  }

  StoredPointFilter said_{};
  FuseSizes sizes_;
  const unsigned char* body_ = nullptr;
};

// Builds the words of a filter of hashes, which it may sort. blocks: of layout split_block. False if stopped.
inline bool build_point_filter(Table<std::uint64_t>& hashes, PointLayout layout, std::uint64_t blocks, std::uint64_t seed,
                               Table<std::uint64_t>& words, Cancellation cancellation) {
  StoredPointFilter said{};
  said.layout = static_cast<std::uint32_t>(layout);
  said.keys = hashes.size();
  said.blocks = blocks;
  said.seed = seed;
  const auto begin = [&] {
    words.assign(static_cast<std::size_t>(point_filter_words(said)), 0);
    std::memcpy(words.data(), &said, sizeof said);
    return words.data() + sizeof said / 8;
  };
  constexpr std::size_t piece = std::size_t{1} << 20;
  if (layout == PointLayout::split_block) {
    auto* body = reinterpret_cast<std::uint32_t*>(begin());
    for (std::size_t from = 0; from < hashes.size(); from += piece) {
      insert_hashes(hashes.data() + from, std::min(piece, hashes.size() - from), body, blocks);
      if (cancellation.requested()) return false;
    }
    return true;
  }
  std::sort(hashes.begin(), hashes.end());
  hashes.erase(std::unique(hashes.begin(), hashes.end()), hashes.end());
  said.blocks = hashes.size();
  Fuser fuser(hashes.size(), cancellation);
  for (;; ++said.again) {
    auto* body = begin();
    const Fused how = layout == PointLayout::fuse8
                          ? fuser.fuse(hashes.data(), hashes.size(), said.again, reinterpret_cast<std::uint8_t*>(body))
                          : fuser.fuse(hashes.data(), hashes.size(), said.again, reinterpret_cast<std::uint16_t*>(body));
    if (how != Fused::again || cancellation.requested()) return how == Fused::done;
  }
}

}  // namespace learnedidx
