// Merges what a counted B+-tree holds with a batch of ascending keys: stretches of one side whole, interleaved keys
// without branches that depend on them. See tree/tree.hpp.
#pragma once

#include <cstddef>
#include <cstdint>

#include "learnedidx/tree/leaf_batch.hpp"
#include "learnedidx/tree/state.hpp"

namespace learnedidx {

template <class K, class V> class SortedMerge {
 public:
  using State = SortedState<K, V>;
  using Slots = SortedSlots<K, V>;
  static constexpr bool kHasValues = State::kHasValues;

  // Borrows all that it is given, until it ends; the tree must not change meanwhile.
  SortedMerge(const State& tree, const K* keys, const V* values, std::size_t n, Equal equal) noexcept
      : size_(tree.size), leaf_(tree.first_leaf), keys_(keys), values_(values), n_(n), equal_(equal) {
    open();
  }

  // How many keys there are, all in all. Of the batch, those are left out that equal a key before them, unless both
  // are held.
  std::size_t total() const noexcept {
    if (equal_ == Equal::both) return size_ + n_;
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
    for (;;) {
      while (next_ < n_ && repeats(keys_[next_])) drop();
      if (held_ == held_end_ && leaf_) move_on();
      if (done == count || (held_ == held_end_ && next_ == n_)) break;
      K* const to = keys + done;
      V* const to_values = kHasValues ? values + done : values;
      const std::size_t here = take_run(to, to_values, count - done);
      done += here > 0 ? here : take_both(to, to_values, count - done < kTurns ? count - done : kTurns);
      last_ = keys[done - 1];
      last_value_ = kHasValues ? values + done - 1 : nullptr;
      any_ = true;
    }
    return done;
  }

 private:
  static constexpr std::size_t kTurns = 64;  // keys of interleaved sides before runs are looked for again
  static constexpr std::size_t kRun = 8;     // keys of one side in a row from which they are moved whole

  void open() noexcept {
    held_ = held_end_ = nullptr;
    if (!leaf_) return;
    held_ = leaf_->keys() + leaf_->first;
    held_end_ = held_ + leaf_->count;
    held_values_ = Slots::values_at(*leaf_, leaf_->first);
  }
  void move_on() noexcept {
    leaf_ = leaf_->next;
    open();
  }

  bool repeats(K key) const noexcept { return equal_ != Equal::both && any_ && key == last_; }
  void drop() noexcept {
    if constexpr (kHasValues)
      if (equal_ == Equal::replace) *last_value_ = values_[next_];
    ++next_;
  }

  // Takes keys of one side, of which there are some in a row before the next one of the other; returns how many.
  std::size_t take_run(K* keys, V* values, std::size_t count) noexcept {
    const std::size_t old = held_run(count);
    if (old > 0) {
      Slots::copy(held_, held_values_, keys, values, old);
      held_ += old;
      if constexpr (kHasValues) held_values_ += old;
      return old;
    }
    const std::size_t fresh = fresh_run(count), n = equal_ == Equal::both ? fresh : distinct(fresh);
    Slots::copy(keys_ + next_, Slots::values_at(values_, next_), keys, values, n);
    next_ += n;
    return n;
  }

  // Does a held key go before the next one of the batch, and does not equal it if that matters?
  bool goes_first(K held) const noexcept {
    return equal_ == Equal::both ? !(keys_[next_] < held) : held < keys_[next_];
  }
  std::size_t held_run(std::size_t count) const noexcept {
    const auto held = static_cast<std::size_t>(held_end_ - held_), most = held < count ? held : count;
    if (next_ == n_) return most;
    return run(held_, most, [this](K key) { return goes_first(key); });
  }
  std::size_t fresh_run(std::size_t count) const noexcept {
    const std::size_t most = n_ - next_ < count ? n_ - next_ : count;
    if (held_ == held_end_) return most;
    return run(keys_ + next_, most, [this](K key) { return key < *held_; });
  }
  // How many of n keys go first: 0 where they are not a run.
  template <class GoesFirst> static std::size_t run(const K* keys, std::size_t n, GoesFirst&& goes_first) noexcept {
    return n < kRun || !goes_first(keys[kRun - 1]) ? 0 : gallop_past(keys, kRun, n, goes_first);
  }

  // How many of the next n keys of the batch differ from the one before.
  std::size_t distinct(std::size_t n) const noexcept {
    const K* keys = keys_ + next_;
    unsigned equal = 0;
    for (std::size_t i = 1; i < n; ++i) equal |= keys[i] == keys[i - 1];
    if (!equal) return n;
    std::size_t i = 1;
    while (!(keys[i] == keys[i - 1])) ++i;
    return i;
  }

  std::size_t take_both(K* keys, V* values, std::size_t count) noexcept {
    const std::size_t left = n_ - next_;
    if (equal_ == Equal::both) return interleave<Equal::both>(keys, values, count, left);
    // Only one of equal keys of the batch is seen; the others are dropped behind it.
    const std::size_t most = distinct(left < count ? left : count);
    return equal_ == Equal::skip ? interleave<Equal::skip>(keys, values, count, most)
                                 : interleave<Equal::replace>(keys, values, count, most);
  }

  // One of two addresses, as arithmetic: of a condition compilers make a branch, which half of the keys mispredict.
  template <class T> static const T* select(bool first, const T* one, const T* other) noexcept {
    const auto a = reinterpret_cast<std::uintptr_t>(one), b = reinterpret_cast<std::uintptr_t>(other);
    return reinterpret_cast<const T*>(b ^ ((a ^ b) & (~std::uintptr_t{first} + 1)));
  }

  // Takes the lower of both sides again and again, until one side or `fresh` keys of the batch are used up.
  template <Equal equal> std::size_t interleave(K* keys, V* values, std::size_t count, std::size_t fresh) noexcept {
    const K *held = held_, *const held_end = held_end_, *next = keys_ + next_, *const next_end = next + fresh;
    const V *held_values = held_values_, *next_values = Slots::values_at(values_, next_);
    std::size_t done = 0;
    for (; (done < count) & (held != held_end) & (next != next_end); ++done) {
      const K mine = *held, theirs = *next;
      const bool old = !(theirs < mine);
      const bool added = equal == Equal::both ? !old : !(mine < theirs);
      keys[done] = *select(old, held, next);
      if constexpr (kHasValues) {
        values[done] = *select(equal == Equal::replace ? !added : old, held_values, next_values);
        held_values += old;
        next_values += added;
      }
      held += old;
      next += added;
    }
    if constexpr (kHasValues) held_values_ += held - held_;
    held_ = held;
    next_ = static_cast<std::size_t>(next - keys_);
    return done;
  }

  std::size_t size_;         // of the tree
  SortedLeaf<K>* leaf_;
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
