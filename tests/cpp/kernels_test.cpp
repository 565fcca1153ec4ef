// Every row that this processor has answers as the scalar row does, kernel by kernel.
#include "learnedidx/kernels/kernels.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "key_sets.hpp"
#include "learnedidx/kernels/rows.hpp"
#include "models_for_tests.hpp"

namespace {

using namespace learnedidx;
using tests::Random;

template <class Check> void for_each_row(Check&& check) {
  const KernelRows found = available_kernels();
  for (std::size_t i = 0; i < found.count; ++i) {
    CAPTURE(std::string(found.rows[i]->name));
    check(*found.rows[i]);
  }
}

std::vector<std::uint64_t> random_points(std::size_t count, std::uint64_t models, std::uint64_t seed) {
  Random random(seed);
  std::vector<std::uint64_t> points(count);
  for (auto& point : points) point = random.below(models) << 32 | (random.bits() & kLow32);
  return points;
}

TEST_CASE("rows are listed narrowest first, found by name, and printed") {
  const KernelRows found = available_kernels();
  REQUIRE(found.count >= 1);
  CHECK(found.rows[0] == &scalar_kernels);
  std::string names;
  for (std::size_t i = 0; i < found.count; ++i) {
    CHECK(find_kernels(found.rows[i]->name) == found.rows[i]);
    names += std::string(" ") + found.rows[i]->name;
  }
  CHECK(&widest_kernels() == found.rows[found.count - 1]);
  CHECK(find_kernels("no such row") == nullptr);
  CHECK(find_kernels("") == nullptr);
  MESSAGE("kernel rows tested:" << names);
}

TEST_CASE_TEMPLATE("ascending", K, LIDX_TEST_KINDS) {
  for (const std::size_t n : {1u, 2u, 17u, 64u, 200u}) {
    auto keys = tests::random_keys<K>(n + 1, n);
    std::uint64_t expected = 0;
    for (std::size_t i = 1; i <= n; ++i) expected += bits_of(keys[i]);
    for_each_row([&](const Kernels& row) {
      std::uint64_t sum = 0;
      CHECK(row.ascending[key_type_index<K>()](keys.data() + 1, n, &sum));
      CHECK(sum == expected);
    });
    for (std::size_t i = 1; i <= n; ++i) {
      if (keys[i - 1] == keys[i]) continue;
      std::swap(keys[i - 1], keys[i]);
      for_each_row([&](const Kernels& row) {
        std::uint64_t sum = 0;
        REQUIRE_FALSE(row.ascending[key_type_index<K>()](keys.data() + 1, n, &sum));
      });
      std::swap(keys[i - 1], keys[i]);
    }
  }
}

TEST_CASE_TEMPLATE("ascending refuses NaN", K, float, double) {
  std::vector<K> keys(100, K{1});
  keys[50] = std::numeric_limits<K>::quiet_NaN();
  for_each_row([&](const Kernels& row) {
    std::uint64_t sum = 0;
    CHECK_FALSE(row.ascending[key_type_index<K>()](keys.data() + 1, 99, &sum));
  });
}

TEST_CASE_TEMPLATE("root_points", K, LIDX_TEST_KINDS) {
  const auto keys = tests::queries_for(tests::random_keys<K>(300, 8));
  const Coordinate domain = coordinate_over<K>(K{1}, K{49});
  for (const unsigned bits : {1u, 9u, 24u})
    for_each_row([&](const Kernels& row) {
      std::vector<std::uint64_t> points(keys.size());
      row.root_points[key_type_index<K>()](keys.data(), keys.size(), domain, bits, points.data());
      for (std::size_t i = 0; i < keys.size(); ++i) REQUIRE(points[i] == root_point(coordinate(keys[i], domain), bits));
    });
}

TEST_CASE("stage_points, interpolate, on_lines and window_starts") {
  const std::uint64_t models = 50;
  Random random(12);
  std::vector<std::uint64_t> knots(models + 1);
  std::vector<std::uint32_t> positions(models + 1);
  std::vector<LeafLine> lines(models);
  for (auto& knot : knots) knot = random.bits() >> 20;
  for (auto& position : positions) position = static_cast<std::uint32_t>(random.bits());
  for (auto& line : lines)
    line = made_monotone({static_cast<float>(random.below(100)) - 50, static_cast<float>(random.below(1u << 31))});
  make_monotone(knots.data(), knots.size(), models);
  std::sort(positions.begin(), positions.end());
  const WindowPlace place = place_of_position<std::uint32_t>({3, 4000000000}, 1);
  for (const std::size_t count : {0u, 1u, 7u, 128u, 1001u}) {
    const auto points = random_points(count, models, count);
    for_each_row([&](const Kernels& row) {
      auto staged = points, between = points, drawn = points, starts = points;
      row.stage_points(staged.data(), count, knots.data());
      row.interpolate(between.data(), count, positions.data());
      row.on_lines(drawn.data(), count, positions.data(), lines.data());
      for (auto& start : starts) start >>= 30;
      const auto raw = starts;
      row.window_starts(starts.data(), count, place);
      for (std::size_t i = 0; i < count; ++i) {
        REQUIRE(staged[i] == stage_point(points[i], knots.data()));
        REQUIRE(between[i] == static_cast<std::uint64_t>(interpolated(points[i], positions.data())));
        REQUIRE(drawn[i] == static_cast<std::uint64_t>(on_line(points[i], positions.data(), lines.data())));
        REQUIRE(starts[i] == window_start(raw[i], place));
      }
    });
  }
}

// Is the count in the window enough to know the answer in the whole array?
template <class K> bool is_proof(std::int64_t in_window, std::size_t start, std::size_t n) {
  if (in_window == 0) return start == 0;
  return in_window < static_cast<std::int64_t>(kWindowKeys<K>) || start + kWindowKeys<K> == n;
}

TEST_CASE_TEMPLATE("count, at every start", K, LIDX_TEST_KINDS) {
  const std::size_t n = kWindowKeys<K> + 40;
  const auto keys = tests::random_keys<K>(n, 15);
  const auto queries = tests::queries_for(keys);
  const std::size_t m = queries.size();
  for (std::size_t start = 0; start <= 40; start += 5) {
    const std::vector<std::uint64_t> starts(m, start);
    for_each_row([&](const Kernels& row) {
      std::vector<std::int64_t> out(m), trusted(m);
      std::vector<std::uint32_t> unverified(m + 1), expected;
      const auto failed = row.count[key_type_index<K>()](keys.data(), n, starts.data(), queries.data(), m, out.data(), unverified.data());
      row.count[key_type_index<K>()](keys.data(), n, starts.data(), queries.data(), m, trusted.data(), nullptr);
      for (std::size_t i = 0; i < m; ++i) {
        const K* window = keys.data() + start;
        const auto below = std::lower_bound(window, window + kWindowKeys<K>, queries[i]) - window;
        REQUIRE(out[i] == static_cast<std::int64_t>(start) + below);
        REQUIRE(trusted[i] == out[i]);
        if (!is_proof<K>(below, start, n)) expected.push_back(static_cast<std::uint32_t>(i));
      }
      REQUIRE(std::vector<std::uint32_t>(unverified.begin(), unverified.begin() + static_cast<std::ptrdiff_t>(failed)) == expected);
    });
  }
}

// Every row, either hint; batches around the distance between two steps.
TEST_CASE_TEMPLATE("search_rmi, whatever the model says", K, LIDX_TEST_KINDS) {
  const auto keys = tests::random_keys<K>(kWindowKeys<K> + 700, 23);
  const WindowFrame frame = frame_of(keys.data(), keys.size());
  const auto queries = tests::queries_for(keys);
  for (const bool lines : {false, true})
    for (const bool deep : {false, true}) {
      tests::OwnedRmi rmi;
      tests::shape(rmi, keys, deep ? tests::Knots::hostile : tests::Knots::even, deep, 7);
      tests::fit(rmi, keys, lines, scalar_kernels);
      const RmiSearch search{keys.data(), keys.size(), &rmi.view, place_of_position<K>(frame, 0)};
      for_each_row([&](const Kernels& row) {
        for (const Hint hint : {Hint::l1, Hint::l2})
          for (const std::size_t m : {std::size_t{1}, std::size_t{63}, std::size_t{65}, std::size_t{129}, queries.size()}) {
            const std::size_t count = std::min(m, queries.size());
            std::vector<std::int64_t> out(count, -1);
            row.search_rmi[key_type_index<K>()](search, hint, queries.data(), count, out.data());
            for (std::size_t i = 0; i < count; ++i)
              REQUIRE(out[i] == std::lower_bound(keys.begin(), keys.end(), queries[i]) - keys.begin());
          }
      });
    }
}

TEST_CASE_TEMPLATE("merge, from exact positions", K, LIDX_TEST_KINDS) {
  const auto keys = tests::random_keys<K>(3 * kWindowKeys<K> + 500, 29);
  const WindowFrame frame = frame_of(keys.data(), keys.size());
  auto queries = tests::queries_for(keys);
  std::sort(queries.begin(), queries.end());
  const std::size_t stretch = queries.size() / kStretches;
  std::vector<std::int64_t> expected, positions;
  for (const K q : queries) expected.push_back(std::lower_bound(keys.begin(), keys.end(), q) - keys.begin());
  for (std::size_t s = 0; s < kStretches; ++s) positions.push_back(expected[s * stretch]);
  expected.resize(stretch * kStretches);
  for_each_row([&](const Kernels& row) {
    for (const bool wide : {false, true}) {
      std::vector<std::int64_t> out(expected.size(), -1);
      row.merge[key_type_index<K>()]({keys.data(), keys.size(), frame, wide}, queries.data(), stretch, positions.data(), out.data());
      REQUIRE(out == expected);
    }
  });
}

TEST_CASE_TEMPLATE("descend, level by level and from the root", K, LIDX_TEST_KINDS) {
  for (const unsigned node : {8u, 16u}) {
    const std::size_t fanout = node + 1;
    const std::size_t offsets[] = {0, node, node + node * fanout};
    auto separators = tests::random_keys<K>(node * (1 + fanout + fanout * fanout), 19);
    for (std::size_t at = 0; at < separators.size(); at += node)  // nodes need order inside only
      std::sort(separators.begin() + static_cast<std::ptrdiff_t>(at), separators.begin() + static_cast<std::ptrdiff_t>(at + node));
    const auto queries = tests::queries_for(tests::random_keys<K>(60, 20));
    for_each_row([&](const Kernels& row) {
      std::vector<std::uint64_t> nodes(queries.size(), 99), at_once(queries.size(), 99);
      const auto descend = row.descend[key_type_index<K>()];
      const WindowPlace same{0, 0, -1, 0, std::numeric_limits<std::int64_t>::max()};  // a leaf's window is its number
      const auto step = [&](std::size_t from, std::size_t levels, const K* keys, std::vector<std::uint64_t>& to) {
        descend({separators.data(), node, offsets + from, levels, from == 0, keys, same}, row.hint, queries.data(),
                queries.size(), to.data());
      };
      step(0, 3, separators.data(), at_once);
      step(0, 1, nullptr, nodes);
      step(1, 1, nullptr, nodes);
      step(2, 1, separators.data(), nodes);
      REQUIRE(nodes == at_once);
      for (std::size_t i = 0; i < queries.size(); ++i) {
        std::size_t expected = 0;
        for (const std::size_t offset : offsets) {
          const K* keys = separators.data() + offset + expected * node;
          expected = expected * fanout + static_cast<std::size_t>(std::lower_bound(keys, keys + node, queries[i]) - keys);
        }
        REQUIRE(nodes[i] == expected);
      }
    });
  }
}

}  // namespace
