// The batch driver: predict, prefetch, search, retry.
//
// Queries flow in groups through three stages that lie one group apart, so that the memory one
// stage asks for arrives while the others compute: predict (what the model says, prefetch its
// leaves), start (position to window, prefetch the keys), verify (count the window; the count proves
// the answer, or the query gallops).
#pragma once

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "learnedidx/base/compiled.hpp"
#include "learnedidx/lookup/engine.hpp"
#include "learnedidx/lookup/predict_btree.hpp"
#include "learnedidx/lookup/predict_pgm.hpp"
#include "learnedidx/lookup/predict_rmi.hpp"
#include "learnedidx/lookup/predict_spline.hpp"
#include "learnedidx/search/bisect.hpp"
#include "learnedidx/search/retry.hpp"

namespace learnedidx {

// Retries of several groups wait for each other, so that good models too have some to overlap.
template <class K, class AnyTracer> using Retries = Retry<K, 2 * kGroup, AnyTracer>;

// Calls f with the predictor of the engine's model.
template <class K, class F> auto with_predictor(const Engine<K>& engine, const Kernels& kernels, F&& f) {
  switch (engine.model) {
    case Model::rmi: return f(RmiPredictor<K>(engine, kernels));
    case Model::btree:
      if (engine.tree->guarded) return f(TreePredictor<K, true>(engine, kernels));
      return f(TreePredictor<K, false>(engine, kernels));
    case Model::radix_spline: return f(SplinePredictor<K>(engine, kernels));
    case Model::pgm: return f(PgmPredictor<K>(engine, kernels));
    case Model::none: break;
  }
  return f(BisectPredictor<K>(engine, kernels));
}

// The keys of the windows that are counted first.
template <class K, class Predictor> std::size_t first_window(const Predictor& model) {
  return (model.wide() ? 2 : 1) * kWindowKeys<K>;
}

template <class K, class Predictor, class AnyTracer>
LIDX_INLINE void tell_windows(const Engine<K>& engine, const Predictor& model, std::size_t from, std::size_t count,
                              const std::uint64_t* starts, const AnyTracer& tracer) {
  if constexpr (AnyTracer::kTraces)
    for (std::size_t i = 0; i < count; ++i) tracer.window(from + i, engine.keys, starts[i], first_window<K>(model));
}

// Counts the windows at `starts`; the unverified are left to `retry`.
template <class K, class Predictor, class Later>
void verify(const Engine<K>& engine, const Kernels& kernels, const Predictor& model, const K* queries,
             std::size_t from, std::size_t count, const std::uint64_t* starts, std::int64_t* out, Later& retry) {
  const auto count_windows = (model.wide() ? kernels.count_four : kernels.count)[key_type_index<K>()];
  if constexpr (Predictor::kCertain) {
    count_windows(engine.keys, engine.n, starts, queries + from, count, out + from, nullptr);
  } else {
    std::uint32_t unverified[kGroup];
    const std::size_t failed =
        count_windows(engine.keys, engine.n, starts, queries + from, count, out + from, unverified);
    for (std::size_t j = 0; j < failed; ++j) {
      const std::size_t i = unverified[j];
      retry.add(from + i, model.bracket(queries[from + i], starts[i]), static_cast<std::size_t>(starts[i]),
                static_cast<std::size_t>(out[from + i]));
    }
  }
}

template <class K, class Predictor>
void start_windows(const Engine<K>& engine, const Kernels& kernels, const Predictor& model, const K* queries,
               std::size_t count, std::uint64_t* points) {
  if constexpr (Predictor::kStartsLater) {
    if (model.wide()) return;
    model.window_starts(queries, count, points);
    prefetch_lines<2>(kernels.hint, count, [&](std::size_t i) { return engine.keys + points[i]; });
  }
}

template <class K, class Predictor, class AnyTracer = NoTrace>
void search_groups(const Engine<K>& engine, const Kernels& kernels, const Predictor& model, const K* queries,
                   std::size_t count, std::int64_t* out, const AnyTracer& tracer = {}) {
  constexpr std::size_t group = Predictor::kAtOnce;
  constexpr std::size_t lag = Predictor::kStartsLater ? 2 : 1;  // groups between the first stage and the last
  Retries<K, AnyTracer> retry(engine.keys, engine.n, tracer);
  std::uint64_t points[2][group];
  const std::size_t groups = (count + group - 1) / group;
  const auto size = [&](std::size_t g) { return g + 1 < groups ? group : count - g * group; };
  for (std::size_t g = 0; g < groups + lag; ++g) {
    if (g >= lag) {
      const std::size_t last = g - lag;
      tell_windows(engine, model, last * group, size(last), points[last % 2], tracer);
      verify(engine, kernels, model, queries, last * group, size(last), points[last % 2], out, retry);
      if (retry.size() > kGroup) retry.run(queries, out);
    }
    if (g >= 1 && g <= groups)
      start_windows(engine, kernels, model, queries + (g - 1) * group, size(g - 1), points[(g - 1) % 2]);
    if (g < groups) model.predict(queries + g * group, size(g), points[g % 2]);
  }
  retry.run(queries, out);
}

// In whatever order the queries come. Needs a window of keys.
template <class K>
void search_any(const Engine<K>& engine, const Kernels& kernels, const K* queries, std::size_t count, std::int64_t* out) {
  with_predictor(engine, kernels, [&](const auto& model) {
    if constexpr (std::is_same_v<std::decay_t<decltype(model)>, RmiPredictor<K>>)
      kernels.search_rmi[key_type_index<K>()]({engine.keys, engine.n, engine.rmi, model.place()}, kernels.hint, queries,
                                          count, out);
    else search_groups(engine, kernels, model, queries, count, out);
  });
}

// Ascending queries that lie close are merged with the keys: several stretches of them at once, so
// that their steps, each of which waits for the one before, overlap. Measured at 10 M keys, ns a query
// by windows of two lines, of four, and by the model: 1.9, 2.3, 4.2 with a key from one query to the
// next, 3.9, 2.6, 4.3 with five, 3.9 (four lines) and 4.2 with ten, 7.2 and 4.7 with seventeen.
constexpr std::size_t kMergeBlock = 16384;  // queries that are looked at together
constexpr std::size_t kMergeGap = 8;        // most keys from one query to the next, on average
constexpr std::size_t kNarrowGap = 2;       // most for windows of two lines

// False: not ascending or too far apart, not done.
template <class K>
bool merge_block(const Engine<K>& engine, const Kernels& kernels, const K* queries, std::size_t count, std::int64_t* out) {
  const std::size_t stretch = count / kStretches;
  if (stretch < 8 || queries[count - 1] < queries[0]) return false;
  if (!(queries[0] <= queries[1] && queries[1] <= queries[2] && queries[2] <= queries[3])) return false;
  std::uint64_t sum = 0;
  if (!kernels.ascending[key_type_index<K>()](queries + 1, count - 1, &sum)) return false;
  K firsts[kStretches + 1];
  std::int64_t positions[kStretches + 1];
  for (std::size_t s = 0; s < kStretches; ++s) firsts[s] = queries[s * stretch];
  firsts[kStretches] = queries[count - 1];
  search_any(engine, kernels, firsts, kStretches + 1, positions);
  const auto span = static_cast<std::uint64_t>(positions[kStretches] - positions[0]);
  if (span > kMergeGap * count) return false;
  const bool wide = span > kNarrowGap * count && engine.n >= 2 * kWindowKeys<K>;
  kernels.merge[key_type_index<K>()]({engine.keys, engine.n, engine.frame, wide}, queries, stretch, positions, out);
  const std::size_t done = stretch * kStretches;
  search_any(engine, kernels, queries + done, count - done, out + done);
  return true;
}

// kMost keys at most, filled up with the largest value, which is below no query: all are compared, which
// the compiler turns into vector code. Two keys: 0.4 ns a query where halving takes 0.5 to 1.3.
template <class K, std::size_t kMost>
void compare_all(const K* keys, std::size_t n, const K* queries, std::size_t count, std::int64_t* out) {
  K few[kMost];
  for (std::size_t j = 0; j < kMost; ++j) few[j] = j < n ? keys[j] : highest_key<K>();
  for (std::size_t i = 0; i < count; ++i) {
    std::int64_t below = 0;
    for (std::size_t j = 0; j < kMost; ++j) below += static_cast<std::int64_t>(few[j] < queries[i]);
    out[i] = below;
  }
}

// Fewer keys than a window.
template <class K>
void search_few(const K* keys, std::size_t n, const K* queries, std::size_t count, std::int64_t* out) {
  if (n == 0) return static_cast<void>(std::fill_n(out, count, std::int64_t{0}));
  if (n == 1) return compare_all<K, 1>(keys, n, queries, count, out);
  if (n == 2) return compare_all<K, 2>(keys, n, queries, count, out);
  if (n <= 4) return compare_all<K, 4>(keys, n, queries, count, out);
  if (n <= 8) return compare_all<K, 8>(keys, n, queries, count, out);
  for (std::size_t i = 0; i < count; ++i) out[i] = static_cast<std::int64_t>(lower_bound(keys, n, queries[i]));
}

// out[i] = number of keys below queries[i]. Never allocates, never reads outside the keys. `out` must not lie over
// the queries, which are read again after answers were written: builds without NDEBUG stop then.
template <class K>
void lower_bound_batch(const Engine<K>& engine, const Kernels& kernels, const K* queries,
                       std::size_t count, std::int64_t* out) noexcept {
  assert(are_apart(queries, count * sizeof(K), out, count * sizeof *out));
  if (engine.n < kWindowKeys<K>) return search_few(engine.keys, engine.n, queries, count, out);
  std::size_t waiting = 0;  // queries [waiting, from) are searched in one go
  for (std::size_t from = 0; from < count; from += kMergeBlock) {
    const std::size_t size = count - from < kMergeBlock ? count - from : kMergeBlock;
    if (!merge_block(engine, kernels, queries + from, size, out + from)) continue;
    search_any(engine, kernels, queries + waiting, from - waiting, out + waiting);
    waiting = from + size;
  }
  search_any(engine, kernels, queries + waiting, count - waiting, out + waiting);
}

template <class K, class AnyTracer = NoTrace>
std::int64_t lower_bound_one(const Engine<K>& engine, const Kernels& kernels, K query, const AnyTracer& tracer = {}) noexcept {
  if (engine.model == Model::none || engine.n < kWindowKeys<K>) {
    const auto found = static_cast<std::int64_t>(lower_bound(traced_keys(engine.keys, tracer), engine.n, query));
    tracer.searches(engine.n);
    return found;
  }
  std::int64_t answer = 0;
  with_predictor(engine, kernels, [&](const auto& model) {
    std::uint64_t start = 0;
    if constexpr (std::decay_t<decltype(model)>::kCertain) {
      model.predict(&query, 1, &start);
      if constexpr (AnyTracer::kTraces) model.point_of(query, tracer);  // the same way down, told
    } else {
      start = model.window_start_of(model.point_of(query, tracer), tracer);
    }
    Retry<K, 1, AnyTracer> retry(engine.keys, engine.n, tracer);
    tracer.window(0, engine.keys, start, first_window<K>(model));
    verify(engine, kernels, model, &query, 0, 1, &start, &answer, retry);
    tracer.proves(retry.size() == 0);
    retry.run(&query, &answer);
  });
  return answer;
}

#define LIDX_THESE(name, K) \
  LIDX_COMPILE(void lower_bound_batch(const Engine<K>&, const Kernels&, const K*, std::size_t, std::int64_t*) noexcept) \
  LIDX_COMPILE(std::int64_t lower_bound_one(const Engine<K>&, const Kernels&, K, const NoTrace&) noexcept) \
  LIDX_COMPILE_TRACED(std::int64_t lower_bound_one(const Engine<K>&, const Kernels&, K, const Tracer&) noexcept)
LIDX_FOR_ALL_KEYS(LIDX_THESE)
#undef LIDX_THESE

}  // namespace learnedidx
