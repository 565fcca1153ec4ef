// Second chances: queries whose first window did not prove the answer, searched together.
//
// The borders of a query's leaf bracket its answer, so that a few steps of bisection are left; the
// queries of a group take each step together, and the keys of the next are fetched meanwhile. The
// bracket is a hint like any other: what two neighbouring keys do not confirm gallops alone.
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

template <class K, std::size_t Most> class Retry {
 public:
  Retry(const K* keys, std::size_t n) : keys_(keys), n_(n) {}

  std::size_t size() const { return size_; }

  // Query number i, whose window at `start` counted up to `found`; its leaf's borders are low, high.
  void add(std::size_t i, std::size_t low, std::size_t high, std::size_t start, std::size_t found) {
    if (found == start) high = high < start ? high : start;
    else low = low > found ? low : found;
    high = high < n_ ? high : n_;
    low = low < high ? low : high;
    number_[size_] = i;
    base_[size_] = low;
    left_[size_] = high - low;
    prefetch(keys_ + low + (high - low) / 2);
    ++size_;
  }

  void run(const K* queries, std::int64_t* out) {
    while (size_ > 0) size_ = step(queries, out);
  }

 private:
  // Halves every bracket once; keeps those that are still open.
  std::size_t step(const K* queries, std::int64_t* out) {
    std::size_t kept = 0;
    for (std::size_t j = 0; j < size_; ++j) {
      const std::size_t i = number_[j];
      std::size_t base = base_[j], left = left_[j];
      if (left <= 1) {
        out[i] = finish(base, left, queries[i]);
        continue;
      }
      const std::size_t half = left / 2;
      base += static_cast<std::size_t>(keys_[base + half - 1] < queries[i]) * half;
      left -= half;
      prefetch(keys_ + base + left / 2);
      number_[kept] = i;
      base_[kept] = base;
      left_[kept++] = left;
    }
    return kept;
  }

  std::int64_t finish(std::size_t base, std::size_t left, K q) const {
    if (left == 1) base += static_cast<std::size_t>(keys_[base] < q);
    if (!is_lower_bound(keys_, n_, base, q)) base = gallop(keys_, n_, base, q);
    return static_cast<std::int64_t>(base);
  }

  const K* keys_;
  std::size_t n_, size_ = 0;
  std::size_t number_[Most], base_[Most], left_[Most];
};

}  // namespace learnedidx
