// Pieces never fold or reorder coordinates, keep what is inside apart, and are inverted exactly.
#include "learnedidx/models/pieces.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "key_sets.hpp"
#include "learnedidx/kernels/kernels.hpp"
#include "learnedidx/kernels/rows.hpp"

namespace {

using namespace learnedidx;

RootPieces random_pieces(tests::Random& random) {
  RootPieces pieces;
  std::vector<std::uint64_t> ends;
  for (std::size_t i = 0; i < 2 * (1 + random.below(kMostPieces)); ++i) ends.push_back(random.bits() >> random.below(64));
  if (random.below(4) == 0) ends.push_back(~std::uint64_t{0});
  if (random.below(4) == 0) ends.push_back(0);
  std::sort(ends.begin(), ends.end());
  for (std::size_t i = 0; i + 1 < ends.size(); i += 2)
    pieces.add(ends[i], ends[i + 1], static_cast<unsigned>(random.below(13)));
  return pieces;
}

// Both ends of each piece and what is beside them, and anything.
std::vector<std::uint64_t> coordinates_for(const RootPieces& pieces, tests::Random& random) {
  std::vector<std::uint64_t> all = {0, ~std::uint64_t{0}};
  for (std::size_t i = 0; i < pieces.count; ++i)
    for (const std::uint64_t end : {pieces.low[i], pieces.high[i]})
      all.insert(all.end(), {end - 1, end, end + 1, pieces.low[i] + (pieces.high[i] - pieces.low[i]) / 3});
  for (int i = 0; i < 50; ++i) all.push_back(random.bits() >> random.below(64));
  std::sort(all.begin(), all.end());
  return all;
}

TEST_CASE("points ascend with coordinates, inside the bins of their piece") {
  tests::Random random(7);
  for (int round = 0; round < 2000; ++round) {
    const RootPieces pieces = random_pieces(random);
    std::uint64_t before = 0;
    for (const std::uint64_t y : coordinates_for(pieces, random)) {
      const std::uint64_t point = piece_point(y, pieces);
      REQUIRE(point >= before);
      REQUIRE((point >> 32) < pieces.bins);
      before = point;
    }
    for (std::size_t i = 0; i < pieces.count; ++i) {
      REQUIRE(piece_point(pieces.low[i], pieces) == pieces.first[i]);
      if (i > 0) REQUIRE(piece_point(pieces.high[i - 1] + 1, pieces) == pieces.first[i]);  // a gap goes up
    }
  }
}

TEST_CASE("a piece keeps 32 bits apart wherever it lies") {
  RootPieces pieces;
  REQUIRE(pieces.add(5, 5 + (std::uint64_t{1} << 30), 11));
  REQUIRE(pieces.add(std::uint64_t{1} << 63, (std::uint64_t{1} << 63) + (std::uint64_t{1} << 30), 11));
  for (const std::uint64_t y : {std::uint64_t{7}, (std::uint64_t{1} << 63) + 99})
    CHECK(piece_point(y + 1, pieces) > piece_point(y, pieces));
}

TEST_CASE("what is no piece that follows the last is refused") {
  RootPieces pieces;
  CHECK_FALSE(pieces.add(2, 1, 3));
  CHECK_FALSE(pieces.add(0, 1, 25));
  REQUIRE(pieces.add(0, 9, 3));
  CHECK_FALSE(pieces.add(9, 12, 3));
  while (pieces.count < kMostPieces) REQUIRE(pieces.add(20 * pieces.count, 20 * pieces.count + 3, 0));
  CHECK_FALSE(pieces.add(1000, 1001, 0));
  CHECK(pieces.bins == 8 + kMostPieces - 1);
}

TEST_CASE("the first coordinate at a point is the first that is not before it") {
  tests::Random random(8);
  for (int round = 0; round < 2000; ++round) {
    const RootPieces pieces = random_pieces(random);
    for (const std::uint64_t y : coordinates_for(pieces, random))
      for (const std::uint64_t add : {0u, 1u}) {
        const std::uint64_t target = piece_point(y, pieces) + add;
        if (target >> 32 >= pieces.bins) continue;
        std::uint64_t found = 0;
        const bool any = first_coordinate(target, pieces, found);
        if (any) REQUIRE(piece_point(found, pieces) >= target);
        if (!any || found > 0) REQUIRE(piece_point(any ? found - 1 : ~std::uint64_t{0}, pieces) < target);
      }
  }
}

TEST_CASE("rows place coordinates in pieces as the scalar function does") {
  tests::Random random(9);
  const KernelRows rows = available_kernels();
  for (int round = 0; round < 300; ++round) {
    const RootPieces pieces = random_pieces(random);
    const auto coordinates = coordinates_for(pieces, random);
    for (std::size_t row = 0; row < rows.count; ++row) {
      auto points = coordinates;
      rows.rows[row]->piece_points(points.data(), points.size(), pieces);
      for (std::size_t i = 0; i < points.size(); ++i) REQUIRE(points[i] == piece_point(coordinates[i], pieces));
    }
  }
}

}  // namespace
