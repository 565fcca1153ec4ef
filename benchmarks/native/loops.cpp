// What the batches are compared with: loops in C++ that need nothing but the standard library.
// Loaded by ctypes; keys and queries are sorted or shuffled uint64, answers are positions.

#include <algorithm>
#include <cstddef>
#include <cstdint>

extern "C" {

// out[i] = number of keys below queries[i], one std::lower_bound after the other.
void lower_bounds(const std::uint64_t* keys, std::size_t n, const std::uint64_t* queries,
                  std::size_t count, std::int64_t* out) noexcept {
  for (std::size_t i = 0; i < count; ++i) out[i] = std::lower_bound(keys, keys + n, queries[i]) - keys;
}

// The same for sorted queries: two pointers that only move forward.
void merge(const std::uint64_t* keys, std::size_t n, const std::uint64_t* queries, std::size_t count,
           std::int64_t* out) noexcept {
  std::size_t at = 0;
  for (std::size_t i = 0; i < count; ++i) {
    while (at < n && keys[at] < queries[i]) ++at;
    out[i] = static_cast<std::int64_t>(at);
  }
}

// The same without a branch that a processor could guess wrong: each step moves one pointer.
void merge_branchless(const std::uint64_t* keys, std::size_t n, const std::uint64_t* queries, std::size_t count,
                      std::int64_t* out) noexcept {
  std::size_t at = 0, i = 0;
  while (at < n && i < count) {
    const bool below = keys[at] < queries[i];
    out[i] = static_cast<std::int64_t>(at);  // holds when the key is not below
    at += below;
    i += !below;
  }
  for (; i < count; ++i) out[i] = static_cast<std::int64_t>(n);
}

}  // extern "C"
