// Two ordered maps of uint64 to uint64 behind the same verbs.
#pragma once

#include <absl/container/btree_map.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "learnedidx/kernels/rows.hpp"
#include "learnedidx/tree/tree.hpp"

namespace bench {

using Key = std::uint64_t;
using Keys = std::vector<Key>;

inline void must(bool right) {
  if (!right) std::abort();
}

// Counts the bytes that a container holds.
template <typename T> struct CountingAllocator {
  using value_type = T;
  explicit CountingAllocator(std::size_t* counter) noexcept : bytes(counter) {}
  template <typename U> CountingAllocator(const CountingAllocator<U>& other) noexcept : bytes(other.bytes) {}
  T* allocate(std::size_t count) {
    *bytes += count * sizeof(T);
    return std::allocator<T>().allocate(count);
  }
  void deallocate(T* memory, std::size_t count) noexcept {
    *bytes -= count * sizeof(T);
    std::allocator<T>().deallocate(memory, count);
  }
  template <typename U> bool operator==(const CountingAllocator<U>& other) const noexcept { return bytes == other.bytes; }
  template <typename U> bool operator!=(const CountingAllocator<U>& other) const noexcept { return bytes != other.bytes; }
  std::size_t* bytes;
};

class AbslMap {
 public:
  static constexpr const char* name = "absl";
  using Map = absl::btree_map<Key, Key, std::less<Key>, CountingAllocator<std::pair<const Key, Key>>>;

  void load(const Keys& keys, const Keys&) {
    map_.clear();
    for (const Key key : keys) map_.insert(map_.end(), {key, ~key});  // the hint makes it constant time
  }
  Key find(Key key) const {
    const auto at = map_.find(key);
    return at == map_.end() ? 0 : at->second;
  }
  Key lower_bound(Key key) const {
    const auto at = map_.lower_bound(key);
    return at == map_.end() ? 0 : at->second;
  }
  Key scan(Key key, std::size_t n) const {
    Key sum = 0;
    for (auto at = map_.lower_bound(key); n > 0 && at != map_.end(); --n, ++at) sum += at->first ^ at->second;
    return sum;
  }
  void insert(Key key) { map_.insert({key, ~key}); }
  void erase(Key key) { map_.erase(key); }
  std::size_t size() const { return map_.size(); }
  double bytes_a_pair() const { return static_cast<double>(bytes_) / static_cast<double>(size()); }

 private:
  std::size_t bytes_ = 0;
  Map map_{std::less<Key>(), CountingAllocator<std::pair<const Key, Key>>(&bytes_)};
};

class Tree {
 public:
  static constexpr const char* name = "tree";
  using Map = learnedidx::SortedTree<Key, Key>;
  using Status = learnedidx::SortedStatus;

  explicit Tree(const learnedidx::SortedRow& row) : map_(row) {}

  void load(const Keys& keys, const Keys& values) {
    must(map_.bulk_load(keys.data(), values.data(), keys.size()) == Status::ok);
  }
  Key find(Key key) const {
    const auto at = map_.find(key);
    return at ? map_.value(at) : 0;
  }
  Key lower_bound(Key key) const {
    const auto at = map_.lower_bound(key);
    return at ? map_.value(at) : 0;
  }
  Key scan(Key key, std::size_t n) const {
    Key sum = 0;
    map_.scan(map_.lower_bound(key, n), n, [&](const Key* keys, const Key* values, std::size_t count) {
      for (std::size_t i = 0; i < count; ++i) sum += keys[i] ^ values[i];
    });
    return sum;
  }
  void insert(Key key) {
    Map::Place place;
    bool existing;
    must(map_.insert_unique(key, ~key, &place, &existing) == Status::ok);
  }
  void erase(Key key) { map_.erase_one(key); }
  void insert_sorted(const Keys& keys, const Keys& values) {
    must(map_.insert_sorted(keys.data(), values.data(), keys.size(), learnedidx::Equal::skip) == Status::ok);
  }
  std::size_t size() const { return map_.size(); }
  double bytes_a_pair() const { return static_cast<double>(map_.bytes()) / static_cast<double>(size()); }
  const Map& map() const { return map_; }

 private:
  Map map_;
};

}  // namespace bench
