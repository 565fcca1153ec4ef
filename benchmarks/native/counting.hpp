// Counts the bytes that a container asks for.
#pragma once

#include <cstddef>
#include <memory>

namespace rivals {

// The counter outlives the container.
template <typename T> struct CountingAllocator : std::allocator<T> {
  template <typename U> struct rebind { using other = CountingAllocator<U>; };
  explicit CountingAllocator(std::size_t* counter) noexcept : bytes(counter) {}
  template <typename U> CountingAllocator(const CountingAllocator<U>& other) noexcept : bytes(other.bytes) {}

  T* allocate(std::size_t count) {
    *bytes += count * sizeof(T);
    return std::allocator<T>::allocate(count);
  }
  void deallocate(T* memory, std::size_t count) noexcept {
    *bytes -= count * sizeof(T);
    std::allocator<T>::deallocate(memory, count);
  }

  std::size_t* bytes;
};

}  // namespace rivals
