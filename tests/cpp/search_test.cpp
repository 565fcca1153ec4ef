// The scalar searches against std::lower_bound, at every guess.
#include "learnedidx/search/bisect.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

#include "key_sets.hpp"

namespace {

using namespace learnedidx;

template <class K> std::size_t truth(const std::vector<K>& keys, K q) {
  return static_cast<std::size_t>(std::lower_bound(keys.begin(), keys.end(), q) - keys.begin());
}

TEST_CASE_TEMPLATE("lower_bound is std::lower_bound", K, LIDX_TEST_KINDS) {
  for (std::size_t n = 0; n <= 70; ++n) {
    const auto keys = tests::random_keys<K>(n, 3 + n);
    for (const K q : tests::queries_for(keys)) REQUIRE(lower_bound(keys.data(), n, q) == truth(keys, q));
  }
}

TEST_CASE_TEMPLATE("gallop finds the answer from every guess", K, LIDX_TEST_KINDS) {
  for (const std::size_t n : {0u, 1u, 2u, 7u, 8u, 9u, 10u, 63u, 200u}) {
    const auto keys = tests::random_keys<K>(n, 11 + n);
    for (const K q : tests::queries_for(keys))
      for (std::size_t guess = 0; guess <= n; ++guess) REQUIRE(gallop(keys.data(), n, guess, q) == truth(keys, q));
  }
}

TEST_CASE("gallop crosses a long run of equal keys") {
  std::vector<std::uint64_t> keys(5000, 7);
  keys.front() = 6;
  keys.back() = 8;
  for (const std::size_t guess : {0u, 1u, 2500u, 4998u, 4999u, 5000u}) {
    CHECK(gallop(keys.data(), keys.size(), guess, std::uint64_t{7}) == 1);
    CHECK(gallop(keys.data(), keys.size(), guess, std::uint64_t{8}) == 4999);
    CHECK(gallop(keys.data(), keys.size(), guess, std::uint64_t{9}) == 5000);
  }
}

}  // namespace
