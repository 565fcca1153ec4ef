// RangeFilter: may a key lie in [a, b]? False is certain. Codes of keys (key_code) go through one of two maps into
// slots, and slots through one EliasFano. It is a view of memory that a builder filled, or of a section of a file.
//
// All lengths follow from 64 bytes at the beginning, which are copied and checked; of what follows, every number is cut off
// when it is read. So damaged memory gives wrong answers and nothing worse; who opens a file checks its checksum first,
// since nothing proves a filter's "no".
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "learnedidx/base/key_traits.hpp"
#include "learnedidx/filters/elias_fano.hpp"
#include "learnedidx/filters/slot_maps.hpp"

namespace learnedidx {

enum class RangeStrategy : std::uint32_t { exact, robust, learned };

struct StoredRangeFilter {
  std::uint32_t strategy, low_bits;
  std::uint64_t keys, n;           // distinct keys, and distinct slots of them
  std::uint64_t universe, seed;
  std::uint64_t segments;          // 1 of strategy robust: what lies outside is no key
  std::uint32_t block_bits, zero;  // 0 of the others
  std::uint64_t zeros;
};
static_assert(sizeof(StoredRangeFilter) == 64);

constexpr std::uint64_t kMostFilterKeys = 0xffffffffu, kMostUniverse = std::uint64_t{1} << 62;

inline std::uint64_t range_filter_words(const StoredRangeFilter& said) {
  return sizeof said / 8 + elias_fano_sizes(said.n, said.universe, said.low_bits).words() + 3 * said.segments + 1;
}

// Can the filter that it tells of lie in so many bytes?
inline bool is_range_filter(const StoredRangeFilter& said, std::uint64_t bytes) {
  const bool robust = said.strategy == static_cast<std::uint32_t>(RangeStrategy::robust);
  if (said.strategy > static_cast<std::uint32_t>(RangeStrategy::learned) || said.low_bits > kMostLowBits) return false;
  if (said.keys > kMostFilterKeys || said.n > said.keys || (said.n == 0) != (said.keys == 0)) return false;
  if (said.universe == 0 || (robust && said.universe > kMostUniverse) || said.n > said.universe) return false;
  if (said.universe >> said.low_bits > bytes * 8 || said.segments > said.keys || said.zero != 0 || said.zeros != 0) return false;
  if ((said.segments == 0) != (said.n == 0)) return false;
  if (robust ? said.segments > 1 || said.universe >> said.block_bits % 64 != 1 : said.block_bits != 0 || said.seed != 0) return false;
  return said.block_bits < 62 && range_filter_words(said) * 8 == bytes;
}

class RangeFilter {
 public:
  static constexpr std::size_t kGroup = 64;  // questions whose steps alternate

  // Reads what lies in so many bytes, which stay; they begin at a multiple of 8. False: no filter.
  bool open(const void* data, std::uint64_t bytes) {
    if (bytes < sizeof said_) return false;
    copy_once(data, said_);
    if (!is_range_filter(said_, bytes)) return false;
    const auto* words = static_cast<const std::uint64_t*>(data) + sizeof said_ / 8;
    slots_ = EliasFano(said_.n, said_.universe, said_.low_bits, words);
    words += elias_fano_sizes(said_.n, said_.universe, said_.low_bits).words();
    shift_ = {said_.universe, said_.seed, said_.block_bits};
    segments_ = SegmentMap(said_.segments, said_.universe, words);
    return true;
  }

  const StoredRangeFilter& said() const { return said_; }

  // answers[i]: may a key lie in [a[i], b[i]]? None does where a[i] > b[i].
  void any(const std::uint64_t* a, const std::uint64_t* b, std::size_t count, bool* answers) const noexcept {
    const bool fast = has_bit_instructions();
    for (std::size_t from = 0; from < count; from += kGroup) {
      const std::size_t m = std::min(kGroup, count - from);
      if (fast) group<true>(a + from, b + from, m, answers + from);
      else group<false>(a + from, b + from, m, answers + from);
    }
  }

 private:
  template <bool kFast> void group(const std::uint64_t* a, const std::uint64_t* b, std::size_t m, bool* answers) const {
    Probe probes[kGroup];
    std::uint8_t of[kGroup];
    std::size_t live = 0;
    std::fill_n(answers, m, false);
    if (said_.n == 0) return;
    if (said_.strategy == static_cast<std::uint32_t>(RangeStrategy::robust)) map_shifted<kFast>(a, b, m, answers, probes, of, live);
    else map_segments(a, b, m, probes, of, live);
    for (std::size_t i = 0; i < live; ++i) slots_.ask(probes[i]);
    for (std::size_t i = 0; i < live; ++i) slots_.aim(probes[i]);
    for (std::size_t i = 0; i < live; ++i) slots_.locate<kFast>(probes[i]);
    for (std::size_t i = 0; i < live; ++i) answers[of[i]] |= slots_.answer<kFast>(probes[i]);
  }

  // The first interval of slots goes through the steps with others; more are rare, and asked at once.
  template <bool kFast>
  LIDX_INLINE void map_shifted(const std::uint64_t* a, const std::uint64_t* b, std::size_t m, bool* answers, Probe* probes,
                               std::uint8_t* of, std::size_t& live) const {
    Slots slots;
    for (std::size_t i = 0; i < m; ++i) {
      const std::uint64_t low = std::max(a[i], segments_.first()), high = std::min(b[i], segments_.last());
      if (low > high) continue;
      shift_.map(low, high, slots);
      answers[i] = slots.certain;
      if (slots.certain) continue;
      probes[live] = {slots.from[0], slots.to[0], 0, 0, 0, 0};
      of[live++] = static_cast<std::uint8_t>(i);
      for (std::size_t k = 1; k < slots.pieces; ++k) answers[i] |= slots_.any<kFast>(slots.from[k], slots.to[k]);
    }
  }

  LIDX_INLINE void map_segments(const std::uint64_t* a, const std::uint64_t* b, std::size_t m, Probe* probes, std::uint8_t* of,
                                std::size_t& live) const {
    Slots slots;
    std::uint64_t at[kGroup];
    segments_.find(a, m, at);
    for (std::size_t i = 0; i < m; ++i) {
      if (a[i] > b[i]) continue;
      segments_.map(a[i], b[i], at[i], slots);
      if (slots.pieces == 0) continue;
      probes[live] = {slots.from[0], slots.to[0], 0, 0, 0, 0};
      of[live++] = static_cast<std::uint8_t>(i);
    }
  }

  StoredRangeFilter said_{};
  EliasFano slots_;
  ShiftMap shift_;
  SegmentMap segments_;
};

}  // namespace learnedidx
