// Merges what a counted B+-tree holds with a batch of ascending keys, without branches that depend on them.
// See sorted_tree.hpp.
#pragma once

#include <cstddef>
#include <cstdint>

#include "sorted_reads.hpp"

namespace learnedidx {

// What a batch does with a key that is there already.
enum class Equal : std::uint8_t {
  both,     // holds both
  skip,     // keeps the old value
  replace,  // takes the new value
};

template <class K, class V> class SortedMerge {
 public:
  using Reads = SortedReads<K, V>;
  static constexpr bool kHasValues = Reads::kHasValues;

  SortedMerge(const Reads& tree, const K* keys, const V* values, std::size_t n, Equal equal) noexcept
      : tree_(&tree), at_(tree.begin()), keys_(keys), values_(values), n_(n), equal_(equal) {
    open();
  }

  // How many keys there are, all in all. Of the batch, those are left out that equal the key before them, unless both
  // are held.
  std::size_t total() const noexcept {
    if (equal_ == Equal::both) return tree_->size() + n_;
    SortedMerge counted = *this;
    K keys[kLeafKeys];
    V values[kLeafKeys];
    std::size_t total = 0;
    while (const std::size_t more = counted.take(keys, values, kLeafKeys)) total += more;
    return total;
  }

  // Writes the next `count` keys and values, or as many as there are; returns how many.
  std::size_t take(K* keys, V* values, std::size_t count) noexcept {
    std::size_t done = 0;
    while (done < count && (held_ < held_end_ || next_ < n_)) {
      if (held_ == held_end_ || next_ == n_) done += take_one(keys + done, kHasValues ? values + done : values);
      else done += take_both(keys + done, kHasValues ? values + done : values, count - done);
      if (held_ == held_end_ && at_) move_on();
    }
    while (next_ < n_ && drops(keys_[next_])) drop();
    return done;
  }

 private:
  void open() noexcept {
    held_ = held_end_ = nullptr;
    if (!at_) return;
    tree_->scan(at_, at_.leaf->count, [this](const K* keys, V* values, std::size_t count) {
      held_ = keys;
      held_end_ = keys + count;
      held_values_ = values;
    });
  }
  void move_on() noexcept {
    at_ = {at_.leaf->next, 0};
    open();
  }

  bool drops(K key) const noexcept { return equal_ != Equal::both && any_ && key == last_; }
  void drop() noexcept {
    if constexpr (kHasValues)
      if (equal_ == Equal::replace) *last_value_ = values_[next_];
    ++next_;
  }

  std::size_t take_one(K* keys, V* values) noexcept {
    const bool old = held_ < held_end_;
    if (!old && drops(keys_[next_])) {
      drop();
      return 0;
    }
    *keys = last_ = old ? *held_ : keys_[next_];
    any_ = true;
    if constexpr (kHasValues) {
      *values = old ? *held_values_++ : values_[next_];
      last_value_ = values;
    }
    if (old) ++held_;
    else ++next_;
    return 1;
  }

  // Both sides have keys: goes on until one has not.
  std::size_t take_both(K* keys, V* values, std::size_t count) noexcept {
    const K *held = held_, *fresh = keys_ + next_, *const fresh_end = keys_ + n_;
    const bool unique = equal_ != Equal::both, replace = equal_ == Equal::replace;
    V dropped{};
    V* last_value = last_value_ ? last_value_ : &dropped;
    K last = last_;
    bool any = any_;
    std::size_t done = 0;
    for (; done < count && held != held_end_ && fresh != fresh_end; any = true) {
      const bool old = !(*fresh < *held);
      const K key = old ? *held : *fresh;
      const bool lost = unique & !old & any & (key == last);
      keys[done] = key;
      if constexpr (kHasValues) {
        V* to = lost ? (replace ? last_value : &dropped) : values + done;
        *to = old ? held_values_[held - held_] : values_[fresh - keys_];
        last_value = lost ? last_value : values + done;
      }
      held += old;
      fresh += !old;
      done += !lost;
      last = key;
    }
    if constexpr (kHasValues) held_values_ += held - held_;
    held_ = held;
    next_ = static_cast<std::size_t>(fresh - keys_);
    last_value_ = last_value == &dropped ? nullptr : last_value;
    last_ = last;
    any_ = any;
    return done;
  }

  const Reads* tree_;
  typename Reads::Place at_;
  const K* keys_;
  const V* values_;
  std::size_t n_;
  Equal equal_;
  std::size_t next_ = 0;
  const K *held_ = nullptr, *held_end_ = nullptr;
  const V* held_values_ = nullptr;
  K last_{};
  V* last_value_ = nullptr;
  bool any_ = false;
};

}  // namespace learnedidx
