// All kernel rows, and which of them this processor can run. The compiler's own query also asks the
// operating system whether it saves the wide registers.
//
// Rows take seconds to compile: one source of a program includes this and passes a table on.
// kernels/scalar.hpp alone is enough where speed is not all.
#pragma once

#include <cstddef>
#include <cstring>

#include "learnedidx/kernels/kernels.hpp"

#ifndef LIDX_COMPILED_ROWS
#include "learnedidx/kernels/avx2.hpp"
#include "learnedidx/kernels/avx512.hpp"
#include "learnedidx/kernels/scalar.hpp"
#endif

namespace learnedidx {

#ifdef LIDX_COMPILED_ROWS
extern const Kernels scalar_kernels;
#ifdef LIDX_X86
extern const Kernels avx2_kernels, avx512_kernels;
#endif
#endif

inline KernelRows available_kernels() noexcept {
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

inline const Kernels& widest_kernels() noexcept {
  const KernelRows found = available_kernels();
  return *found.rows[found.count - 1];
}

// The row of that name if this processor can run it, else null.
inline const Kernels* find_kernels(const char* name) noexcept {
  const KernelRows found = available_kernels();
  for (std::size_t i = 0; i < found.count; ++i)
    if (std::strcmp(found.rows[i]->name, name) == 0) return found.rows[i];
  return nullptr;
}

}  // namespace learnedidx
