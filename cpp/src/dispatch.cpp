// Which rows this processor can run. The compiler's own query also asks the operating system
// whether it saves the wide registers.
#include <cstring>

#include "learnedidx/kernels.hpp"

namespace learnedidx {

KernelRows available_kernels() noexcept {
  KernelRows found{{&scalar_kernels, nullptr, nullptr}, 1};
#ifdef LIDX_X86
  __builtin_cpu_init();
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
                    __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("popcnt");
  const bool avx512 = avx2 && __builtin_cpu_supports("avx512f") &&
                      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
                      __builtin_cpu_supports("avx512vl");
  if (avx2) found.rows[found.count++] = &avx2_kernels;
  if (avx512) found.rows[found.count++] = &avx512_kernels;
#endif
  return found;
}

const Kernels* find_kernels(const char* name) noexcept {
  const KernelRows found = available_kernels();
  for (std::size_t i = 0; i < found.count; ++i)
    if (std::strcmp(found.rows[i]->name, name) == 0) return found.rows[i];
  return nullptr;
}

}  // namespace learnedidx
