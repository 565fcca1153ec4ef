// The memory of a memtable: chunks for entries and slabs for nodes. Nothing moves, and nothing goes back before the arena
// does. One thread allocates, or (ManyWriters) several do; any number read entries by their handles meanwhile.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "learnedidx/base/compiler.hpp"
#include "learnedidx/memtable/locks.hpp"

namespace learnedidx {

// A chunk in the upper 16 bits, an eighth of the offset in it in the lower. 0 is no entry.
using Handle = std::uint32_t;

// Where an arena takes memory from, aligned to 8 bytes at least. `take` gives null if there is none; `give` may be null.
struct MemorySource {
  void* (*take)(void* context, std::size_t bytes);
  void (*give)(void* context, void* memory, std::size_t bytes);
  void* context;
};

inline MemorySource heap_memory() {
  return {[](void*, std::size_t bytes) { return std::malloc(bytes); },
          [](void*, void* memory, std::size_t) { std::free(memory); }, nullptr};
}

class Arena {
 public:
  explicit Arena(MemorySource source, std::size_t budget = ~std::size_t{0}) : source_(source), budget_(budget) {}
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;
  ~Arena() {
    for (Block* block = blocks_; block && source_.give;) {
      Block* const before = block->before;
      source_.give(source_.context, block, block->bytes);
      block = before;
    }
  }

  // All that was taken from the source.
  std::size_t bytes() const noexcept { return bytes_.load(std::memory_order_relaxed); }

  LIDX_INLINE char* at(Handle handle) const noexcept {
    // Loaded after the handle was, so the directory has its chunk.
    return directory_.load(std::memory_order_acquire)[handle >> 16] + (handle & 0xffffu) * kUnit;
  }

  // Memory for an entry, which is aligned to 8 bytes, and its handle; null if there is no more.
  template <class Locks> char* allocate(std::size_t bytes, Handle* handle) noexcept {
    if (bytes == 0 || bytes > ~std::size_t{0} / 2) return nullptr;
    bytes = rounded(bytes);
    std::uint64_t space = space_.load(std::memory_order_acquire);
    while (bytes <= left(space))
      if (Locks::replace(space_, space, space + bytes / kUnit)) return entry(chunk(space), next(space), handle);
    Locks::lock(lock_);
    char* const memory = allocate_behind<Locks>(bytes, handle);
    Locks::unlock(lock_);
    return memory;
  }

  // Takes back an entry of a size that nobody saw, if it was allocated last. The chunk of a large one stays taken.
  template <class Locks> void undo(Handle handle, std::size_t bytes) noexcept {
    const std::size_t units = rounded(bytes) / kUnit;
    std::uint64_t space = space_.load(std::memory_order_relaxed);
    if (handle >> 16 == chunk(space) && (handle & 0xffffu) + units == next(space)) Locks::replace(space_, space, space - units);
  }

  // Sees to it that `bytes` for nodes are there; they are multiples of a cache line. One thread at a time asks for nodes.
  template <class Locks> bool reserve(std::size_t bytes) noexcept {
    if (static_cast<std::size_t>(slab_end_ - slab_) >= bytes) return true;
    Locks::lock(lock_);
    const bool done = new_slab(bytes);
    Locks::unlock(lock_);
    return done;
  }

  // Part of what was reserved, on a cache line.
  void* node(std::size_t bytes) noexcept {
    char* const memory = slab_;
    slab_ += bytes;
    return memory;
  }

  static constexpr std::size_t kUnit = 8;

 private:
  struct Block {
    Block* before;
    std::size_t bytes;
  };
  static constexpr std::size_t kLine = 64, kChunk = std::size_t{0x10000} * kUnit;  // what 16 bits address
  static constexpr std::size_t kLeast = 512, kMostSlab = std::size_t{1} << 16, kMostChunks = 0x10000;

  static std::size_t rounded(std::size_t bytes) { return (bytes + kUnit - 1) / kUnit * kUnit; }

  // The chunk that entries come from, as one word, which writers replace: its number, where it ends, and what comes next,
  // both in units. A chunk never comes twice, so a word that was seen again means what it meant.
  static constexpr unsigned kEndBits = 20;
  static constexpr std::uint64_t kEndMask = (std::uint64_t{1} << kEndBits) - 1;
  static std::size_t next(std::uint64_t space) { return space & kEndMask; }
  static std::size_t chunk(std::uint64_t space) { return space >> (2 * kEndBits); }
  static std::size_t left(std::uint64_t space) { return ((space >> kEndBits & kEndMask) - next(space)) * kUnit; }

  LIDX_INLINE char* entry(std::size_t chunk, std::size_t unit, Handle* handle) const noexcept {
    *handle = static_cast<Handle>(chunk << 16 | unit);
    return at(*handle);
  }

  // What follows changes chunks and slabs: under the lock, where several threads write.

  // A large entry has a chunk of its own, so that no end of a chunk is lost for it.
  template <class Locks> char* allocate_behind(std::size_t bytes, Handle* handle) noexcept {
    std::uint64_t space = space_.load(std::memory_order_acquire);
    while (bytes <= left(space))  // another thread made room
      if (Locks::replace(space_, space, space + bytes / kUnit)) return entry(chunk(space), next(space), handle);
    const bool alone = bytes > kChunk / 4;
    return new_chunk(bytes, alone) ? entry(chunks_, 0, handle) : nullptr;
  }

  bool new_slab(std::size_t bytes) noexcept {
    if (slab_bytes_ < kMostSlab) slab_bytes_ *= 2;
    std::size_t want = slab_bytes_ > bytes ? slab_bytes_ : bytes;
    char* slab = take(want + kLine);
    if (slab == nullptr) slab = take((want = bytes) + kLine);
    if (slab == nullptr) return false;
    slab_ = slab + (kLine - reinterpret_cast<std::uintptr_t>(slab) % kLine) % kLine;
    slab_end_ = slab_ + want;
    return true;
  }

  char* take(std::size_t bytes) noexcept {
    bytes += sizeof(Block);
    if (bytes > budget_ - this->bytes()) return nullptr;
    auto* const block = static_cast<Block*>(source_.take(source_.context, bytes));
    if (block == nullptr) return nullptr;
    *block = {blocks_, bytes};
    blocks_ = block;
    bytes_.store(this->bytes() + bytes, std::memory_order_relaxed);
    return reinterpret_cast<char*>(block + 1);
  }

  // A chunk whose first `bytes` are taken. Chunks grow with what there is, so that little is lost at the end of a small table.
  bool new_chunk(std::size_t bytes, bool alone) noexcept {
    if (!room_for_chunk()) return false;
    std::size_t want = bytes_.load(std::memory_order_relaxed) / 8;
    want = rounded(want < kLeast ? kLeast : want > kChunk ? kChunk : want) - 2 * sizeof(Block);
    if (alone || want < bytes) want = bytes;
    char* base = take(want);
    if (base == nullptr) base = take(want = bytes);
    if (base == nullptr) return false;
    directory_.load(std::memory_order_relaxed)[++chunks_] = base;
    if (!alone) space_.store((chunks_ << kEndBits | want / kUnit) << kEndBits | bytes / kUnit, std::memory_order_release);
    return true;
  }

  // A directory that is full makes way for one of twice its size. Readers may hold the old one, which stays.
  bool room_for_chunk() noexcept {
    if (chunks_ + 1 < capacity_) return true;
    if (capacity_ == kMostChunks) return false;
    const std::size_t capacity = capacity_ == 0 ? 8 : 2 * capacity_;
    auto** const larger = reinterpret_cast<char**>(take(capacity * sizeof(char*)));
    if (larger == nullptr) return false;
    if (capacity_ > 0) std::memcpy(larger, directory_.load(std::memory_order_relaxed), capacity_ * sizeof(char*));
    directory_.store(larger, std::memory_order_release);
    capacity_ = capacity;
    return true;
  }

  MemorySource source_;
  std::size_t budget_;
  std::atomic<std::size_t> bytes_{0};
  std::atomic<char**> directory_{nullptr};
  alignas(kLine) std::atomic<std::uint64_t> space_{0};  // what writers change, apart from what readers load
  SpinLock lock_;
  Block* blocks_ = nullptr;
  std::size_t chunks_ = 0, capacity_ = 0;  // chunk 0 is none, so that no handle is 0
  char *slab_ = nullptr, *slab_end_ = nullptr;
  std::size_t slab_bytes_ = 512;
};

}  // namespace learnedidx
