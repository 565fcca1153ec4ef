// Counts the bytes that a container asks for.
#pragma once

#include <cstddef>
#include <memory>

namespace rivals {

// The counter outlives the container.
template <typename T>
struct CountingAllocator {
  using value_type = T;

  explicit CountingAllocator(std::size_t* counter) noexcept : bytes(counter) {}
  template <typename U>
  CountingAllocator(const CountingAllocator<U>& other) noexcept : bytes(other.bytes) {}

  T* allocate(std::size_t count) {
    *bytes += count * sizeof(T);
    return std::allocator<T>().allocate(count);
  }
  void deallocate(T* memory, std::size_t count) noexcept {
    *bytes -= count * sizeof(T);
    std::allocator<T>().deallocate(memory, count);
  }

  template <typename U>
  bool operator==(const CountingAllocator<U>& other) const noexcept {
    return bytes == other.bytes;
  }
  template <typename U>
  bool operator!=(const CountingAllocator<U>& other) const noexcept {
    return bytes != other.bytes;
  }

  std::size_t* bytes;
};

}  // namespace rivals
