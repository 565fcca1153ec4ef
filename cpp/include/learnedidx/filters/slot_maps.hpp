// The two maps from codes of keys to the slots of a range filter. Both keep the order where it matters, in integers, and
// are the same code when a filter is built and when it is asked: no member is ever denied.
//
// ShiftMap (Grafite: Costa, Ferragina, Vinciguerra, SIGMOD 2024): codes are cut into blocks; each block is shifted by a hash
// of its number, around the universe of n * g slots. An interval of l codes and a key of another block meet with
// probability at most l / (n * g), whatever the keys are, so that an empty interval meets one of n keys with l / g.
//
// SegmentMap: codes between two keys that lie far apart have no slots. A segment with a slot for each code is exact; one
// with fewer is a line from its first key to its last, where a slot stands for several codes.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "learnedidx/base/shared_memory.hpp"
#include "learnedidx/filters/bits.hpp"
#include "learnedidx/filters/search_root.hpp"

namespace learnedidx {

constexpr std::size_t kMostIntervals = 4;

// Slots that an interval of codes leads to: up to four intervals of them; or surely a key.
struct Slots {
  std::size_t pieces = 0;
  bool certain = false;
  std::uint64_t from[kMostIntervals], to[kMostIntervals];

  LIDX_INLINE void add(std::uint64_t a, std::uint64_t b) {
    from[pieces] = a;
    to[pieces++] = b;
  }
};

struct ShiftMap {
  std::uint64_t universe = 1, seed = 0;
  unsigned block_bits = 0;  // a block is not larger than the universe, and more than half of it

  LIDX_INLINE std::uint64_t mask() const { return (std::uint64_t{1} << block_bits) - 1; }

  LIDX_INLINE std::uint64_t slot(std::uint64_t code) const {
    const std::uint64_t at = high_product(mixed(code >> block_bits, seed), universe) + (code & mask());
    return at < universe ? at : at - universe;
  }

  // a <= b.
  LIDX_INLINE void map(std::uint64_t a, std::uint64_t b, Slots& slots) const {
    slots.pieces = 0;
    const std::uint64_t blocks = (b >> block_bits) - (a >> block_bits);
    slots.certain = blocks > 1;
    if (blocks > 1) return;
    if (blocks == 1) add(slots, b & ~mask(), b);
    add(slots, a, blocks == 1 ? a | mask() : b);
  }

 private:
  LIDX_INLINE void add(Slots& slots, std::uint64_t a, std::uint64_t b) const {
    const std::uint64_t from = slot(a), length = b - a;
    if (length < universe - from) return slots.add(from, from + length);
    slots.add(from, universe - 1);
    slots.add(0, from + length - universe);
  }
};

class SegmentMap {
 public:
  SegmentMap() = default;
  // firsts and lasts: codes of the first and the last key of each segment; bases: its first slot, and then the universe.
  SegmentMap(std::uint64_t segments, std::uint64_t universe, const std::uint64_t* words)
      : segments_(segments), universe_(universe), firsts_(words), lasts_(words + segments), bases_(words + 2 * segments) {
    root_.learn(firsts_, segments);
  }

  // The last segment that begins at a code or before; 0 where none does. O(log segments).
  LIDX_INLINE void find(const std::uint64_t* codes, std::size_t count, std::uint64_t* at) const { root_.find(firsts_, codes, count, at); }

  // Of a code of that segment, or behind it: its last slot then.
  LIDX_INLINE std::uint64_t slot(std::uint64_t code, std::uint64_t segment) const {
    const std::uint64_t first = loaded_once(firsts_[segment]), last = loaded_once(lasts_[segment]);
    const std::uint64_t base = base_of(segment), slots = base_of(segment + 1) - base;
    const std::uint64_t inside = std::min(code, last) - std::min(first, std::min(code, last)), span = last - first;
    if (slots > span) return std::min(base + inside, universe_ - 1);
    const unsigned shift = span >> 32 ? width_of(span >> 32) : 0;
    const std::uint64_t scale = (std::min(slots, kMostSlots) << 32) / ((span >> shift) + 1);
    return std::min(base + ((inside >> shift) * scale >> 32), universe_ - 1);
  }

  // a <= b, in segments that were found.
  LIDX_INLINE void map(std::uint64_t a, std::uint64_t b, std::uint64_t of_a, Slots& slots) const {
    slots.pieces = 0;
    slots.certain = false;
    if (b < firsts_[0]) return;
    const bool behind = a > lasts_[of_a];
    if (behind && of_a + 1 >= segments_) return;
    const std::uint64_t from = behind ? base_of(of_a + 1) : slot(a, of_a);
    const bool same = of_a + 1 >= segments_ || b < firsts_[of_a + 1];
    std::uint64_t of_b = of_a;
    if (!same) find(&b, 1, &of_b);
    const std::uint64_t to = slot(b, of_b);
    if (from <= to) slots.add(from, to);
  }

  // Codes of the first key and of the last.
  LIDX_INLINE std::uint64_t first() const { return loaded_once(firsts_[0]); }
  LIDX_INLINE std::uint64_t last() const { return loaded_once(lasts_[segments_ - 1]); }

  static constexpr std::uint64_t kMostSlots = std::uint64_t{1} << 31;  // of a segment that is not exact

 private:
  LIDX_INLINE std::uint64_t base_of(std::uint64_t segment) const { return std::min(loaded_once(bases_[segment]), universe_ - 1 + (segment == segments_)); }

  std::uint64_t segments_ = 0, universe_ = 1;
  SearchRoot root_;
  const std::uint64_t *firsts_ = nullptr, *lasts_ = nullptr, *bases_ = nullptr;
};

}  // namespace learnedidx
