// The order check against a plain loop, at every position, and its fingerprint.
#include "learnedidx/training/order_check.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <set>
#include <vector>

#include "key_sets.hpp"
#include "learnedidx/kernels/rows.hpp"

namespace {

using namespace learnedidx;

template <class K> SortedCheck check(const std::vector<K>& keys, bool times = false) {
  const KernelRows found = available_kernels();
  SortedCheck first;
  for (std::size_t r = 0; r < found.count; ++r) {
    SortedCheck result;
    REQUIRE(check_sorted(keys.data(), keys.size(), times, *found.rows[r], result, {}));
    if (r == 0) first = result;
    REQUIRE(result.sorted == first.sorted);
    REQUIRE(result.bad == first.bad);
    REQUIRE(result.numbers == first.numbers);
    REQUIRE(result.fingerprint == first.fingerprint);
  }
  return first;
}

// The first position out of order, read one by one; the size if there is none.
template <class K> std::size_t first_bad(const std::vector<K>& keys, bool times) {
  for (std::size_t i = 1; i < keys.size(); ++i)
    if (!in_order(keys[i - 1], keys[i], times)) return i;
  return keys.size();
}

template <class K> void check_against_loop(const std::vector<K>& keys, bool times) {
  const SortedCheck result = check(keys, times);
  const std::size_t bad = first_bad(keys, times);
  REQUIRE(result.sorted == (bad == keys.size()));
  if (!result.sorted) REQUIRE(result.bad == bad);
}

TEST_CASE_TEMPLATE("sorted keys pass, a fall at any position is named", K, LIDX_TEST_KINDS) {
  for (const std::size_t n : {0u, 1u, 2u, 3u, 100u, 4096u, 4097u, 9000u}) {
    auto keys = tests::random_keys<K>(n, n + 1);
    const SortedCheck result = check(keys);
    CHECK(result.sorted);
    CHECK(result.numbers == n);
    for (std::size_t at = 1; at < n; at += 1 + n / 37) {
      std::swap(keys[at - 1], keys[at]);
      check_against_loop(keys, false);
      std::swap(keys[at - 1], keys[at]);
    }
  }
}

TEST_CASE_TEMPLATE("a pass goes on behind keys that are vouched for", K, LIDX_TEST_KINDS) {
  const Kernels& kernels = *available_kernels().rows[0];
  for (const std::size_t n : {1u, 2u, 4096u, 4097u, 8193u, 20000u}) {
    const auto keys = tests::random_keys<K>(n, n + 5);
    const SortedCheck whole = check(keys);
    for (const std::size_t old : {0u, 1u, 2u, 4095u, 4096u, 4097u, 4098u, 8192u, 8193u, 12289u, 20000u}) {
      if (old > n) continue;
      const SortedCheck before = check(std::vector<K>(keys.begin(), keys.begin() + static_cast<std::ptrdiff_t>(old)));
      SortedCheck result;
      REQUIRE(check_sorted(keys.data(), n, false, kernels, result, {}, Vouched{old, before.fingerprint}));
      CHECK(result.sorted);
      CHECK(result.numbers == n);
      CHECK(result.fingerprint == whole.fingerprint);
    }
  }
  auto keys = tests::random_keys<K>(9000, 3);
  const SortedCheck before = check(keys);
  std::swap(keys[8998], keys[8999]);
  SortedCheck result;
  REQUIRE(check_sorted(keys.data(), 9000, false, kernels, result, {}, Vouched{8999, before.fingerprint}));
  CHECK(result.sorted == (first_bad(keys, false) == 9000));
}

TEST_CASE_TEMPLATE("NaN last is fine, anywhere else it is not", K, float, double) {
  const K nan = std::numeric_limits<K>::quiet_NaN();
  for (const std::size_t n : {1u, 5u, 5000u})
    for (std::size_t missing = 0; missing <= n; missing += 1 + n / 4) {
      auto keys = tests::random_keys<K>(n, 8);
      for (std::size_t i = n - missing; i < n; ++i) keys[i] = nan;
      CHECK(check(keys).sorted);
      CHECK(check(keys).numbers == n - missing);
      // Where a binary search for the first NaN looks first, and beside it.
      for (const std::size_t at : {(n - 1) / 2, n / 2}) {
        keys[at] = nan;
        check_against_loop(keys, false);
      }
      keys[0] = nan;
      check_against_loop(keys, false);
    }
}

TEST_CASE("NaT is last for times and an ordinary number else") {
  std::vector<std::int64_t> keys = {-5, 3, 3, kNotATime, kNotATime};
  CHECK(check(keys, true).sorted);
  CHECK(check(keys, true).numbers == 3);
  CHECK_FALSE(check(keys, false).sorted);
  keys = {kNotATime, -5, 3};
  CHECK(check(keys, false).sorted);
  CHECK_FALSE(check(keys, true).sorted);
  CHECK(check(keys, true).bad == 1);
  for (const std::size_t n : {4000u, 5000u, 9000u})
    for (std::size_t at = 0; at < n; at += n / 7) {
      auto times = tests::random_keys<std::int64_t>(n, 4);
      for (auto& t : times) t = t == kNotATime ? 0 : t;
      std::sort(times.begin(), times.end());
      times[at] = kNotATime;
      check_against_loop(times, true);
    }
}

TEST_CASE_TEMPLATE("the fingerprint sees every single key", K, LIDX_TEST_KINDS) {
  std::vector<K> keys(300, K{9});
  std::set<std::uint64_t> seen = {check(keys).fingerprint};
  keys.push_back(K{9});
  CHECK(seen.insert(check(keys).fingerprint).second);
  keys.back() = K{10};
  CHECK(seen.insert(check(keys).fingerprint).second);
  keys.front() = K{8};
  CHECK(seen.insert(check(keys).fingerprint).second);
}

TEST_CASE("the fingerprint sees keys that are no numbers") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const std::vector<double> keys = {1, 2, nan}, others = {1, 2, -nan};
  CHECK(check(keys).fingerprint != check(others).fingerprint);
}

}  // namespace
