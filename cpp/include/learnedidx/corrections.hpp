// Corrections: how far a model's predictions are off, noted at every block of predicted positions.
// They move the window that a lookup looks at first, and nothing else: a wrong one costs time only.
#pragma once

#include <cstdint>

#include "kinds.hpp"

namespace learnedidx {

struct Corrections {
  const std::int8_t* values = nullptr;  // one more than there are blocks; null: windows reach far enough without
  unsigned shift = 0;                   // a block is 2^shift positions
  unsigned scale = 0;                   // values count 2^scale positions
};

// A prediction, moved by what was noted on both sides of it.
LIDX_INLINE std::uint64_t corrected(std::uint64_t position, const Corrections& c) {
  const std::uint64_t block = position >> c.shift;
  const auto part = static_cast<std::int64_t>(position - (block << c.shift));
  const std::int64_t low = c.values[block], high = c.values[block + 1];
  const std::int64_t off = low * (std::int64_t{1} << c.shift) + (high - low) * part;
  const std::int64_t moved = static_cast<std::int64_t>(position) + ((off * (std::int64_t{1} << c.scale)) >> c.shift);
  return static_cast<std::uint64_t>(moved > 0 ? moved : 0);
}

}  // namespace learnedidx
