// The check that keys are sorted, in NumPy's order: NaN (and NaT) after every number.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "learnedidx/base/compiled.hpp"
#include "learnedidx/base/executor.hpp"
#include "learnedidx/base/key_traits.hpp"
#include "learnedidx/keys/times.hpp"
#include "learnedidx/training/fit_rmi.hpp"

namespace learnedidx {

// The number of keys that are numbers, if those that are not stand at the end. O(log n).
template <class K> std::size_t count_numbers(const K* keys, std::size_t n, bool times) {
  if (n == 0 || !is_missing(keys[n - 1], times)) return n;
  std::size_t low = 0, high = n - 1;
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    if (is_missing(keys[middle], times)) high = middle;
    else low = middle + 1;
  }
  return low;
}

struct SortedCheck {
  std::size_t numbers = 0;
  std::size_t bad = 0;  // first position that is out of order, if !sorted
  bool sorted = true;
  std::uint64_t fingerprint = 0;  // changes when any one key does
};

// The first of the keys, which were in order and had that fingerprint when a pass before this one read
// them. The caller vouches that they still do: this pass reads the last block of them alone.
struct Vouched {
  std::size_t n = 0;
  std::uint64_t fingerprint = 0;
};

// A sum of the bits of all keys, in which every block has its own odd factor. `unfolded` takes back what
// `folded` did.
constexpr std::uint64_t kFold = 0x9E3779B97F4A7C15u, kUnfold = 0xF1DE83E19937733Du;
static_assert(kFold * kUnfold == 1);
LIDX_INLINE std::uint64_t folded(std::uint64_t fingerprint, std::uint64_t block_sum) {
  return (fingerprint ^ block_sum) * kFold;
}
LIDX_INLINE std::uint64_t unfolded(std::uint64_t fingerprint, std::uint64_t block_sum) {
  return (fingerprint * kUnfold) ^ block_sum;
}

template <class K> LIDX_INLINE bool in_order(K before, K after, bool times) {
  return is_missing(after, times) || (!is_missing(before, times) && before <= after);
}

// Keys are checked in blocks, by a vector kernel without branches, and the sums of a round of blocks are folded together.
constexpr std::size_t kOrderBlock = 4096, kBlocksAPiece = 64, kBlocksARound = 1024;

// Whether the keys [from, end), of which those below `numbers` are numbers, are in order behind the key before them.
template <class K>
bool block_in_order(const K* keys, std::size_t from, std::size_t end, std::size_t numbers, bool times, const Kernels& kernels,
                    std::uint64_t& sum) {
  const std::size_t middle = std::min(end, std::max(numbers, from));
  sum = 0;
  bool ordered = kernels.ascending[key_type_index<K>()](keys + from, middle - from, &sum);
  for (std::size_t i = middle; i < end; ++i) {
    sum += bits_of(keys[i]);
    ordered &= is_missing(keys[i], times);
  }
  return ordered;
}

// O(n - vouched.n), one pass; false if stopped. Needs no memory.
template <class K>
bool check_sorted(const K* keys, std::size_t n, bool times, const Kernels& kernels, SortedCheck& result,
                  const Executor& executor, Vouched vouched = {}) {
  result.numbers = count_numbers(keys, n, times);
  result.fingerprint = folded(0, n > 0 ? bits_of(keys[0]) : 0);
  std::size_t first = 1;
  if (vouched.n > 0) {  // go on with the block that the pass before did not fill
    first = vouched.n - (vouched.n - 1) % kOrderBlock;
    std::uint64_t sum = 0;
    for (std::size_t i = first; i < vouched.n; ++i) sum += bits_of(keys[i]);
    result.fingerprint = unfolded(vouched.fingerprint, vouched.n);
    if (first < vouched.n) result.fingerprint = unfolded(result.fingerprint, sum);
  }
  // NaT is the smallest integer, so the kernel would let it stand before all numbers.
  const bool starts_missing = n > 0 && result.numbers > 0 && is_missing(keys[0], times);
  for (std::size_t round = first; round < n; round += kBlocksARound * kOrderBlock) {
    if (round > first && executor.cancellation.requested()) return false;
    const std::size_t blocks = std::min(kBlocksARound, (n - round + kOrderBlock - 1) / kOrderBlock);
    std::uint64_t sums[kBlocksARound];
    std::atomic<std::size_t> bad{starts_missing ? 0 : blocks};  // the first block out of order
    const bool done = executor.for_each_piece(blocks, kBlocksAPiece, [&](std::size_t block, std::size_t count) {
      for (const std::size_t end = block + count; block < end && block < bad.load(std::memory_order_relaxed); ++block) {
        const std::size_t from = round + block * kOrderBlock;
        if (block_in_order(keys, from, std::min(n, from + kOrderBlock), result.numbers, times, kernels, sums[block])) continue;
        std::size_t before = bad.load(std::memory_order_relaxed);
        while (block < before && !bad.compare_exchange_weak(before, block)) {}
      }
    });
    if (!done) return false;
    for (std::size_t i = round + bad * kOrderBlock; i < n && bad < blocks; ++i) {
      if (in_order(keys[i - 1], keys[i], times)) continue;
      result.bad = i;
      result.sorted = false;
      return true;
    }
    for (std::size_t block = 0; block < blocks; ++block) result.fingerprint = folded(result.fingerprint, sums[block]);
  }
  result.fingerprint = folded(result.fingerprint, n);
  return true;
}

// The first position at which two arrays differ, or n: all that is missing is equal, and so are both zeros.
// O(n), one pass over both; false if stopped.
template <class K>
bool first_difference(const K* left, const K* right, std::size_t n, bool times, std::size_t& at, Cancellation cancellation) {
  constexpr std::size_t block = 4096;
  for (std::size_t from = 0, blocks = 1; from < n; from += block, ++blocks) {
    if (blocks % 256 == 0 && cancellation.requested()) return false;
    const std::size_t end = n - from < block ? n : from + block;
    if (std::memcmp(left + from, right + from, (end - from) * sizeof(K)) == 0) continue;
    for (std::size_t i = from; i < end; ++i) {
      if (left[i] == right[i] || (is_missing(left[i], times) && is_missing(right[i], times))) continue;
      at = i;
      return true;
    }
  }
  at = n;
  return true;
}

#define LIDX_THESE(name, K) \
  LIDX_COMPILE(bool check_sorted(const K*, std::size_t, bool, const Kernels&, SortedCheck&, const Executor&, Vouched)) \
  LIDX_COMPILE(bool first_difference(const K*, const K*, std::size_t, bool, std::size_t&, Cancellation))
LIDX_FOR_ALL_KEYS(LIDX_THESE)
#undef LIDX_THESE

}  // namespace learnedidx
