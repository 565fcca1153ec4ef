// The verbs of one handle, batch and single, against plain loops over keys with a NaN tail.
#include "learnedidx/lookup/index.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <memory>
#include <vector>

#include "learnedidx/kernels/rows.hpp"
#include "learnedidx/training/fit_rmi.hpp"
#include "models_for_tests.hpp"

namespace {

using namespace learnedidx;
using tests::Knots;

// NumPy's order: NaN is the largest, and equal to itself.
bool less(double a, double b) { return a < b || (a == a && b != b); }

struct Setup {
  std::vector<double> keys;
  std::size_t numbers;
  tests::OwnedRmi rmi;
  BTree<double> tree;
  GroupErrors errors;
  GroupErrorsView errors_view;

  Setup(std::size_t count, std::size_t missing) : keys(tests::random_keys<double>(count, count)), numbers(count) {
    tests::shape(rmi, keys, Knots::even, false, 2);
    tests::fit(rmi, keys, true, scalar_kernels);
    errors = GroupErrors(rmi.leaves());
    fit_errors(keys.data(), count, rmi.view, scalar_kernels, errors, {});
    errors_view = errors.view();
    if (count >= kWindowKeys<double>) build(tree, keys.data(), count, 8);
    keys.insert(keys.end(), missing, std::numeric_limits<double>::quiet_NaN());
    if (count >= kWindowKeys<double>) build(tree, keys.data(), count, 8);  // the keys have moved
  }

  std::unique_ptr<TypedIndex<double>> index(Model model) const {
    auto made = std::make_unique<TypedIndex<double>>(keys.data(), numbers, keys.size());
    if (model == Model::rmi) made->use_rmi(&rmi.view, &errors_view);
    if (model == Model::btree && numbers >= kWindowKeys<double>) made->use_tree(&tree.view);
    return made;
  }
};

struct Expected {
  std::int64_t position, find;
  bool contains;
};

Expected expected_of(const std::vector<double>& keys, double q, bool right) {
  const auto low = std::lower_bound(keys.begin(), keys.end(), q, less), high = std::upper_bound(keys.begin(), keys.end(), q, less);
  const bool there = low != high;
  return {(right ? high : low) - keys.begin(), there ? low - keys.begin() : -1, there};
}

ScalarQuery scalar(double q) {
  ScalarQuery query;
  query.form = ScalarQuery::Form::f64;
  query.f = q;
  return query;
}

void check_verbs(const AnyIndex& index, const std::vector<double>& keys, const std::vector<double>& queries) {
  Queries batch;
  batch.data = queries.data();
  batch.kind = KeyType::f64;
  const std::size_t m = queries.size();
  std::vector<std::int64_t> positions(m), found(m), lows(m), highs(m);
  std::vector<std::uint8_t> contained(m);
  index.search(batch, 0, m, false, Verb::contains, scalar_kernels, contained.data());
  index.search(batch, 0, m, false, Verb::find, scalar_kernels, found.data());
  for (const bool right : {false, true}) {
    index.search(batch, 0, m, right, Verb::position, scalar_kernels, positions.data());
    index.bounds(batch, 0, m, right, lows.data(), highs.data());
    for (std::size_t i = 0; i < m; ++i) {
      const Expected expected = expected_of(keys, queries[i], right);
      const ScalarQuery one = scalar(queries[i]);
      REQUIRE(positions[i] == expected.position);
      REQUIRE(index.search_one(one, right, Verb::position, scalar_kernels) == expected.position);
      REQUIRE(lows[i] <= expected.position);
      REQUIRE(expected.position <= highs[i]);
      const Bounds bounds = index.bounds_one(one, right);
      REQUIRE(bounds.low == lows[i]);
      REQUIRE(bounds.high == highs[i]);
      const Trace trace = index.trace(one, right, scalar_kernels);
      REQUIRE(trace.answer == expected.position);
    }
  }
  for (std::size_t i = 0; i < m; ++i) {
    const Expected expected = expected_of(keys, queries[i], false);
    REQUIRE((contained[i] == 1) == expected.contains);
    REQUIRE(found[i] == expected.find);
    REQUIRE(index.search_one(scalar(queries[i]), false, Verb::find, scalar_kernels) == expected.find);
    REQUIRE(index.search_one(scalar(queries[i]), false, Verb::contains, scalar_kernels) == (expected.contains ? 1 : 0));
  }
}

TEST_CASE("all verbs, all models, with and without a tail of NaN") {
  for (const std::size_t count : {0u, 1u, 15u, 16u, 40u, 900u})
    for (const std::size_t missing : {0u, 1u, 30u}) {
      const Setup setup(count, missing);
      auto queries = tests::queries_for(std::vector<double>(setup.keys.begin(), setup.keys.begin() + static_cast<std::ptrdiff_t>(count)));
      queries.push_back(std::numeric_limits<double>::quiet_NaN());
      for (const Model model : {Model::none, Model::rmi, Model::btree}) {
        CAPTURE(count);
        CAPTURE(missing);
        check_verbs(*setup.index(model), setup.keys, queries);
      }
    }
}

// By the definition, in numbers that no rounding can touch: keys and queries are small multiples of an eighth.
template <class K>
std::int64_t expected_near(const std::vector<K>& keys, double q, Verb verb, double limit) {
  const auto below = [q](K key) { return static_cast<double>(key) < q; };
  const auto above = [q](K key) { return static_cast<double>(key) > q; };
  const std::int64_t before = std::find_if(keys.begin(), keys.end(), above) - keys.begin() - 1;
  std::int64_t after = std::find_if_not(keys.begin(), keys.end(), below) - keys.begin();
  if (after == static_cast<std::int64_t>(keys.size())) after = -1;
  const auto far = [&](std::int64_t i) { return std::abs(static_cast<double>(keys[static_cast<std::size_t>(i)]) - q); };
  std::int64_t at = verb == Verb::pad ? before : after;
  if (verb == Verb::nearest && (after < 0 || (before >= 0 && far(before) < far(after)))) at = before;
  return at >= 0 && far(at) <= limit ? at : -1;
}

template <class K> void check_near(const std::vector<K>& keys) {
  const TypedIndex<K> index(keys.data(), keys.size(), keys.size());
  std::vector<double> queries;
  const int first = std::is_same_v<K, std::uint64_t> ? -7 : -200;  // -1 has no place among uint64
  for (int q = first; q <= 800; ++q) queries.push_back(q / 8.0);
  Queries batch;
  batch.data = queries.data();
  batch.kind = KeyType::f64;
  const auto whole_part = [](double limit) -> Limit {
    if (std::is_floating_point_v<K>) return {true, 0, limit, 0, 0, 0};
    const double whole = std::floor(limit);
    return {true, static_cast<std::uint64_t>(whole), limit - whole, 1 - (limit - whole), 0, 0};
  };
  for (const Verb verb : {Verb::pad, Verb::backfill, Verb::nearest})
    for (const double limit : {1000.0, 0.0, 0.125, 0.5, 1.0, 1.25, 2.875, 3.0}) {
      batch.limit = limit < 1000 ? whole_part(limit) : Limit{};
      std::vector<std::int64_t> out(queries.size());
      index.search(batch, 0, queries.size(), verb == Verb::pad, verb, scalar_kernels, out.data());
      for (std::size_t i = 0; i < queries.size(); ++i) {
        CAPTURE(queries[i]);
        CAPTURE(limit);
        REQUIRE(out[i] == expected_near(keys, queries[i], verb, limit));
        if (limit == 1000) REQUIRE(index.near_one(scalar(queries[i]), verb, scalar_kernels) == out[i]);
      }
    }
}

TEST_CASE("the key before, after and nearest, within a limit") {
  check_near<std::int8_t>({});
  check_near<std::uint32_t>({7});
  check_near<std::int64_t>({-20, -3, 0, 0, 0, 4, 5, 9, 30, 31, 60, 99});
  check_near<std::uint64_t>({0, 1, 1, 8, 64, 90});
  check_near<double>({-9.5, -0.0, 0.0, 0.125, 0.25, 7, 7.5, 99});
  check_near<float>({-3, -3, 1.5, 40});
}

TEST_CASE("what has no place in 64 bits is left open and told") {
  const std::vector<std::uint64_t> keys = {1, 9};
  const TypedIndex<std::uint64_t> index(keys.data(), keys.size(), keys.size());
  const std::vector<std::int64_t> queries = {-1, 2};
  std::atomic<bool> open{false};
  Queries batch{queries.data(), KeyType::i64, false, {}, {}, &open};
  std::vector<std::int64_t> out(2);
  index.search(batch, 0, 2, false, Verb::nearest, scalar_kernels, out.data());
  CHECK(out == std::vector<std::int64_t>{0, 0});
  CHECK(!open);
  batch.limit = {true, 1, 0, 1, 0, 0};
  index.search(batch, 0, 2, false, Verb::nearest, scalar_kernels, out.data());
  CHECK(out == std::vector<std::int64_t>{kOpen, 0});
  CHECK(open);
}

TEST_CASE("queries beyond a small format are answered") {
  const std::vector<std::uint8_t> keys = {0, 7, 7, 255};
  const TypedIndex<std::uint8_t> index(keys.data(), keys.size(), keys.size());
  ScalarQuery query;
  query.i = -1;
  CHECK(index.search_one(query, true, Verb::position, scalar_kernels) == 0);
  query.i = 256;
  CHECK(index.search_one(query, false, Verb::position, scalar_kernels) == 4);
  CHECK(index.search_one(query, false, Verb::find, scalar_kernels) == -1);
  query.i = 255;
  CHECK(index.search_one(query, false, Verb::find, scalar_kernels) == 3);
  CHECK(index.search_one(query, true, Verb::position, scalar_kernels) == 4);
}

TEST_CASE("a trace says whether the first window proved the answer") {
  const Setup setup(900, 0);
  const auto index = setup.index(Model::rmi);
  for (const double key : setup.keys) {
    const Trace trace = index->trace(scalar(key), false, scalar_kernels);
    REQUIRE(trace.leaf >= 0);
    if (trace.proven) {
      REQUIRE(trace.window_low <= trace.answer);
      REQUIRE(trace.answer <= trace.window_high);
    }
  }
}

}  // namespace
