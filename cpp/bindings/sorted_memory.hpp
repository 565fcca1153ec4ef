// Where the trees of the containers take their memory from: the heap, unless a test makes it run out.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "learnedidx/sorted_pool.hpp"

namespace learnedidx::bindings {

inline std::atomic<std::int64_t> tree_blocks_left{-1};  // below 0: any number

inline void* take_unless_spent(std::size_t bytes, std::size_t alignment, void* context) {
  if (tree_blocks_left >= 0) {
    if (tree_blocks_left == 0) return nullptr;
    --tree_blocks_left;
  }
  return take_from_heap(bytes, alignment, context);
}

constexpr SortedMemory kTreeMemory{take_unless_spent, give_to_heap, nullptr};

}  // namespace learnedidx::bindings
