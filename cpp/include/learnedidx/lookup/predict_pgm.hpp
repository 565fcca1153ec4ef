// The predictor of a PGM-index: down its levels, then the keys. Where epsilon is larger than a window
// forgives, windows are of four lines, or corrections, fetched one stage ahead, say where they go.
#pragma once

#include "learnedidx/lookup/engine.hpp"

namespace learnedidx {

template <class K> class PgmPredictor {
 public:
  static constexpr bool kCertain = false;
  static constexpr bool kStartsLater = true;
  // Fewer than other models: more lines for each query are on their way, and 128 take a third longer.
  static constexpr std::size_t kAtOnce = 64;

  PgmPredictor(const Engine<K>& engine, const Kernels& kernels)
      : pgm_(*engine.pgm), kernels_(kernels), keys_(engine.keys), place_(place_of_position<K>(engine.frame, 0)) {
    const auto epsilon = static_cast<std::size_t>(pgm_.epsilon);
    wide_ = epsilon > kLineKeys<K> / 2 && epsilon <= kMostOfFour<K> && engine.n >= 2 * kWindowKeys<K>;
    if (wide_) place_ = place_of_four<K>(engine.frame);
  }

  bool wide() const { return wide_; }

  // Level by level, so that a group's windows of segments are fetched together.
  void predict(const K* queries, std::size_t count, std::uint64_t* points) const {
    std::uint64_t ordinals[kGroup];
    kernels_.ordinals[key_type_index<K>()](queries, count, pgm_.domain, ordinals);
    kernels_.pgm_top(pgm_.splitters.aligned(), ordinals, count, points);
    const PgmLevel* levels = pgm_.levels.data();
    keep_in(levels[0], count, points);
    kernels_.pgm_count(levels[0], ordinals, count, points);
    keep_in(levels[0], count, points);
    for (std::size_t l = 1; l < pgm_.levels.size(); ++l) {
      kernels_.pgm_windows(levels[l - 1], levels[l], ordinals, count, points);
      if (l >= pgm_.cached_levels) fetch_windows(levels[l], count, points);
      kernels_.pgm_count(levels[l], ordinals, count, points);
      keep_in(levels[l], count, points);
      if (l >= pgm_.cached_levels)
        prefetch_each(kernels_.hint, count, [&](std::size_t i) { return levels[l].line(points[i]); });
    }
    kernels_.pgm_positions(pgm_.levels.back(), ordinals, count, points);
    if (pgm_.guarded)
      for (std::size_t i = 0; i < count; ++i) points[i] = points[i] < pgm_.most ? points[i] : pgm_.most;
    if (wide_) {
      kernels_.window_starts(points, count, place_);
      prefetch_lines<4>(kernels_.hint, count, [&](std::size_t i) { return keys_ + points[i]; });
    } else if (pgm_.corrections.values) {
      prefetch_each(kernels_.hint, count,
                    [&](std::size_t i) { return pgm_.corrections.values + (points[i] >> pgm_.corrections.shift); });
    }
  }

  void window_starts(const K*, std::size_t count, std::uint64_t* points) const {
    if (pgm_.corrections.values)
      for (std::size_t i = 0; i < count; ++i) points[i] = corrected(points[i], pgm_.corrections);
    kernels_.window_starts(points, count, place_);
  }

  template <class AnyTracer = NoTrace> std::uint64_t point_of(K query, const AnyTracer& tracer = {}) const {
    return static_cast<std::uint64_t>(pgm_position(ordinal(query, pgm_.domain), pgm_, tracer));
  }

  template <class AnyTracer> std::uint64_t window_start_of(std::uint64_t point, const AnyTracer& tracer) const {
    return window_start(loaded_once(corrected_position(point, pgm_, tracer)), place_);
  }

  Bracket bracket(K query, std::uint64_t) const {
    const auto position = static_cast<std::size_t>(point_of(query)), epsilon = static_cast<std::size_t>(pgm_.epsilon);
    return {position > epsilon ? position - epsilon : 0, position + epsilon};
  }

 private:
  // What was counted in arrays that may hold anything must still be segments.
  void keep_in(const PgmLevel& level, std::size_t count, std::uint64_t* segments) const {
    if (pgm_.guarded)
      for (std::size_t i = 0; i < count; ++i) segments[i] = kept_in(level, segments[i]);
  }

  void fetch_windows(const PgmLevel& level, std::size_t count, const std::uint64_t* starts) const {
    const std::uint64_t* counted = level.before.aligned() + 1;
    prefetch_lines<2>(kernels_.hint, count, [&](std::size_t i) { return counted + starts[i]; });
  }

  const PgmView& pgm_;
  const Kernels& kernels_;
  const K* keys_;
  WindowPlace place_;
  bool wide_;
};

}  // namespace learnedidx
