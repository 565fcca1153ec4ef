// Ordinals, segments and positions against their definitions; lookups by right and by wrong splines.
#include "learnedidx/models/radix_spline.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "key_sets.hpp"
#include "learnedidx/kernels/rows.hpp"
#include "learnedidx/lookup/batch.hpp"
#include "learnedidx/training/fit_spline.hpp"

namespace {

using namespace learnedidx;

TEST_CASE("to_double is the conversion of the language") {
  tests::Random random(1);
  std::vector<std::uint64_t> numbers = {0, 1, ~std::uint64_t{0}, std::uint64_t{1} << 63};
  for (unsigned shift = 0; shift < 64; ++shift)
    for (int i = 0; i < 50; ++i) numbers.push_back(random.bits() >> shift);
  for (unsigned power = 52; power < 64; ++power)  // ties and their neighbours
    for (const std::uint64_t off : {std::uint64_t{0}, std::uint64_t{1}, (std::uint64_t{1} << (power - 52)) / 2}) {
      numbers.push_back((std::uint64_t{1} << power) + off);
      numbers.push_back((std::uint64_t{1} << power) - off);
    }
  for (const std::uint64_t x : numbers) REQUIRE(to_double(x) == static_cast<double>(x));
}

TEST_CASE_TEMPLATE("ordinals count the values of a format", K, LIDX_TEST_KINDS) {
  const auto keys = tests::random_keys<K>(400, 5);
  const OrdinalDomain domain = ordinals_over(keys.front(), keys.back());
  CHECK(ordinal(keys.front(), domain) == 0);
  for (std::size_t i = 1; i < keys.size(); ++i) {
    const std::uint64_t before = ordinal(keys[i - 1], domain), here = ordinal(keys[i], domain);
    REQUIRE((keys[i - 1] < keys[i] ? before < here : before == here));
    const K next = tests::neighbour(keys[i - 1], true);
    if (next <= keys.back() && next != keys[i - 1]) REQUIRE(ordinal(next, domain) == before + 1);
  }
  CHECK(ordinal(tests::extremes<K>().front(), domain) == 0);
  const K above = tests::neighbour(keys.back(), true);
  if (above > keys.back()) CHECK(ordinal(above, domain) == domain.top);
}

TEST_CASE("both zeros are one number") {
  const OrdinalDomain domain = ordinals_over(-1.0, 1.0);
  CHECK(ordinal(-0.0, domain) == ordinal(0.0, domain));
  CHECK(ordinals_over(-0.0f, 5.0f).low == ordinals_over(0.0f, 5.0f).low);
}

// Points that may stand anywhere: crowded at one place, or spread.
SplinePoints any_points(std::size_t count, unsigned crowding, std::uint64_t top, std::uint64_t seed) {
  tests::Random random(seed);
  SplinePoints points;
  std::vector<std::uint64_t> x = {0, top};
  while (x.size() < count) x.push_back((random.bits() >> random.below(crowding)) % top);
  std::sort(x.begin(), x.end());
  x.erase(std::unique(x.begin(), x.end()), x.end());
  std::uint64_t y = 0;
  for (const std::uint64_t at : x) {
    points.add(at, y);
    y += random.below(3) * random.below(1000);
  }
  return points;
}

TEST_CASE("segments are found and positions rise, whatever the points and the table") {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    tests::Random random(seed);
    const std::uint64_t top = seed % 3 ? ~std::uint64_t{0} : 1000 + seed;
    const SplinePoints points = any_points(2 + seed * 9, 1 + static_cast<unsigned>(seed) % 60, top, seed);
    RadixSpline spline;
    lay_out(spline, points, {0, top}, 4, static_cast<unsigned>(seed % 13));
    std::vector<std::uint64_t> asked = points.coordinates;
    for (int i = 0; i < 300; ++i) asked.push_back(random.bits() >> random.below(64));
    for (auto& x : asked) x = std::min(x, top);
    std::sort(asked.begin(), asked.end());
    std::uint64_t before = 0;
    for (const std::uint64_t x : asked) {
      const auto right = std::lower_bound(points.coordinates.begin(), points.coordinates.end(), x);
      const std::size_t expected = static_cast<std::size_t>(std::max<std::ptrdiff_t>(1, right - points.coordinates.begin()) - 1);
      REQUIRE(spline_segment(x, spline.view) == expected);
      const std::uint64_t position = spline_position(x, expected, spline.view.coordinates, spline.view.positions);
      REQUIRE(position >= before);
      REQUIRE(position <= points.positions[expected + 1]);
      if (*right == x) REQUIRE(position == points.positions[static_cast<std::size_t>(right - points.coordinates.begin())]);
      before = position;
    }
  }
}

template <class K> void fit(RadixSpline& spline, const std::vector<K>& keys, std::uint64_t epsilon, unsigned bits) {
  SplinePoints points;
  const OrdinalDomain domain = ordinals_over(keys.front(), keys.back());
  fit_spline(keys.data(), keys.size(), domain, epsilon, scalar_kernels, points, spline.open, {});
  lay_out(spline, points, domain, epsilon, bits);
  fit_corrections(spline, keys.data(), keys.size(), {});
}

// Batches on every row against single predictions and std::lower_bound.
template <class K>
void check_lookups(const std::vector<K>& keys, const std::vector<K>& queries, const RadixSplineView& spline) {
  Engine<K> engine;
  engine.keys = keys.data();
  engine.n = keys.size();
  engine.frame = frame_of(keys.data(), keys.size());
  engine.model = Model::radix_spline;
  engine.spline = &spline;
  std::vector<std::int64_t> expected;
  for (const K query : queries) expected.push_back(std::lower_bound(keys.begin(), keys.end(), query) - keys.begin());
  const KernelRows found = available_kernels();
  for (std::size_t r = 0; r < found.count; ++r) {
    const Kernels& row = *found.rows[r];
    CAPTURE(std::string(row.name));
    std::vector<std::int64_t> out(queries.size(), -7);
    lower_bound_batch(engine, row, queries.data(), queries.size(), out.data());
    REQUIRE(out == expected);
    for (std::size_t i = 0; i < queries.size(); i += 13) REQUIRE(lower_bound_one(engine, row, queries[i]) == out[i]);
    if (keys.size() < kWindowKeys<K>) continue;
    const SplinePredictor<K> predictor(engine, row);
    std::uint64_t points[kGroup];
    for (std::size_t i = 0; i + kGroup <= queries.size(); i += kGroup) {
      predictor.predict(queries.data() + i, kGroup, points);
      const auto differs = [&](std::size_t j) { return points[j] != predictor.point_of(queries[i + j]); };
      for (std::size_t j = 0; j < kGroup; ++j)
        if (differs(j)) FAIL("a batch predicts otherwise than a single lookup");
    }
  }
}

TEST_CASE_TEMPLATE("lookups by splines of these keys and of others", K, LIDX_TEST_KINDS) {
  for (std::uint64_t seed = 0; seed < 6; seed += tests::kSlow ? 3 : 1) {
    const auto keys = tests::random_keys<K>(kWindowKeys<K> + 700 * seed, seed), others = tests::random_keys<K>(50 + 400 * seed, seed + 99);
    const auto queries = tests::queries_for(keys);
    for (const std::uint64_t epsilon : {1u, 9u, 300u})
      for (const unsigned bits : {0u, 1u, 11u}) {
        RadixSpline right, wrong;
        fit(right, keys, epsilon, bits);
        check_lookups(keys, queries, right.view);
        fit(wrong, others, epsilon, bits);
        check_lookups(keys, queries, wrong.view);
      }
  }
}

TEST_CASE("one far key crowds all points into one bin") {
  std::vector<std::uint64_t> keys;
  tests::Random random(8);
  for (int i = 0; i < 30000; ++i) keys.push_back(random.bits() >> 40);
  keys.push_back(~std::uint64_t{0});
  std::sort(keys.begin(), keys.end());
  RadixSpline spline;
  fit(spline, keys, 2, 8);
  REQUIRE(spline.radix_table[1] > 100 * kWindowKeys<std::uint64_t>);
  check_lookups(keys, tests::queries_for(keys), spline.view);
}

}  // namespace
