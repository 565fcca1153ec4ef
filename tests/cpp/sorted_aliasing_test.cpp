// A tree that is handed what is its own: its values, its keys, itself.
#include "learnedidx/tree/tree.hpp"

#include <doctest/doctest.h>

#include <cstring>
#include <string>
#include <vector>

#include "learnedidx/kernels/rows.hpp"
#include "stops.hpp"

namespace {

using namespace learnedidx;

struct Wide {
  std::int64_t part[5];
};
using Map = SortedTree<std::int64_t, Wide>;

Wide wide(std::int64_t x) { return {{x, x + 1, x + 2, x + 3, x + 4}}; }

void check(const Map& map, std::size_t size) {
  const char* wrong = map.check();
  REQUIRE_MESSAGE(wrong == nullptr, std::string(wrong ? wrong : ""));
  REQUIRE(map.size() == size);
  for (auto place = map.begin(); place; place = map.next(place)) {
    const Wide expected = wide(map.value(place).part[0]);
    REQUIRE(std::memcmp(&expected, &map.value(place), sizeof expected) == 0);
  }
}

// Sizes at which the only leaf grows, is divided, and inner nodes are.
constexpr std::size_t kMost = 3000;

TEST_CASE("a value that the tree holds is inserted as it was") {
  for (const bool unique : {false, true})
    for (std::int64_t step : {1, -1, 7919}) {
      Map map(widest_kernels().sorted);
      REQUIRE(map.insert(0, wide(0)) == SortedStatus::ok);
      for (std::int64_t i = 1; i < static_cast<std::int64_t>(kMost); ++i) {
        const std::int64_t key = step * i % 30'011;
        const auto from = map.select(static_cast<std::size_t>(i) * 31 % map.size());
        const std::int64_t before = map.value(from).part[0];
        Map::Place place;
        bool existing = false;
        const SortedStatus status = unique ? map.insert_unique(key, map.value(from), &place, &existing)
                                           : map.insert(key, map.value(from), &place);
        REQUIRE((status == SortedStatus::ok && !existing));
        REQUIRE(map.value(place).part[0] == before);
        map.value(place) = wide(i);
      }
      check(map, kMost);
    }
}

Map::Place place_of(const Map& map, std::size_t i) { return map.select(i); }

void fill(Map& map, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i)
    REQUIRE(map.insert(static_cast<std::int64_t>(i), wide(static_cast<std::int64_t>(i))) == SortedStatus::ok);
}

TEST_CASE("a tree that is merged with itself, split into itself or swapped with itself stays as it is") {
  for (const std::size_t n : {std::size_t{0}, std::size_t{1}, std::size_t{100}, kMost}) {
    Map map(widest_kernels().sorted);
    fill(map, n);
    REQUIRE(map.merge(map) == SortedStatus::ok);
    check(map, n);
    for (const std::size_t rank : {std::size_t{0}, n / 3, n / 2 + 1, n, n + 5}) {
      REQUIRE(map.split(rank, map) == SortedStatus::ok);
      check(map, n);
    }
    map.swap(map);
    check(map, n);
    if (n > 0) REQUIRE(map.key(place_of(map, n - 1)) == static_cast<std::int64_t>(n) - 1);
    fill(map, 5);
    check(map, n + 5);
  }
}

TEST_CASE("a tree may be loaded with its own keys") {
  SortedTree<std::int64_t> keys(widest_kernels().sorted);
  for (std::int64_t i = 0; i < 200; ++i) REQUIRE(keys.insert(i) == SortedStatus::ok);
  const std::int64_t* own = nullptr;
  std::size_t count = 0;
  keys.scan(keys.select(50), 100, [&](const std::int64_t* from, const Nothing*, std::size_t n) {
    if (!own) own = from, count = n;
  });
  const std::vector<std::int64_t> expected(own, own + count);
  REQUIRE(keys.bulk_load(own, nullptr, count) == SortedStatus::ok);
  REQUIRE(keys.size() == count);
  for (std::size_t i = 0; i < count; ++i) REQUIRE(keys.key(keys.select(i)) == expected[i]);
}

#ifdef LIDX_TEST_STOPS
TEST_CASE("batches that lie in the tree or under their answers stop a build without NDEBUG") {
  for (const std::int64_t n : {20, 5000}) {  // a lone leaf, and chunks
    SortedTree<std::int64_t, std::uint64_t> map(widest_kernels().sorted);
    for (std::int64_t i = 0; i < n; ++i) REQUIRE(map.insert(i, 7) == SortedStatus::ok);
    const std::int64_t* own = nullptr;
    const std::uint64_t* values = nullptr;
    map.scan(map.begin(), 5, [&](const std::int64_t* keys, const std::uint64_t* held, std::size_t) {
      own = keys;
      values = held;
    });
    std::int64_t keys[5] = {0, 1, 2, 3, 4};
    const std::uint64_t others[5] = {};
    CHECK(tests::stops([&] { (void)map.insert_sorted(own, others, 5); }));
    CHECK(tests::stops([&] { (void)map.insert_sorted(keys, values, 5); }));
    CHECK(tests::stops([&] { (void)map.erase_sorted(own, 5); }));
    CHECK(tests::stops([&] { map.rank_many(keys, 5, false, keys); }));
    CHECK_FALSE(tests::stops([&] { (void)map.insert_sorted(keys, others, 5); }));
    CHECK_FALSE(tests::stops([&] { (void)map.erase_sorted(keys, 5); }));
  }
}
#endif

}  // namespace
