// Memory of the caller's allocator, or of malloc where there is none.
#pragma once

#include <cstddef>

#include "learnedidx.h"

namespace learnedidx::c {

inline bool is_whole(const lidx_allocator* allocator) {
  return allocator == nullptr || (allocator->allocate != nullptr && allocator->release != nullptr);
}

// Null: there is none. lidx_release gives it back.
void* allocate(const lidx_allocator* allocator, std::size_t bytes);

}  // namespace learnedidx::c
