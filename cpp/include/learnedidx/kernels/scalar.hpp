// The portable row: plain loops. It is what the other rows must equal.
#pragma once

#include "learnedidx/kernels/kernels.hpp"

#define LIDX_ROW scalar_row
#define LIDX_TARGET

namespace learnedidx::LIDX_ROW {

// Keys of windows and nodes are in order, so halving needs a fifth of the steps of counting; the last
// four are counted, since halving waits for every step.
template <class K, std::size_t N> LIDX_INLINE std::int64_t count_below(const K* keys, K q) {
  static_assert(N >= 4 && (N & (N - 1)) == 0);
  std::size_t c = 0;
  for (std::size_t half = N / 2; half >= 4; half /= 2) c += static_cast<std::size_t>(keys[c + half - 1] < q) * half;
  const auto below = [&](std::size_t j) { return static_cast<std::size_t>(keys[c + j] < q); };
  return static_cast<std::int64_t>(c + below(0) + below(1) + below(2) + below(3));
}

// This row reads codes by atomic loads, as the language asks of threads.
inline unsigned codes_below(const std::atomic<std::uint32_t>* codes, std::uint32_t q) {
  unsigned c = 0;
  for (unsigned half = kNodeCodes / 2; half > 0; half /= 2)
    c += codes[c + half - 1].load(std::memory_order_relaxed) < q ? half : 0;
  return c + (codes[c].load(std::memory_order_relaxed) < q);
}

}  // namespace learnedidx::LIDX_ROW

#include "learnedidx/kernels/generic.hpp"

#undef LIDX_ROW
#undef LIDX_TARGET

namespace learnedidx {
LIDX_TABLE Kernels scalar_kernels = scalar_row::make_row("scalar");
}
