// What is found by inverting a model is what all keys, looked at one by one, give.
#include "learnedidx/training/leaf_borders.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "learnedidx/kernels/rows.hpp"
#include "models_for_tests.hpp"

namespace {

using namespace learnedidx;
using tests::Knots;
using tests::OwnedRmi;

// Knots and what lies beside and below them, in order.
std::vector<std::uint64_t> targets_around(const std::vector<std::uint64_t>& knots, tests::Random& random) {
  std::vector<std::uint64_t> targets;
  for (const std::uint64_t knot : knots) {
    targets.insert(targets.end(), {knot, knot + 1, random.below(knot + 1)});
    if (knot > 0) targets.push_back(knot - 1);
  }
  std::sort(targets.begin(), targets.end());
  return targets;
}

// Is `point` the smallest that a stage takes to a target, or kNever?
bool is_inverse(std::uint64_t point, std::uint64_t target, const std::vector<std::uint64_t>& knots) {
  const std::uint64_t end = static_cast<std::uint64_t>(knots.size() - 1) << 32;
  if (point != kNever && (point >= end || stage_point(point, knots.data()) < target)) return false;
  const std::uint64_t after = point == kNever ? end : point;
  return after == 0 || stage_point(after - 1, knots.data()) < target;
}

TEST_CASE("a stage is inverted exactly") {
  tests::Random random(5);
  for (int round = 0; round < 2000; ++round) {
    std::vector<std::uint64_t> knots(2 + random.below(6));
    for (auto& knot : knots) knot = random.bits() >> random.below(64);
    make_monotone(knots.data(), knots.size(), std::size_t{1} << random.below(32));
    StageInverse inverse(knots.data(), knots.size() - 1);
    for (const std::uint64_t target : targets_around(knots, random)) REQUIRE(is_inverse(inverse(target), target, knots));
  }
}

// Calls check(model, keys) for good and hostile models, over the domain of the keys or of others.
template <class K, class Check> void for_each_model(Check&& check) {
  for (const std::size_t n : {1u, 2u, 70u, 300u, 3000u})
    for (const bool even : {true, false})
      for (const Knots how : {Knots::even, Knots::hostile})
        for (const bool deep : {false, true})
          for (const int domain : {0, 1, 2, 3}) {  // of the keys or of others; in one or in pieces
            const auto keys = even ? tests::even_keys<K>(n) : tests::random_keys<K>(n, n + 7);
            OwnedRmi rmi;
            tests::shape(rmi, domain % 2 ? tests::random_keys<K>(9, n + 9) : keys, how, deep, n + 3, domain > 1);
            rmi.view.position_shift = n > 1000 ? 3 : 0;
            check(rmi, keys);
          }
}

TEST_CASE_TEMPLATE("borders that are walked to are those that are counted", K, LIDX_TEST_KINDS) {
  const KernelRows rows = available_kernels();
  for_each_model<K>([&](OwnedRmi& rmi, const std::vector<K>& keys) {
    std::vector<std::uint32_t> counted(rmi.leaves() + 1), walked(rmi.leaves() + 1, 77);
    REQUIRE(count_leaf_positions(keys.data(), keys.size(), rmi.view, scalar_kernels, rmi.leaves(), counted.data(), {}));
    for (std::size_t row = 0; row < rows.count; ++row) {
      REQUIRE(walk_leaf_borders(keys.data(), keys.size(), rmi.view, *rows.rows[row], rmi.models(), walked.data(), {}));
      REQUIRE(walked == counted);
    }
  });
}

TEST_CASE_TEMPLATE("a walk counts the keys below each of ascending queries", K, LIDX_TEST_KINDS) {
  const KernelRows rows = available_kernels();
  for (const std::size_t n : {1u, 15u, 16u, 300u, 20000u}) {
    const auto keys = tests::random_keys<K>(n, n + 1);
    auto queries = tests::queries_for(tests::random_keys<K>(n / 9 + 1, n + 2));
    std::sort(queries.begin(), queries.end());
    std::vector<std::int64_t> found(queries.size());
    for (std::size_t row = 0; row < rows.count; ++row) {
      const auto walk = rows.rows[row]->walk[key_type_index<K>()];
      walk(keys.data(), n, queries.data(), queries.size(), 0, found.data());
      for (std::size_t i = 0; i < queries.size(); ++i)
        REQUIRE(found[i] == std::lower_bound(keys.begin(), keys.end(), queries[i]) - keys.begin());
      std::int64_t last = 0;  // from where the one before ended
      walk(keys.data(), n, &queries.back(), 1, static_cast<std::size_t>(found.back()), &last);
      REQUIRE(last == found.back());
    }
  }
}

TEST_CASE_TEMPLATE("the first key at a point is the first that is not before it", K, LIDX_TEST_KINDS) {
  for_each_model<K>([](OwnedRmi& rmi, const std::vector<K>& keys) {
    for (const bool in_root : {false, true}) {
      const std::size_t models = in_root ? static_cast<std::size_t>(rmi.view.root_bins()) : rmi.leaves();
      std::vector<std::uint64_t> targets;
      for (std::uint64_t half = 0; half <= 2 * models; ++half) targets.push_back(half << 31);
      std::vector<std::int64_t> found(targets.size());
      first_at_points(keys.data(), keys.size(), rmi.view, in_root ? std::vector<std::size_t>{} : rmi.models(),
                      targets.data(), targets.size(), found.data(), {});
      for (std::size_t t = 0; t < targets.size(); ++t) {
        const auto before = [&](K key) {
          const std::uint64_t root = point_in_root(coordinate(key, rmi.view.domain), rmi.view);
          return (in_root ? root : leaf_point(key, rmi.view)) < targets[t];
        };
        REQUIRE(found[t] == std::partition_point(keys.begin(), keys.end(), before) - keys.begin());
      }
    }
  });
}

TEST_CASE("a walk stops when it is told to") {
  const auto keys = tests::random_keys<std::uint64_t>(20000, 1);
  OwnedRmi rmi;
  rmi.view.domain = coordinate_over<std::uint64_t>(keys.front(), keys.back());
  rmi.add_stage({0, std::uint64_t{10000} << 32, std::uint64_t{20000} << 32}, 20000);
  rmi.point_at_stages();
  int polls = 0;
  const Cancellation once = {[](void* count) { return ++*static_cast<int*>(count) < 2; }, &polls};
  CHECK_FALSE(walk_leaf_borders(keys.data(), keys.size(), rmi.view, scalar_kernels, rmi.models(), rmi.positions.data(), once));
  CHECK(polls == 2);
  polls = 0;
  std::vector<std::uint64_t> targets(100000, 0);
  std::vector<std::int64_t> found(targets.size());
  CHECK_FALSE(first_at_points(keys.data(), keys.size(), rmi.view, rmi.models(), targets.data(), targets.size(), found.data(), once));
  CHECK(polls == 2);
}

}  // namespace
