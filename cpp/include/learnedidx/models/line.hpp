// A line of a model.
#pragma once

namespace learnedidx {

// position + slope * (x - first x) in real numbers.
struct Line {
  double slope, position;
};

}  // namespace learnedidx
