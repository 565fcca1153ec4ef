// Corrections: how far a model's predictions are off, noted at every block of predicted positions.
// They move the window that a lookup looks at first, and nothing else: a wrong one costs time only.
#pragma once

#include <cstddef>
#include <cstdint>

#include "learnedidx/base/key_types.hpp"
#include "learnedidx/search/trace.hpp"
#include "learnedidx/search/window.hpp"

namespace learnedidx {

struct Corrections {
  const std::int8_t* values = nullptr;  // one more than there are blocks; null: windows reach far enough without
  unsigned shift = 0;                   // a block is 2^shift positions
  unsigned scale = 0;                   // values count 2^scale positions
};

// A prediction, moved by what was noted on both sides of it.
template <class AnyTracer = NoTrace>
LIDX_INLINE std::uint64_t corrected(std::uint64_t position, const Corrections& c, const AnyTracer& tracer = {}) {
  const std::uint64_t block = position >> c.shift;
  const auto part = static_cast<std::int64_t>(position - (block << c.shift));
  const std::int64_t low = c.values[block], high = c.values[block + 1];
  const std::int64_t off = low * (std::int64_t{1} << c.shift) + (high - low) * part;
  const std::int64_t moved = static_cast<std::int64_t>(position) + ((off * (std::int64_t{1} << c.scale)) >> c.shift);
  const auto corrected = static_cast<std::uint64_t>(moved > 0 ? moved : 0);
  tracer.model(c.values + block, 2);
  tracer.step(Visit::correction, block, position, corrected);
  return corrected;
}

// How many positions one correction counts for: what keeps the largest within a byte.
inline unsigned correction_scale(std::uint64_t epsilon) {
  unsigned scale = 0;
  while (epsilon >> scale > 127) ++scale;
  return scale;
}

// Corrections for every 4 lines of keys: where keys are spread at random, a window then holds nine
// answers in ten. Fewer keys than that between prediction and answer need none.
template <class K> constexpr unsigned correction_shift() {
  unsigned shift = 2;
  while ((std::size_t{1} << (shift - 2)) < kLineKeys<K>) ++shift;
  return shift;
}

// Blocks of 8 lines of keys between two corrections: where keys are spread at random, a window then
// holds nineteen answers in twenty.
template <class K> constexpr unsigned pgm_correction_shift() {
  unsigned shift = 3;
  while ((std::size_t{1} << (shift - 3)) < kLineKeys<K>) ++shift;
  return shift;
}

}  // namespace learnedidx
