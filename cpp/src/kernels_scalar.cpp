// The portable row: plain loops. It is what the other rows must equal.
#define LIDX_ROW scalar_row
#define LIDX_TARGET

#include "learnedidx/kinds.hpp"

namespace learnedidx::LIDX_ROW {

template <class K, std::size_t N> LIDX_INLINE std::int64_t count_below(const K* keys, K q) {
  std::int64_t c = 0;
  for (std::size_t j = 0; j < N; ++j) c += static_cast<std::int64_t>(keys[j] < q);
  return c;
}

}  // namespace learnedidx::LIDX_ROW

#include "kernel_bodies.hpp"

namespace learnedidx {
extern const Kernels scalar_kernels = scalar_row::make_row("scalar");
}
