// Batches of ascending keys: one descent and one merge for each leaf that they belong to. See sorted_tree.hpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "sorted_build.hpp"
#include "sorted_merge.hpp"

namespace learnedidx {

template <class K, class V> class SortedBatch : public SortedBuild<K, V> {
 public:
  using Base = SortedBuild<K, V>;
  using typename Base::Leaf;
  using typename Base::Path;
  using typename Base::Place;
  using typename Base::Slots;

  // Erases, for each of n ascending keys, one key that equals it; returns how many there were.
  std::size_t erase_sorted(const K* keys, std::size_t n) noexcept {
    std::size_t erased = 0;
    for (std::size_t i = 0; i < n && this->size_ > 0;) {
      Path path;
      this->kernels().seek_path(this->root_, keys[i], path);
      Leaf& leaf = *path.leaf;
      const K last = leaf.keys()[leaf.end() - 1];
      std::size_t end = i;
      while (end < n && keys[end] < last) ++end;  // all keys that equal these lie in this leaf, which keeps its last
      if (end - i < 2) {
        erased += this->erase_one(keys[i++]);
        continue;
      }
      if (const unsigned gone = Slots::erase_all(leaf, keys + i, end - i)) {
        this->lose(path, gone);
        erased += gone;
      }
      i = end;
    }
    return erased;
  }

 protected:
  using Base::Base;

  SortedStatus merge_all(const K* keys, const V* values, std::size_t n) noexcept {
    if (n > Base::kMostKeys - this->size_) return SortedStatus::full;
    for (std::size_t i = 0; i < n;) {
      const std::size_t here = merge_here(keys + i, Base::kHasValues ? values + i : nullptr, n - i);
      i += here;
      if (here > 0) continue;
      const SortedStatus status = this->insert(keys[i], Base::kHasValues ? values[i] : V{});
      if (status != SortedStatus::ok) {
        while (i > 0) this->erase(this->previous(this->upper_bound(keys[--i])));  // the newest of those that are equal
        return status;
      }
      ++i;
    }
    return SortedStatus::ok;
  }

  // Keys that are new are inserted, and noted, so that they can be taken back; then values are replaced.
  SortedStatus merge_unique(const K* keys, const V* values, std::size_t n, Equal equal) noexcept {
    if (n == 0) return SortedStatus::ok;
    auto* known = static_cast<bool*>(this->pool_.take_alone(n));
    if (!known) return SortedStatus::no_memory;
    SortedStatus status = SortedStatus::ok;
    std::size_t done = 0;
    while (done < n && status == SortedStatus::ok) {
      Place place;
      status = this->insert_unique(keys[done], Base::kHasValues ? values[done] : V{}, &place, known + done);
      if (status == SortedStatus::ok) ++done;
    }
    if (status != SortedStatus::ok) take_back(keys, known, done);
    else if (equal == Equal::replace) replace(keys, values, known, n);
    this->pool_.give_alone(known, n);
    return status;
  }

 private:
  void take_back(const K* keys, const bool* known, std::size_t n) noexcept {
    while (n-- > 0)
      if (!known[n]) this->erase_one(keys[n]);
  }
  void replace(const K* keys, const V* values, const bool* known, std::size_t n) noexcept {
    if constexpr (Base::kHasValues)
      for (std::size_t i = 0; i < n; ++i)
        if (known[i]) this->value(this->find(keys[i])) = values[i];
  }

  // Merges as many keys as belong to the leaf of the first one and have room there; returns how many.
  std::size_t merge_here(const K* keys, const V* values, std::size_t n) noexcept {
    if (this->size_ == 0) return 0;
    Path path;
    const bool edge = !(keys[0] < this->key(this->last()));
    if (edge) path = this->edge_path();
    else this->kernels().seek_path(this->root_, next_key(keys[0]), path);
    Leaf& leaf = *path.leaf;
    const std::size_t room = leaf.capacity - static_cast<std::size_t>(leaf.count), most = room < n ? room : n;
    const K* bound = edge ? nullptr : bound_of(path);
    std::size_t here = most > 0 ? 1 : 0;
    while (here < most && (!bound || keys[here] < *bound)) ++here;
    if (here == 0) return 0;
    Slots::merge(leaf, keys, values, static_cast<unsigned>(here));
    this->add_counts(path, static_cast<std::uint32_t>(here));
    this->size_ += here;
    ++this->version_;
    return here;
  }

  // The separator behind the leaf of a path; null behind the last leaf.
  const K* bound_of(const Path& path) const noexcept {
    for (unsigned level = 0; level < this->root_.height; ++level)
      if (path.child[level] + 1u < path.nodes[level]->count) return &path.nodes[level]->separators[path.child[level]];
    return nullptr;
  }
};

}  // namespace learnedidx
