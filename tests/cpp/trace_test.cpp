// A lookup that is written down is the lookup: batches on every row start from the same windows and
// look again as often as the traces of single queries say.
#include "learnedidx/search/trace.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "learnedidx/kernels/rows.hpp"
#include "learnedidx/lookup/batch.hpp"
#include "learnedidx/training/fit_pgm.hpp"
#include "learnedidx/training/fit_spline.hpp"
#include "models_for_tests.hpp"

// The loop of the RMI's kernel, compiled here without wide instructions so that it can be traced.
#define LIDX_ROW watched_row
#define LIDX_TARGET
namespace learnedidx::LIDX_ROW {
template <class K, std::size_t N> LIDX_INLINE std::int64_t count_below(const K* keys, K q) {
  return static_cast<std::int64_t>(lower_bound(keys, N, q));
}
}  // namespace learnedidx::LIDX_ROW
#include "learnedidx/kernels/generic_search.hpp"
#undef LIDX_ROW
#undef LIDX_TARGET

namespace {

using namespace learnedidx;
using tests::Knots;
using tests::OwnedRmi;

// What is compared of one lookup.
struct Told {
  std::int64_t start = 0, size = 0, halvings = 0, looks = 0, gallops = 0;
  bool operator==(const Told& o) const {
    return start == o.start && size == o.size && halvings == o.halvings && looks == o.looks && gallops == o.gallops;
  }
};

// Writes the lookups of a batch down.
struct Recorder : NoTrace {
  static constexpr bool kTraces = true;
  std::vector<Told>* told;

  explicit Recorder(std::vector<Told>& all) : told(&all) {}
  template <class K> void window(std::size_t i, const K*, std::size_t start, std::size_t size) const {
    (*told)[i].start = static_cast<std::int64_t>(start);
    (*told)[i].size = static_cast<std::int64_t>(size);
  }
  template <class K> void halves(std::size_t i, const K*, std::size_t, std::size_t) const { ++(*told)[i].halvings; }
  template <class K> void looks(std::size_t i, const K*, std::size_t, std::size_t, std::size_t, bool) const { ++(*told)[i].looks; }
  void gallops(std::size_t i, std::size_t, std::size_t) const { ++(*told)[i].gallops; }
};

Told told_by(const Trace& trace) {
  Told told{trace.window_low, trace.window_high - trace.window_low};
  for (const TraceStep& step : trace.steps) {
    told.halvings += step.kind == Visit::bisect ? step.reads : 0;
    told.looks += step.kind == Visit::look || step.kind == Visit::neighbour;
    told.gallops += step.kind == Visit::gallop;
  }
  return told;
}

template <class K>
std::vector<Told> watch_batch(const Engine<K>& engine, const Kernels& row, const std::vector<K>& queries,
                              std::vector<std::int64_t>& out) {
  std::vector<Told> told(queries.size());
  const Recorder recorder(told);
  if (engine.model == Model::rmi) {
    const RmiSearch search{engine.keys, engine.n, engine.rmi, RmiPredictor<K>(engine, row).place()};
    const auto run = [&](auto shape) {
      watched_row::stream_rmi<K, Hint::l2, decltype(shape)::value>(search, queries.data(), queries.size(), out.data(), recorder);
    };
    switch (shape_of(*engine.rmi)) {
      case RmiShape::one: run(std::integral_constant<RmiShape, RmiShape::one>()); break;
      case RmiShape::two: run(std::integral_constant<RmiShape, RmiShape::two>()); break;
      case RmiShape::any: run(std::integral_constant<RmiShape, RmiShape::any>()); break;
    }
  } else {
    with_predictor(engine, row, [&](const auto& model) {
      if constexpr (!std::is_same_v<std::decay_t<decltype(model)>, RmiPredictor<K>>)
        search_groups(engine, row, model, queries.data(), queries.size(), out.data(), recorder);
    });
  }
  return told;
}

// On every row: the batch as it runs, traced, against single queries as traces tell of them. Returns
// how many lookups looked again.
template <class K> std::size_t compare(const Engine<K>& engine, const std::vector<K>& queries) {
  std::size_t again = 0;
  const KernelRows found = available_kernels();
  for (std::size_t r = 0; r < found.count; ++r) {
    const Kernels& row = *found.rows[r];
    CAPTURE(std::string(row.name));
    std::vector<std::int64_t> out(queries.size(), -7), untraced(queries.size(), -8);
    const std::vector<Told> told = watch_batch(engine, row, queries, out);
    lower_bound_batch(engine, row, queries.data(), queries.size(), untraced.data());
    REQUIRE(out == untraced);
    for (std::size_t i = 0; i < queries.size(); ++i) {
      Trace trace;
      trace.answer = lower_bound_one(engine, row, queries[i], Tracer(trace));
      REQUIRE(trace.answer == out[i]);
      const Told expected = told_by(trace);
      CAPTURE(i);
      REQUIRE(expected.start == told[i].start);
      REQUIRE(expected == told[i]);
      REQUIRE(trace.retries == told[i].looks + told[i].gallops);
      REQUIRE(trace.proven == (trace.retries == 0));
      std::int64_t lines = 0;
      for (const TraceStep& step : trace.steps) lines += step.lines;
      REQUIRE(lines == trace.model_lines.count() + trace.key_lines.count());
      again += trace.retries > 0;
    }
  }
  return again;
}

template <class K> Engine<K> engine_over(const std::vector<K>& keys, Model model) {
  Engine<K> engine;
  engine.keys = keys.data();
  engine.n = keys.size();
  engine.frame = frame_of(keys.data(), keys.size());
  engine.model = model;
  return engine;
}

// Clusters, runs of equal keys and outliers: windows miss, brackets are wide.
template <class K> std::vector<K> hard_keys(std::size_t n) {
  tests::Random random(n);
  std::vector<K> keys;
  while (keys.size() < n) {
    const std::uint64_t base = random.bits() >> random.below(50);
    for (std::uint64_t i = 0, run = random.below(90); i < run; ++i) keys.push_back(static_cast<K>(base / 3 + i / (1 + run % 4)));
  }
  keys.resize(n);
  std::sort(keys.begin(), keys.end());
  return keys;
}

TEST_CASE_TEMPLATE("RMIs, honest and lying", K, std::uint64_t, float) {
  std::size_t again = 0;
  for (const auto& keys : {hard_keys<K>(3000), tests::random_keys<K>(900, 5), tests::even_keys<K>(2000)})
    for (const Knots how : {Knots::even, Knots::hostile})
      for (const unsigned choice : {0u, 1u, 2u, 3u, 4u, 5u, 6u, 7u}) {
        if (tests::kSlow && choice % 3 == 1) continue;
        OwnedRmi rmi;
        tests::shape(rmi, keys, how, choice & 1, choice);
        if (choice & 2) tests::fit(rmi, keys, choice & 4, scalar_kernels);
        else tests::lie(rmi, keys.size(), choice & 4, choice);
        Engine<K> engine = engine_over(keys, Model::rmi);
        engine.rmi = &rmi.view;
        again += compare(engine, tests::queries_for(keys));
      }
  CHECK(again > 1000);
}

TEST_CASE_TEMPLATE("PGM-indexes, with windows of two lines and of four", K, std::uint64_t, double) {
  std::size_t again = 0;
  for (const std::int64_t epsilon : {1, 12, 64, 2000}) {
    const auto keys = hard_keys<K>(3000);
    Pgm pgm;
    REQUIRE(fit_pgm(pgm, keys.data(), keys.size(), epsilon, scalar_kernels, {}));
    Engine<K> engine = engine_over(keys, Model::pgm);
    engine.pgm = &pgm.view;
    again += compare(engine, tests::queries_for(keys));
    for (auto& correction : pgm.corrections) correction = static_cast<std::int8_t>(37 * correction + 90);
    again += compare(engine, tests::queries_for(keys));
  }
  CHECK(again > 1000);
}

TEST_CASE_TEMPLATE("RadixSplines", K, std::uint64_t, double) {
  std::size_t again = 0;
  for (const std::uint64_t epsilon : {1u, 40u, 500u}) {
    const auto keys = hard_keys<K>(3000);
    RadixSpline spline;
    SplinePoints points;
    const OrdinalDomain domain = ordinals_over(keys.front(), keys.back());
    fit_spline(keys.data(), keys.size(), domain, epsilon, scalar_kernels, points, spline.open, {});
    lay_out(spline, points, domain, epsilon, 3);
    fit_corrections(spline, keys.data(), keys.size(), {});
    Engine<K> engine = engine_over(keys, Model::radix_spline);
    engine.spline = &spline.view;
    again += compare(engine, tests::queries_for(keys));
    for (auto& correction : spline.corrections) correction = static_cast<std::int8_t>(-correction + 60);
    again += compare(engine, tests::queries_for(keys));
  }
  CHECK(again > 1000);
}

TEST_CASE_TEMPLATE("B+-trees: the way that is told leads to the window that is counted", K, std::uint64_t, float) {
  for (const unsigned node : {8u, 16u}) {
    const auto keys = hard_keys<K>(5000);
    BTree<K> tree;
    build(tree, keys.data(), keys.size(), node);
    Engine<K> engine = engine_over(keys, Model::btree);
    engine.tree = &tree.view;
    CHECK(compare(engine, tests::queries_for(keys)) == 0);
    for (const K query : tests::queries_for(keys)) {
      Trace trace;
      lower_bound_one(engine, scalar_kernels, query, Tracer(trace));
      const std::uint64_t start = window_start(static_cast<std::uint64_t>(trace.leaf), place_of_leaf<K>(engine.frame));
      REQUIRE(trace.window_low == static_cast<std::int64_t>(start));
    }
  }
}

TEST_CASE("lines are counted once, and every time when there are too many") {
  LineSet lines;
  const std::vector<char> memory(64 * 400 + 64);
  const char* start = memory.data() + (64 - reinterpret_cast<std::uintptr_t>(memory.data()) % 64) % 64;
  lines.add(start, 64);
  lines.add(start + 8, 8);
  CHECK(lines.count() == 1);
  lines.add(start + 60, 8);
  lines.add(start, 0);
  CHECK(lines.count() == 2);
  for (int i = 0; i < 400; ++i) lines.add(start + 64 * i, 1);
  CHECK(lines.count() == 400);
}

}  // namespace
