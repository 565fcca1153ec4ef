// Comparisons are exact where rounding would lie, and the longest runs are those that brute force finds.
#include "learnedidx/training/optimal_line.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "key_sets.hpp"

namespace {

using namespace learnedidx;

constexpr std::uint64_t kMost = ~std::uint64_t{0};

TEST_CASE("halves of a number make its nearest double") {
  tests::Random random(1);
  for (int i = 0; i < 10000; ++i) {
    const std::uint64_t x = random.bits() >> random.below(64);
    REQUIRE(to_double(x) == static_cast<double>(x));
  }
  CHECK(to_double(kMost) == 0x1p64);
  CHECK(to_double(0) == 0);
}

TEST_CASE("products have all their bits") {
  CHECK(compare(multiply(kMost, kMost), {kMost - 1, 1}) == 0);
  CHECK(compare(multiply(0, kMost), {0, 0}) == 0);
  CHECK(compare(multiply(std::uint64_t{1} << 32, std::uint64_t{1} << 32), {1, 0}) == 0);
  tests::Random random(2);
  for (int i = 0; i < 1000; ++i) {  // (a + 1) * b = a * b + b
    const std::uint64_t a = random.bits() >> 1, b = random.bits();
    Product sum = multiply(a, b);
    sum.low += b;
    sum.high += static_cast<std::uint64_t>(sum.low < b);
    REQUIRE(compare(multiply(a + 1, b), sum) == 0);
    REQUIRE(compare(multiply(a + 1, b), multiply(b, a + 1)) == 0);
  }
}

TEST_CASE("slopes that differ in the last of 128 bits are told apart") {
  constexpr std::int64_t up = (std::int64_t{1} << 52) - 1;
  CHECK(compare_slopes({kMost, up}, {kMost - 1, up}) == -1);
  CHECK(compare_slopes({kMost, -up}, {kMost - 1, -up}) == 1);
  CHECK(compare_slopes({kMost, up}, {kMost, up}) == 0);
  CHECK(compare_slopes({kMost - 1, up - 1}, {kMost, up}) == -1);
  CHECK(compare_slopes({3000000000, 1000000000}, {3, 1}) == 0);
  CHECK(compare_slopes({3000000001, 1000000000}, {3, 1}) == -1);
  CHECK(compare_slopes({5, 0}, {9, 0}) == 0);
  CHECK(compare_slopes({5, -1}, {kMost, 1}) == -1);
  CHECK(compare_slopes({0, -2}, {1, -1000000}) == -1);  // straight down
}

struct Corner {
  std::uint64_t x;
  std::int64_t y;
};

// Does a line pass within epsilon of corners [first, end)? Every pair bounds its slope.
bool is_straight(const std::vector<Corner>& corners, std::size_t first, std::size_t end, std::int64_t epsilon) {
  const auto step = [&](std::size_t p, std::size_t q, std::int64_t off) {
    return Step{corners[q].x - corners[p].x, corners[q].y - corners[p].y + off};
  };
  for (std::size_t p = first; p < end; ++p)
    for (std::size_t q = p + 1; q < end; ++q)
      for (std::size_t r = first; r < end; ++r)
        for (std::size_t s = r + 1; s < end; ++s)
          if (compare_slopes(step(p, q, -2 * epsilon), step(r, s, 2 * epsilon)) > 0) return false;
  return true;
}

std::vector<Corner> corners_of(int shape, tests::Random& random) {
  std::vector<Corner> corners;
  std::uint64_t x = 0;
  std::int64_t y = 0;
  for (std::size_t i = 0, n = 2 + random.below(9); i < n; ++i) {
    corners.push_back({x, y});
    const std::uint64_t gap = shape == 0 ? random.bits() >> 5 : 1 + random.below(shape == 1 ? 3 : 1000000);
    if (x + gap < x) break;
    x += gap;
    y += static_cast<std::int64_t>(random.below(shape == 2 ? 20 : 4));
  }
  return corners;
}

TEST_CASE("a point is taken if and only if some line passes it and all before") {
  tests::Random random(3);
  for (int round = 0; round < 3000; ++round) {
    const auto corners = corners_of(round % 3, random);
    const auto epsilon = static_cast<std::int64_t>(1 + random.below(4));
    OptimalLine line(epsilon);
    line.start(corners[0].x, corners[0].y);
    std::size_t first = 0;
    for (std::size_t i = 1; i < corners.size(); ++i) {
      const bool taken = line.add(corners[i].x, corners[i].y);
      REQUIRE(taken == is_straight(corners, first, i + 1, epsilon));
      if (!taken) {
        line.start(corners[i].x, corners[i].y);
        first = i;
      }
      REQUIRE((line.first() == corners[first].x && line.last() == corners[i].x));
      const Line found = line.line();
      REQUIRE(found.slope >= 0);
      for (std::size_t j = first; j <= i; ++j) {
        const double off = found.position + found.slope * to_double(corners[j].x - corners[first].x) -
                           static_cast<double>(corners[j].y);
        REQUIRE(std::abs(off) <= static_cast<double>(epsilon) + 0x1p-8);
      }
    }
  }
}

}  // namespace
