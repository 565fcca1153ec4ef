// Where the trees of the containers take their memory from: the heap, but for large chunks, which are mapped. What the
// heap gives again has pages of 4 KiB already, whatever is asked of it; a lookup then waits for page tables too. A test
// may make memory run out.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "learnedidx/tree/pool.hpp"

namespace learnedidx::bindings {

#if defined(__linux__)

// The last chunk that was given back, for the next container: as the heap keeps some. New pages cost as much as
// what is written to them.
class KeptChunk {
 public:
  static constexpr std::size_t kMostBytes = std::size_t{32} << 20;

  void* take(std::size_t bytes) noexcept {
    Chunk* chunk = kept_.exchange(nullptr, std::memory_order_acquire);
    if (!chunk || chunk->bytes == bytes) return chunk;
    munmap(chunk, chunk->bytes);
    return nullptr;
  }
  void give(void* memory, std::size_t bytes) noexcept {
    if (bytes > kMostBytes) {
      munmap(memory, bytes);
      return;
    }
    auto* old = kept_.exchange(new (memory) Chunk{bytes}, std::memory_order_acq_rel);
    if (old) munmap(old, old->bytes);
  }

 private:
  struct Chunk {
    std::size_t bytes;
  };
  std::atomic<Chunk*> kept_{nullptr};
};

inline KeptChunk kept_chunk;

inline std::size_t whole_pages(std::size_t bytes) { return (bytes + kHugePage - 1) / kHugePage * kHugePage; }

// Whole huge pages at a multiple of their size, of which those are used that are written to.
inline void* map_chunk(std::size_t bytes) noexcept {
  void* const mapped = mmap(nullptr, bytes + kHugePage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) return nullptr;
  const auto begin = reinterpret_cast<std::uintptr_t>(mapped), chunk = whole_pages(begin);
  if (chunk > begin) munmap(mapped, chunk - begin);
  munmap(reinterpret_cast<void*>(chunk + bytes), begin + kHugePage - chunk);
  return reinterpret_cast<void*>(chunk);
}

inline void* take_memory(std::size_t bytes, std::size_t alignment, void* context) {
  if (alignment < kHugePage) return take_from_heap(bytes, alignment, context);
  void* const kept = kept_chunk.take(whole_pages(bytes));
  return kept ? kept : map_chunk(whole_pages(bytes));
}
inline void give_memory(void* block, std::size_t bytes, std::size_t alignment, void* context) {
  if (alignment < kHugePage) give_to_heap(block, bytes, alignment, context);
  else kept_chunk.give(block, whole_pages(bytes));
}

#else

inline void* take_memory(std::size_t bytes, std::size_t alignment, void* context) {
  return take_from_heap(bytes, alignment, context);
}
inline void give_memory(void* block, std::size_t bytes, std::size_t alignment, void* context) {
  give_to_heap(block, bytes, alignment, context);
}

#endif

inline std::atomic<std::int64_t> tree_blocks_left{-1};  // below 0: any number

inline void* take_unless_spent(std::size_t bytes, std::size_t alignment, void* context) {
  if (tree_blocks_left >= 0) {
    if (tree_blocks_left == 0) return nullptr;
    --tree_blocks_left;
  }
  return take_memory(bytes, alignment, context);
}

constexpr SortedMemory kTreeMemory{take_unless_spent, give_memory, nullptr};

}  // namespace learnedidx::bindings
