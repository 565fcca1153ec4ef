// The direct table: every slot against counting, every verb against the index without a model.
#include "learnedidx/lookup/direct_index.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <vector>

#include "key_sets.hpp"
#include "learnedidx/kernels/rows.hpp"

namespace {

using namespace learnedidx;

#define LIDX_NARROW_KINDS std::uint8_t, std::uint16_t, std::int8_t, std::int16_t

template <class K, class Entry> std::vector<Entry> table_of(const std::vector<K>& keys) {
  std::vector<Entry> table(kSlots<K> + 1, Entry{77});
  fill_direct(keys.data(), keys.size(), table.data());
  REQUIRE(table.back() == 77);  // nothing is written behind the table
  table.pop_back();
  return table;
}

template <class K> std::vector<std::vector<K>> key_sets() {
  using Limits = std::numeric_limits<K>;
  std::vector<std::vector<K>> sets = {{}, {K{5}}, {Limits::min()}, {Limits::max()}, {Limits::min(), Limits::max()}};
  sets.push_back(std::vector<K>(300, Limits::max()));
  sets.push_back(std::vector<K>(300, Limits::min()));
  sets.push_back(tests::random_keys<K>(1000, 1));
  sets.push_back(tests::random_keys<K>(100'000, 2));
  std::vector<K> all;
  for (std::size_t slot = 0; slot < kPastSlot<K>; ++slot)
    all.insert(all.end(), 1 + slot % 3, static_cast<K>(static_cast<std::int64_t>(slot) + kLowestValue<K>));
  sets.push_back(all);
  return sets;
}

// Queries of a format: its extremes, values about the ends of the key format, halves.
template <class K, class Q> std::vector<Q> queries_near() {
  std::vector<Q> queries = tests::extremes<Q>();
  for (const std::int64_t end : {kLowestValue<K>, kHighestValue<K>, std::int64_t{0}})
    for (std::int64_t step = -3; step <= 3; ++step) {
      const double value = static_cast<double>(end + step);
      for (const double part : {0.0, 0.5, -0.25}) {
        const double q = value + part;
        if (q >= static_cast<double>(std::numeric_limits<Q>::lowest()) &&
            q < static_cast<double>(std::numeric_limits<Q>::max()))
          queries.push_back(static_cast<Q>(q));
      }
    }
  if constexpr (std::is_floating_point_v<Q>) queries.push_back(std::numeric_limits<Q>::quiet_NaN());
  tests::Random random(3);
  for (int i = 0; i < 3000; ++i) queries.push_back(tests::random_key<Q>(random));
  return queries;
}

ScalarQuery scalar(std::uint64_t q) {
  ScalarQuery query;
  query.form = ScalarQuery::Form::u64;
  query.u = q;
  return query;
}
ScalarQuery scalar(std::int64_t q) {
  ScalarQuery query;
  query.i = q;
  return query;
}
ScalarQuery scalar(double q) {
  ScalarQuery query;
  query.form = ScalarQuery::Form::f64;
  query.f = q;
  return query;
}

template <class Q>
using Wide = std::conditional_t<std::is_floating_point_v<Q>, double,
                                std::conditional_t<std::is_signed_v<Q>, std::int64_t, std::uint64_t>>;

template <class Out>
std::vector<Out> answers(const AnyIndex& index, const Queries& batch, std::size_t count, bool right, Verb verb) {
  std::vector<Out> out(count + 1, Out{99});
  const std::size_t half = count / 2;
  index.search(batch, 0, half, right, verb, scalar_kernels, out.data());
  index.search(batch, half, count - half, right, verb, scalar_kernels, out.data());
  REQUIRE(out.back() == 99);
  return out;
}

template <class K, class Q> void compare(const AnyIndex& direct, const AnyIndex& plain) {
  const std::vector<Q> queries = queries_near<K, Q>();
  Queries batch;
  batch.data = queries.data();
  batch.kind = KeyTypeOf<Q>::value;
  const std::size_t m = queries.size();
  for (const bool right : {false, true}) {
    const auto positions = answers<std::int64_t>(plain, batch, m, right, Verb::position);
    REQUIRE(answers<std::int64_t>(direct, batch, m, right, Verb::position) == positions);
    std::vector<std::int64_t> low(m + 1, 99), high(m + 1, 99);
    direct.bounds(batch, 0, m, right, low.data(), high.data());
    REQUIRE(low == positions);
    REQUIRE(high == positions);
  }
  REQUIRE(answers<std::uint8_t>(direct, batch, m, false, Verb::contains) ==
          answers<std::uint8_t>(plain, batch, m, false, Verb::contains));
  REQUIRE(answers<std::int64_t>(direct, batch, m, false, Verb::find) ==
          answers<std::int64_t>(plain, batch, m, false, Verb::find));
  for (const bool set : {false, true}) {
    batch.limit = {set, 3, 0.25, 0.75, 0, 0};
    for (const Verb verb : {Verb::pad, Verb::backfill, Verb::nearest})
      REQUIRE(answers<std::int64_t>(direct, batch, m, verb == Verb::pad, verb) ==
              answers<std::int64_t>(plain, batch, m, verb == Verb::pad, verb));
  }
  for (std::size_t i = 0; i < m; i += 7) {
    const ScalarQuery one = scalar(static_cast<Wide<Q>>(queries[i]));
    for (const Verb verb : {Verb::position, Verb::contains, Verb::find})
      REQUIRE(direct.search_one(one, false, verb, scalar_kernels) == plain.search_one(one, false, verb, scalar_kernels));
    const std::int64_t above = plain.search_one(one, true, Verb::position, scalar_kernels);
    REQUIRE(direct.search_one(one, true, Verb::position, scalar_kernels) == above);
    REQUIRE(direct.bounds_one(one, true).low == above);
    REQUIRE(direct.bounds_one(one, true).high == above);
    REQUIRE(direct.trace(one, true, scalar_kernels).answer == above);
    REQUIRE(direct.trace(one, true, scalar_kernels).proven);
  }
}

template <class K, class Entry> void compare_all(const std::vector<K>& keys) {
  const std::vector<Entry> table = table_of<K, Entry>(keys);
  const DirectIndex<K, Entry> direct(table.data(), keys.data());
  const TypedIndex<K> plain(keys.data(), keys.size(), keys.size());
  compare<K, std::uint8_t>(direct, plain);
  compare<K, std::uint16_t>(direct, plain);
  compare<K, std::uint32_t>(direct, plain);
  compare<K, std::uint64_t>(direct, plain);
  compare<K, std::int8_t>(direct, plain);
  compare<K, std::int16_t>(direct, plain);
  compare<K, std::int32_t>(direct, plain);
  compare<K, std::int64_t>(direct, plain);
  compare<K, float>(direct, plain);
  compare<K, double>(direct, plain);
}

}  // namespace

TEST_CASE_TEMPLATE("every slot holds the number of keys below its value", K, LIDX_NARROW_KINDS) {
  for (const auto& keys : key_sets<K>()) {
    const auto table = table_of<K, std::uint32_t>(keys);
    REQUIRE(table.size() == kSlots<K>);
    for (std::size_t slot = 0; slot < kPastSlot<K>; ++slot) {
      const auto value = static_cast<K>(static_cast<std::int64_t>(slot) + kLowestValue<K>);
      REQUIRE(slot_of(value) == slot);
      REQUIRE(table[slot] == std::lower_bound(keys.begin(), keys.end(), value) - keys.begin());
    }
    REQUIRE(table[kPastSlot<K>] == keys.size());
    REQUIRE(table[kPastSlot<K> + 1] == keys.size());
    REQUIRE(table_of<K, std::uint64_t>(keys) == std::vector<std::uint64_t>(table.begin(), table.end()));
    for (const auto fill : {&fill_from_each<K, std::uint32_t>, &fill_from_runs<K, std::uint32_t>}) {
      std::vector<std::uint32_t> other(kSlots<K>, std::uint32_t{77});
      fill(keys.data(), keys.size(), other.data());
      other[kPastSlot<K>] = other[kPastSlot<K> + 1] = static_cast<std::uint32_t>(keys.size());
      REQUIRE(other == table);
    }
  }
}

TEST_CASE_TEMPLATE("every verb answers as without a model, queries of all formats", K, LIDX_NARROW_KINDS) {
  for (const auto& keys : key_sets<K>()) {
    compare_all<K, std::uint32_t>(keys);
    if (keys.size() == 1000) compare_all<K, std::uint64_t>(keys);
  }
}

TEST_CASE_TEMPLATE("of keys in disorder: a table that rises from 0 to n", K, LIDX_NARROW_KINDS) {
  tests::Random random(4);
  for (int round = 0; round < 50; ++round) {
    std::vector<K> keys(1 + random.below(500));
    for (K& key : keys) key = tests::random_key<K>(random);
    std::vector<std::uint32_t> table(kSlots<K>);
    for (const auto fill : {&fill_from_each<K, std::uint32_t>, &fill_from_runs<K, std::uint32_t>}) {
      fill(keys.data(), keys.size(), table.data());
      table[kPastSlot<K>] = table[kPastSlot<K> + 1] = static_cast<std::uint32_t>(keys.size());
      REQUIRE(std::is_sorted(table.begin(), table.end()));
    }
  }
}
