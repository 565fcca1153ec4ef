// Keys that are put beside equal ones: who tells equal keys apart keeps an order of his own among them.
#include <doctest/doctest.h>

#include "sorted_model.hpp"

namespace {

using namespace learnedidx;
using namespace tests;

using Tree = SortedTree<std::int64_t, std::uint32_t>;
using Item = std::pair<std::int64_t, std::uint32_t>;

std::vector<Item> items_of(const Tree& tree) {
  std::vector<Item> items;
  for (auto at = tree.begin(); at; at = tree.next(at)) items.emplace_back(tree.key(at), tree.value(at));
  return items;
}

// Inserts by key and value: beside the first equal key whose value is not below, or behind the last one.
void put(Tree& tree, std::vector<Item>& model, std::int64_t key, std::uint32_t value) {
  const auto where = std::upper_bound(model.begin(), model.end(), Item{key, value});
  const auto number = static_cast<std::size_t>(where - model.begin());
  const bool before = where != model.end() && where->first == key;
  const bool behind = number > 0 && model[number - 1].first == key;
  std::size_t rank = 0;
  const Tree::Place first = tree.locate(key, rank);
  REQUIRE(first == tree.lower_bound(key));
  REQUIRE(rank == tree.rank_left(key));
  model.insert(where, {key, value});
  if (!before && !behind) REQUIRE(tree.insert(key, value) == SortedStatus::ok);
  else REQUIRE(tree.insert_beside(tree.select(before ? number : number - 1), !before, value) == SortedStatus::ok);
}

void check(const Tree& tree, const std::vector<Item>& model) {
  REQUIRE(tree.check() == nullptr);
  REQUIRE(items_of(tree) == model);
}

// The order in which values come: at random, up, down, to and from the middle, and each at the same place.
std::uint32_t value_in(unsigned order, std::uint32_t i, Random& random) {
  if (order == 0) return static_cast<std::uint32_t>(random.bits() % 5000);
  if (order == 1) return i;
  if (order == 2) return 100000 - i;
  return order == 3 ? (i % 2 ? i : 100000 - i) : (i < 700 ? i : 100000 - i);
}

TEST_CASE("values among equal keys stay in their order, wherever leaves are divided") {
  for (unsigned order = 0; order < 5; ++order)
    for (const std::int64_t different : {1, 2, 60, 3000}) {
      Random random(order + 7);
      Tree tree(widest_kernels().sorted);
      std::vector<Item> model;
      for (std::uint32_t i = 0; i < 5000; ++i) {
        put(tree, model, static_cast<std::int64_t>(random.bits() % static_cast<std::uint64_t>(different)), value_in(order, i, random));
        if (i % 997 == 0) check(tree, model);
        if (i % 3 != 0 || i % 1000 < 500) continue;
        const std::size_t gone = random.bits() % model.size();
        tree.erase(tree.select(gone));
        model.erase(model.begin() + static_cast<std::ptrdiff_t>(gone));
      }
      check(tree, model);
    }
}

TEST_CASE("extreme keys have neighbours too") {
  for (const std::int64_t key : {lowest_key<std::int64_t>(), highest_key<std::int64_t>()}) {
    Random random(3);
    Tree tree(widest_kernels().sorted);
    std::vector<Item> model;
    for (std::uint32_t i = 0; i < 2000; ++i) put(tree, model, i % 4 ? key : 0, value_in(0, i, random));
    check(tree, model);
  }
}

TEST_CASE("without memory nothing has changed") {
  struct Budget {
    std::size_t left;
    static void* take(std::size_t bytes, std::size_t alignment, void* context) {
      auto& left = static_cast<Budget*>(context)->left;
      return left > 0 ? (--left, take_from_heap(bytes, alignment, nullptr)) : nullptr;
    }
  } budget{1000};
  const SortedMemory memory{Budget::take, give_to_heap, &budget};
  Tree tree(widest_kernels().sorted, memory);
  std::vector<Item> model;
  Random random(5);
  REQUIRE(tree.insert(7, 0) == SortedStatus::ok);
  model.emplace_back(7, 0);
  for (std::uint32_t i = 1; i < 3000; ++i) {
    const std::size_t number = random.bits() % model.size(), at = number + i % 2;
    budget.left = 0;
    if (tree.insert_beside(tree.select(number), i % 2, i) != SortedStatus::ok) {
      check(tree, model);
      budget.left = 1000;
      REQUIRE(tree.insert_beside(tree.select(number), i % 2, i) == SortedStatus::ok);
    }
    model.insert(model.begin() + static_cast<std::ptrdiff_t>(at), {7, i});
  }
  check(tree, model);
}

}  // namespace
