// Keys and queries for the C++ tests: seeded, of every kind, with the values that break things.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <tuple>
#include <type_traits>
#include <vector>

#include "learnedidx/base/key_types.hpp"

// The types of all keys, as the last parameters of TEST_CASE_TEMPLATE.
#define LIDX_TYPE(name, type) type
#define LIDX_COMMA ,
#define LIDX_TEST_KINDS LIDX_KEY_TYPES(LIDX_TYPE, LIDX_TYPE, LIDX_COMMA)

namespace tests {

#ifdef LIDX_TEST_SLOW  // by CMake: under a sanitizer or an emulator, where tests ask less
constexpr bool kSlow = true;
#else
constexpr bool kSlow = false;
#endif

// Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, OOPSLA 2014.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t bits() {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  std::uint64_t below(std::uint64_t n) { return bits() % n; }

 private:
  std::uint64_t state_;
};

// The values at which formats end, in ascending order; no NaN.
template <class K> std::vector<K> extremes() {
  using Limits = std::numeric_limits<K>;
  std::vector<K> values = {Limits::lowest(), K{0}, K{1}, K{2}, Limits::max()};
  if constexpr (std::is_floating_point_v<K>) {
    for (const K x : {Limits::infinity(), Limits::max(), Limits::min(), Limits::denorm_min(), K{1.5}}) {
      values.push_back(x);
      values.push_back(-x);
    }
  } else {
    values.push_back(static_cast<K>(Limits::max() - 1));
    values.push_back(static_cast<K>(Limits::min() + 1));
    if (std::is_signed_v<K>) values.push_back(static_cast<K>(-1));
  }
  std::sort(values.begin(), values.end());
  return values;
}

// One value of format K: from a small range, from the whole domain, or an extreme.
template <class K> K random_key(Random& random) {
  const std::uint64_t choice = random.below(8), bits = random.bits();
  if (choice == 0) {
    const auto values = extremes<K>();
    return values[bits % values.size()];
  }
  if constexpr (std::is_floating_point_v<K>) {
    const double unit = static_cast<double>(bits >> 11) * 0x1p-53;
    const int exponent = choice < 5 ? 4 : static_cast<int>(random.below(200)) - 100;
    return static_cast<K>(std::ldexp(unit - 0.5, exponent));
  } else {
    return choice < 5 ? static_cast<K>(bits % 50) : static_cast<K>(bits);
  }
}

template <class K> std::vector<K> random_keys(std::size_t n, std::uint64_t seed) {
  Random random(seed);
  std::vector<K> keys(n);
  for (K& key : keys) key = random_key<K>(random);
  std::sort(keys.begin(), keys.end());
  return keys;
}

// Keys that lie evenly, with gaps, so that a model can be nearly right; wraps for small formats.
template <class K> std::vector<K> even_keys(std::size_t n) {
  std::vector<K> keys(n);
  for (std::size_t i = 0; i < n; ++i)
    keys[i] = sizeof(K) >= 4 ? static_cast<K>(3 * i + 7) : static_cast<K>(i * 100 / (n ? n : 1));
  return keys;
}

template <class K> K neighbour(K x, bool up) {
  using Limits = std::numeric_limits<K>;
  if constexpr (std::is_floating_point_v<K>) {
    return std::nextafter(x, up ? Limits::infinity() : -Limits::infinity());
  } else {
    if (x == (up ? Limits::max() : Limits::min())) return x;
    return static_cast<K>(up ? x + 1 : x - 1);
  }
}

// Every key, its neighbours, and the ends of the format.
template <class K> std::vector<K> queries_for(const std::vector<K>& keys) {
  std::vector<K> queries = extremes<K>();
  for (const K key : keys) {
    queries.push_back(key);
    queries.push_back(neighbour(key, false));
    queries.push_back(neighbour(key, true));
  }
  return queries;
}

}  // namespace tests
