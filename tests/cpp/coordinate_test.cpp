// Coordinates never decrease with the key, whatever the domain, and use the 64-bit range.
#include "learnedidx/keys/coordinate.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "key_sets.hpp"

namespace {

using namespace learnedidx;

template <class K> std::vector<K> finite_keys(std::uint64_t seed) {
  std::vector<K> keys;
  for (const K key : tests::random_keys<K>(150, seed))
    if (std::isfinite(static_cast<double>(key))) keys.push_back(key);
  return keys;
}

template <class K> void check_monotone(const std::vector<K>& sorted, const Coordinate& domain) {
  for (std::size_t i = 1; i < sorted.size(); ++i)
    REQUIRE(coordinate(sorted[i - 1], domain) <= coordinate(sorted[i], domain));
}

TEST_CASE_TEMPLATE("coordinates never decrease, over every pair of ends", K, LIDX_TEST_KINDS) {
  std::vector<K> sorted = tests::queries_for(tests::random_keys<K>(200, 3));
  std::sort(sorted.begin(), sorted.end());
  const auto ends = finite_keys<K>(4);
  for (std::size_t i = 0; i < ends.size(); i += 7)
    for (std::size_t j = i; j < ends.size(); j += 11) check_monotone(sorted, coordinate_over<K>(ends[i], ends[j]));
}

TEST_CASE_TEMPLATE("keys outside the domain are clamped to its ends", K, LIDX_TEST_KINDS) {
  const Coordinate domain = coordinate_over<K>(K{10}, K{20});
  CHECK(coordinate(K{0}, domain) == coordinate(K{10}, domain));
  CHECK(coordinate(K{30}, domain) == coordinate(K{20}, domain));
  CHECK(coordinate(std::numeric_limits<K>::lowest(), domain) == 0);
  CHECK(coordinate(K{11}, domain) > coordinate(K{10}, domain));
}

TEST_CASE_TEMPLATE("the last key reaches at least half of the range", K, LIDX_TEST_KINDS) {
  const auto ends = finite_keys<K>(9);
  for (std::size_t i = 0; i + 1 < ends.size(); ++i) {
    if (ends[i] == ends.back()) continue;
    const Coordinate domain = coordinate_over<K>(ends[i], ends.back());
    CHECK(coordinate(ends[i], domain) == 0);
    CHECK(coordinate(ends.back(), domain) >= std::uint64_t{1} << 62);
  }
}

TEST_CASE_TEMPLATE("neighbours near 2^63 keep different coordinates", K, std::uint64_t, std::int64_t) {
  const K top = std::numeric_limits<K>::max(), first = static_cast<K>(top - 1000);
  const Coordinate domain = coordinate_over<K>(first, top);
  for (K key = first; key < top; ++key) REQUIRE(coordinate(key, domain) < coordinate(static_cast<K>(key + 1), domain));
}

TEST_CASE_TEMPLATE("a domain of subnormals still tells its ends apart", K, float, double) {
  const K tiny = std::numeric_limits<K>::denorm_min();
  const Coordinate domain = coordinate_over<K>(tiny, tiny * 3);
  CHECK(coordinate(tiny, domain) < coordinate(static_cast<K>(tiny * 2), domain));
  CHECK(coordinate(static_cast<K>(tiny * 2), domain) < coordinate(static_cast<K>(tiny * 3), domain));
}

TEST_CASE_TEMPLATE("NaN and infinities have coordinates too", K, float, double) {
  using Limits = std::numeric_limits<K>;
  const Coordinate domain = coordinate_over<K>(Limits::lowest(), Limits::max());
  CHECK(coordinate(Limits::quiet_NaN(), domain) == 0);
  CHECK(coordinate(-Limits::infinity(), domain) == 0);
  CHECK(coordinate(Limits::infinity(), domain) == coordinate(Limits::max(), domain));
  CHECK(coordinate(K{0}, domain) > std::uint64_t{1} << 61);
}

TEST_CASE("a domain of one key, and one whose ends are exchanged, are safe") {
  CHECK(coordinate(std::uint64_t{7}, coordinate_over<std::uint64_t>(7, 7)) == 0);
  CHECK(coordinate(7.0, coordinate_over<double>(7, 7)) == 0);
  check_monotone<double>({-1, 0, 1, 2, 3}, coordinate_over<double>(2, 1));
  check_monotone<std::int64_t>({-1, 0, 1, 2, 3}, coordinate_over<std::int64_t>(2, 1));
}

}  // namespace
