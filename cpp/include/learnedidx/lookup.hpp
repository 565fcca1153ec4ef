// The batch driver: predict, prefetch, search, retry.
//
// Queries flow in groups through three stages that lie one group apart, so that the memory one
// stage asks for arrives while the others compute: predict (what the model says, prefetch its
// leaves), aim (position to window, prefetch the keys), resolve (count the window; the count proves
// the answer, or the query gallops).
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine.hpp"
#include "predict_pgm.hpp"
#include "predict_rmi.hpp"
#include "predict_spline.hpp"
#include "predict_tree.hpp"
#include "retry.hpp"
#include "search.hpp"

namespace learnedidx {

// Retries of several groups wait for each other, so that good models too have some to overlap.
template <class K> using Retries = Retry<K, 2 * kGroup>;

// Calls f with the predictor of the engine's model.
template <class K, class F> auto with_predictor(const Engine<K>& engine, const Kernels& kernels, F&& f) {
  switch (engine.model) {
    case Model::rmi: return f(RmiPredictor<K>(engine, kernels));
    case Model::btree: return f(TreePredictor<K>(engine, kernels));
    case Model::radix_spline: return f(SplinePredictor<K>(engine, kernels));
    case Model::pgm: return f(PgmPredictor<K>(engine, kernels));
    case Model::none: break;
  }
  return f(BisectPredictor<K>(engine, kernels));
}

// Counts the windows at `starts`; the unproven are left to `retry`.
template <class K, class Predictor>
void resolve(const Engine<K>& engine, const Kernels& kernels, const Predictor& model, const K* queries,
             std::size_t from, std::size_t count, const std::uint64_t* starts, std::int64_t* out, Retries<K>& retry) {
  const auto count_windows = kernels.count[kind_index<K>()];
  if constexpr (Predictor::kCertain) {
    count_windows(engine.keys, engine.n, starts, queries + from, count, out + from, nullptr);
  } else {
    std::uint32_t unproven[kGroup];
    const std::size_t failed =
        count_windows(engine.keys, engine.n, starts, queries + from, count, out + from, unproven);
    for (std::size_t j = 0; j < failed; ++j) {
      const std::size_t i = unproven[j];
      const Bracket b = model.bracket(queries[from + i], starts[i]);
      retry.add(from + i, b.low, b.high, static_cast<std::size_t>(starts[i]), static_cast<std::size_t>(out[from + i]));
    }
  }
}

template <class K, class Predictor>
void search_groups(const Engine<K>& engine, const Kernels& kernels, const Predictor& model, const K* queries,
                   std::size_t count, std::int64_t* out) {
  Retries<K> retry(engine.keys, engine.n);
  std::uint64_t points[2][kGroup];
  const std::size_t groups = (count + kGroup - 1) / kGroup;
  const auto size = [&](std::size_t g) { return g + 1 < groups ? kGroup : count - g * kGroup; };
  for (std::size_t g = 0; g < groups + 2; ++g) {
    if (g >= 2) {
      resolve(engine, kernels, model, queries, (g - 2) * kGroup, size(g - 2), points[g % 2], out, retry);
      if (retry.size() > kGroup) retry.run(queries, out);
    }
    if (g >= 1 && g <= groups) {
      std::uint64_t* starts = points[(g - 1) % 2];
      model.aim(queries + (g - 1) * kGroup, size(g - 1), starts);
      prefetch_each(kernels.hint, size(g - 1), [&](std::size_t i) { return engine.keys + starts[i]; });
      prefetch_each(kernels.hint, size(g - 1), [&](std::size_t i) { return engine.keys + starts[i] + kLineKeys<K>; });
    }
    if (g < groups) model.predict(queries + g * kGroup, size(g), points[g % 2]);
  }
  retry.run(queries, out);
}

// out[i] = number of keys below queries[i]. Never allocates, never reads outside the keys.
template <class K>
void lower_bound_batch(const Engine<K>& engine, const Kernels& kernels, const K* queries,
                       std::size_t count, std::int64_t* out) noexcept {
  if (engine.n < kWindowKeys<K>) {
    for (std::size_t i = 0; i < count; ++i)
      out[i] = static_cast<std::int64_t>(lower_bound(engine.keys, engine.n, queries[i]));
    return;
  }
  with_predictor(engine, kernels, [&](const auto& model) { search_groups(engine, kernels, model, queries, count, out); });
}

template <class K>
std::int64_t lower_bound_one(const Engine<K>& engine, const Kernels& kernels, K query) noexcept {
  if (engine.model == Model::none || engine.n < kWindowKeys<K>)
    return static_cast<std::int64_t>(lower_bound(engine.keys, engine.n, query));
  std::int64_t answer = 0;
  with_predictor(engine, kernels, [&](const auto& model) {
    const std::uint64_t start = model.aim_one(model.point_of(query));
    Retries<K> retry(engine.keys, engine.n);
    resolve(engine, kernels, model, &query, 0, 1, &start, &answer, retry);
    retry.run(&query, &answer);
  });
  return answer;
}

}  // namespace learnedidx
