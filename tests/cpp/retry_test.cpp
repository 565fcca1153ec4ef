// Second chances: brackets that are right, wide, wrong or empty all end at the answer.
#include "learnedidx/search/retry.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "key_sets.hpp"

namespace {

using namespace learnedidx;

template <class K> std::size_t truth(const std::vector<K>& keys, K q) {
  return static_cast<std::size_t>(std::lower_bound(keys.begin(), keys.end(), q) - keys.begin());
}

TEST_CASE_TEMPLATE("is_lower_bound is true at one position only", K, LIDX_TEST_KINDS) {
  const auto keys = tests::random_keys<K>(40, 2);
  for (const K q : tests::queries_for(keys))
    for (std::size_t position = 0; position <= keys.size(); ++position)
      REQUIRE(is_lower_bound(keys.data(), keys.size(), position, q) == (position == truth(keys, q)));
}

// Around the answer, far from it, touching it, empty, reversed, and beyond the keys.
std::vector<Bracket> brackets(std::size_t answer, std::size_t n, tests::Random& random) {
  const std::size_t a = random.below(n + 1), b = random.below(n + 1);
  return {{0, n}, {answer, answer}, {answer, n}, {0, answer}, {a, b}, {0, 0}, {n, n}, {n, 0}, {n + 5, n + 900}, {0, 2 * n + 3}};
}

TEST_CASE_TEMPLATE("every bracket ends at the answer", K, LIDX_TEST_KINDS) {
  tests::Random random(8);
  for (const std::size_t n : {kWindowKeys<K>, kWindowKeys<K> + 1, kWindowKeys<K> + 300}) {
    const auto keys = tests::random_keys<K>(n, n);
    const auto queries = tests::queries_for(keys);
    Retry<K, 16> retry(keys.data(), n);
    std::vector<std::int64_t> out(queries.size());
    for (std::size_t i = 0; i < queries.size(); ++i) {
      const std::size_t answer = truth(keys, queries[i]), start = random.below(n - kWindowKeys<K> + 1);
      // What a count in the window at `start` finds.
      const std::size_t found = std::min(std::max(answer, start), start + kWindowKeys<K>);
      for (const Bracket bracket : brackets(answer, n, random)) {
        out[i] = -1;
        retry.add(i, bracket, start, found);
        REQUIRE(retry.size() == 1);
        retry.run(queries.data(), out.data());
        REQUIRE(retry.size() == 0);
        REQUIRE(out[i] == static_cast<std::int64_t>(answer));
      }
    }
  }
}

TEST_CASE("queries of one run do not disturb each other") {
  const auto keys = tests::even_keys<std::uint64_t>(5000);
  const auto queries = tests::queries_for(keys);
  std::vector<std::int64_t> out(queries.size(), -1);
  Retry<std::uint64_t, 256> retry(keys.data(), keys.size());
  tests::Random random(4);
  for (std::size_t i = 0; i < queries.size(); ++i) {
    const std::size_t answer = truth(keys, queries[i]), wrong = random.below(keys.size() - 16);
    retry.add(i, {random.below(answer + 1), answer + random.below(100)}, wrong, std::min(std::max(answer, wrong), wrong + 16));
    if (retry.size() == 256) retry.run(queries.data(), out.data());
  }
  retry.run(queries.data(), out.data());
  for (std::size_t i = 0; i < queries.size(); ++i) REQUIRE(out[i] == static_cast<std::int64_t>(truth(keys, queries[i])));
}

}  // namespace
