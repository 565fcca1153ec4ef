// Windows lie inside the array, on cache lines, around what was predicted.
#include "learnedidx/search/window.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <vector>

#include "key_sets.hpp"

namespace {

using namespace learnedidx;

template <class K> void check_positions(const K* keys, std::size_t n) {
  const WindowFrame frame = frame_of(keys, n);
  const WindowPlace place = place_of_position<K>(frame, 0);
  for (std::uint64_t position = 0; position <= n; ++position) {
    const std::uint64_t start = window_start(position, place);
    REQUIRE(start + kWindowKeys<K> <= n);
    REQUIRE(start <= position);
    REQUIRE(position <= start + kWindowKeys<K>);
    const bool at_an_end = start == 0 || start + kWindowKeys<K> == n;
    REQUIRE((at_an_end || reinterpret_cast<std::uintptr_t>(keys + start) % kLineBytes == 0));
    // Inside the array, half a line to both sides is seen too.
    REQUIRE((start == 0 || start + kLineKeys<K> / 2 <= position));
    REQUIRE((start + kWindowKeys<K> == n || position + kLineKeys<K> / 2 <= start + kWindowKeys<K>));
  }
}

TEST_CASE_TEMPLATE("windows of positions, at every offset in memory", K, LIDX_TEST_KINDS) {
  std::vector<K> memory(kWindowKeys<K> + 200 + kLineKeys<K>);
  for (std::size_t offset = 0; offset < kLineKeys<K>; ++offset)
    for (std::size_t n = kWindowKeys<K>; n <= kWindowKeys<K> + 100; n += 9) check_positions(memory.data() + offset, n);
}

TEST_CASE_TEMPLATE("positions far outside end in the last window", K, LIDX_TEST_KINDS) {
  std::vector<K> memory(kWindowKeys<K> + 50);
  const WindowFrame frame = frame_of(memory.data(), memory.size());
  for (const unsigned shift : {0u, 1u, 20u}) {
    const std::uint64_t start = window_start(0xffffffffu, place_of_position<K>(frame, shift));
    CHECK(start + kWindowKeys<K> == memory.size());
  }
}

TEST_CASE_TEMPLATE("windows of leaves cover the array without a gap", K, LIDX_TEST_KINDS) {
  std::vector<K> memory(kWindowKeys<K> * 5 + 3);
  for (std::size_t offset = 0; offset < kLineKeys<K>; ++offset) {
    const std::size_t n = memory.size() - offset;
    const WindowPlace place = place_of_leaf<K>(frame_of(memory.data() + offset, n));
    CHECK(window_start(0, place) == 0);
    std::uint64_t end = kWindowKeys<K>;
    for (std::uint64_t leaf = 1; leaf < 7; ++leaf) {
      const std::uint64_t start = window_start(leaf, place);
      REQUIRE(start <= end);
      end = start + kWindowKeys<K>;
      REQUIRE(end <= n);
    }
    CHECK(end == n);
  }
}

}  // namespace
