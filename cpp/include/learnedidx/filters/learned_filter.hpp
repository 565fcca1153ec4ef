// LearnedFilter: may a string be one of a set? A score divides strings into regions, and each has a fuse filter of as many
// bits as its keys deserve (a partitioned learned Bloom filter: Vaidya, Knorr, Kraska, Mitzenmacher, ICLR 2021). No member is
// denied: its score, a whole number, is the same whenever it is asked for.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "learnedidx/base/shared_memory.hpp"
#include "learnedidx/filters/binary_fuse.hpp"
#include "learnedidx/filters/ngrams.hpp"
#include "learnedidx/filters/xxh64.hpp"

namespace learnedidx {

constexpr std::uint32_t kLearnedLayout = 48;  // beside the strategies and layouts of filters
constexpr unsigned kMostRegions = 8, kMostFilterBits = 16;

struct StoredLearnedFilter {
  std::uint32_t layout, gram_bits;
  std::uint64_t keys, seed;
  std::uint32_t regions, zero;
  std::int32_t borders[kMostRegions];  // the lowest score of regions 1, 2 and so on
  std::uint8_t bits[kMostRegions];     // of the filter of each region; 0: everything may be there
  std::uint64_t count[kMostRegions];   // distinct hashes there
  std::uint64_t again[kMostRegions];   // the seed that they go with
};
static_assert(sizeof(StoredLearnedFilter) == 200);

// The region of a string, at build and at each question.
LIDX_INLINE unsigned region_of(const Slice& string, const std::int8_t* weights, const StoredLearnedFilter& said) {
  const std::int32_t score = gram_score(string, weights, said.gram_bits);
  unsigned region = 0;
  for (unsigned r = 0; r + 1 < said.regions; ++r) region += score >= said.borders[r];
  return region;
}

inline std::uint64_t filter_words_of(const StoredLearnedFilter& said, unsigned region) {
  return said.bits[region] == 0 || said.count[region] == 0 ? 0 : packed_words(fuse_sizes(said.count[region]).slots(), said.bits[region]);
}

inline bool is_learned_filter(const StoredLearnedFilter& said, std::uint64_t bytes) {
  if (said.layout != kLearnedLayout || said.gram_bits < kLeastGramBits || said.gram_bits > kMostGramBits || said.zero != 0) return false;
  if (said.regions == 0 || said.regions > kMostRegions) return false;
  std::uint64_t words = sizeof said / 8 + (std::uint64_t{1} << said.gram_bits) / 8;
  for (unsigned r = 0; r < kMostRegions; ++r) {
    const bool used = r < said.regions;
    if (said.bits[r] > kMostFilterBits || said.count[r] > said.keys || said.count[r] > 0xffffffffu) return false;
    if (!used && (said.bits[r] != 0 || said.count[r] != 0 || said.again[r] != 0)) return false;
    if (r + 1 >= said.regions && said.borders[r] != 0) return false;
    words += filter_words_of(said, r);
  }
  return words * 8 == bytes;
}

class LearnedFilter {
 public:
  static constexpr std::size_t kGroup = 32;

  // Reads what lies in so many bytes, which stay; they begin at a multiple of 8. False: no filter.
  bool open(const void* data, std::uint64_t bytes) {
    if (bytes < sizeof said_) return false;
    copy_once(data, said_);
    if (!is_learned_filter(said_, bytes)) return false;
    const std::uint64_t* words = static_cast<const std::uint64_t*>(data) + sizeof said_ / 8;
    weights_ = reinterpret_cast<const std::int8_t*>(words);
    words += (std::size_t{1} << said_.gram_bits) / 8;
    for (unsigned r = 0; r < said_.regions; ++r) {
      const std::uint64_t own = filter_words_of(said_, r);
      tables_[r] = own > 0 ? words : kNoSlots;
      sizes_[r] = own > 0 ? fuse_sizes(said_.count[r]) : FuseSizes();
      holds_[r] = said_.bits[r] == 0 ? said_.keys > 0 : own > 0;
      words += own;
    }
    return true;
  }

  const StoredLearnedFilter& said() const { return said_; }

  unsigned region(const Slice& string) const noexcept { return region_of(string, weights_, said_); }

  void test(const Slice* strings, std::size_t count, bool* answers) const noexcept {
    for (std::size_t from = 0; from < count; from += kGroup) group(strings + from, std::min(kGroup, count - from), answers + from);
  }

 private:
  struct Asked {
    std::uint64_t bits[3], hash;
    unsigned region;
  };

  // Without branches on regions, which nothing predicts: no bits of a table of zeros are what they should be.
  void group(const Slice* strings, std::size_t m, bool* answers) const {
    Asked asked[kGroup];
    for (std::size_t i = 0; i < m; ++i) {
      const unsigned r = region(strings[i]);
      const std::uint64_t hash = mixed(Xxh64::of_bytes(strings[i].data, strings[i].size, said_.seed), said_.again[r]);
      find_slots(tables_[r], said_.bits[r], fuse_places(hash, sizes_[r]), asked[i].bits);
      asked[i].hash = hash;
      asked[i].region = r;
    }
    for (std::size_t i = 0; i < m; ++i) {
      const unsigned r = asked[i].region, bits = said_.bits[r];
      const std::uint64_t print = fuse_print<std::uint16_t>(asked[i].hash) & ((std::uint64_t{1} << bits) - 1);
      const bool equal = packed_xor(tables_[r], bits, asked[i].bits) == print;
      answers[i] = static_cast<unsigned>(equal) & static_cast<unsigned>(holds_[r]);
    }
  }

  StoredLearnedFilter said_{};
  const std::int8_t* weights_ = nullptr;
  const std::uint64_t* tables_[kMostRegions] = {};
  FuseSizes sizes_[kMostRegions];
  bool holds_[kMostRegions] = {};
};

}  // namespace learnedidx
