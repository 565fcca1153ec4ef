// The model may be wrong, the answer may not: every model, good and wrong, on every row and offset.
#include "learnedidx/lookup/batch.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "learnedidx/kernels/rows.hpp"
#include "models_for_tests.hpp"
#include "stops.hpp"

namespace {

using namespace learnedidx;
using tests::Knots;
using tests::OwnedRmi;

// Batch and single lookups on every row against std::lower_bound.
template <class K> void check_answers(const Engine<K>& engine, const std::vector<K>& queries) {
  std::vector<std::int64_t> expected;
  for (const K q : queries) expected.push_back(std::lower_bound(engine.keys, engine.keys + engine.n, q) - engine.keys);
  const KernelRows found = available_kernels();
  for (std::size_t r = 0; r < found.count; ++r) {
    const Kernels& row = *found.rows[r];
    CAPTURE(std::string(row.name));
    std::vector<std::int64_t> out(queries.size(), -7);
    lower_bound_batch(engine, row, queries.data(), queries.size(), out.data());
    REQUIRE(out == expected);
    for (std::size_t i = 0; i < queries.size(); i += 13) REQUIRE(lower_bound_one(engine, row, queries[i]) == expected[i]);
  }
}

template <class K> Engine<K> engine_over(const std::vector<K>& keys) {
  return {keys.data(), keys.size(), frame_of(keys.data(), keys.size()), Model::none, nullptr, nullptr};
}

template <class K> void check_every_model(const std::vector<K>& keys, std::uint64_t seed) {
  const auto queries = tests::queries_for(keys);
  Engine<K> engine = engine_over(keys);
  check_answers(engine, queries);
  if (keys.size() < kWindowKeys<K>) return;
  engine.model = Model::btree;
  for (const unsigned node : {8u, 16u}) {
    BTree<K> tree;
    build(tree, keys.data(), keys.size(), node);
    engine.tree = &tree.view;
    check_answers(engine, queries);
  }
  engine.model = Model::rmi;
  for (const Knots how : {Knots::even, Knots::hostile})
    for (const bool lines : {false, true})
      for (const bool honest : {true, false}) {
        OwnedRmi rmi;
        tests::shape(rmi, keys, how, seed % 2 == 1, seed);
        if (honest) tests::fit(rmi, keys, lines, scalar_kernels);
        else tests::lie(rmi, keys.size(), lines, seed);
        engine.rmi = &rmi.view;
        check_answers(engine, queries);
      }
}

TEST_CASE_TEMPLATE("all sizes around a window", K, LIDX_TEST_KINDS) {
  for (std::size_t n = 0; n <= 2 * kWindowKeys<K> + 3; n += sizeof(K) < 4 && n > 8 ? 9 : 1) check_every_model(tests::random_keys<K>(n, n), n);
}

TEST_CASE_TEMPLATE("larger sets: even, random, and nearly all equal", K, LIDX_TEST_KINDS) {
  check_every_model(tests::even_keys<K>(2000), 1);
  check_every_model(tests::random_keys<K>(1500, 2), 2);
  std::vector<K> equal(1200, K{5});
  equal.front() = K{4};
  equal.back() = K{6};
  check_every_model(equal, 3);
}

TEST_CASE_TEMPLATE("keys at every offset from a cache line", K, LIDX_TEST_KINDS) {
  for (std::size_t offset = 0; offset < kLineKeys<K>; offset += sizeof(K) < 4 ? 5 : 1) {
    const std::size_t n = kWindowKeys<K> + 150;
    const auto memory = tests::random_keys<K>(n + offset, 41);
    Engine<K> engine = engine_over(memory);
    engine.keys += offset;
    engine.n -= offset;
    engine.frame = frame_of(engine.keys, engine.n);
    const auto queries = tests::queries_for(std::vector<K>(engine.keys, engine.keys + engine.n));
    check_answers(engine, queries);
    BTree<K> tree;
    build(tree, engine.keys, engine.n, 16);
    engine.tree = &tree.view;
    engine.model = Model::btree;
    check_answers(engine, queries);
  }
}

TEST_CASE("batches of all sizes around the group") {
  const auto keys = tests::even_keys<std::uint64_t>(3000);
  OwnedRmi rmi;
  tests::shape(rmi, keys, Knots::even, false, 9);
  tests::fit(rmi, keys, false, scalar_kernels);
  Engine<std::uint64_t> engine = engine_over(keys);
  engine.rmi = &rmi.view;
  engine.model = Model::rmi;
  const auto queries = tests::queries_for(keys);
  for (const std::size_t count : {0u, 1u, 2u, 127u, 128u, 129u, 255u, 256u, 257u, 385u, 1000u})
    check_answers(engine, std::vector<std::uint64_t>(queries.begin(), queries.begin() + static_cast<std::ptrdiff_t>(count)));
}

TEST_CASE("positions stored in units of several keys") {
  const auto keys = tests::even_keys<std::uint64_t>(5000);
  for (const unsigned shift : {1u, 3u}) {
    OwnedRmi rmi;
    tests::shape(rmi, keys, Knots::even, false, 9);
    rmi.view.position_shift = shift;
    tests::fit(rmi, keys, shift == 3, scalar_kernels);
    Engine<std::uint64_t> engine = engine_over(keys);
    engine.rmi = &rmi.view;
    engine.model = Model::rmi;
    check_answers(engine, tests::queries_for(keys));
  }
}

// Queries in order, `step` keys apart on average, over a part of the keys.
std::vector<std::uint64_t> in_order(const std::vector<std::uint64_t>& keys, std::size_t count, std::size_t step, tests::Random& random) {
  std::vector<std::uint64_t> queries(count);
  const std::size_t span = std::min(keys.size() - 1, count * step + 1), from = random.below(keys.size() - span);
  for (auto& q : queries) q = keys[from + random.below(span)] + random.below(3);
  std::sort(queries.begin(), queries.end());
  return queries;
}

TEST_CASE("ascending queries, dense, sparse, and broken by others") {
  tests::Random random(5);
  std::vector<std::uint64_t> keys = tests::random_keys<std::uint64_t>(60000, 3);
  std::fill(keys.begin() + 20000, keys.begin() + 20900, keys[20000]);  // a run longer than many windows
  OwnedRmi rmi;
  tests::shape(rmi, keys, Knots::even, false, 9);
  tests::fit(rmi, keys, false, scalar_kernels);
  BTree<std::uint64_t> tree;
  build(tree, keys.data(), keys.size(), 16);
  for (const Model model : {Model::none, Model::rmi, Model::btree}) {
    Engine<std::uint64_t> engine = engine_over(keys);
    engine.model = model;
    engine.rmi = &rmi.view;
    engine.tree = &tree.view;
    for (const std::size_t count : {63u, 64u, 65u, 4095u, 4096u, 4097u, 9000u})
      for (const std::size_t step : {0u, 1u, 5u, 14u, 200u}) {
        auto queries = in_order(keys, count, step, random);
        check_answers(engine, queries);
        std::swap(queries[count / 2], queries[count / 3]);  // in order no more
        check_answers(engine, queries);
        auto mixed = in_order(keys, 4096, step, random);    // blocks in order between blocks that are not
        mixed.insert(mixed.end(), queries.begin(), queries.end());
        const auto more = in_order(keys, 5000, 1, random);
        mixed.insert(mixed.end(), more.begin(), more.end());
        check_answers(engine, mixed);
      }
  }
}

TEST_CASE("ascending queries that begin before all keys and end after them") {
  const auto keys = tests::even_keys<std::uint64_t>(900);
  Engine<std::uint64_t> engine = engine_over(keys);
  std::vector<std::uint64_t> queries(1000, 0);
  const auto more = tests::queries_for(keys);
  queries.insert(queries.end(), more.begin(), more.end());
  queries.insert(queries.end(), 1000, ~std::uint64_t{0});
  std::sort(queries.begin(), queries.end());
  check_answers(engine, queries);
}

#ifdef LIDX_TEST_STOPS
TEST_CASE("answers over their own queries stop a build without NDEBUG") {
  const auto keys = tests::random_keys<std::int64_t>(1000, 3);
  const Engine<std::int64_t> engine = engine_over(keys);
  std::vector<std::int64_t> queries(keys.begin(), keys.begin() + 100);
  const auto search = [&](std::ptrdiff_t at) {
    return [&, at] { lower_bound_batch(engine, widest_kernels(), queries.data(), 50, queries.data() + at); };
  };
  CHECK(tests::stops(search(0)));
  CHECK(tests::stops(search(49)));
  CHECK_FALSE(tests::stops(search(50)));
}
#endif

}  // namespace
