// The predictor of a RadixSpline: its table, its points, the keys.
#pragma once

#include "learnedidx/lookup/engine.hpp"
#include "learnedidx/models/radix_spline.hpp"

namespace learnedidx {

template <class K> class SplinePredictor {
 public:
  static constexpr bool kCertain = false;
  static constexpr bool kStartsLater = true;
  static constexpr bool wide() { return false; }
  // At uniform 10 M: 128 queries at once 15.8 ns, 64 11.9, 32 14.0: with corrections a query has four
  // lines on their way.
  static constexpr std::size_t kAtOnce = 64;

  SplinePredictor(const Engine<K>& engine, const Kernels& kernels)
      : spline_(*engine.spline), kernels_(kernels), place_(place_of_position<K>(engine.frame, 0)) {}

  // Points are predicted positions: what a spline reads is small, so that its two steps of memory,
  // the table and the points, are short and taken one after the other.
  void predict(const K* queries, std::size_t count, std::uint64_t* points) const {
    std::uint64_t coordinates[kGroup];
    std::int64_t before[kGroup];
    kernels_.ordinals[key_type_index<K>()](queries, count, spline_.domain, coordinates);
    if (table_is_far())
      prefetch_each(kernels_.hint, count,
                    [&](std::size_t i) { return spline_.radix_table.address(coordinates[i] >> spline_.radix_shift); });
    find_windows(coordinates, count, points);
    if (points_are_far()) prefetch_points(points, count);
    kernels_.count[key_type_index<std::uint64_t>()](spline_.coordinates.address(), spline_.n_points, points, coordinates,
                                                count, before, nullptr);
    if (spline_.guarded) keep_in(count, before);
    kernels_.on_spline(coordinates, before, count, spline_.coordinates.aligned(), spline_.positions.aligned(), points);
    if (spline_.guarded)
      for (std::size_t i = 0; i < count; ++i) points[i] = points[i] < spline_.most ? points[i] : spline_.most;
    if (spline_.corrections.values)
      prefetch_each(kernels_.hint, count,
                    [&](std::size_t i) { return spline_.corrections.values + (points[i] >> spline_.corrections.shift); });
  }

  void window_starts(const K*, std::size_t count, std::uint64_t* points) const {
    if (spline_.corrections.values)
      for (std::size_t i = 0; i < count; ++i) points[i] = corrected(points[i], spline_.corrections);
    kernels_.window_starts(points, count, place_);
  }

  template <class AnyTracer = NoTrace> std::uint64_t point_of(K query, const AnyTracer& tracer = {}) const {
    return spline_prediction(query, spline_, tracer);
  }

  template <class AnyTracer> std::uint64_t window_start_of(std::uint64_t point, const AnyTracer& tracer) const {
    return window_start(loaded_once(corrected_position(point, spline_, tracer)), place_);
  }

  Bracket bracket(K query, std::uint64_t) const {
    const std::uint64_t position = spline_prediction(query, spline_), epsilon = spline_.epsilon;
    return {static_cast<std::size_t>(position > epsilon ? position - epsilon : 0),
            static_cast<std::size_t>(position + epsilon)};
  }

 private:
  static constexpr std::size_t kWindow = kWindowKeys<std::uint64_t>;

  // Smaller ones are in the nearest caches already, and asking for them costs more than it saves:
  // 1 ns of 6 with 8,600 points.
  bool table_is_far() const { return sizeof(std::uint32_t) << spline_.radix_bits > kCachedBytes; }
  bool points_are_far() const { return spline_.n_points * sizeof(std::uint64_t) > 8 * kCachedBytes; }

  // starts[i]: where kWindow points hold the border between those before a coordinate and the others.
  void find_windows(const std::uint64_t* coordinates, std::size_t count, std::uint64_t* starts) const {
    std::uint64_t left[kGroup];
    std::uint32_t crowded[kGroup];
    std::size_t n_crowded = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const SplineBin bin = spline_bin(coordinates[i], spline_);
      starts[i] = bin.first;
      left[n_crowded] = bin.last - bin.first;
      crowded[n_crowded] = static_cast<std::uint32_t>(i);
      n_crowded += left[n_crowded] > kWindow;
    }
    while (n_crowded > 0) n_crowded = halve(coordinates, crowded, left, n_crowded, starts);
  }

  // Halves what is left of every crowded bin; keeps those that are still wider than a window.
  std::size_t halve(const std::uint64_t* coordinates, std::uint32_t* crowded, std::uint64_t* left, std::size_t count,
                    std::uint64_t* starts) const {
    std::size_t kept = 0;
    for (std::size_t j = 0; j < count; ++j) {
      const std::uint32_t i = crowded[j];
      const std::uint64_t half = left[j] / 2, rest = left[j] - half;
      starts[i] += spline_.coordinates[starts[i] + half - 1] < coordinates[i] ? half : 0;
      crowded[kept] = i;
      left[kept] = rest;
      prefetch(spline_.coordinates.address(starts[i] + rest / 2));
      kept += rest > kWindow;
    }
    return kept;
  }

  void prefetch_points(const std::uint64_t* starts, std::size_t count) const {
    for (const UnalignedArray<std::uint64_t>& from : {spline_.coordinates, spline_.positions})
      prefetch_lines<2>(kernels_.hint, count, [&](std::size_t i) { return from.address(starts[i]); });
  }

  // What was counted among points that may be anything must still be a number of them.
  void keep_in(std::size_t count, std::int64_t* before) const {
    const auto most = static_cast<std::int64_t>(spline_.n_points) - 1;
    for (std::size_t i = 0; i < count; ++i) before[i] = before[i] < most ? before[i] : most;
  }

  const RadixSplineView& spline_;
  const Kernels& kernels_;
  WindowPlace place_;
};

}  // namespace learnedidx
