// Conversions against their definition: the smallest key that is not below the query.
//
// long double holds every 64-bit integer and every double exactly here, so its comparisons are the
// truth.
#include "learnedidx/keys/convert.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "key_sets.hpp"

namespace {

using namespace learnedidx;
using Exact = long double;
static_assert(std::numeric_limits<Exact>::digits >= 64);

template <class K> bool is_smallest(K value, Exact query, bool above) {
  const auto reaches = [&](K k) { return above ? static_cast<Exact>(k) > query : static_cast<Exact>(k) >= query; };
  const K before = tests::neighbour(value, false);
  return reaches(value) && (before == value || !reaches(before));
}

template <class K> Exact largest() {
  return static_cast<Exact>(std::numeric_limits<K>::has_infinity ? std::numeric_limits<K>::infinity()
                                                                 : std::numeric_limits<K>::max());
}

template <class K, class Q> void check_ceil(Q query) {
  const auto exact = static_cast<Exact>(query);
  const Converted<K> c = ceil_to<K>(query);
  CAPTURE(exact);
  REQUIRE((c.fit == Fit::past) == (exact > largest<K>()));
  if (c.fit == Fit::past) return;
  REQUIRE(is_smallest(c.value, exact, false));
  REQUIRE((c.fit == Fit::exact) == (static_cast<Exact>(c.value) == exact));
}

template <class K, class Q> void check_above(Q query) {
  const auto exact = static_cast<Exact>(query);
  const Converted<K> c = next_above(ceil_to<K>(query));
  CAPTURE(exact);
  REQUIRE((c.fit == Fit::past) == (exact >= largest<K>()));
  if (c.fit != Fit::past) REQUIRE(is_smallest(c.value, exact, true));
}

// The borders of every key format, as queries of format Q, and what lies beside them.
template <class Q> std::vector<Q> hard_queries() {
  std::vector<Q> queries = tests::queries_for(tests::random_keys<Q>(300, 21));
  for (const int power : {7, 8, 15, 16, 24, 25, 31, 32, 52, 53, 54, 62, 63, 64, 65, 127, 128}) {
    if (power >= std::numeric_limits<Q>::digits && !std::numeric_limits<Q>::has_infinity) continue;
    const Q edge = static_cast<Q>(std::ldexp(1.0, power));
    for (const Q q : {edge, static_cast<Q>(Q{0} - edge)})
      for (const Q near : {q, tests::neighbour(q, true), tests::neighbour(q, false), static_cast<Q>(q + 1)})
        queries.push_back(near);
  }
  if constexpr (std::is_floating_point_v<Q>) {
    const double edge = std::numeric_limits<float>::max();
    for (const double q : {edge, -edge, edge * (1 + 0x1p-30), -edge * (1 + 0x1p-30), 0x1p-149, 0x1p-150, -0x1p-150, -0.0, 0.5, -0.5})
      queries.push_back(q);
  }
  return queries;
}

template <class K, class Q> void check_pair() {
  for (const Q q : hard_queries<Q>()) {
    check_ceil<K>(q);
    check_above<K>(q);
  }
}

TEST_CASE_TEMPLATE("every pair of formats is exact", K, LIDX_TEST_KINDS) {
  check_pair<K, std::uint64_t>();
  check_pair<K, std::int64_t>();
  check_pair<K, double>();
}

TEST_CASE_TEMPLATE("NaN is after all numbers", K, LIDX_TEST_KINDS) {
  const auto c = ceil_to<K>(std::numeric_limits<double>::quiet_NaN());
  CHECK(c.fit == Fit::nan);
  CHECK(next_above(c).fit == Fit::nan);
}

TEST_CASE("where float64 loses digits") {
  const std::uint64_t odd = (std::uint64_t{1} << 53) + 1;
  CHECK(ceil_to<double>(odd).value == 9007199254740994.0);
  CHECK(ceil_to<double>(odd).fit == Fit::rounded);
  CHECK(ceil_to<std::uint64_t>(18446744073709551616.0).fit == Fit::past);
  CHECK(ceil_to<std::int64_t>(std::uint64_t{1} << 63).fit == Fit::past);
  CHECK(ceil_to<std::uint64_t>(std::int64_t{-1}).value == 0);
}

}  // namespace
