// What a fitted PGM promises holds for every query, its levels lead to the right segment, and what
// does not fit into narrow lines is kept in wide ones.
#include "learnedidx/training/fit_pgm.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "key_sets.hpp"
#include "learnedidx/kernels/rows.hpp"

namespace {

using namespace learnedidx;

template <class K> std::int64_t answer(const std::vector<K>& keys, K query) {
  return std::lower_bound(keys.begin(), keys.end(), query) - keys.begin();
}

// The segment of the last level by counting, which the levels above must agree with.
std::uint64_t counted_segment(std::uint64_t x, const PgmLevel& level) {
  std::uint64_t segment = 0;
  while (segment + 1 < level.segments && level.before[segment + 1] < x) ++segment;
  return segment;
}

template <class K> void check_epsilon(const std::vector<K>& keys, std::int64_t epsilon) {
  Pgm pgm;
  REQUIRE(fit_pgm(pgm, keys.data(), keys.size(), epsilon, scalar_kernels, {}));
  const PgmView& view = pgm.view;
  REQUIRE(view.levels[0].segments <= kTopSegments);
  std::int64_t over = 0, under = 0;
  for (const K query : tests::queries_for(keys)) {
    const std::uint64_t x = ordinal(query, view.domain);
    REQUIRE(pgm_segment(x, view) == counted_segment(x, view.levels.back()));
    const std::int64_t ahead = pgm_position(x, view) - answer(keys, query);
    over = std::max(over, ahead);
    under = std::max(under, -ahead);
  }
  REQUIRE((over <= epsilon && under <= epsilon));
  ErrorBounds errors;
  REQUIRE(measure_pgm(keys.data(), keys.size(), view, scalar_kernels, errors, {}));
  REQUIRE((errors.over >= over && errors.under >= under));
  REQUIRE((errors.over <= epsilon && errors.under <= epsilon));
}

// Runs that are longer than any window, next to single keys.
template <class K> std::vector<K> keys_in_runs(std::size_t n, std::uint64_t seed) {
  tests::Random random(seed);
  std::vector<K> keys;
  for (const K key : tests::random_keys<K>(n / 10, seed))
    keys.insert(keys.end(), random.below(3) ? 1 : 1 + random.below(60), key);
  return keys;
}

TEST_CASE_TEMPLATE("epsilon holds for keys and on both sides of every gap", K, LIDX_TEST_KINDS) {
  for (const std::int64_t epsilon : {1, 3, 12, 20, 1000000})
    for (const std::size_t n : {1u, 2u, 17u, 400u, 3000u}) {
      check_epsilon(tests::random_keys<K>(n, n + 1), epsilon);
      check_epsilon(tests::even_keys<K>(n), epsilon);
      check_epsilon(keys_in_runs<K>(n + 10, n), epsilon);
      check_epsilon(tests::extremes<K>(), epsilon);
    }
}

TEST_CASE("no keys are one segment at nothing") {
  Pgm pgm;
  const std::uint64_t none = 0;
  REQUIRE(fit_pgm(pgm, &none, 0, 64, scalar_kernels, {}));
  CHECK(pgm.view.levels.size() == 1);
  CHECK(pgm_position(ordinal(std::uint64_t{77}, pgm.view.domain), pgm.view) == 0);
}

// Segments of the given length, all with the same line over and over.
Segments segments_of(std::size_t count, std::uint64_t length, double slope) {
  Segments segments;
  for (std::size_t i = 0; i < count; ++i) {
    segments.firsts.push_back(i * length);
    segments.lines.push_back({slope, slope * static_cast<double>(i * length)});
    segments.lengths.push_back(static_cast<double>(length));
  }
  return segments;
}

TEST_CASE("lines are narrow where that moves no prediction by half a position") {
  struct Case {
    std::size_t count;
    std::uint64_t length;
    double slope;
    bool narrow;
  };
  for (const Case c : {Case{40, 1000, 0.75, true}, Case{40, 1000, 1.0 / 3, true}, Case{3, 1u << 28, 1.0 / 3, false},
                       Case{3, 1u << 28, 0.25, true}, Case{4, 1u << 30, 1, false}}) {
    const std::size_t n = static_cast<std::size_t>(c.slope * static_cast<double>(c.count * c.length));
    Pgm pgm;
    lay_out(pgm, segments_of(c.count, c.length, c.slope), n, {0, c.count * c.length}, 2);
    const PgmLevel& level = pgm.view.levels.back();
    CHECK(static_cast<bool>(level.narrow) == c.narrow);
    CHECK(static_cast<bool>(level.wide) == !c.narrow);
    for (std::uint64_t x = 0; x < c.count * c.length; x += c.length / 7 + 1) {
      REQUIRE(std::abs(pgm_position(x, pgm.view) - static_cast<std::int64_t>(c.slope * static_cast<double>(x))) <= 1);
      const Line line = level.line_at(pgm_segment(x, pgm.view));
      REQUIRE(line.slope == doctest::Approx(c.slope));
    }
  }
}

TEST_CASE("corrections lead nearer to the answer than the lines") {
  const auto keys = tests::random_keys<std::uint64_t>(200000, 5);
  for (const std::int64_t epsilon : {64, 500}) {
    Pgm pgm;
    REQUIRE(fit_pgm(pgm, keys.data(), keys.size(), epsilon, scalar_kernels, {}));
    REQUIRE(pgm.view.corrections.values != nullptr);
    std::int64_t straight = 0, moved = 0;
    for (std::size_t i = 0; i < keys.size(); i += 11) {
      const std::int64_t position = pgm_position(ordinal(keys[i], pgm.view.domain), pgm.view);
      straight += std::abs(position - answer(keys, keys[i]));
      moved += std::abs(static_cast<std::int64_t>(corrected_position(static_cast<std::uint64_t>(position), pgm.view)) - answer(keys, keys[i]));
    }
    CHECK(moved * 4 < straight);
  }
  Pgm near, far;
  REQUIRE(fit_pgm(near, keys.data(), keys.size(), 16, scalar_kernels, {}));
  REQUIRE(fit_pgm(far, keys.data(), keys.size(), 100000, scalar_kernels, {}));
  CHECK(near.view.corrections.values == nullptr);
  CHECK(far.view.corrections.values == nullptr);
}

TEST_CASE("passes stop when they are told to") {
  const std::vector<std::uint8_t> keys(3 * kFitBlock * kPollBlocks, 1);
  const Cancellation never = {[](void*) { return false; }, nullptr};
  Pgm pgm;
  CHECK_FALSE(fit_pgm(pgm, keys.data(), keys.size(), 64, scalar_kernels, never));
  REQUIRE(fit_pgm(pgm, keys.data(), keys.size(), 64, scalar_kernels, {}));
  ErrorBounds errors;
  CHECK_FALSE(measure_pgm(keys.data(), keys.size(), pgm.view, scalar_kernels, errors, never));
}

}  // namespace
