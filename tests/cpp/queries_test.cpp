// Blocks of queries of any format are what single conversions say.
#include "learnedidx/keys/queries.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <memory>
#include <vector>

#include "key_sets.hpp"

namespace {

using namespace learnedidx;

template <class K, class Q> void check_block(std::vector<Q> queries, bool right) {
  if constexpr (std::is_floating_point_v<Q>) queries.push_back(std::numeric_limits<Q>::quiet_NaN());
  Queries batch;
  batch.data = queries.data();
  batch.kind = KeyTypeOf<Q>::value;
  const auto block = std::make_unique<QueryBlock<K>>();
  const std::size_t from = 3, count = queries.size() - from;
  load_block(batch, from, count, right, *block);
  bool special = false;
  for (std::size_t i = 0; i < count; ++i) {
    using Wide = std::conditional_t<std::is_floating_point_v<Q>, double, std::conditional_t<std::is_signed_v<Q>, std::int64_t, std::uint64_t>>;
    Converted<K> expected = ceil_to<K>(static_cast<Wide>(queries[from + i]));
    if (right) expected = next_above(expected);
    REQUIRE(block->fits[i] == expected.fit);
    special = special || expected.fit >= Fit::past;
    if (expected.fit < Fit::past) REQUIRE(block->values[i] == expected.value);
  }
  REQUIRE(block->special == special);
}

template <class K, class... Q> void check_all() {
  (check_block<K, Q>(tests::queries_for(tests::random_keys<Q>(300, 3)), false), ...);
  (check_block<K, Q>(tests::queries_for(tests::random_keys<Q>(300, 4)), true), ...);
}

TEST_CASE_TEMPLATE("every format of queries, for every format of keys", K, LIDX_TEST_KINDS) {
  check_all<K, LIDX_TEST_KINDS>();
}

TEST_CASE("queries of the keys' format are searched where they lie, on the right as the next keys") {
  const std::uint32_t whole[] = {7, 0, 8};
  std::uint32_t room[3];
  Queries batch;
  batch.data = whole;
  batch.kind = KeyType::u32;
  CHECK(plain_queries(batch, 1, 2, false, room) == whole + 1);
  CHECK(plain_queries(batch, 0, 3, true, room) == room);
  CHECK(room[0] == 8);
  CHECK(room[2] == 9);
  std::int32_t other[3];
  CHECK(plain_queries(batch, 0, 3, false, other) == nullptr);
  const std::uint32_t last[] = {1, 0xFFFFFFFF};
  batch.data = last;
  CHECK(plain_queries(batch, 0, 2, false, room) == last);
  CHECK(plain_queries(batch, 0, 2, true, room) == nullptr);
}

TEST_CASE_TEMPLATE("one value of an integer format is found among all others", K, std::int8_t, std::uint8_t, std::int16_t,
                   std::uint16_t, std::int32_t, std::uint32_t, std::int64_t, std::uint64_t) {
  const K low = std::numeric_limits<K>::min(), high = std::numeric_limits<K>::max();
  const K few[] = {low, static_cast<K>(low + 1), static_cast<K>(high / 2), static_cast<K>(high / 2 + 1), static_cast<K>(high - 1), high};
  for (const K value : few)
    for (const K other : few) {
      std::vector<K> queries(37, other);
      CHECK(holds(queries.data(), queries.size(), value) == (other == value));
      queries[20] = value;
      CHECK(holds(queries.data(), queries.size(), value));
      CHECK(!holds(queries.data(), 0, value));
    }
}

TEST_CASE("NaN and NaT are not searched where they lie") {
  const double reals[] = {-0.0, 0.0, -1.0, 2.0, std::numeric_limits<double>::quiet_NaN()};
  double above[5];
  Queries batch;
  batch.data = reals;
  batch.kind = KeyType::f64;
  CHECK(plain_queries(batch, 0, 5, false, above) == nullptr);
  CHECK(plain_queries(batch, 0, 4, false, above) == reals);
  CHECK(plain_queries(batch, 0, 4, true, above) == above);
  for (int i = 0; i < 4; ++i) CHECK(above[i] == std::nextafter(reals[i], HUGE_VAL));
  const std::int64_t times[] = {5, std::numeric_limits<std::int64_t>::min()};
  std::int64_t room[2];
  batch.data = times;
  batch.kind = KeyType::i64;
  CHECK(plain_queries(batch, 0, 2, false, room) == times);
  batch.times = true;
  CHECK(plain_queries(batch, 0, 2, false, room) == nullptr);
  CHECK(plain_queries(batch, 0, 1, false, room) == times);
  batch.scale.factor = 60;
  CHECK(plain_queries(batch, 0, 1, false, room) == nullptr);
}

TEST_CASE("times are scaled, and NaT is after all") {
  const std::vector<std::int64_t> queries = {-3, 0, 5, kNotATime, std::numeric_limits<std::int64_t>::max()};
  Queries batch;
  batch.data = queries.data();
  batch.kind = KeyType::i64;
  batch.times = true;
  batch.scale.factor = 60;
  const auto block = std::make_unique<QueryBlock<std::int64_t>>();
  load_block(batch, 0, queries.size(), false, *block);
  CHECK(block->values[0] == -180);
  CHECK(block->values[2] == 300);
  CHECK(block->fits[3] == Fit::nan);
  CHECK(block->fits[4] == Fit::past);
  CHECK(block->special);
}

}  // namespace
