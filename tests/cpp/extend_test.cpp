// A model that was extended is what a fit of all keys gives, wherever the keys were cut.
#include "learnedidx/kernels/rows.hpp"
#include "learnedidx/training/extend_pgm.hpp"
#include "learnedidx/training/extend_spline.hpp"
#include "learnedidx/training/order_check.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <memory>
#include <vector>

#include "key_sets.hpp"

namespace {

using namespace learnedidx;

template <class T> bool same_bytes(const T& left, const T& right) {
  return left.size() == right.size() &&
         (left.empty() || std::memcmp(left.data(), right.data(), left.size() * sizeof(left[0])) == 0);
}

template <class K> using Keys = std::vector<K>;

// Keys of several tempers: spread, even, in runs, all equal, and one far away at the end.
template <class K> std::vector<Keys<K>> key_sets(std::size_t n) {
  std::vector<Keys<K>> sets = {tests::random_keys<K>(n, n), tests::even_keys<K>(n), Keys<K>(n, K{5})};
  Keys<K> runs;
  tests::Random random(n);
  for (const K key : tests::random_keys<K>(n / 8, n + 1)) runs.insert(runs.end(), 1 + random.below(16), key);
  sets.push_back(runs);
  sets.push_back(tests::even_keys<K>(n));
  sets.back().push_back(std::numeric_limits<K>::max());
  return sets;
}

// Grows a model of the first keys by three steps; returns how many of them it could.
template <class K> std::size_t check_pgm(const Keys<K>& keys, std::size_t cut, std::int64_t epsilon) {
  const K* data = keys.data();
  const std::size_t n = keys.size();
  auto model = std::make_unique<Pgm>();
  REQUIRE(fit_pgm(*model, data, cut, epsilon, scalar_kernels, {}));
  std::size_t steps = 0;
  for (const std::size_t end : {cut + (n - cut) / 3, cut + (n - cut) / 2, n}) {
    Pgm whole;
    REQUIRE(fit_pgm(whole, data, end, epsilon, scalar_kernels, {}));
    auto grown = std::make_unique<Pgm>();
    bool as_before = false;
    if (can_extend(*model, data, cut, end))
      REQUIRE(extend_pgm(*grown, *model, data, cut, end, scalar_kernels, as_before, {}));
    if (!as_before) return steps;
    REQUIRE(grown->arrays.size() == whole.arrays.size());
    for (std::size_t level = 0; level < whole.arrays.size(); ++level) {
      CHECK(same_bytes(grown->arrays[level].before, whole.arrays[level].before));
      CHECK(same_bytes(grown->arrays[level].narrow, whole.arrays[level].narrow));
      CHECK(same_bytes(grown->arrays[level].wide, whole.arrays[level].wide));
    }
    CHECK(same_bytes(grown->corrections, whole.corrections));
    CHECK(grown->open.closed == whole.open.closed);
    model = std::move(grown);
    cut = end;
    ++steps;
  }
  return steps;
}

TEST_CASE_TEMPLATE("an extended PGM is the PGM of all keys", K, LIDX_TEST_KINDS) {
  std::size_t steps = 0;
  for (const Keys<K>& keys : key_sets<K>(3000))
    for (const std::int64_t epsilon : {1, 8, 200})
      for (const std::size_t cut : {std::size_t{1}, keys.size() / 3, keys.size() - 100, keys.size() - 1, keys.size()})
        steps += check_pgm(keys, cut, epsilon);
  CHECK(steps > 60);  // of 225: units change with the number of keys
}

template <class K> std::size_t check_spline(const Keys<K>& keys, std::size_t cut, std::uint64_t epsilon) {
  const K* data = keys.data();
  const std::size_t n = keys.size();
  const auto laid_out = [&](RadixSpline& spline, const SplinePoints& points, std::size_t end, const RadixSpline* old) {
    lay_out(spline, points, ordinals_over(data[0], data[end - 1]), std::min<std::uint64_t>(epsilon, end), 0);
    REQUIRE(fit_corrections(spline, data, end, {}, old));
  };
  const auto fitted = [&](RadixSpline& spline, std::size_t end) {
    SplinePoints points;
    REQUIRE(fit_spline(data, end, ordinals_over(data[0], data[end - 1]), epsilon, scalar_kernels, points, spline.open, {}));
    laid_out(spline, points, end, nullptr);
  };
  auto model = std::make_unique<RadixSpline>();
  fitted(*model, cut);
  std::size_t steps = 0;
  for (const std::size_t end : {cut + (n - cut) / 3, cut + (n - cut) / 2, n}) {
    if (!can_extend(*model, data, cut, end)) return steps;
    RadixSpline whole;
    fitted(whole, end);
    auto grown = std::make_unique<RadixSpline>();
    SplinePoints points;
    REQUIRE(extend_points(*model, data, cut, end, scalar_kernels, points, grown->open, {}));
    laid_out(*grown, points, end, model.get());
    CHECK(same_bytes(grown->storage, whole.storage));
    CHECK(same_bytes(grown->radix_table, whole.radix_table));
    CHECK(same_bytes(grown->corrections, whole.corrections));
    model = std::move(grown);
    cut = end;
    ++steps;
  }
  return steps;
}

TEST_CASE_TEMPLATE("an extended spline is the spline of all keys", K, LIDX_TEST_KINDS) {
  std::size_t steps = 0;
  for (const Keys<K>& keys : key_sets<K>(3000))
    for (const std::uint64_t epsilon : {1u, 8u, 200u})
      for (const std::size_t cut : {std::size_t{1}, keys.size() / 3, keys.size() - 100, keys.size() - 1, keys.size()})
        steps += check_spline(keys, cut, epsilon);
  CHECK(steps > 100);  // of 225: equal keys are fitted anew
}

// Two minutes under a sanitizer: its code runs there over fewer keys, and here without one.
TEST_CASE("wide lines know their lengths, and go on as wide ones" * doctest::skip(tests::kSlow)) {
  // One line across so many keys that a float slope, as inexact as any here, would lose half a position.
  Keys<std::uint64_t> keys(16'600'000);
  for (std::size_t i = 0; i < keys.size(); ++i) keys[i] = 4095 * i;
  const std::size_t cut = keys.size() - 1000;
  Pgm model, grown, whole;
  REQUIRE(fit_pgm(model, keys.data(), cut, 64, scalar_kernels, {}));
  REQUIRE(fit_pgm(whole, keys.data(), keys.size(), 64, scalar_kernels, {}));
  REQUIRE((bool(model.view.levels.back().wide) && bool(whole.view.levels.back().wide)));
  bool as_before = false;
  REQUIRE(can_extend(model, keys.data(), cut, keys.size()));
  REQUIRE(extend_pgm(grown, model, keys.data(), cut, keys.size(), scalar_kernels, as_before, {}));
  CHECK(as_before);
  CHECK(same_bytes(grown.arrays.back().wide, whole.arrays.back().wide));
  CHECK(same_bytes(grown.arrays.back().narrow, whole.arrays.back().narrow));
}

TEST_CASE_TEMPLATE("an extended tree has the separators of a tree over all keys", K, LIDX_TEST_KINDS) {
  const Keys<K> keys = tests::random_keys<K>(5000, 9);
  for (const unsigned node : {8u, 16u})
    for (const std::size_t cut : {kWindowKeys<K>, std::size_t{1000}, std::size_t{4000}, keys.size() - 1, keys.size()})
      for (const std::size_t end : {cut, (cut + keys.size()) / 2, keys.size()}) {
        BTree<K> old, grown, whole;
        REQUIRE(build(old, keys.data(), cut, node));
        REQUIRE(build(whole, keys.data(), end, node));
        REQUIRE(build(grown, keys.data(), end, node, frame_of(keys.data(), end), {}, &old.view));
        CHECK(same_bytes(grown.storage, whole.storage));
      }
}

TEST_CASE("keys that lie otherwise between cache lines get a tree of their own") {
  const Keys<std::int64_t> keys = tests::random_keys<std::int64_t>(3000, 4);
  Keys<std::int64_t> room(keys.size() + 8);
  for (std::size_t shift = 0; shift < 8; ++shift) {
    std::copy(keys.begin(), keys.end(), room.begin() + static_cast<std::ptrdiff_t>(shift));
    BTree<std::int64_t> old, grown, whole;
    REQUIRE(build(old, keys.data(), 2000, 16));
    REQUIRE(build(whole, room.data() + shift, keys.size(), 16));
    REQUIRE(build(grown, room.data() + shift, keys.size(), 16, frame_of(room.data() + shift, keys.size()), {}, &old.view));
    CHECK(same_bytes(grown.storage, whole.storage));
  }
}

TEST_CASE("the first difference is found, zeros and NaN are equal") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  Keys<double> left(10'000, -0.0), right(10'000, 0.0);
  left.back() = nan;
  right.back() = -nan;
  std::size_t at = 0;
  REQUIRE(first_difference(left.data(), right.data(), left.size(), false, at, {}));
  CHECK(at == left.size());
  for (const std::size_t where : {std::size_t{9'999}, std::size_t{5'000}, std::size_t{4'096}, std::size_t{0}}) {
    right[where] = 1.5;
    REQUIRE(first_difference(left.data(), right.data(), left.size(), false, at, {}));
    CHECK(at == where);
  }
}

}  // namespace
