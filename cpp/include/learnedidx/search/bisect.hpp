// Last-mile search: the scalar twins that say what the vector kernels must answer.
// All functions return the number of keys below q, that is the first position whose key is >= q.
#pragma once

#include <cstddef>
#include <type_traits>

#include "learnedidx/base/key_types.hpp"
#include "learnedidx/base/unaligned_array.hpp"
#include "learnedidx/search/trace.hpp"

namespace learnedidx {

// Where an answer lies if a model is right: between two positions. A hint.
struct Bracket {
  std::size_t low, high;
};

// lower_bound in keys[0, n) without unpredictable branches: O(log n).
template <class K> LIDX_INLINE std::size_t lower_bound(const K* keys, std::size_t n, K q) {
  if (n == 0) return 0;
  const K* base = keys;
  while (n > 1) {
    const std::size_t half = n / 2;
    base += static_cast<std::size_t>(base[half - 1] < q) * half;
    n -= half;
  }
  return static_cast<std::size_t>(base - keys) + static_cast<std::size_t>(*base < q);
}

// The same in an array at any address, or one that is traced.
template <class Array, class K, std::enable_if_t<std::is_class_v<Array>, int> = 0>
LIDX_INLINE std::size_t lower_bound(const Array& keys, std::size_t n, K q) {
  if (n == 0) return 0;
  std::size_t base = 0;
  while (n > 1) {
    const std::size_t half = n / 2;
    base += static_cast<std::size_t>(keys[base + half - 1] < q) * half;
    n -= half;
  }
  return base + static_cast<std::size_t>(keys[base] < q);
}

// lower_bound in keys[0, n) from a guess in [0, n]: O(log distance), never outside the array.
template <class Keys, class K>
std::size_t gallop(const Keys& keys, std::size_t n, std::size_t guess, K q) noexcept {
  std::size_t low = 0, high = n, step = 8;
  if (guess < n && keys[guess] < q) {
    low = guess + 1;
    while (step < n - low && keys[low + step] < q) {
      low += step + 1;
      step *= 2;
    }
    if (step < n - low) high = low + step;
  } else {
    high = guess < n ? guess : n;
    while (step < high && !(keys[high - step] < q)) {
      high -= step;
      step *= 2;
    }
    if (step < high) low = high - step + 1;
  }
  return low + lower_bound(keys + low, high - low, q);
}

}  // namespace learnedidx
