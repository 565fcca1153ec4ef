// UnalignedArray: an array that may begin at any address, as inside a blob that somebody hands over. Single
// lookups read it item by item; vector kernels want it aligned, and are given its pointer then.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "learnedidx/base/key_types.hpp"

namespace learnedidx {

template <class T> class UnalignedArray {
 public:
  UnalignedArray() = default;
  UnalignedArray(const T* items) : bytes_(reinterpret_cast<const unsigned char*>(items)) {}
  static UnalignedArray at(const void* address) {
    UnalignedArray array;
    array.bytes_ = static_cast<const unsigned char*>(address);
    return array;
  }

  LIDX_INLINE T operator[](std::size_t i) const {
    T item;
    std::memcpy(&item, bytes_ + i * sizeof(T), sizeof item);
    return item;
  }
  UnalignedArray operator+(std::size_t i) const { return at(bytes_ + i * sizeof(T)); }
  explicit operator bool() const { return bytes_ != nullptr; }

  const void* address(std::size_t i = 0) const { return bytes_ + i * sizeof(T); }
  bool is_aligned() const { return reinterpret_cast<std::uintptr_t>(bytes_) % alignof(T) == 0; }
  // The items, where they are aligned.
  const T* aligned() const { return reinterpret_cast<const T*>(bytes_); }

 private:
  const unsigned char* bytes_ = nullptr;
};

}  // namespace learnedidx
