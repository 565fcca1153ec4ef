// SearchRoot: where a search among sorted numbers begins.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "learnedidx/base/shared_memory.hpp"
#include "learnedidx/filters/bits.hpp"

namespace learnedidx {

// Finds the last of n numbers, which ascend, that is not above a code. What lies between the first number and the last is cut
// into equal parts; in each of them the search begins where that part does, and takes as many steps as the fullest needs.
class SearchRoot {
 public:
  // O(kParts * log n).
  void learn(const std::uint64_t* numbers, std::uint64_t n) {
    *this = {};
    width_ = n;
    if (n == 0 || n > 0xffffffffu) return;
    first_ = loaded_once(numbers[0]);
    span_ = std::max(loaded_once(numbers[n - 1]), first_) - first_;
    shift_ = width_of(span_ >> kPartBits);
    std::uint64_t starts[kParts + 1];
    starts[0] = 0;  // where all numbers are above a code too
    for (std::uint64_t part = 1; part < kParts; ++part) starts[part] = last_not_above(numbers, n, first_ + std::min(part << shift_, span_));
    starts[kParts] = n - 1;
    width_ = 1;
    for (std::uint64_t part = 0; part < kParts; ++part)
      width_ = std::max(width_, std::max(starts[part + 1], starts[part]) - starts[part] + 1);
    for (std::uint64_t part = 0; part < kParts; ++part) starts_[part] = static_cast<std::uint32_t>(std::min(starts[part], n - width_));
  }

  // at[i]: that of codes[i]; 0 where all numbers are above it. Side by side, so that the steps of one code do not wait for those
  // of another. O(log n) each.
  LIDX_INLINE void find(const std::uint64_t* numbers, const std::uint64_t* codes, std::size_t count, std::uint64_t* at) const {
    for (std::size_t i = 0; i < count; ++i) at[i] = starts_[std::min(codes[i] - std::min(codes[i], first_), span_) >> shift_];
    for (std::uint64_t left = width_; left > 1; left -= left / 2)
      for (std::size_t i = 0; i < count; ++i) at[i] += if_true(numbers[at[i] + left / 2] <= codes[i], left / 2);
  }

 private:
  static constexpr unsigned kPartBits = 8;
  static constexpr std::uint64_t kParts = std::uint64_t{1} << kPartBits;

  static std::uint64_t last_not_above(const std::uint64_t* numbers, std::uint64_t n, std::uint64_t code) {
    std::uint64_t at = 0;
    for (std::uint64_t left = n; left > 1; left -= left / 2) at += if_true(loaded_once(numbers[at + left / 2]) <= code, left / 2);
    return at;
  }

  std::uint64_t first_ = 0, span_ = 0, width_ = 0;
  unsigned shift_ = 0;
  std::uint32_t starts_[kParts] = {};
};

}  // namespace learnedidx
