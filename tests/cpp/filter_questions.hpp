// Questions for a filter that lies in a file: any answer will do, as long as nothing else happens.
#pragma once

#include "key_sets.hpp"
#include "learnedidx/filter.hpp"

namespace tests {

using namespace learnedidx;

// Spoils some bytes, most of them of the description.
inline Table<std::uint64_t> spoiled(const Table<std::uint64_t>& words, Random& random, std::size_t head) {
  Table<std::uint64_t> bad = words;
  auto* bytes = reinterpret_cast<unsigned char*>(bad.data());
  const std::size_t end = random.below(2) ? head : bad.size() * 8;
  for (std::size_t i = 0, many = 1 + random.below(60); i < many; ++i)
    bytes[random.below(end)] = static_cast<unsigned char>(random.below(4) ? random.bits() : 255);
  return bad;
}

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
  Slice strings[count];
  for (std::size_t i = 0; i < count; ++i) strings[i] = slice_of(a, random.below(sizeof a + 1));
  LearnedFilter learned;
  if (learned.open(words, bytes)) learned.test(strings, count, answers);
  LearnedHash hash;
  if (!hash.open(words, bytes)) return;
  const auto ask = [&](const auto* asked) {
    hash.positions(asked, count, hash.said().print_bits > 0, places);
    for (const bool ends : {false, true}) hash.bounds(asked, count, ends, places);
  };
  if (hash.of_strings()) ask(strings);
  else ask(a);
}

}  // namespace tests
