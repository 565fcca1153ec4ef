// Table: a vector for what lookups read at random: on a cache line, and on huge pages when it is
// large, so that an access misses the cache but not the page tables too.
#pragma once

#include <cstddef>
#include <new>
#include <vector>

#ifdef __linux__
#include <sys/mman.h>
#endif

namespace learnedidx {

template <class T> struct TableAllocator {
  using value_type = T;

  TableAllocator() = default;
  template <class U> TableAllocator(const TableAllocator<U>&) noexcept {}

  T* allocate(std::size_t count) {
    const std::size_t bytes = count * sizeof(T);
    void* memory = ::operator new(bytes, alignment(bytes));
#ifdef __linux__
    if (bytes >= kLarge) madvise(memory, bytes, MADV_HUGEPAGE);  // advice: it may be refused
#endif
    return static_cast<T*>(memory);
  }
  void deallocate(T* memory, std::size_t count) noexcept { ::operator delete(memory, alignment(count * sizeof(T))); }

  template <class U> bool operator==(const TableAllocator<U>&) const noexcept { return true; }
  template <class U> bool operator!=(const TableAllocator<U>&) const noexcept { return false; }

 private:
  static constexpr std::size_t kHugePage = std::size_t{1} << 21, kLarge = 2 * kHugePage, kLine = 64;

  static std::align_val_t alignment(std::size_t bytes) {
    return static_cast<std::align_val_t>(bytes >= kLarge ? kHugePage : kLine);
  }
};

template <class T> using Table = std::vector<T, TableAllocator<T>>;

}  // namespace learnedidx
