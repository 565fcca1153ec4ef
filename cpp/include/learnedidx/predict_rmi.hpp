// The predictor of an RMI: two steps of memory, its leaves and the keys.
#pragma once

#include "engine.hpp"

namespace learnedidx {

template <class K> class RmiPredictor {
 public:
  static constexpr bool kCertain = false;

  RmiPredictor(const Engine<K>& engine, const Kernels& kernels)
      : rmi_(*engine.rmi), kernels_(kernels), place_(place_of_position<K>(engine.frame, engine.rmi->position_shift)) {}

  void predict(const K* queries, std::size_t count, std::uint64_t* points) const {
    kernels_.root_points[kind_index<K>()](queries, count, rmi_.domain, rmi_.root_bits, points);
    kernels_.stage_points(points, count, rmi_.root);
    for (const std::uint64_t* knots : rmi_.middle) kernels_.stage_points(points, count, knots);
    prefetch_each(kernels_.hint, count, [&](std::size_t i) { return rmi_.leaf_positions + (points[i] >> 32); });
    if (rmi_.lines) prefetch_each(kernels_.hint, count, [&](std::size_t i) { return rmi_.lines + (points[i] >> 32); });
  }

  void aim(const K*, std::size_t count, std::uint64_t* points) const {
    if (rmi_.lines) kernels_.on_lines(points, count, rmi_.leaf_positions, rmi_.lines);
    else kernels_.interpolate(points, count, rmi_.leaf_positions);
    kernels_.window_starts(points, count, place_);
  }

  std::uint64_t point_of(K query) const { return leaf_point(query, rmi_); }

  std::uint64_t aim_one(std::uint64_t point) const {
    return window_start(static_cast<std::uint64_t>(raw_position(point, rmi_)), place_);
  }

  Bracket bracket(K query, std::uint64_t) const {
    const std::uint32_t* borders = rmi_.leaf_positions + (leaf_point(query, rmi_) >> 32);
    return {std::size_t{borders[0]} << rmi_.position_shift, (std::size_t{borders[1]} + 1) << rmi_.position_shift};
  }

 private:
  const RmiView& rmi_;
  const Kernels& kernels_;
  WindowPlace place_;
};

}  // namespace learnedidx
