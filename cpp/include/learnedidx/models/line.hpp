// What a segment of a PGM-index keeps of its line.
#pragma once

namespace learnedidx {

// position + slope * (x - first x) in real numbers.
struct Line {
  double slope, position;
};

}  // namespace learnedidx
