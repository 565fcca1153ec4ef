// What a fitted spline promises holds for every query, and its points are those of the corridor.
#include "learnedidx/training/fit_spline.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "key_sets.hpp"
#include "learnedidx/kernels/rows.hpp"

namespace {

using namespace learnedidx;

template <class K> void fit(RadixSpline& spline, const std::vector<K>& keys, std::uint64_t epsilon) {
  SplinePoints points;
  const OrdinalDomain domain = ordinals_over(keys.front(), keys.back());
  REQUIRE(fit_spline(keys.data(), keys.size(), domain, epsilon, scalar_kernels, points, spline.open, {}));
  lay_out(spline, points, domain, epsilon, 0);
  REQUIRE(fit_corrections(spline, keys.data(), keys.size(), {}));
}

template <class K> std::int64_t answer(const std::vector<K>& keys, K query) {
  return std::lower_bound(keys.begin(), keys.end(), query) - keys.begin();
}

// Points begin and end where they must, ascend, and lie on the CDF.
template <class K> void check_points(const RadixSplineView& spline, const std::vector<K>& keys) {
  const std::uint64_t *x = spline.coordinates.aligned(), *y = spline.positions.aligned();
  const std::size_t last = spline.n_points - 1;
  REQUIRE(spline.n_points >= 2);
  REQUIRE((x[0] == 0 && y[0] == 0 && x[last] == spline.domain.top));
  for (std::size_t i = 0; i <= last; ++i) {
    REQUIRE((i == 0 || x[i - 1] < x[i]));
    const auto before = std::count_if(keys.begin(), keys.end(), [&](K key) { return ordinal(key, spline.domain) < x[i]; });
    REQUIRE(y[i] == static_cast<std::uint64_t>(before));
  }
}

template <class K> void check_epsilon(const std::vector<K>& keys, std::uint64_t epsilon) {
  RadixSpline spline;
  fit(spline, keys, epsilon);
  check_points(spline.view, keys);
  std::int64_t largest = 0;
  for (const K query : tests::queries_for(keys)) {
    const auto predicted = static_cast<std::int64_t>(spline_prediction(query, spline.view));
    const std::int64_t off = std::abs(predicted - answer(keys, query));
    REQUIRE(static_cast<std::uint64_t>(off) <= epsilon);
    largest = std::max(largest, off);
  }
  std::int64_t measured = 0;
  REQUIRE(measure_spline(keys.data(), keys.size(), spline.view, scalar_kernels, measured, {}));
  REQUIRE(measured >= largest);
  REQUIRE(static_cast<std::uint64_t>(measured) <= epsilon);
}

// Runs that are longer than any window, next to single keys.
template <class K> std::vector<K> keys_in_runs(std::size_t n, std::uint64_t seed) {
  tests::Random random(seed);
  std::vector<K> keys;
  while (keys.size() < n) keys.insert(keys.end(), 1 + random.below(4) * random.below(60), tests::random_key<K>(random));
  std::sort(keys.begin(), keys.end());
  return keys;
}

TEST_CASE_TEMPLATE("epsilon holds at every key and on both sides of every gap", K, LIDX_TEST_KINDS) {
  for (const std::uint64_t epsilon : {1u, 2u, 7u, 32u, 1000000u})
    for (std::uint64_t seed = 0; seed < 20; seed += tests::kSlow ? 4 : 1) {
      check_epsilon(tests::random_keys<K>(1 + 37 * seed, seed), epsilon);
      check_epsilon(keys_in_runs<K>(1 + 37 * seed, seed), epsilon);
      check_epsilon(tests::even_keys<K>(1 + 37 * seed), epsilon);
    }
}

TEST_CASE("the whole range of 64 bits is a domain") {
  std::vector<std::uint64_t> keys = {0, 0, 0, 5, std::uint64_t{1} << 63, ~std::uint64_t{0} - 1, ~std::uint64_t{0}, ~std::uint64_t{0}};
  for (const std::uint64_t epsilon : {1u, 2u, 100u}) check_epsilon(keys, epsilon);
  keys.assign(500, ~std::uint64_t{0});
  keys.insert(keys.begin(), 500, 0);
  check_epsilon(keys, 3);
}

TEST_CASE("a line takes two points, a long run four") {
  RadixSpline line, step;
  fit(line, tests::even_keys<std::uint64_t>(5000), 2);
  CHECK(line.view.n_points <= 3);
  std::vector<std::uint64_t> keys = tests::even_keys<std::uint64_t>(1000);
  keys.insert(keys.begin() + 500, 400, keys[500]);
  fit(step, keys, 8);
  CHECK(step.view.n_points <= 6);
}

TEST_CASE("a pass stops when it is told to") {
  const std::vector<std::uint32_t> keys(std::size_t{5} << 20, 7);
  const Cancellation stop{[](void* calls) { return ++*static_cast<int*>(calls) < 2; }, nullptr};
  const OrdinalDomain domain = ordinals_over(keys.front(), keys.back());
  SplinePoints points;
  RadixSpline spline;
  fit(spline, keys, 64);
  std::int64_t measured = 0;
  for (int pass = 0; pass < 3; ++pass) {
    int calls = 0;
    Cancellation hook = stop;
    hook.context = &calls;
    if (pass == 0) CHECK_FALSE(fit_spline(keys.data(), keys.size(), domain, 64, scalar_kernels, points, spline.open, hook));
    if (pass == 1) CHECK_FALSE(measure_spline(keys.data(), keys.size(), spline.view, scalar_kernels, measured, hook));
    if (pass == 2) CHECK_FALSE(fit_corrections(spline, keys.data(), keys.size(), hook));
    CHECK(calls == 2);
  }
}

TEST_CASE("corrections bring nine first windows in ten to the answer") {
  tests::Random random(3);
  std::vector<std::uint64_t> keys(100000);
  for (auto& key : keys) key = random.bits();
  std::sort(keys.begin(), keys.end());
  RadixSpline spline;
  fit(spline, keys, 32);
  const RadixSplineView& view = spline.view;
  REQUIRE(view.corrections.values != nullptr);
  std::size_t plain = 0, near = 0;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const std::uint64_t position = spline_prediction(keys[i], view);
    const auto off = [&](std::uint64_t p) { return std::abs(static_cast<std::int64_t>(p) - static_cast<std::int64_t>(i)); };
    plain += off(position) <= 4;
    near += off(corrected(position, view.corrections)) <= 4;
  }
  CHECK(plain < keys.size() / 2);
  CHECK(near > keys.size() * 9 / 10);
}

TEST_CASE("small epsilons need no corrections") {
  RadixSpline spline;
  fit(spline, tests::random_keys<std::uint64_t>(3000, 1), kLineKeys<std::uint64_t>);
  CHECK(spline.view.corrections.values == nullptr);
}

}  // namespace
