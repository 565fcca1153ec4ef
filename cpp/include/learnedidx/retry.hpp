// Second chances: queries whose first window did not prove the answer, searched together.
//
// A model that is nearly right misses by little, so a query with a narrow bracket looks into the
// window next to the first one. One with a wide bracket halves it, all queries of a group in step,
// until a window is left. The keys of every next look are fetched meanwhile. Both are hints: what
// two neighbouring keys do not confirm gallops alone.
#pragma once

#include <cstddef>
#include <cstdint>

#include "search.hpp"
#include "window.hpp"

namespace learnedidx {

// Is `position` the number of keys below q?
template <class K>
LIDX_INLINE bool is_lower_bound(const K* keys, std::size_t n, std::size_t position, K q) {
  return (position == 0 || keys[position - 1] < q) && (position >= n || !(keys[position] < q));
}

// Brackets of up to so many windows count as narrow.
constexpr std::size_t kNarrow = 8;

template <class K, std::size_t Most> class Retry {
 public:
  Retry(const K* keys, std::size_t n) : keys_(keys), n_(n) {}

  std::size_t size() const { return size_; }
  bool is_full() const { return size_ == Most; }

  // Query number i, whose window at `start` counted up to `found`.
  void add(std::size_t i, Bracket bracket, std::size_t start, std::size_t found) {
    std::size_t low = bracket.low, high = bracket.high;
    if (high <= low + kNarrow * kWindow) {
      low = found == start ? (start < kWindow ? 0 : start - kWindow) : found;
      high = low + kWindow;
    } else if (found == start) {
      high = high < start ? high : start;
    } else {
      low = low > found ? low : found;
    }
    high = high < n_ ? high : n_;
    low = low < high ? low : high;
    keep(size_++, i, low, high - low);
  }

  void run(const K* queries, std::int64_t* out) {
    while (size_ > 0) size_ = step(queries, out);
  }

 private:
  static constexpr std::size_t kWindow = kWindowKeys<K>;

  void keep(std::size_t j, std::size_t i, std::size_t base, std::size_t left) {
    number_[j] = i;
    base_[j] = base;
    left_[j] = left;
    if (left > kWindow) {
      prefetch(keys_ + base + left / 2 - 1);
    } else {
      prefetch(keys_ + base);
      prefetch(keys_ + base + left);
    }
  }

  // Halves every wide bracket once and answers the others; returns how many are left.
  std::size_t step(const K* queries, std::int64_t* out) {
    std::size_t kept = 0;
    for (std::size_t j = 0; j < size_; ++j) {
      const std::size_t i = number_[j], left = left_[j];
      std::size_t base = base_[j];
      if (left <= kWindow) {
        out[i] = answer(base + lower_bound(keys_ + base, left, queries[i]), queries[i]);
        continue;
      }
      const std::size_t half = left / 2;
      base += static_cast<std::size_t>(keys_[base + half - 1] < queries[i]) * half;
      keep(kept++, i, base, left - half);
    }
    return kept;
  }

  std::int64_t answer(std::size_t position, K q) const {
    if (!is_lower_bound(keys_, n_, position, q)) position = gallop(keys_, n_, position, q);
    return static_cast<std::int64_t>(position);
  }

  const K* keys_;
  std::size_t n_, size_ = 0;
  std::size_t number_[Most], base_[Most], left_[Most];
};

}  // namespace learnedidx
