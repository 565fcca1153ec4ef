// Batches of which many keys belong to few leaves are those of a standard map, whatever else is among them.
#include <doctest/doctest.h>

#include <map>

#include "sorted_model.hpp"

namespace {

using namespace learnedidx;
using namespace tests;

template <class K> using Tree = SortedTree<K, std::uint32_t>;
template <class K> using Model = std::multimap<K, std::uint32_t>;
constexpr Equal kEquals[] = {Equal::both, Equal::skip, Equal::replace};

// Where the keys of a batch lie. The tree holds multiples of kStep.
enum class Place { behind, before, one_gap, few_gaps, clusters, copies, interleaved, everywhere };
constexpr Place kPlaces[] = {Place::behind,   Place::before, Place::one_gap,     Place::few_gaps,
                             Place::clusters, Place::copies, Place::interleaved, Place::everywhere};
constexpr std::size_t kStep = 1000;
constexpr std::size_t kFirst = 50 * kStep;  // so that there is room before

template <class K> K key_at(Place place, std::size_t i, std::size_t held, Random& random) {
  const std::size_t any = random.below(held), low = random.below(kStep);
  switch (place) {
    case Place::behind: return static_cast<K>(kFirst + held * kStep + i);
    case Place::before: return static_cast<K>(i % kFirst);
    case Place::one_gap: return static_cast<K>(kFirst + held / 3 * kStep + low);
    case Place::few_gaps: return static_cast<K>(kFirst + (any % 5 * held / 5 * kStep) + low);
    case Place::clusters: return static_cast<K>(kFirst + (any % 3 * held / 3 + any % 300) * kStep + low % 7);
    case Place::copies: return static_cast<K>(kFirst + held / 2 * kStep + low % 2);
    case Place::interleaved: return static_cast<K>(kFirst + (held / 4 + i / 2) * kStep + 500 * (i % 2));
    case Place::everywhere: break;
  }
  return static_cast<K>(kFirst + any * kStep + (low % 4 ? low : 0));
}

template <class K> struct Batch {
  std::vector<K> keys;
  std::vector<std::uint32_t> values;

  void add(std::size_t n, Place place, std::size_t held, Random& random) {
    for (std::size_t i = 0; i < n; ++i) keys.push_back(key_at<K>(place, i, held, random));
  }
  void finish(Random& random) {
    std::sort(keys.begin(), keys.end());
    while (values.size() < keys.size()) values.push_back(static_cast<std::uint32_t>(random.bits()));
  }
};

template <class K> void insert(Tree<K>& tree, Model<K>& model, const Batch<K>& batch, Equal equal) {
  REQUIRE(tree.insert_sorted(batch.keys.data(), batch.values.data(), batch.keys.size(), equal) == SortedStatus::ok);
  for (std::size_t i = 0; i < batch.keys.size(); ++i) {
    const auto at = equal == Equal::both ? model.end() : model.find(batch.keys[i]);
    if (at == model.end()) model.emplace(batch.keys[i], batch.values[i]);
    else if (equal == Equal::replace) at->second = batch.values[i];
  }
}

template <class K> void erase(Tree<K>& tree, Model<K>& model, const Batch<K>& batch) {
  std::size_t erased = 0;
  for (const K key : batch.keys) {
    const auto at = model.lower_bound(key);
    if (at == model.end() || at->first != key) continue;
    model.erase(at);
    ++erased;
  }
  REQUIRE(tree.erase_sorted(batch.keys.data(), batch.keys.size()) == erased);
}

template <class K> void compare(const Tree<K>& tree, const Model<K>& model) {
  const char* wrong = tree.check();
  REQUIRE_MESSAGE(wrong == nullptr, std::string(wrong ? wrong : ""));
  REQUIRE(tree.size() == model.size());
  auto at = tree.begin();
  for (const auto& [key, value] : model) {
    REQUIRE(tree.key(at) == key);
    REQUIRE(tree.value(at) == value);
    at = tree.next(at);
  }
}

template <class K> void run(const SortedRow& row, Place place, Equal equal, std::size_t held, std::size_t n) {
  Tree<K> tree(row);
  Model<K> model;
  Random random(5);
  Batch<K> loaded;
  for (std::size_t i = 0; i < held; ++i) loaded.keys.push_back(static_cast<K>(kFirst + i * kStep));
  loaded.finish(random);
  insert(tree, model, loaded, Equal::both);
  for (std::size_t round = 0; round < 3; ++round) {
    Batch<K> batch;
    batch.add(round == 1 ? n / 10 : n, place, held, random);
    batch.add(40, Place::everywhere, held, random);
    batch.finish(random);
    insert(tree, model, batch, equal);
    compare(tree, model);
    if (round > 0) batch.keys.erase(batch.keys.begin() + 7, batch.keys.begin() + 9);
    if (round == 2) batch.add(3000, Place::everywhere, held, random);
    batch.finish(random);
    erase(tree, model, batch);
    compare(tree, model);
  }
}

TEST_CASE_TEMPLATE("runs are their keys one by one", K, std::uint32_t, std::int64_t, double) {
  for (const Place place : kPlaces)
    for (const Equal equal : kEquals) {
      CAPTURE(static_cast<int>(place));
      CAPTURE(static_cast<int>(equal));
      run<K>(widest_kernels().sorted, place, equal, 9000, 1000);  // below a tenth
      run<K>(widest_kernels().sorted, place, equal, 700, 60);     // few leaves
    }
}

TEST_CASE("runs of every row, and runs that are a good part of the tree") {
  for_each_sorted_row([](const SortedRow& row, const std::string& name) {
    CAPTURE(name);
    for (const Place place : kPlaces)
      for (const Equal equal : kEquals) {
        CAPTURE(static_cast<int>(place));
        run<std::uint64_t>(row, place, equal, kSlow ? 4000 : 30000, kSlow ? 1200 : 9000);
      }
  });
}

TEST_CASE("erasing all keys of some leaves, but for the last one or the first one of each") {
  for (const std::size_t spared : {0u, 1u, 232u, 500u}) {
    Tree<std::uint32_t> tree(widest_kernels().sorted);
    Model<std::uint32_t> model;
    Random random(5);
    Batch<std::uint32_t> all, gone;
    for (std::uint32_t i = 0; i < 20000; ++i) all.keys.push_back(i / 3);
    all.finish(random);
    insert(tree, model, all, Equal::both);
    for (std::size_t i = 0; i < all.keys.size(); ++i)
      if (spared == 0 || i % spared != 0 || i < 5000) gone.keys.push_back(all.keys[i]);
    erase(tree, model, gone);
    compare(tree, model);
  }
}

TEST_CASE("few equal keys are erased in one leaf and the next") {
  Tree<std::uint32_t> tree(widest_kernels().sorted);
  Model<std::uint32_t> model;
  Random random(5);
  Batch<std::uint32_t> all;
  for (std::uint32_t i = 0; i < 20000; ++i) all.keys.push_back(i / 3);
  all.finish(random);
  insert(tree, model, all, Equal::both);
  for (std::uint32_t first = 0; first < 100; ++first) {
    Batch<std::uint32_t> gone;
    for (std::uint32_t key = first; key < 20000 / 3; key += 100) gone.keys.insert(gone.keys.end(), {key, key, key, key});
    erase(tree, model, gone);
    REQUIRE(tree.check() == nullptr);
    if (first == 50) compare(tree, model);
  }
}

TEST_CASE("the lowest and highest values in runs") {
  for (const Equal equal : kEquals) {
    Tree<std::uint32_t> tree(widest_kernels().sorted);
    Model<std::uint32_t> model;
    Random random(5);
    Batch<std::uint32_t> loaded, batch;
    for (std::uint32_t i = 0; i < 20000; ++i) loaded.keys.push_back(i < 600 ? 0 : i < 19000 ? i : ~0u);
    loaded.finish(random);
    insert(tree, model, loaded, Equal::both);
    for (std::uint32_t i = 0; i < 1800; ++i) batch.keys.push_back(i < 700 ? 0 : i < 1000 ? ~0u - i : ~0u);
    batch.finish(random);
    insert(tree, model, batch, equal);
    compare(tree, model);
    erase(tree, model, batch);
    compare(tree, model);
  }
}

TEST_CASE("of equal keys that are held the first takes the new value") {
  for (const std::size_t every : {2u, 100u}) {  // as a merge of all, and leaf by leaf
    Tree<std::int32_t> tree(widest_kernels().sorted);
    Model<std::int32_t> model;
    Random random(5);
    Batch<std::int32_t> loaded, batch;
    for (std::int32_t i = 0; i < 12000; ++i) loaded.keys.push_back(i / 5);
    for (std::size_t i = 0; i < loaded.keys.size(); i += every) batch.keys.push_back(loaded.keys[i]);
    loaded.finish(random);
    batch.finish(random);
    insert(tree, model, loaded, Equal::both);
    insert(tree, model, batch, Equal::replace);
    compare(tree, model);
  }
}

TEST_CASE("a key that its separator equals is known, whichever leaf it is in") {
  for (const Equal equal : {Equal::skip, Equal::replace})
    for (const std::size_t more : {0u, 1u, 290u}) {
      Tree<std::uint64_t> tree(widest_kernels().sorted);
      Model<std::uint64_t> model;
      Random random(5);
      Batch<std::uint64_t> loaded, batch;
      for (std::uint64_t i = 0; i < 9000; ++i) loaded.keys.push_back(i * kStep);
      loaded.finish(random);
      insert(tree, model, loaded, Equal::both);
      for (std::uint64_t i = 1; i < 700; ++i) {  // the first leaf is divided behind the last of these
        REQUIRE(tree.insert(100 * kStep + i, 7) == SortedStatus::ok);
        model.emplace(100 * kStep + i, 7);
      }
      for (std::uint64_t i = 100; i < 350; ++i) batch.keys.insert(batch.keys.end(), {i * kStep, i * kStep + 999});
      for (std::uint64_t i = 0; i < more; ++i) batch.keys.push_back(100 * kStep + 700 + i);  // a run that such a key ends
      batch.keys.erase(std::unique(batch.keys.begin(), batch.keys.end()), batch.keys.end());
      batch.finish(random);
      insert(tree, model, batch, equal);
      compare(tree, model);
    }
}

}  // namespace
