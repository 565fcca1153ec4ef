// The leaf that a tree names holds the answer, for both node sizes and at every offset in memory.
#include "learnedidx/models/btree.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "key_sets.hpp"
#include "learnedidx/search/bisect.hpp"

namespace {

using namespace learnedidx;

template <class K> void check_tree(const K* keys, std::size_t n, unsigned node, const std::vector<K>& queries) {
  BTree<K> tree;
  build(tree, keys, n, node);
  const BTreeView<K>& view = tree.view;
  REQUIRE(view.leaf_end(view.leaves - 1, n) == n);
  for (std::size_t leaf = 0; leaf + 1 < view.leaves; ++leaf)
    REQUIRE(reinterpret_cast<std::uintptr_t>(keys + view.leaf_end(leaf, n)) % kLineBytes == 0);
  for (const K q : queries) {
    const auto answer = static_cast<std::size_t>(std::lower_bound(keys, keys + n, q) - keys);
    const std::size_t leaf = view.leaf_of(q);
    REQUIRE(leaf < view.leaves);
    REQUIRE(answer <= view.leaf_end(leaf, n));
    if (leaf > 0) REQUIRE(answer >= view.leaf_end(leaf - 1, n));
  }
}

TEST_CASE_TEMPLATE("every query reaches its leaf", K, LIDX_TEST_KINDS) {
  for (const std::size_t extra : {0u, 1u, 5u, 63u, 64u, 500u, 3000u}) {
    const std::size_t n = kWindowKeys<K> + extra;
    for (const std::size_t offset : {0u, 1u, 3u}) {
      auto memory = tests::random_keys<K>(n + offset, 31 + extra);
      const std::vector<K> keys(memory.begin() + static_cast<std::ptrdiff_t>(offset), memory.end());
      const auto queries = tests::queries_for(std::vector<K>(keys.begin(), keys.begin() + 16));
      for (const unsigned node : {8u, 16u}) check_tree(memory.data() + offset, n, node, queries);
    }
  }
}

TEST_CASE("the largest key of a format stays usable") {
  std::vector<std::uint64_t> keys(1000, ~std::uint64_t{0});
  keys[0] = 0;
  for (const unsigned node : {8u, 16u}) check_tree(keys.data(), keys.size(), node, {0, 1, ~std::uint64_t{0} - 1, ~std::uint64_t{0}});
}

TEST_CASE("a tree is small, and its levels are whole nodes on cache lines") {
  const auto keys = tests::even_keys<std::uint64_t>(100000);
  BTree<std::uint64_t> tree;
  build(tree, keys.data(), keys.size(), 16);
  CHECK(tree.bytes() * 10 < keys.size() * sizeof(std::uint64_t));
  CHECK(reinterpret_cast<std::uintptr_t>(tree.view.separators.aligned()) % kLineBytes == 0);
  for (const std::size_t level : tree.view.levels) CHECK(level % tree.view.node == 0);
}

}  // namespace
