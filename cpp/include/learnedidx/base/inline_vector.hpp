// InlineVector: a short list that lies inside its owner, so that a view that holds one needs no memory of its own.
#pragma once

#include <cstddef>

namespace learnedidx {

template <class T, std::size_t kMost> class InlineVector {
 public:
  // False, and nothing added, if it is full.
  bool push_back(const T& item) {
    if (size_ == kMost) return false;
    items_[size_++] = item;
    return true;
  }
  void clear() { size_ = 0; }

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  const T& operator[](std::size_t i) const { return items_[i]; }
  T& operator[](std::size_t i) { return items_[i]; }
  const T& back() const { return items_[size_ - 1]; }
  const T* data() const { return items_; }
  const T* begin() const { return items_; }
  const T* end() const { return items_ + size_; }

 private:
  std::size_t size_ = 0;
  T items_[kMost] = {};
};

}  // namespace learnedidx
