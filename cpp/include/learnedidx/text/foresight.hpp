// One query in a layer: what follows its window arrives with the window.
#pragma once

#include <cstddef>

#include "learnedidx/base/compiler.hpp"
#include "learnedidx/search/trace.hpp"
#include "learnedidx/text/layers.hpp"

namespace learnedidx {

// Watches the lookup of one query in a layer, and asks for what follows its window while that arrives.
template <class Column> class Foresight : public NoTrace {
 public:
  Foresight(const LayerView& layer, const Segment& segment, const Column& keys) : layer_(layer), segment_(segment), keys_(keys) {}

  template <class K> void window(std::size_t, const K*, std::size_t start, std::size_t size) const {
    for (const std::size_t e : {start, start + size - 1}) {
      if (layer_.places) prefetch_near(layer_.places + e);
      else if (e >= segment_.first && e < segment_.last) keys_.prefetch(segment_.begin + (e - segment_.first));
    }
  }

 private:
  const LayerView& layer_;
  const Segment& segment_;
  const Column& keys_;
};

}  // namespace learnedidx
