// The predictor of a PGM-index: down its levels, then the keys.
#pragma once

#include "engine.hpp"

namespace learnedidx {

// How a prediction that is off by up to epsilon becomes a window of two lines. Where epsilon is
// larger than a window forgives, keys near the prediction are fetched one stage ahead and decide.
enum class Aiming : std::uint8_t {
  directly,   // a window around the prediction
  by_choice,  // two of the four lines around it
  by_slope,   // a window where the key at the prediction and the slope say
};

template <class K> class PgmPredictor {
 public:
  static constexpr bool kCertain = false;
  static constexpr bool kAims = true;

  PgmPredictor(const Engine<K>& engine, const Kernels& kernels)
      : pgm_(*engine.pgm),
        kernels_(kernels),
        keys_(engine.keys),
        n_(engine.n),
        place_(place_of_position<K>(engine.frame, 0)),
        four_(place_of_four<K>(engine.frame)) {
    const auto epsilon = static_cast<std::size_t>(pgm_.epsilon);
    if (epsilon <= kLineKeys<K> / 2) aiming_ = Aiming::directly;
    else if (epsilon <= 2 * kLineKeys<K> && n_ >= 2 * kWindowKeys<K>) aiming_ = Aiming::by_choice;
    else aiming_ = Aiming::by_slope;
  }

  // Level by level, so that a group's windows of segments are fetched together.
  void predict(const K* queries, std::size_t count, std::uint64_t* points) const {
    std::uint64_t ordinals[kGroup];
    kernels_.ordinals[kind_index<K>()](queries, count, pgm_.domain, ordinals);
    for (std::size_t i = 0; i < count; ++i) points[i] = 0;
    const PgmLevel* levels = pgm_.levels.data();
    kernels_.pgm_count(levels[0], ordinals, count, points);
    for (std::size_t l = 1; l < pgm_.levels.size(); ++l) {
      kernels_.pgm_windows(levels[l - 1], levels[l], ordinals, count, points);
      if (l >= pgm_.cached_levels) fetch_windows(levels[l], count, points);
      kernels_.pgm_count(levels[l], ordinals, count, points);
      if (l >= pgm_.cached_levels)
        prefetch_each(kernels_.hint, count, [&](std::size_t i) { return levels[l].line(points[i]); });
    }
    kernels_.pgm_positions(pgm_.levels.back(), aiming_ == Aiming::by_slope, ordinals, count, points);
    fetch_keys(count, points);
  }

  void aim(const K* queries, std::size_t count, std::uint64_t* points) const {
    if (aiming_ == Aiming::by_choice) {
      kernels_.pgm_choose[kind_index<K>()](keys_, queries, count, four_, points);
      return;
    }
    if (aiming_ == Aiming::by_slope) kernels_.pgm_correct[kind_index<K>()](keys_, n_, queries, count, pgm_, points);
    kernels_.window_starts(points, count, place_);
  }

  std::uint64_t point_of(K query) const {
    return static_cast<std::uint64_t>(pgm_position(ordinal(query, pgm_.domain), pgm_));
  }

  std::uint64_t aim_one(std::uint64_t point) const { return window_start(point, place_); }

  // The window was laid around a prediction that is off by at most epsilon.
  Bracket bracket(K, std::uint64_t start) const {
    const auto epsilon = static_cast<std::size_t>(pgm_.epsilon);
    return {start > epsilon ? static_cast<std::size_t>(start) - epsilon : 0,
            static_cast<std::size_t>(start) + kWindowKeys<K> + epsilon};
  }

 private:
  void fetch_windows(const PgmLevel& level, std::size_t count, const std::uint64_t* starts) const {
    const std::uint64_t* counted = level.before + 1;
    prefetch_each(kernels_.hint, count, [&](std::size_t i) { return counted + starts[i]; });
    prefetch_each(kernels_.hint, count, [&](std::size_t i) { return counted + starts[i] + kLineKeys<std::uint64_t>; });
  }

  // The keys that decide where the window is laid.
  void fetch_keys(std::size_t count, const std::uint64_t* points) const {
    if (aiming_ == Aiming::by_slope)
      prefetch_each(kernels_.hint, count, [&](std::size_t i) { return keys_ + (points[i] >> 16); });
    else if (aiming_ == Aiming::by_choice)
      for (std::size_t line = 0; line < 2 * kWindowKeys<K>; line += kLineKeys<K>)
        prefetch_each(kernels_.hint, count, [&](std::size_t i) { return keys_ + window_start(points[i], four_) + line; });
  }

  const PgmView& pgm_;
  const Kernels& kernels_;
  const K* keys_;
  std::size_t n_;
  WindowPlace place_, four_;
  Aiming aiming_;
};

}  // namespace learnedidx
