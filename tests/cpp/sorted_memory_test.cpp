// Memory that runs out at any allocation leaves a tree as it was, and all memory is given back.
#include <doctest/doctest.h>

#include "sorted_model.hpp"

namespace {

using namespace learnedidx;
using namespace tests;

// Gives out memory until it has done so `left` times.
struct Budget {
  std::size_t left = ~std::size_t{0}, held = 0, asked = 0;

  static void* take(std::size_t bytes, std::size_t alignment, void* context) {
    auto& budget = *static_cast<Budget*>(context);
    ++budget.asked;
    if (budget.left == 0) return nullptr;
    --budget.left;
    budget.held += bytes;
    return take_from_heap(bytes, alignment, nullptr);
  }
  static void give(void* block, std::size_t bytes, std::size_t alignment, void* context) {
    static_cast<Budget*>(context)->held -= bytes;
    give_to_heap(block, bytes, alignment, nullptr);
  }
  SortedMemory memory() { return {take, give, this}; }
};

using Tree = SortedTree<std::int64_t, std::uint32_t>;

std::vector<std::int64_t> keys_of(const Tree& tree) {
  std::vector<std::int64_t> keys(tree.size());
  REQUIRE(tree.copy(tree.begin(), keys.size(), keys.data()) == keys.size());
  return keys;
}

TEST_CASE("an insert without memory changes nothing, and the next one goes on") {
  for (const Order order : kOrders) {
    Budget budget;
    {
      Tree tree(widest_kernels().sorted, budget.memory());
      Random random(1);
      std::size_t refused = 0;
      for (std::uint32_t i = 0; i < 6000; ++i) {
        const auto key = key_in<std::int64_t>(order, i, random);
        budget.left = 0;
        const std::size_t size = tree.size(), asked = budget.asked;
        const std::uint64_t version = tree.version();
        SortedStatus status = tree.insert(key, i);
        if (status == SortedStatus::ok) continue;
        ++refused;
        REQUIRE(status == SortedStatus::no_memory);
        REQUIRE(budget.asked > asked);
        REQUIRE((tree.size() == size && tree.version() == version && tree.check() == nullptr));
        budget.left = 1;  // a leaf, but no node for it
        if (tree.insert(key, i) != SortedStatus::ok) {
          REQUIRE((tree.size() == size && tree.check() == nullptr));
          budget.left = ~std::size_t{0};
          REQUIRE(tree.insert(key, i) == SortedStatus::ok);
        }
      }
      REQUIRE(refused > 4);
      REQUIRE(tree.check() == nullptr);
      REQUIRE(tree.bytes() == budget.held);
    }
    REQUIRE(budget.held == 0);
  }
}

// Change number `what`, with 250 or more keys.
SortedStatus change(int what, Tree& tree, Tree& other) {
  std::vector<std::int64_t> keys(5000);
  const std::vector<std::uint32_t> values(keys.size(), 1);
  for (std::size_t i = 0; i < keys.size(); ++i) keys[i] = static_cast<std::int64_t>(i < 200 ? 7 * i : 1400 + i);
  switch (what) {
    case 0: return tree.bulk_load(keys.data(), values.data(), keys.size());
    case 1: return tree.insert_sorted(keys.data(), values.data(), 250);
    case 2: return tree.insert_sorted(keys.data(), values.data(), 2500);
    case 3: return tree.insert_sorted(keys.data(), values.data(), 250, Equal::replace);
    case 4: return tree.merge(other);
    default: return tree.split(1234, other);
  }
}

// What is left if `allowed` allocations succeed: true if they were enough.
bool change_with(std::size_t allowed, int what) {
  Budget budget;
  Tree tree(widest_kernels().sorted, budget.memory()), other(widest_kernels().sorted, budget.memory());
  std::vector<std::int64_t> keys(3000);
  const std::vector<std::uint32_t> values(keys.size(), 2);
  for (std::size_t i = 0; i < keys.size(); ++i) keys[i] = static_cast<std::int64_t>(10 * i);
  REQUIRE(tree.bulk_load(keys.data(), values.data(), keys.size()) == SortedStatus::ok);
  REQUIRE(other.bulk_load(keys.data(), values.data(), 1000) == SortedStatus::ok);
  budget.left = allowed;
  const SortedStatus status = change(what, tree, other);
  REQUIRE(tree.bytes() + other.bytes() == budget.held);
  REQUIRE(tree.check() == nullptr);
  REQUIRE(other.check() == nullptr);
  if (status == SortedStatus::ok) return true;
  REQUIRE(status == SortedStatus::no_memory);
  REQUIRE(keys_of(tree) == keys);
  REQUIRE(other.size() == 1000);
  for (auto at = tree.begin(); at; at = tree.next(at)) REQUIRE(tree.value(at) == 2);
  return false;
}

TEST_CASE("bulk loads, batches, merges and splits without memory change nothing") {
  for (int what = 0; what < 6; ++what) {
    CAPTURE(what);
    std::size_t allowed = 0;
    while (!change_with(allowed, what)) ++allowed;
    CHECK(allowed > 0);
    CHECK(allowed < 1000);
  }
}

// Batches that touch leaves all over, with keys that are held, of which many belong to two leaves and to the last one.
bool batch_with(std::size_t allowed, Equal equal) {
  Budget budget;
  Tree tree(widest_kernels().sorted, budget.memory());
  std::vector<std::int64_t> keys(20000), batch;
  for (std::size_t i = 0; i < keys.size(); ++i) keys[i] = static_cast<std::int64_t>(10 * i + (i < 12000 ? 0 : 5000));
  std::vector<std::uint32_t> held(keys.size()), values;
  for (std::size_t i = 0; i < held.size(); ++i) held[i] = static_cast<std::uint32_t>(3 * i);
  REQUIRE(tree.bulk_load(keys.data(), held.data(), keys.size()) == SortedStatus::ok);
  for (std::int64_t i = 0; i < 150; ++i) batch.insert(batch.end(), {730 * i, 730 * i + 1, 120000 + i * 7, 250000 + i});
  for (std::int64_t i = 0; i < 700; ++i) batch.insert(batch.end(), {120100 + i, 300000 + i / 2});
  std::sort(batch.begin(), batch.end());
  values.resize(batch.size(), 1);
  budget.left = allowed;
  const SortedStatus status = tree.insert_sorted(batch.data(), values.data(), batch.size(), equal);
  REQUIRE(tree.check() == nullptr);
  if (status == SortedStatus::ok) return true;
  REQUIRE(status == SortedStatus::no_memory);
  REQUIRE(keys_of(tree) == keys);
  std::size_t i = 0;
  for (auto at = tree.begin(); at; at = tree.next(at)) REQUIRE(tree.value(at) == held[i++]);
  return false;
}

TEST_CASE("batches with runs without memory change nothing") {
  for (const Equal equal : {Equal::both, Equal::skip, Equal::replace}) {
    CAPTURE(static_cast<int>(equal));
    std::size_t allowed = 0;
    while (!batch_with(allowed, equal)) ++allowed;
    CHECK(allowed > 2);
    CHECK(allowed < 1000);
  }
}

TEST_CASE("a tree that takes the keys of another keeps its own memory, also where it is empty") {
  Budget mine, its;
  Tree tree(widest_kernels().sorted, mine.memory());
  {
    Tree other(widest_kernels().sorted, its.memory());
    for (std::int64_t i = 0; i < 1000; ++i) REQUIRE(other.insert(i) == SortedStatus::ok);
    mine.left = 1;
    CHECK(tree.merge(other) == SortedStatus::no_memory);
    CHECK((tree.size() == 0 && other.size() == 1000 && mine.held == 0));
    mine.left = ~std::size_t{0};
    REQUIRE(tree.merge(other) == SortedStatus::ok);
    CHECK((tree.bytes() == mine.held && its.held == 0));
  }
  REQUIRE(tree.insert(1000) == SortedStatus::ok);
  CHECK((tree.size() == 1001 && tree.check() == nullptr && tree.key(tree.select(7)) == 7));
}

TEST_CASE("a tree that is split gives keys to memory of the other") {
  for (const std::size_t rank : {0u, 1u, 1000u, 2999u, 3000u})
    for (const bool same : {true, false}) {
      Budget one, two;
      Tree tree(widest_kernels().sorted, one.memory()), behind(widest_kernels().sorted, (same ? one : two).memory());
      std::vector<std::int64_t> keys(3000);
      const std::vector<std::uint32_t> values(keys.size(), 1);
      for (std::size_t i = 0; i < keys.size(); ++i) keys[i] = static_cast<std::int64_t>(i);
      REQUIRE(tree.bulk_load(keys.data(), values.data(), keys.size()) == SortedStatus::ok);
      REQUIRE(behind.insert(7, 7) == SortedStatus::ok);
      REQUIRE(tree.split(rank, behind) == SortedStatus::ok);
      const auto cut = keys.begin() + static_cast<std::ptrdiff_t>(rank);
      REQUIRE(keys_of(tree) == std::vector<std::int64_t>(keys.begin(), cut));
      REQUIRE(keys_of(behind) == std::vector<std::int64_t>(cut, keys.end()));
      REQUIRE((tree.check() == nullptr && behind.check() == nullptr));
      if (!same) REQUIRE((two.held == behind.bytes() && one.held == tree.bytes()));
    }
}

}  // namespace
