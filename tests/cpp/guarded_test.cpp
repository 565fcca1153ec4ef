// Guarded views: whatever arrays hold, what is computed from them names something that there is.
#include <doctest/doctest.h>

#include <cstring>
#include <limits>

#include "files_for_tests.hpp"

namespace {

using namespace learnedidx;

constexpr std::size_t kKeys = 900;

// Opens a file whose arrays are all overwritten, and calls check(file).
template <class Check> void with_hostile_arrays(StoredModel model, Check&& check) {
  tests::Random random(5);
  for (int how = 0; how < 8; ++how) {
    tests::Bytes bytes = tests::saved(tests::random_keys<std::uint64_t>(kKeys, 3), {model, false, false, how % 2 == 0});
    for (const SectionEntry& entry : tests::Outline(bytes).sections) {
      if (same_type(entry.type, kMeta) || same_type(entry.type, kModel)) continue;
      for (std::uint64_t i = 0; i < entry.bytes; ++i) {
        const unsigned values[] = {0, 255, 127, static_cast<unsigned>(random.bits() & 255)};
        bytes[static_cast<std::size_t>(entry.offset + i)] = static_cast<unsigned char>(values[how / 2]);
      }
    }
    OpenedFile file;
    REQUIRE(open_file(bytes.data(), bytes.size(), file) == FileStatus::ok);
    for (const std::uint64_t key : {std::uint64_t{0}, std::uint64_t{77}, random.bits(), ~std::uint64_t{0}}) check(file, key);
  }
}

TEST_CASE("the segment of a spline") {
  with_hostile_arrays(StoredModel::radix_spline, [](const OpenedFile& file, std::uint64_t key) {
    const RadixSplineView& spline = file.spline;
    CHECK(spline_segment(ordinal(key, spline.domain), spline) + 1 < spline.n_points);
    CHECK(segment_before(spline.n_points, spline) + 1 < spline.n_points);
    const SplineBin bin = spline_bin(ordinal(key, spline.domain), spline);
    CHECK((bin.first <= bin.last && bin.last <= spline.n_points));
    if (spline.corrections.values == nullptr) CHECK(corrected_position(~std::uint64_t{0}, spline) == kKeys);
  });
}

TEST_CASE("the segment of a PGM") {
  with_hostile_arrays(StoredModel::pgm, [](const OpenedFile& file, std::uint64_t key) {
    const PgmView& pgm = file.pgm;
    CHECK(pgm_segment(ordinal(key, pgm.domain), pgm) < pgm.levels.back().segments);
    CHECK(kept_in(pgm.levels[0], ~std::uint64_t{0}) == pgm.levels[0].segments - 1);
  });
}

TEST_CASE("the point of an RMI and the leaf of a tree") {
  with_hostile_arrays(StoredModel::rmi, [](const OpenedFile& file, std::uint64_t key) {
    CHECK(leaf_point(key, file.rmi) <= file.rmi.stages.back().top);
  });
  with_hostile_arrays(StoredModel::btree, [](const OpenedFile& file, std::uint64_t key) {
    const auto tree = tree_of<std::uint64_t>(file);
    CHECK(tree.leaf_of(key) < tree.leaves);
  });
}

}  // namespace
