// A score of a string: the sum of small whole weights of its hashed 1-, 2- and 3-grams, as a linear classifier of text has.
// In integers, so that a string has one score, in whatever batch and on whatever machine.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "learnedidx/keys/strings.hpp"

namespace learnedidx {

constexpr unsigned kLeastGramBits = 6, kMostGramBits = 16;
constexpr std::size_t kMostScored = 64;  // bytes of a string; those behind have no part in its score

// use(number) for each gram of a string with an end on both sides, which is below 2^bits.
template <class Use> LIDX_INLINE void each_gram(const Slice& string, unsigned bits, Use&& use) {
  constexpr std::uint64_t base = 259, begin = 257, end = 258, factor = 0x9e3779b97f4a7c15u;  // a byte is 1 to 256
  const unsigned shift = 64 - bits;
  const std::size_t size = std::min(string.size, kMostScored);
  // A gram is a number to the base, times five times the factor from the start: so each takes one product and a sum.
  const auto number = [shift](std::uint64_t gram, std::uint64_t length) { return (gram + length * factor) >> shift; };
  const auto scaled = [](std::uint64_t one) { return one * (5 * factor); };
  std::uint64_t last = scaled(size > 0 ? std::uint64_t{string.data[0]} + 1 : end), two = scaled(begin * base) + last;
  use(number(last, 1));
  use(number(two, 2));
  const auto add = [&](std::uint64_t one) {
    const std::uint64_t pair = last * base + one;
    use(number(one, 1));
    use(number(pair, 2));
    use(number(two * base + one, 3));
    two = pair;
    last = one;
  };
  for (std::size_t i = 1; i < size; ++i) add(scaled(std::uint64_t{string.data[i]} + 1));
  if (size > 0) add(scaled(end));
}

LIDX_INLINE std::int32_t gram_score(const Slice& string, const std::int8_t* weights, unsigned bits) {
  std::int32_t score = 0;
  each_gram(string, bits, [&](std::uint64_t gram) { score += weights[gram]; });
  return score;
}

}  // namespace learnedidx
