// An Index<K> answers as a binary search does, whatever its model, keys and queries are; it refuses by a status and
// moves.
#include "learnedidx/index.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <new>
#include <type_traits>
#include <utility>
#include <vector>

#include "owned_for_tests.hpp"

// Memory that runs out: every allocation fails after the first `left`.
namespace {
thread_local long left = -1;
bool spent() { return left == 0 || (left > 0 && --left == 0); }
}  // namespace

void* operator new(std::size_t size) {
  void* memory = spent() ? nullptr : std::malloc(size > 0 ? size : 1);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  const auto to = static_cast<std::size_t>(alignment);
  void* memory = spent() ? nullptr : std::aligned_alloc(to, (size + to) / to * to);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

namespace {

using namespace learnedidx;
using tests::Asking;

template <class K> const char* wrong(const Index<K>& index, const std::vector<K>& keys, std::uint64_t seed) {
  return Asking<K>::wrong(index, keys, tests::owned_queries(keys, tests::kSlow ? 150 : 700, seed));
}

}  // namespace

TEST_CASE_TEMPLATE("answers are those of a binary search, for every model", K, LIDX_TEST_KINDS) {
  for (const Choice model : tests::choices<K>())
    for (const std::size_t n : {0u, 1u, 2u, 31u, 64u, 300u, 3000u, 20000u})
      for (const std::uint64_t seed : {1u, 2u, 3u}) {
        CAPTURE(static_cast<int>(model));
        CAPTURE(n);
        CAPTURE(seed);
        auto keys = tests::owned_keys<K>(n, seed, seed == 1);
        Index<K> index;
        REQUIRE(index.build(keys, tests::options_of(model)));
        CHECK((model == Choice::automatic || index.model() == model));
        const char* what = wrong(index, keys, seed + n);
        REQUIRE_MESSAGE(what == nullptr, std::string(what ? what : ""));
      }
}

TEST_CASE("the parameters of a model are heeded") {
  const auto keys = tests::random_keys<std::uint64_t>(50000, 3);
  Index<std::uint64_t> index;
  std::size_t before = ~std::size_t{0};
  for (const std::uint64_t epsilon : {4u, 64u, 1000u}) {
    BuildOptions options = tests::options_of(Choice::pgm);
    options.epsilon = epsilon;
    REQUIRE(index.build(keys, options));
    CHECK(index.bytes() < before);
    before = index.bytes();
    const Bounds b = index.bounds(keys[25000]);
    CHECK(b.high - b.low <= static_cast<std::int64_t>(2 * epsilon + 2));
  }
  BuildOptions options = tests::options_of(Choice::rmi);
  options.leaves = 7;
  REQUIRE(index.build(keys, options));
  CHECK(index.bytes() < before + 60000);
  CHECK(wrong(index, keys, 1) == nullptr);
}

TEST_CASE("the rule takes what the Python library takes") {
  Index<std::uint64_t> index;
  const auto model_over = [&](const std::vector<std::uint64_t>& keys) {
    REQUIRE(index.build(keys));
    return index.model();
  };
  const auto few = tests::even_keys<std::uint64_t>(63), some = tests::even_keys<std::uint64_t>(1000);
  const auto many = tests::even_keys<std::uint64_t>(300'000);
  const std::vector<std::uint64_t> equal(300'000, 5);
  CHECK(model_over(few) == Choice::none);
  CHECK(model_over(some) == Choice::btree);
  CHECK(model_over(many) == Choice::rmi);
  CHECK(model_over(equal) == Choice::btree);
  const auto bytes = tests::random_keys<std::uint8_t>(64, 1);
  Index<std::uint8_t> narrow;
  REQUIRE(narrow.build(bytes));
  CHECK(narrow.model() == Choice::direct);
}

TEST_CASE("clusters far apart and skewed keys") {
  for (const std::size_t n : {1000u, 100'000u}) {
    std::vector<std::uint64_t> clusters, skewed;
    for (std::size_t i = 0; i < n; ++i) {
      clusters.push_back((i % 5) << 60 | i);
      skewed.push_back(std::uint64_t{1} << (i * 60 / n) | i);
    }
    for (auto* keys : {&clusters, &skewed}) {
      std::sort(keys->begin(), keys->end());
      Index<std::uint64_t> index;
      REQUIRE(index.build(*keys, tests::options_of(Choice::rmi)));
      CHECK(wrong(index, *keys, 3) == nullptr);
      const Bounds b = index.bounds((*keys)[n / 3]);
      CHECK(b.high - b.low < static_cast<std::int64_t>(n / 5));
    }
  }
}

TEST_CASE("what cannot be built is refused, and the index is as it was") {
  Index<std::int32_t> index;
  const std::vector<std::int32_t> keys{1, 2, 3};
  REQUIRE(index.build(keys));
  const std::vector<std::int32_t> disorder{1, 5, 3, 9};
  const Status unsorted = index.build(disorder);
  CHECK(unsorted.reason == Reason::unsorted_keys);
  CHECK(unsorted.at == 2);
  CHECK(std::string(unsorted.message()).find("sort") != std::string::npos);
  const auto refuses = [&](auto change) {
    BuildOptions options;
    change(options);
    return index.build(keys, options).reason == Reason::bad_option;
  };
  CHECK(refuses([](BuildOptions& o) { o.node = 7; }));
  CHECK(refuses([](BuildOptions& o) { o.radix_bits = 25; }));
  CHECK(refuses([](BuildOptions& o) { o.epsilon = ~std::uint64_t{0}; }));
  CHECK(refuses([](BuildOptions& o) { o.leaves = kFreeLeaves + 1; }));
  CHECK(refuses([](BuildOptions& o) { o.model = Choice::direct; }));
  CHECK(refuses([](BuildOptions& o) { o.model = static_cast<Choice>(99); }));
  CHECK(index.build(nullptr, 3).reason == Reason::bad_option);
  CHECK(index.build(keys.data(), std::size_t{1} << 60).reason == Reason::too_many_keys);
  const std::vector<double> nan_between{1, std::numeric_limits<double>::quiet_NaN(), 3};
  Index<double> of_doubles;
  CHECK(of_doubles.build(nan_between).reason == Reason::unsorted_keys);
  CHECK(index.size() == 3);
  CHECK(index.find(3) == 2);
}

TEST_CASE("memory that runs out anywhere is a status, and the index is as it was") {
  const auto keys = tests::random_keys<std::uint64_t>(20000, 9);
  Index<std::uint64_t> index;
  REQUIRE(index.build(keys.data(), 100));
  for (const Choice model : tests::choices<std::uint64_t>()) {
    int refused = 0;
    for (long room = 1; room < 10'000; ++room) {
      left = room;
      const Status status = index.build(keys.data(), keys.size(), tests::options_of(model));
      left = -1;
      if (status) break;
      ++refused;
      REQUIRE(status.reason == Reason::no_memory);
      REQUIRE(index.size() == 100);
      REQUIRE(index.lower_bound(keys[50]) == std::lower_bound(keys.begin(), keys.begin() + 100, keys[50]) - keys.begin());
    }
    CHECK(refused > 0);
    CHECK(index.size() == keys.size());
    CHECK(wrong(index, keys, 4) == nullptr);
    REQUIRE(index.build(keys.data(), 100));
  }
}

TEST_CASE_TEMPLATE("moves", K, std::uint64_t, std::uint8_t, double) {
  static_assert(std::is_nothrow_move_constructible_v<Index<K>> && std::is_nothrow_move_assignable_v<Index<K>>);
  static_assert(!std::is_copy_constructible_v<Index<K>> && !std::is_copy_assignable_v<Index<K>>);
  static_assert(noexcept(std::declval<const Index<K>&>().lower_bound(K{})));
  const auto keys = tests::random_keys<K>(3000, 5), others = tests::random_keys<K>(50, 6);
  for (const Choice model : tests::choices<K>()) {
    Index<K> first, second;
    REQUIRE(first.build(keys, tests::options_of(model)));
    REQUIRE(second.build(others, tests::options_of(model)));
    Index<K> moved(std::move(first));
    CHECK(wrong(moved, keys, 1) == nullptr);
    CHECK(wrong(first, {}, 1) == nullptr);  // of no keys
    second = std::move(moved);
    CHECK(wrong(second, keys, 2) == nullptr);
    CHECK(wrong(moved, {}, 2) == nullptr);
    REQUIRE(first.build(others, tests::options_of(model)));  // one that was moved from is built again
    CHECK(wrong(first, others, 3) == nullptr);
    Index<K>& same = second;
    second = std::move(same);
    CHECK(wrong(second, keys, 4) == nullptr);
    std::vector<Index<K>> several;
    for (int i = 0; i < 5; ++i) {
      several.emplace_back();
      REQUIRE(several.back().build(keys.data(), static_cast<std::size_t>(100 * i)));
    }
    for (std::size_t i = 0; i < 5; ++i) CHECK(several[i].size() == 100 * i);
  }
}

TEST_CASE("keys that change after the build cost time, never a position outside") {
  auto keys = tests::random_keys<std::uint64_t>(5000, 2);
  for (const Choice model : tests::choices<std::uint64_t>()) {
    Index<std::uint64_t> index;
    REQUIRE(index.build(keys, tests::options_of(model)));
    const auto kept = keys;
    for (auto& key : keys) key = key / 3 + 5;
    for (const std::uint64_t q : tests::owned_queries(keys, 500, 1)) {
      const std::int64_t found = index.lower_bound(q);
      REQUIRE((found >= 0 && found <= 5000));
      if (index.model() == Choice::btree) continue;  // separators are copies of the old keys, and are believed
      REQUIRE(found == std::lower_bound(keys.begin(), keys.end(), q) - keys.begin());
    }
    keys = kept;
  }
}
