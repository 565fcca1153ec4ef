// Keys as numbers of 64 bits.
#pragma once

#include <cstddef>
#include <cstdint>

#include "learnedidx/base/aligned_table.hpp"
#include "learnedidx/base/cancellation.hpp"
#include "learnedidx/base/key_traits.hpp"

namespace learnedidx {

// Codes of the numbers among sorted keys, each once. False if stopped.
template <class K> bool distinct_codes(const K* keys, std::size_t numbers, Table<std::uint64_t>& codes, Cancellation cancellation) {
  codes.resize(numbers);
  std::size_t n = 0;
  SeldomPoll poll(cancellation);
  for (std::size_t i = 0; i < numbers; ++i) {
    codes[n] = key_code(keys[i]);
    n += n == 0 || codes[n] != codes[n - 1];
    if ((i & 0xffff) == 0xffff && !poll.may_continue(0x10000)) return false;
  }
  codes.resize(n);
  return true;
}

// For each of these keys that equals the one before, the number of its code among the distinct ones. False if stopped.
template <class K> bool repeated_codes(const K* keys, std::size_t numbers, Table<std::uint64_t>& repeats, Cancellation cancellation) {
  std::uint64_t at = 0;
  SeldomPoll poll(cancellation);
  for (std::size_t i = 1; i < numbers; ++i) {
    if (keys[i] == keys[i - 1]) repeats.push_back(at);
    else ++at;
    if ((i & 0xffff) == 0xffff && !poll.may_continue(0x10000)) return false;
  }
  return true;
}

}  // namespace learnedidx
