// Stages stay monotone and inside their tables, whatever their knots were.
#include "learnedidx/models/rmi.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "key_sets.hpp"

namespace {

using namespace learnedidx;

std::vector<std::uint64_t> hostile_knots(std::size_t count, std::uint64_t seed) {
  tests::Random random(seed);
  std::vector<std::uint64_t> knots(count);
  for (auto& knot : knots) {
    const std::uint64_t bits = random.bits();
    const std::uint64_t choices[] = {bits, bits >> 40, 0, ~std::uint64_t{0}, std::uint64_t{1} << 63, bits >> 20};
    knot = choices[random.below(6)];
  }
  return knots;
}

// Points of `models` models: borders, ends and random ones, ascending.
std::vector<std::uint64_t> points_of(std::uint64_t models, std::uint64_t seed) {
  tests::Random random(seed);
  std::vector<std::uint64_t> points;
  for (std::uint64_t model = 0; model < models; ++model)
    for (const std::uint64_t fraction : {std::uint64_t{0}, std::uint64_t{1}, kLow32, random.bits() & kLow32})
      points.push_back(model << 32 | fraction);
  std::sort(points.begin(), points.end());
  return points;
}

TEST_CASE("hostile knots, made monotone, never leave the next stage") {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const std::uint64_t models = 1 + seed % 9, next = 1 + seed * 7 % 40;
    auto knots = hostile_knots(models + 1, seed);
    make_monotone(knots.data(), knots.size(), next);
    std::uint64_t before = 0;
    for (const std::uint64_t point : points_of(models, seed)) {
      const std::uint64_t reached = stage_point(point, knots.data());
      REQUIRE((reached >> 32) < next);
      REQUIRE(reached >= before);
      before = reached;
    }
  }
}

TEST_CASE("make_monotone keeps good knots") {
  std::vector<std::uint64_t> knots = {0, std::uint64_t{1} << 32, std::uint64_t{3} << 31, (std::uint64_t{2} << 32) - 1};
  const auto before = knots;
  make_monotone(knots.data(), knots.size(), 2);
  CHECK(knots == before);
}

TEST_CASE("scaled is the exact product, shifted") {
  tests::Random random(6);
  for (int i = 0; i < 2000; ++i) {
    const std::uint64_t dv = random.bits() >> random.below(64), f = random.bits() & kLow32;
    // Long multiplication in pieces of 16 bits: column by column, nothing lost.
    std::uint64_t columns[6] = {};
    for (int a = 0; a < 4; ++a)
      for (int b = 0; b < 2; ++b) columns[a + b] += ((dv >> (16 * a)) & 0xffff) * ((f >> (16 * b)) & 0xffff);
    for (int c = 0; c < 5; ++c) columns[c + 1] += columns[c] >> 16;
    const std::uint64_t expected = (columns[2] & 0xffff) | (columns[3] & 0xffff) << 16 | (columns[4] & 0xffff) << 32 |
                                   (columns[5] & 0xffff) << 48;
    REQUIRE(scaled(dv, f) == expected);
  }
}

TEST_CASE("root points cut a coordinate in bin and fraction") {
  for (const unsigned bits : {1u, 8u, 24u, 32u}) {
    CHECK(root_point(0, bits) == 0);
    CHECK((root_point(~std::uint64_t{0}, bits) >> 32) == (std::uint64_t{1} << bits) - 1);
  }
  CHECK(root_point(std::uint64_t{3} << 62, 2) == std::uint64_t{3} << 32);
}

TEST_CASE("leaves predict inside their borders and never decrease, with any line") {
  const float nan = std::numeric_limits<float>::quiet_NaN(), infinite = std::numeric_limits<float>::infinity();
  const float hostile[] = {0, 1, -1, 1e30f, -1e30f, nan, infinite, -infinite, 0.5f, 7};
  const std::vector<std::uint32_t> positions = {0, 0, 10, 10, 1000, 4294967295u};
  for (const float intercept : hostile)
    for (const float slope : hostile) {
      const std::vector<LeafLine> lines(5, made_monotone({intercept, slope}));
      std::int64_t before = 0;
      for (const std::uint64_t point : points_of(5, 1)) {
        const std::int64_t position = on_line(point, positions.data(), lines.data());
        REQUIRE(position >= std::max<std::int64_t>(before, positions[point >> 32]));
        REQUIRE(position <= positions[(point >> 32) + 1]);
        before = position;
      }
    }
}

TEST_CASE("interpolation runs from border to border") {
  const std::vector<std::uint32_t> positions = {5, 105, 4294967295u};
  CHECK(interpolated(0, positions.data()) == 5);
  CHECK(interpolated(std::uint64_t{1} << 31, positions.data()) == 55);
  CHECK(interpolated(kLow32, positions.data()) == 104);
  CHECK(interpolated(std::uint64_t{1} << 32, positions.data()) == 105);
  CHECK(interpolated((std::uint64_t{1} << 32) | kLow32, positions.data()) == 4294967294);
}

}  // namespace
