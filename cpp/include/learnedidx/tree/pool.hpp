// Memory of a sorted tree: blocks of two sizes (leaves and inner nodes) cut from chunks, with a list of
// free ones for each size. Blocks are promised before they are needed, so that a change either has all
// its memory or has not begun. A pool belongs to one tree and knows no threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace learnedidx {

// Where a tree takes its memory from. `take` gives `bytes` at an address that `alignment` divides, or
// null; it throws nothing.
struct SortedMemory {
  void* (*take)(std::size_t bytes, std::size_t alignment, void* context);
  void (*give)(void* block, std::size_t bytes, std::size_t alignment, void* context);
  void* context;

  bool operator==(const SortedMemory& other) const noexcept {
    return take == other.take && give == other.give && context == other.context;
  }
};

inline void* take_from_heap(std::size_t bytes, std::size_t alignment, void*) {
  return ::operator new(bytes, std::align_val_t{alignment}, std::nothrow);
}
inline void give_to_heap(void* block, std::size_t, std::size_t alignment, void*) {
  ::operator delete(block, std::align_val_t{alignment}, std::nothrow);
}
constexpr SortedMemory kHeap{take_from_heap, give_to_heap, nullptr};

constexpr std::size_t kSortedLine = 64;
constexpr std::size_t kHugePage = std::size_t{1} << 21;
constexpr std::size_t kHugeFrom = kHugePage;  // bytes of a chunk for which huge pages are asked

class SortedPool {
 public:
  SortedPool(std::size_t leaf_bytes, std::size_t node_bytes, const SortedMemory& memory) noexcept
      : memory_(memory), sizes_{leaf_bytes, node_bytes} {}
  SortedPool(const SortedPool&) = delete;
  SortedPool& operator=(const SortedPool&) = delete;
  ~SortedPool() { clear(); }

  enum Size : std::size_t { leaf, node };

  // Are `count` blocks of that size at hand, now?
  bool promise(Size size, std::size_t count) noexcept {
    while (free_count_[size] + fresh_left(size) < count)
      if (!add_chunk(size, count - free_count_[size] - fresh_left(size))) return false;
    return true;
  }
  bool promise(std::size_t leaves, std::size_t nodes) noexcept { return promise(leaf, leaves) && promise(node, nodes); }

  // One that was promised.
  void* take(Size size) noexcept {
    if (Free* block = free_[size]) {
      free_[size] = block->next;
      --free_count_[size];
      return block;
    }
    void* block = fresh_[size];
    fresh_[size] += sizes_[size];
    return block;
  }

  // The block that is taken next, unless that takes a new chunk: then an address that may only be asked for.
  const void* next(Size size) const noexcept { return free_[size] ? static_cast<void*>(free_[size]) : fresh_[size]; }

  void give(Size size, void* block) noexcept {
    free_[size] = new (block) Free{free_[size]};
    ++free_count_[size];
  }

  // A block of its own, outside the chunks: the only leaf of a small tree.
  void* take_alone(std::size_t bytes) noexcept {
    void* block = memory_.take(bytes, kSortedLine, memory_.context);
    if (block) bytes_ += bytes;
    return block;
  }
  void give_alone(void* block, std::size_t bytes) noexcept {
    memory_.give(block, bytes, kSortedLine, memory_.context);
    bytes_ -= bytes;
  }

  // Gives all chunks back; their blocks are gone.
  void clear() noexcept {
    while (Chunk* chunk = chunks_) {
      chunks_ = chunk->next;
      const std::size_t bytes = chunk->bytes;
      bytes_ -= bytes;
      memory_.give(chunk, bytes, alignment_of(bytes), memory_.context);
    }
    for (std::size_t s = 0; s < 2; ++s) {
      free_[s] = nullptr;
      fresh_[s] = end_[s] = nullptr;
      free_count_[s] = taken_[s] = 0;
    }
  }

  void swap(SortedPool& other) noexcept {
    char mine[sizeof(SortedPool)];
    std::memcpy(mine, static_cast<void*>(this), sizeof mine);
    std::memcpy(static_cast<void*>(this), static_cast<void*>(&other), sizeof mine);
    std::memcpy(static_cast<void*>(&other), mine, sizeof mine);
  }

  // Does an address lie in a chunk? O(chunks).
  bool holds(const void* address) const noexcept {
    const auto at = reinterpret_cast<std::uintptr_t>(address);
    for (const Chunk* chunk = chunks_; chunk; chunk = chunk->next)
      if (at - reinterpret_cast<std::uintptr_t>(chunk) < chunk->bytes) return true;
    return false;
  }

  std::size_t bytes() const noexcept { return bytes_; }
  const SortedMemory& memory() const noexcept { return memory_; }

 private:
  struct Free {
    Free* next;
  };
  struct Chunk {
    Chunk* next;
    std::size_t bytes;
  };

  std::size_t fresh_left(Size size) const noexcept {
    return static_cast<std::size_t>(end_[size] - fresh_[size]) / sizes_[size];
  }
  static std::size_t alignment_of(std::size_t bytes) noexcept { return bytes < kHugeFrom ? kSortedLine : kHugePage; }

  // A chunk is a sixteenth of what there is of its size: little is idle, and chunks stay few. Large ones are
  // whole huge pages; that of a bulk load is as large as it has to be.
  std::size_t chunk_bytes(Size size, std::size_t count) const noexcept {
    const std::size_t least = kSortedLine + count * sizes_[size];
    const std::size_t share = taken_[size] / 16 < kHugePage ? taken_[size] / 16 : kHugePage;
    const std::size_t wanted = least > share ? least : share;
    if (wanted > least && wanted >= kHugeFrom) return (wanted + kHugePage - 1) / kHugePage * kHugePage;
    return kSortedLine + (wanted - kSortedLine) / sizes_[size] * sizes_[size];
  }

  bool add_chunk(Size size, std::size_t count) noexcept {
    while (fresh_left(size)) {  // what is left of the last chunk is not lost
      give(size, fresh_[size]);
      fresh_[size] += sizes_[size];
    }
    const std::size_t bytes = chunk_bytes(size, count);
    void* memory = memory_.take(bytes, alignment_of(bytes), memory_.context);
    if (memory == nullptr) return false;
#if defined(__linux__)
    if (bytes >= kHugeFrom) madvise(memory, bytes, MADV_HUGEPAGE);
#endif
    chunks_ = new (memory) Chunk{chunks_, bytes};
    bytes_ += bytes;
    taken_[size] += bytes;
    fresh_[size] = static_cast<char*>(memory) + kSortedLine;
    end_[size] = static_cast<char*>(memory) + bytes;
    return true;
  }

  SortedMemory memory_;
  std::size_t sizes_[2];
  Free* free_[2] = {nullptr, nullptr};
  std::size_t free_count_[2] = {0, 0};
  char* fresh_[2] = {nullptr, nullptr};
  char* end_[2] = {nullptr, nullptr};
  std::size_t taken_[2] = {0, 0};
  Chunk* chunks_ = nullptr;
  std::size_t bytes_ = 0;
};

}  // namespace learnedidx
