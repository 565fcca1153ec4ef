// Bulk loads, batches, merges and splits of a tree are those of a sorted vector.
#include <doctest/doctest.h>

#include "sorted_model.hpp"

namespace {

using namespace learnedidx;
using namespace tests;

template <class K> using Tree = SortedTree<K, std::uint32_t>;

template <class K> struct Batch {
  std::vector<K> keys;
  std::vector<std::uint32_t> values;
};

template <class K> Batch<K> make_batch(Order order, std::size_t n, std::size_t from, Random& random) {
  Batch<K> batch;
  for (std::size_t i = 0; i < n; ++i) batch.keys.push_back(key_in<K>(order, from + i, random));
  std::sort(batch.keys.begin(), batch.keys.end());
  for (std::size_t i = 0; i < n; ++i) batch.values.push_back(static_cast<std::uint32_t>(from + i));
  return batch;
}

template <class K> void check_all(const Tree<K>& tree, const SortedModel<K>& model) {
  const char* wrong = tree.check();
  REQUIRE_MESSAGE(wrong == nullptr, std::string(wrong ? wrong : ""));
  std::vector<K> keys(tree.size());
  std::vector<std::uint32_t> values(tree.size());
  REQUIRE(tree.copy(tree.begin(), keys.size() + 1, keys.data(), values.data()) == model.items.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    REQUIRE(keys[i] == model.items[i].first);
    REQUIRE(values[i] == model.items[i].second);
  }
}

template <class K> void insert(Tree<K>& tree, SortedModel<K>& model, const Batch<K>& batch, Equal equal) {
  REQUIRE(tree.insert_sorted(batch.keys.data(), batch.values.data(), batch.keys.size(), equal) == SortedStatus::ok);
  for (std::size_t i = 0; i < batch.keys.size(); ++i) {
    const K key = batch.keys[i];
    const std::size_t at = model.rank_left(key);
    const bool known = at < model.items.size() && model.items[at].first == key;
    if (equal == Equal::both || !known) model.insert(key, batch.values[i]);
    else if (equal == Equal::replace) model.items[at].second = batch.values[i];
  }
}

template <class K> void erase(Tree<K>& tree, SortedModel<K>& model, const std::vector<K>& keys) {
  std::size_t erased = 0;
  for (const K key : keys) {
    const std::size_t at = model.rank_left(key);
    if (at == model.items.size() || !(model.items[at].first == key)) continue;
    model.erase(at, at + 1);
    ++erased;
  }
  REQUIRE(tree.erase_sorted(keys.data(), keys.size()) == erased);
}

template <class K> void check_queries(const Tree<K>& tree, const SortedModel<K>& model, Random& random) {
  std::vector<K> queries = extremes<K>();
  for (std::size_t i = 0; i < 300; ++i) queries.push_back(key_in<K>(kOrders[i % 8], i, random));
  std::vector<typename Tree<K>::Place> places(queries.size());
  std::vector<std::int64_t> left(queries.size()), right(queries.size());
  tree.find_many(queries.data(), queries.size(), places.data());
  tree.rank_many(queries.data(), queries.size(), false, left.data());
  tree.rank_many(queries.data(), queries.size(), true, right.data());
  for (std::size_t i = 0; i < queries.size(); ++i) {
    REQUIRE(places[i] == tree.find(queries[i]));
    REQUIRE(left[i] == static_cast<std::int64_t>(model.rank_left(queries[i])));
    REQUIRE(right[i] == static_cast<std::int64_t>(model.rank_right(queries[i])));
  }
}

template <class K> void run(const SortedRow& row, Order order, Equal equal) {
  Tree<K> tree(row);
  SortedModel<K> model;
  Random random(11);
  check_queries(tree, model, random);
  insert(tree, model, make_batch<K>(order, 3000, 0, random), equal);  // as a bulk load
  for (std::size_t round = 0; round < (kSlow ? 6 : 12); ++round) {
    insert(tree, model, make_batch<K>(order, round == 5 ? 900 : random.below(250), 3000 + 250 * round, random), equal);
    check_all(tree, model);
    erase(tree, model, make_batch<K>(order, random.below(300), 2900 + 250 * round, random).keys);
    check_all(tree, model);
  }
  check_queries(tree, model, random);
}

TEST_CASE_TEMPLATE_DEFINE("batches are their keys one by one", K, one_by_one) {
  for (const Order order : kOrders)
    for (const Equal equal : {Equal::both, Equal::skip, Equal::replace}) {
      CAPTURE(static_cast<int>(order));
      run<K>(widest_kernels().sorted, order, equal);
    }
  for_each_sorted_row([](const SortedRow& row, const std::string&) { run<K>(row, Order::random, Equal::both); });
}
TEST_CASE_TEMPLATE_APPLY(one_by_one, WideKeyTypes::as<std::tuple>);

TEST_CASE("a bulk load of any size is a tree that can be changed") {
  for (std::size_t n : {0, 1, 15, 16, 17, 255, 256, 257, 500, 12992, 12993, 13300, 60000}) {
    Tree<std::uint64_t> tree(widest_kernels().sorted);
    Batch<std::uint64_t> batch;
    SortedModel<std::uint64_t> model;
    for (std::size_t i = 0; i < n; ++i) {
      batch.keys.push_back(3 * i);
      batch.values.push_back(static_cast<std::uint32_t>(i));
      model.items.push_back({3 * i, static_cast<std::uint32_t>(i)});
    }
    REQUIRE(tree.insert(5, 1) == SortedStatus::ok);
    REQUIRE(tree.bulk_load(batch.keys.data(), batch.values.data(), n) == SortedStatus::ok);
    check_all(tree, model);
    for (std::size_t i = 0; i < 400; ++i) REQUIRE(tree.insert(i * 31, 0) == SortedStatus::ok);
    REQUIRE(tree.check() == nullptr);
    REQUIRE(tree.size() == n + 400);
  }
}

TEST_CASE("trees are split and merged") {
  Random random(2);
  for (std::size_t round = 0; round < 40; ++round) {
    Tree<float> tree(widest_kernels().sorted), behind(widest_kernels().sorted);
    SortedModel<float> model;
    insert(tree, model, make_batch<float>(Order::few, random.below(4000), 0, random), Equal::both);
    const std::size_t rank = random.below(tree.size() + 2), kept = std::min(rank, tree.size());
    REQUIRE(tree.split(rank, behind) == SortedStatus::ok);
    REQUIRE(tree.size() == kept);
    REQUIRE(behind.size() == model.items.size() - kept);
    REQUIRE(behind.check() == nullptr);
    REQUIRE(tree.check() == nullptr);
    REQUIRE(tree.merge(behind) == SortedStatus::ok);
    REQUIRE(behind.size() == 0);
    check_all(tree, model);
  }
}

// Says no when it is asked for the last of `questions` times.
struct Patience {
  int questions;

  static bool asked(void* self) { return static_cast<Patience*>(self)->questions-- > 0; }
  Cancellation hook() { return {&asked, this}; }
};

TEST_CASE("a batch that is stopped has changed nothing") {
  constexpr std::size_t most = std::size_t{1} << 22;
  for (const std::size_t held : {most, most / 32}) {  // the batch is merged in place; all becomes a new tree
    std::vector<std::int64_t> keys(held), batch;
    for (std::size_t i = 0; i < held; ++i) keys[i] = static_cast<std::int64_t>(3 * i);
    for (std::size_t i = 0; i < most / 16; ++i) batch.push_back(static_cast<std::int64_t>(40 * i / 2));
    for (const Equal equal : {Equal::both, Equal::skip}) {
      SortedTree<std::int64_t> tree(widest_kernels().sorted);
      REQUIRE(tree.bulk_load(keys.data(), nullptr, held) == SortedStatus::ok);
      SortedStatus status = SortedStatus::stopped;
      int stops = 0;
      for (; status == SortedStatus::stopped; ++stops) {
        Patience patience{stops};
        status = tree.insert_sorted(batch.data(), nullptr, batch.size(), equal, patience.hook());
        REQUIRE(tree.check() == nullptr);
        if (status == SortedStatus::ok) break;
        std::vector<std::int64_t> left(held);
        REQUIRE(tree.size() == held);
        REQUIRE(tree.copy(tree.begin(), held, left.data()) == held);
        REQUIRE(left == keys);
      }
      REQUIRE(status == SortedStatus::ok);
      REQUIRE(stops > 2);
      REQUIRE(tree.size() > held);
    }
  }
}

}  // namespace
