// Questions for a filter that lies in a file: any answer will do, as long as nothing else happens.
#pragma once

#include "key_sets.hpp"
#include "learnedidx/filter.hpp"

namespace tests {

using namespace learnedidx;

inline void ask_filter(const void* words, std::uint64_t bytes, std::uint64_t seed) {
  constexpr std::size_t count = 70;  // more than a group
  Random random(seed);
  std::uint64_t a[count], b[count];  // of strings the bytes
  bool answers[count];
  std::int64_t places[count];
  for (std::size_t i = 0; i < count; ++i) {
    a[i] = random.bits() >> random.below(64);
    b[i] = a[i] + (random.below(3) ? random.bits() >> random.below(64) : 0);
  }
  RangeFilter ranges;
  if (ranges.open(words, bytes)) ranges.any(a, b, count, answers);
  PointFilter points;
  if (points.open(words, bytes)) points.test(a, count, answers);
  LearnedFilter learned;
  if (learned.open(words, bytes)) {
    Slice strings[count];
    for (std::size_t i = 0; i < count; ++i) strings[i] = slice_of(a, random.below(sizeof a + 1));
    learned.test(strings, count, answers);
  }
  LearnedHash hash;
  if (!hash.open(words, bytes)) return;
  hash.positions(a, count, hash.said().print_bits > 0, places);
  hash.bounds(a, count, false, places);
  hash.bounds(a, count, true, places);
}

}  // namespace tests
