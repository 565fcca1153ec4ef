// The predictor of a PGM-index: down its levels, then the keys.
#pragma once

#include "engine.hpp"

namespace learnedidx {

template <class K> class PgmPredictor {
 public:
  static constexpr bool kCertain = false;

  PgmPredictor(const Engine<K>& engine, const Kernels& kernels)
      : pgm_(*engine.pgm), kernels_(kernels), place_(place_of_position<K>(engine.frame, 0)) {}

  // Points are segments of the last level. Levels that stay in the cache in one go; then level by
  // level, so that a group's windows of segments are fetched together.
  void predict(const K* queries, std::size_t count, std::uint64_t* segments) const {
    std::uint64_t ordinals[kGroup];
    kernels_.ordinals[kind_index<K>()](queries, count, pgm_.domain, ordinals);
    const PgmLevel* levels = pgm_.levels.data();
    kernels_.pgm_descend(levels, pgm_.cached_levels, true, ordinals, count, segments);
    for (std::size_t l = pgm_.cached_levels; l < pgm_.levels.size(); ++l) {
      const std::uint64_t* counted = levels[l].before + 1;
      kernels_.pgm_windows(levels[l - 1], levels[l], ordinals, count, segments);
      prefetch_each(kernels_.hint, count, [&](std::size_t i) { return counted + segments[i]; });
      prefetch_each(kernels_.hint, count,
                    [&](std::size_t i) { return counted + segments[i] + kLineKeys<std::uint64_t>; });
      kernels_.count[kind_index<std::uint64_t>()](counted, levels[l].segments + kWindowKeys<std::uint64_t>, segments,
                                                  ordinals, count, reinterpret_cast<std::int64_t*>(segments), nullptr);
      prefetch_each(kernels_.hint, count, [&](std::size_t i) { return levels[l].line(segments[i]); });
    }
  }

  void aim(const K* queries, std::size_t count, std::uint64_t* points) const {
    std::uint64_t ordinals[kGroup];
    kernels_.ordinals[kind_index<K>()](queries, count, pgm_.domain, ordinals);
    kernels_.pgm_positions(pgm_.levels.back(), ordinals, count, points);
    kernels_.window_starts(points, count, place_);
  }

  std::uint64_t point_of(K query) const {
    const std::uint64_t x = ordinal(query, pgm_.domain);
    std::uint64_t point = 0;
    kernels_.pgm_descend(pgm_.levels.data(), pgm_.levels.size(), true, &x, 1, &point);
    return position_in(pgm_.levels.back(), point, x);
  }

  std::uint64_t aim_one(std::uint64_t point) const { return window_start(point, place_); }

  // The window was laid around a prediction that is off by at most epsilon.
  Bracket bracket(K, std::uint64_t start) const {
    const auto epsilon = static_cast<std::size_t>(pgm_.epsilon);
    return {start > epsilon ? static_cast<std::size_t>(start) - epsilon : 0,
            static_cast<std::size_t>(start) + kWindowKeys<K> + epsilon};
  }

 private:
  const PgmView& pgm_;
  const Kernels& kernels_;
  WindowPlace place_;
};

}  // namespace learnedidx
