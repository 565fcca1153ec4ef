// What a search needs to know of an index, and what the batch driver asks of a model.
#pragma once

#include <cstddef>
#include <cstdint>

#include "learnedidx/kernels/kernels.hpp"
#include "learnedidx/models/btree.hpp"
#include "learnedidx/models/pgm.hpp"
#include "learnedidx/models/radix_spline.hpp"
#include "learnedidx/models/rmi.hpp"
#include "learnedidx/search/window.hpp"

namespace learnedidx {

enum class Model : std::uint8_t { none, rmi, btree, radix_spline, pgm };

// Borrowed: keys and model outlive it.
template <class K> struct Engine {
  const K* keys = nullptr;
  std::size_t n = 0;  // keys that are numbers: a tail of NaN or NaT is not searched
  WindowFrame frame{0, 0};
  Model model = Model::none;
  const RmiView* rmi = nullptr;
  const BTreeView<K>* tree = nullptr;
  const RadixSplineView* spline = nullptr;
  const PgmView* pgm = nullptr;
};

// 128: between 64 and 256 the time differs by less than the noise, and three groups fit the L1 cache.
constexpr std::size_t kGroup = 128;

// A predictor answers for one model; it is a class template over K, made from (engine, kernels).
//
//   static constexpr bool kCertain    the window that it gives always holds the answer
//   static constexpr bool kStartsLater window_starts() is a stage of its own, a group later; else predict() does it all
//   static constexpr size_t kAtOnce   queries of a group, at most kGroup
//   wide()                            windows are of four lines, not two, and predict() starts them
//   predict(queries, count, points)   leaves in `points` what window_starts() needs; last, prefetches what window_starts() reads
//   window_starts(queries, count, points)   points become the starts of windows, whose keys the driver prefetches
//   point_of(query, tracer), window_start_of(point, tracer)   the same for one query, without prefetching (search/trace.hpp)
//   bracket(query, start)             where the answer lies if not in the window at `start`; if not kCertain

}  // namespace learnedidx
