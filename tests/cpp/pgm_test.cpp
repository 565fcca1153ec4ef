// Kernels answer as the scalar functions do on every row; lookups are right by right and by wrong lines.
#include "learnedidx/models/pgm.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "key_sets.hpp"
#include "learnedidx/kernels/rows.hpp"
#include "learnedidx/lookup/batch.hpp"
#include "learnedidx/training/fit_pgm.hpp"

namespace {

using namespace learnedidx;

template <class Check> void on_every_row(Check&& check) {
  const KernelRows found = available_kernels();
  for (std::size_t r = 0; r < found.count; ++r) {
    CAPTURE(std::string(found.rows[r]->name));
    check(*found.rows[r]);
  }
}

// Segments at random places with lines of any slope; wide ones where the slopes need it.
Segments any_segments(std::size_t count, std::size_t positions, unsigned crowding, std::uint64_t seed) {
  tests::Random random(seed);
  Segments segments;
  segments.firsts = {0};
  while (segments.firsts.size() < count) segments.firsts.push_back((random.bits() >> random.below(crowding)) | 1);
  std::sort(segments.firsts.begin(), segments.firsts.end());
  segments.firsts.erase(std::unique(segments.firsts.begin(), segments.firsts.end()), segments.firsts.end());
  for (std::size_t i = 0; i < segments.firsts.size(); ++i) {
    const double slope = static_cast<double>(random.below(1000)) * 0x1p-60 / 3;
    segments.lines.push_back({slope, static_cast<double>(random.below(positions))});
    segments.lengths.push_back(crowding > 30 ? 1 : 0x1p60);
  }
  return segments;
}

std::vector<std::uint64_t> ordinals_around(const Segments& segments) {
  std::vector<std::uint64_t> x = {0, 1, ~std::uint64_t{0}, ~std::uint64_t{0} - 1};
  for (const std::uint64_t first : segments.firsts)
    for (const std::uint64_t step : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{1} << 40}) {
      x.push_back(first + step);
      x.push_back(first - step);
    }
  return x;
}

TEST_CASE("levels lead to the segment, and kernels to the position, on every row") {
  for (const unsigned crowding : {1u, 20u, 60u})
    for (const std::size_t count : {1u, 2u, 16u, 17u, 18u, 300u, 529u, 530u, 5000u}) {
      Pgm pgm;
      const Segments segments = any_segments(count, 100000, crowding, count + crowding);
      lay_out(pgm, segments, 100000, {0, ~std::uint64_t{0}}, 9);
      const auto x = ordinals_around(segments);
      const PgmLevel& level = pgm.view.levels.back();
      on_every_row([&](const Kernels& kernels) {
        std::vector<std::uint64_t> found(x.size());
        pgm_predict(pgm.view, kernels, x.data(), x.size(), found.data());
        for (std::size_t i = 0; i < x.size(); ++i) {
          const auto after = std::upper_bound(segments.firsts.begin(), segments.firsts.end(), x[i]);
          const auto segment = static_cast<std::uint64_t>(after - segments.firsts.begin()) - 1;
          REQUIRE(pgm_segment(x[i], pgm.view) == segment);
          REQUIRE(found[i] == position_in(level, segment, x[i]));
        }
      });
    }
}

TEST_CASE("positions round to the nearest and stay between nothing and the next line") {
  const std::vector<std::uint64_t> before = {~std::uint64_t{0}, 99};
  const std::vector<WideLine> wide = {{0.25, -3}, {0.5, 10}, {0, 20}};
  PgmLevel level;
  level.before = before.data();
  level.segments = 2;
  level.wide = wide.data();
  CHECK(position_in(level, 0, 0) == 0);    // -3
  CHECK(position_in(level, 0, 23) == 3);   // 2.75
  CHECK(position_in(level, 0, 99) == 10);  // 21.75, but the next line starts at 10
  CHECK(position_in(level, 1, 100) == 10);
  CHECK(position_in(level, 1, 103) == 12);  // 11.5
  CHECK(position_in(level, 1, ~std::uint64_t{0}) == 20);
}

TEST_CASE_TEMPLATE("four lines hold what is near", K, LIDX_TEST_KINDS) {
  const std::size_t n = 6 * kWindowKeys<K>;
  std::vector<K> keys;
  for (std::size_t i = 0; i < n; ++i) keys.push_back(static_cast<K>(i / (n / 100 + 1)));
  const WindowPlace place = place_of_four<K>(frame_of(keys.data(), n));
  for (std::size_t answer = 0; answer < n; ++answer) {
    if (answer && keys[answer - 1] == keys[answer]) continue;  // no query has this answer
    for (std::size_t predicted = answer > kReachOfFour<K> ? answer - kReachOfFour<K> : 0;
         predicted <= std::min(answer + kReachOfFour<K>, n); ++predicted) {
      const std::uint64_t start = window_start(predicted, place);
      REQUIRE(start + 2 * kWindowKeys<K> <= n);
      REQUIRE(start <= answer);
      REQUIRE((answer < start + 2 * kWindowKeys<K> || start + 2 * kWindowKeys<K> == n));
    }
  }
}

template <class K> void check_answers(const std::vector<K>& keys, const PgmView& view) {
  Engine<K> engine;
  engine.keys = keys.data();
  engine.n = keys.size();
  engine.frame = frame_of(keys.data(), keys.size());
  engine.model = Model::pgm;
  engine.pgm = &view;
  const auto queries = tests::queries_for(keys);
  on_every_row([&](const Kernels& kernels) {
    std::vector<std::int64_t> found(queries.size(), -7);
    lower_bound_batch(engine, kernels, queries.data(), queries.size(), found.data());
    for (std::size_t i = 0; i < queries.size(); ++i) {
      const auto expected = std::lower_bound(keys.begin(), keys.end(), queries[i]) - keys.begin();
      REQUIRE(found[i] == expected);
      if (i % 17 == 0) REQUIRE(lower_bound_one(engine, kernels, queries[i]) == expected);
    }
  });
}

TEST_CASE_TEMPLATE("lookups are right whatever lines and corrections say", K, LIDX_TEST_KINDS) {
  for (const std::int64_t epsilon : {1, 12, 40, 100000})
    for (const std::size_t n : {2 * kWindowKeys<K>, 3 * kWindowKeys<K> + 5, std::size_t{4000}}) {
      const auto keys = tests::random_keys<K>(n, n);
      Pgm pgm;
      REQUIRE(fit_pgm(pgm, keys.data(), n, epsilon, scalar_kernels, {}));
      check_answers(keys, pgm.view);
      tests::Random random(n);
      for (auto& correction : pgm.corrections) correction = static_cast<std::int8_t>(random.bits());
      for (NarrowLine& line : pgm.arrays.back().narrow) line.slope *= static_cast<float>(random.below(5));
      for (WideLine& line : pgm.arrays.back().wide) line.slope *= static_cast<double>(random.below(5));
      check_answers(keys, pgm.view);
    }
}

}  // namespace
