// What several threads may do at once: ask one index, one opened file, one tree that nobody changes; and change trees
// of their own. The thread sanitizer runs it (preset tsan).
#include <doctest/doctest.h>

#include <atomic>
#include <iterator>
#include <list>
#include <thread>
#include <vector>

#include "files_for_tests.hpp"
#include "owned_for_tests.hpp"
#include "questions.hpp"
#include "sorted_model.hpp"

namespace {

using namespace learnedidx;

constexpr std::size_t kThreads = 4;

// Runs work(number) in several threads, which begin together; returns in how many it was true.
template <class Work> std::size_t right_in(Work&& work) {
  std::atomic<std::size_t> ready{0}, right{0};
  std::vector<std::thread> threads;
  for (std::size_t number = 0; number < kThreads; ++number)
    threads.emplace_back([&, number] {
      ++ready;
      while (ready < kThreads) std::this_thread::yield();
      if (work(number)) ++right;
    });
  for (auto& thread : threads) thread.join();
  return right;
}

constexpr StoredModel kNumberModels[] = {StoredModel::none, StoredModel::rmi, StoredModel::btree,
                                         StoredModel::radix_spline, StoredModel::pgm};

}  // namespace

TEST_CASE("one opened file, and one index over it") {
  const KernelRows rows = available_kernels();
  const auto keys = tests::random_keys<std::uint64_t>(3000, 5);
  for (const StoredModel model : kNumberModels)
    for (const bool large : {false, true}) {
      CAPTURE(static_cast<int>(model));
      const tests::Bytes bytes = tests::saved(keys, {model, true, false, large});
      OpenedFile file;
      REQUIRE(open_file(bytes.data(), bytes.size(), file) == FileStatus::ok);
      TypedIndex<std::uint64_t> index(static_cast<const std::uint64_t*>(file.keys), keys.size(), keys.size());
      if (model == StoredModel::rmi) index.use_rmi(&file.rmi, &file.errors);
      if (model == StoredModel::pgm) index.use_pgm(&file.pgm, &file.pgm_errors);
      if (model == StoredModel::radix_spline) index.use_spline(&file.spline);
      const auto tree = tree_of<std::uint64_t>(file);
      if (model == StoredModel::btree) index.use_tree(&tree);
      CHECK(right_in([&](std::size_t number) {
              const Kernels& row = *rows.rows[number % rows.count];
              std::vector<std::int64_t> out(keys.size());
              index.search({keys.data(), KeyType::u64, false, {}}, 0, keys.size(), false, Verb::position, row, out.data());
              for (std::size_t i = 0; i < keys.size(); ++i)
                if (out[i] != std::lower_bound(keys.begin(), keys.end(), keys[i]) - keys.begin()) return false;
              return tests::wrong_answer<std::uint64_t>(file, row, number, 250) == nullptr;
            }) == kThreads);
    }
}

TEST_CASE("one sorted tree that nobody changes") {
  using Tree = SortedTree<std::uint64_t, std::uint32_t>;
  Tree tree(widest_kernels().sorted);
  for (std::uint32_t i = 0; i < 30'000; ++i) REQUIRE(tree.insert(std::uint64_t{i * 7919u} % 30'000 * 3, i) == SortedStatus::ok);
  std::vector<std::uint64_t> queries;
  for (std::uint64_t key = 0; key < 90'000; key += 7) queries.push_back(key);
  CHECK(right_in([&](std::size_t number) {
          std::vector<std::int64_t> ranks(queries.size());
          tree.rank_many(queries.data(), queries.size(), false, ranks.data());
          std::vector<Tree::Place> places(queries.size());
          tree.find_many(queries.data(), queries.size(), places.data());
          bool right = tree.check() == nullptr && tree.between(3 * number, 3000).count == 1001 - number;
          for (std::size_t i = 0; i < queries.size(); ++i)
            right = right && ranks[i] == static_cast<std::int64_t>((queries[i] + 2) / 3) && places[i] == tree.find(queries[i]);
          return right;
        }) == kThreads);
}

TEST_CASE("trees of each thread's own, made and filled by the one before") {
  using Tree = SortedTree<double>;
  std::vector<double> keys;
  for (int i = 0; i < 20'000; ++i) keys.push_back(i * 0.5);
  std::list<Tree> trees;
  for (std::size_t turn = 0; turn < 3; ++turn) {
    if (turn == 0)
      for (std::size_t i = 0; i < kThreads; ++i) trees.emplace_back(widest_kernels().sorted);
    CHECK(right_in([&](std::size_t number) {
            Tree& tree = *std::next(trees.begin(), static_cast<std::ptrdiff_t>((number + turn) % kThreads));  // joined threads hand their trees on
            bool right = tree.insert_sorted(keys.data(), nullptr, keys.size(), Equal::both) == SortedStatus::ok;
            for (int i = 0; i < 500; ++i) right = right && tree.insert(i * 7.25) == SortedStatus::ok;
            right = right && tree.erase_sorted(keys.data(), 300) == 300;
            return right && tree.check() == nullptr && tree.size() == (turn + 1) * (keys.size() + 200);
          }) == kThreads);
  }
}

TEST_CASE("one Index<K>, built or opened, of every model") {
  const auto keys = tests::random_keys<std::uint64_t>(20'000, 8);
  for (const Choice model : tests::choices<std::uint64_t>()) {
    CAPTURE(static_cast<int>(model));
    Index<std::uint64_t> built, opened;
    REQUIRE(built.build(keys, tests::options_of(model)));
    tests::Bytes bytes;
    REQUIRE(built.save_to([&](const void* data, std::size_t size) {
      bytes.insert(bytes.end(), static_cast<const unsigned char*>(data), static_cast<const unsigned char*>(data) + size);
      return true;
    }));
    REQUIRE(opened.open(bytes.data(), bytes.size()));
    for (const auto* index : {&built, &opened})
      CHECK(right_in([&](std::size_t number) {
              return tests::Asking<std::uint64_t>::wrong(*index, keys, tests::owned_queries(keys, 300, number)) == nullptr;
            }) == kThreads);
  }
}
