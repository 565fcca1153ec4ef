// Binary fuse filters (Graf, Lemire 2022): a key is a fingerprint, the xor of three slots that lie in three segments
// beside each other. Smaller than a Bloom filter of the same errors; built at once, by taking away keys that own a slot.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "learnedidx/base/cancellation.hpp"
#include "learnedidx/base/compiler.hpp"
#include "learnedidx/filters/bits.hpp"

namespace learnedidx {

struct FuseSizes {
  std::uint64_t segment = 4, segments = 1;  // slots of a segment, a power of two; first segments

  std::uint64_t slots() const { return segment * (segments + 2); }
};

// In integers and products, which are the same on every machine, as files need it.
inline FuseSizes fuse_sizes(std::uint64_t n) {
  FuseSizes sizes;
  if (n < 2) return sizes;
  double most = 0.740;  // 3.33 to the power of 2 - 2.25: keys for which segments have four slots
  for (; most * 3.33 <= static_cast<double>(n) && sizes.segment < std::uint64_t{1} << 18; most *= 3.33) sizes.segment *= 2;
  const std::uint64_t slots = std::max(n * 9 / 8, n * 7 / 8 + n * 5 / (width_of(n) - 1));
  const std::uint64_t all = (slots + sizes.segment - 1) / sizes.segment;
  sizes.segments = all > 3 ? all - 2 : 1;
  return sizes;
}

struct FusePlaces {
  std::uint64_t at[3];
};

LIDX_INLINE FusePlaces fuse_places(std::uint64_t hash, const FuseSizes& sizes) {
  const std::uint64_t first = high_product(hash, sizes.segments * sizes.segment), mask = sizes.segment - 1;
  return {{first, (first + sizes.segment) ^ ((hash >> 18) & mask), (first + 2 * sizes.segment) ^ (hash & mask)}};
}

template <class F> LIDX_INLINE F fuse_print(std::uint64_t hash) { return static_cast<F>(hash ^ (hash >> 32)); }

enum class Fused : std::uint8_t { done, again, stopped, equal };

class Fuser {
 public:
  Fuser(std::uint64_t n, Cancellation cancellation)
      : sizes_(fuse_sizes(n)), cancellation_(cancellation), all_(sizes_.slots()), count_(sizes_.slots()) {}

  // Fills slots, which are zeros, for n hashes that differ; values: what the slots of each are to give, or null for a
  // fingerprint. again: they do not go, but will with another seed.
  template <class F> Fused fuse(const std::uint64_t* hashes, std::size_t n, std::uint64_t seed, F* slots, const F* values = nullptr) {
    if (values) value_.assign(all_.size(), 0);
    Fused how = place(hashes, n, seed, values);
    if (how == Fused::done) how = peel(n);
    for (std::size_t i = how == Fused::done ? n : 0; i-- > 0;) {
      const FusePlaces places = fuse_places(order_[i], sizes_);
      F print = values ? static_cast<F>(given_[i]) : fuse_print<F>(order_[i]);
      for (const std::uint64_t at : places.at) print = static_cast<F>(print ^ slots[at]);
      slots[places.at[of_[i]]] = print;  // which was zero
    }
    return how;
  }

 private:
  template <class F> Fused place(const std::uint64_t* hashes, std::size_t n, std::uint64_t seed, const F* values) {
    std::fill(all_.begin(), all_.end(), 0);
    std::fill(count_.begin(), count_.end(), 0);
    for (std::size_t i = 0; i < n; ++i) {
      const std::uint64_t hash = mixed(hashes[i], seed);
      const FusePlaces places = fuse_places(hash, sizes_);
      for (unsigned k = 0; k < 3; ++k) {
        std::uint8_t& count = count_[places.at[k]];
        if (count >= 252) return Fused::again;
        count = static_cast<std::uint8_t>((count + 4) ^ k);
        all_[places.at[k]] ^= hash;
        if (values) value_[places.at[k]] ^= values[i];
      }
      if ((i & 0xfffff) == 0xfffff && cancellation_.requested()) return Fused::stopped;
    }
    return Fused::done;
  }

  // Takes away keys that are alone in a slot, and so on; they are put back in the opposite order.
  Fused peel(std::size_t n) {
    std::vector<std::size_t> alone;
    order_.clear();
    of_.clear();
    given_.clear();
    for (std::size_t slot = 0; slot < count_.size(); ++slot)
      if (count_[slot] >> 2 == 1) alone.push_back(slot);
    while (!alone.empty()) {
      const std::size_t slot = alone.back();
      alone.pop_back();
      if (count_[slot] >> 2 != 1) continue;
      take(slot, alone);
      if ((order_.size() & 0xfffff) == 0 && cancellation_.requested()) return Fused::stopped;
    }
    return order_.size() == n ? Fused::done : Fused::again;
  }

  // The key that is alone in a slot leaves its others, where one more may be alone then.
  void take(std::size_t slot, std::vector<std::size_t>& alone) {
    order_.push_back(all_[slot]);
    of_.push_back(count_[slot] & 3);
    if (!value_.empty()) given_.push_back(value_[slot]);
    const FusePlaces places = fuse_places(order_.back(), sizes_);
    for (unsigned k = 0; k < 3; ++k) {
      std::uint8_t& left = count_[places.at[k]];
      left = static_cast<std::uint8_t>((left - 4) ^ k);
      all_[places.at[k]] ^= order_.back();
      if (!value_.empty()) value_[places.at[k]] ^= given_.back();
      if (left >> 2 == 1) alone.push_back(static_cast<std::size_t>(places.at[k]));
    }
  }

  FuseSizes sizes_;
  Cancellation cancellation_;
  std::vector<std::uint64_t> all_;   // the xor of the hashes that lead to a slot
  std::vector<std::uint8_t> count_;  // four times their number, xor which of their places it is
  std::vector<std::uint64_t> order_;
  std::vector<std::uint8_t> of_;
  std::vector<std::uint16_t> value_, given_;  // the xor of the values that lead to a slot, and those of keys in order
};

inline bool have_equal(const std::uint64_t* hashes, std::size_t n) {
  std::vector<std::uint64_t> sorted(hashes, hashes + n);
  std::sort(sorted.begin(), sorted.end());
  return std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end();
}

// Fills slots with the first seed from `again` on that the hashes go with. Else it was stopped, or hashes are equal, which go
// with none.
template <class F> Fused fuse_until_done(const std::uint64_t* hashes, std::size_t n, std::vector<F>& slots, const F* values, std::uint64_t& again,
                                         Cancellation cancellation) {
  const std::uint64_t first = again;
  Fuser fuser(n, cancellation);
  for (;; ++again) {
    slots.assign(static_cast<std::size_t>(fuse_sizes(n).slots()), 0);
    const Fused how = fuser.fuse(hashes, n, again, slots.data(), values);
    if (how == Fused::done) return how;
    if (how == Fused::stopped || cancellation.requested()) return Fused::stopped;
    if (again == first && have_equal(hashes, n)) return Fused::equal;
  }
}

// Slots of a few bits, one after the other from the lowest bit on, and zeros up to a multiple of 64 bits and 8 bytes more.
inline std::uint64_t packed_words(std::uint64_t slots, unsigned bits) { return (slots * bits + 63) / 64 + 1; }

template <class F> void pack_slots(const std::vector<F>& slots, unsigned bits, std::uint64_t* words) {
  for (std::size_t i = 0; i < slots.size(); ++i) {
    const std::size_t bit = i * bits;
    const std::uint64_t slot = slots[i] & ((std::uint64_t{1} << bits) - 1);
    words[bit / 64] |= slot << (bit % 64);
    if (bit % 64 + bits > 64) words[bit / 64 + 1] |= slot >> (64 - bit % 64);
  }
}

inline constexpr std::uint64_t kNoSlots[4] = {};  // as a table of no keys, of slots of up to 16 bits

// at: the first bits of the three slots of a key, which are prefetched.
LIDX_INLINE void find_slots(const std::uint64_t* table, unsigned bits, const FusePlaces& places, std::uint64_t* at) {
  for (unsigned k = 0; k < 3; ++k) {
    at[k] = places.at[k] * bits;
    prefetch_near(reinterpret_cast<const unsigned char*>(table) + at[k] / 8);
  }
}

// at: as find_slots gives it.
LIDX_INLINE std::uint64_t packed_xor(const std::uint64_t* table, unsigned bits, const std::uint64_t* at) {
  std::uint64_t value = 0;
  for (unsigned k = 0; k < 3; ++k) {
    std::uint32_t word;
    std::memcpy(&word, reinterpret_cast<const unsigned char*>(table) + at[k] / 8, sizeof word);
    value ^= word >> (at[k] % 8);
  }
  return value & ((std::uint64_t{1} << bits) - 1);
}

}  // namespace learnedidx
