// The predictor of an RMI: a batch is one kernel, which interleaves its two steps of memory.
#pragma once

#include "learnedidx/lookup/engine.hpp"

namespace learnedidx {

template <class K> class RmiPredictor {
 public:
  static constexpr bool kCertain = false;
  static constexpr bool wide() { return false; }

  RmiPredictor(const Engine<K>& engine, const Kernels&)
      : rmi_(*engine.rmi), place_(place_of_position<K>(engine.frame, engine.rmi->position_shift)) {}

  template <class AnyTracer = NoTrace> std::uint64_t point_of(K query, const AnyTracer& tracer = {}) const {
    return leaf_point(query, rmi_, tracer);
  }

  template <class AnyTracer> std::uint64_t window_start_of(std::uint64_t point, const AnyTracer& tracer) const {
    return window_start(loaded_once(static_cast<std::uint64_t>(raw_position(point, rmi_, tracer))), place_);
  }

  Bracket bracket(K query, std::uint64_t) const { return leaf_bracket(leaf_point(query, rmi_), rmi_); }

  const WindowPlace& place() const { return place_; }

 private:
  const RmiView& rmi_;
  WindowPlace place_;
};

}  // namespace learnedidx
