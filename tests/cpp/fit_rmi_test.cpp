// What training measures is true of every key, and the bounds hold for absent queries too.
#include "learnedidx/training/fit_rmi.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "learnedidx/kernels/rows.hpp"
#include "models_for_tests.hpp"

namespace {

using namespace learnedidx;
using tests::Knots;
using tests::OwnedRmi;

template <class K> std::vector<K> training_keys(bool even, std::size_t n) {
  return even ? tests::even_keys<K>(n) : tests::random_keys<K>(n, n + 77);
}

template <class K, class Check> void for_each_model(Check&& check) {
  for (const bool even : {true, false})
    for (const Knots how : {Knots::even, Knots::hostile})
      for (const bool deep : {false, true})
        for (const bool with_lines : {false, true})
          for (const std::size_t n : {1u, 2u, 300u, 3000u}) {
            const auto keys = training_keys<K>(even, n);
            OwnedRmi rmi;
            tests::shape(rmi, keys, how, deep, n + 5, n == 300);
            tests::fit(rmi, keys, with_lines, scalar_kernels);
            check(rmi, keys);
          }
}

TEST_CASE_TEMPLATE("leaf positions count the keys before each leaf", K, LIDX_TEST_KINDS) {
  for_each_model<K>([](const OwnedRmi& rmi, const std::vector<K>& keys) {
    std::vector<std::size_t> in_leaf(rmi.leaves() + 1);
    for (const K key : keys) ++in_leaf[(leaf_point(key, rmi.view) >> 32) + 1];
    std::size_t before = 0;
    for (std::size_t leaf = 0; leaf <= rmi.leaves(); ++leaf) {
      before += in_leaf[leaf];
      REQUIRE(rmi.positions[leaf] == before);
    }
  });
}

template <class K> GroupErrors errors_of(const OwnedRmi& rmi, const std::vector<K>& keys) {
  GroupErrors errors(rmi.leaves());
  REQUIRE(fit_errors(keys.data(), keys.size(), rmi.view, scalar_kernels, errors, {}));
  return errors;
}

TEST_CASE_TEMPLATE("error bounds hold for keys and for what lies between them", K, LIDX_TEST_KINDS) {
  for_each_model<K>([](const OwnedRmi& rmi, const std::vector<K>& keys) {
    const GroupErrors errors = errors_of(rmi, keys);
    for (const K q : tests::queries_for(keys)) {
      const auto answer = std::lower_bound(keys.begin(), keys.end(), q) - keys.begin();
      const std::uint64_t point = leaf_point(q, rmi.view);
      const ErrorBounds error = errors.view().of_leaf(point >> 32);
      REQUIRE(leaf_position(point, rmi.view) - error.over <= answer);
      REQUIRE(answer <= leaf_position(point, rmi.view) + error.under);
    }
  });
}

TEST_CASE_TEMPLATE("error bounds are no larger than the errors", K, LIDX_TEST_KINDS) {
  for_each_model<K>([](const OwnedRmi& rmi, const std::vector<K>& keys) {
    const GroupErrors errors = errors_of(rmi, keys);
    std::vector<ErrorBounds> expected(errors.groups.size());
    ErrorBounds all;
    for (std::size_t i = 0; i < keys.size(); ++i) {
      const std::uint64_t point = leaf_point(keys[i], rmi.view);
      const auto ahead = leaf_position(point, rmi.view) - static_cast<std::int64_t>(i);
      for (ErrorBounds* bounds : {&expected[(point >> 32) >> errors.shift], &all}) {
        bounds->over = std::max(bounds->over, ahead);
        bounds->under = std::max(bounds->under, 1 - ahead);
      }
    }
    for (std::size_t g = 0; g < expected.size(); ++g) {
      REQUIRE(errors.groups[g].over == expected[g].over);
      REQUIRE(errors.groups[g].under == expected[g].under);
    }
    REQUIRE(errors.largest().over == all.over);
    REQUIRE(errors.largest().under == all.under);
  });
}

TEST_CASE("groups of errors cover all leaves, in a bounded number") {
  for (const std::size_t leaves : {1u, 2u, 255u, 256u, 257u, 511u, 512u, 513u, 100000u}) {
    GroupErrors errors(leaves);
    CHECK(errors.groups.size() <= kErrorGroups);
    errors.groups.front().over = 1;
    errors.groups.back().under = 2;
    CHECK(errors.view().of_leaf(0).over == 1);
    CHECK(errors.view().of_leaf(leaves - 1).under == 2);
  }
}

TEST_CASE("first_at_points finds the first key of every leaf") {
  const auto keys = tests::random_keys<std::uint32_t>(2000, 3);
  OwnedRmi rmi;
  tests::shape(rmi, keys, Knots::even, true, 4);
  std::vector<std::uint64_t> targets;
  for (std::uint64_t leaf = 0; leaf < rmi.leaves(); ++leaf) targets.push_back(leaf << 32);
  std::vector<std::int64_t> found(targets.size());
  first_at_points(keys.data(), keys.size(), rmi.view, rmi.models(), targets.data(), targets.size(), found.data(), {});
  for (std::size_t t = 0; t < targets.size(); ++t) {
    const auto before = [&](std::uint32_t key) { return leaf_point(key, rmi.view) < targets[t]; };
    REQUIRE(found[t] == std::partition_point(keys.begin(), keys.end(), before) - keys.begin());
  }
}

TEST_CASE("a line is least squares, and heavy keys pull it") {
  OwnedRmi rmi;
  const std::vector<std::uint64_t> keys = {0, 100, 200, 300};
  rmi.view.domain = coordinate_over<std::uint64_t>(0, 300);
  rmi.view.root_bits = 1;
  rmi.add_stage({0, std::uint64_t{1} << 31, std::uint64_t{1} << 32}, 1);
  rmi.point_at_stages();
  rmi.positions = {0, 4};
  rmi.view.leaf_positions = rmi.positions.data();
  LeafLine line{0, 0};
  REQUIRE(fit_lines(keys.data(), keys.size(), rmi.view, scalar_kernels, nullptr, &line, {}));
  const double width = static_cast<double>(coordinate<std::uint64_t>(300, rmi.view.domain)) * 0x1p-64;
  CHECK(line.intercept == doctest::Approx(0).epsilon(0.001));
  CHECK(line.slope == doctest::Approx(3 / width).epsilon(0.001));
  const double weights[] = {1e6, 1, 1, 1e6};
  const std::vector<std::uint64_t> bent = {0, 250, 280, 300};
  REQUIRE(fit_lines(bent.data(), bent.size(), rmi.view, scalar_kernels, weights, &line, {}));
  CHECK(static_cast<double>(line.slope) * width == doctest::Approx(3).epsilon(0.001));
}

TEST_CASE("passes stop when they are told to, and only then") {
  const std::vector<std::uint8_t> keys(3 * kFitBlock * kPollBlocks, 1);
  OwnedRmi rmi;
  tests::shape(rmi, keys, Knots::even, false, 1);
  int polls = 0;
  const Cancellation once = {[](void* count) { return ++*static_cast<int*>(count) < 2; }, &polls};
  GroupErrors errors(rmi.leaves());
  CHECK_FALSE(fit_errors(keys.data(), keys.size(), rmi.view, scalar_kernels, errors, once));
  CHECK(polls == 2);
  CHECK(fit_errors(keys.data(), kFitBlock, rmi.view, scalar_kernels, errors, once));
}

}  // namespace
