// The tree behind a container, in the words of its verbs: codes, positions, references.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

#include "arrays.hpp"
#include "learnedidx/tree/tree.hpp"
#include "sorted_memory.hpp"

namespace learnedidx::bindings {

template <class Value> class Codes {
 public:
  using Tree = SortedTree<std::int64_t, Value>;
  using Place = typename Tree::Place;
  using Reference = Value;
  static constexpr bool kHasValues = Tree::kHasValues;

  // A place in the tree that moves; where there is no key it must not be read.
  struct Cursor {
    const Tree* tree = nullptr;
    Place place;

    explicit operator bool() const { return static_cast<bool>(place); }  // is there a key?
    std::int64_t key() const { return tree->key(place); }
    const Value& value() const { return tree->value(place); }
    // Codes from here to the end of the leaf, and the place behind them.
    const std::int64_t* codes() const { return place.leaf->keys() + place.leaf->first + place.slot; }
    const Value* values() const { return &tree->value(place); }
    std::size_t codes_left() const { return place.leaf->count - place.slot; }
    void next_leaf() { place = {place.leaf->next, 0}; }
    // Goes on by not more codes than are left in the leaf.
    void skip(unsigned codes) {
      place.slot += codes;
      if (place.slot == place.leaf->count) next_leaf();
    }
    void forward() { place = tree->next(place); }
    void backward() { place = tree->previous(place); }
  };

  Codes() : tree_(active_kernels().sorted, kTreeMemory) {}

  std::size_t size() const { return tree_.size(); }
  std::size_t bytes() const { return tree_.bytes(); }
  const char* check() const { return tree_.check(); }  // null, or what is wrong

  std::size_t rank(std::int64_t code, bool right) const {
    return right ? tree_.rank_right(code) : tree_.rank_left(code);
  }
  bool contains(std::int64_t code) const { return tree_.contains(code); }
  Value* find(std::int64_t code) {
    const Place place = tree_.find(code);
    return place ? &tree_.value(place) : nullptr;
  }
  std::int64_t key_at(std::size_t at) const { return tree_.key(tree_.select(at)); }
  Value& value_at(std::size_t at) { return tree_.value(tree_.select(at)); }
  Cursor cursor(std::size_t at) const { return {&tree_, tree_.select(at)}; }
  // The first code that is not below this one, and how many are below.
  Cursor seek(std::int64_t code) const { return {&tree_, tree_.lower_bound(code)}; }
  Cursor locate(std::int64_t code, std::size_t& below) const { return {&tree_, tree_.locate(code, below)}; }
  std::size_t rank_of(const Cursor& at) const { return tree_.rank(at.place); }
  // The codes from `first` to `last`: the first of them, or the last for who goes backward, and how many.
  struct Range {
    Cursor from;
    std::size_t count;
  };
  Range range(std::int64_t first, std::int64_t last, bool backward) const {
    const typename Tree::Between found = tree_.between(first, last);
    const bool from_last = backward && found.count > 0;
    return {{&tree_, from_last ? tree_.previous(found.behind) : found.first}, found.count};
  }

  // False, and nothing has changed, if memory runs out.
  bool insert(std::int64_t code) { return tree_.insert(code) == SortedStatus::ok; }

  // 1: inserted. 0: it was there, and `place` (if not null) is its value. -1: no memory.
  int insert_unique(std::int64_t code, Value value, Value** place) {
    bool existing = false;
    Place at;
    if (tree_.insert_unique(code, value, &at, &existing) != SortedStatus::ok) return -1;
    if (existing && place) *place = &tree_.value(at);
    return existing ? 0 : 1;
  }

  // The same for a value that may stand beside others of its code: of these `held` is the first then, and nothing changes.
  int insert_alone(std::int64_t code, Value value, Cursor& held) {
    bool existing = false;
    held.tree = &tree_;
    if (tree_.insert_unique(code, value, &held.place, &existing) != SortedStatus::ok) return -1;
    return existing ? 0 : 1;
  }
  // Puts another value of the code at a cursor behind it, or before it. False, and nothing has changed, without memory.
  bool insert_beside(const Cursor& at, bool behind, Value value) {
    return tree_.insert_beside(at.place, behind, value) == SortedStatus::ok;
  }
  void erase(const Cursor& at) { tree_.erase(at.place); }

  bool erase(std::int64_t code, Value* value) { return tree_.erase_one(code, value); }
  void erase_at(std::size_t at, Value* value) {
    const Place place = tree_.select(at);
    if (value) *value = tree_.value(place);
    tree_.erase(place);
  }
  void erase_range(std::size_t low, std::size_t high) { tree_.erase_range(low, high); }
  // Erases `count` codes from position `low` on, `step` positions apart, by loading all others anew; their values go to
  // `out`. False, and nothing has changed, if memory runs out or cancellation says no.
  bool erase_every(std::size_t low, std::size_t count, std::size_t step, Value* out, Cancellation cancellation) {
    std::vector<std::int64_t> codes;
    std::vector<Value> values;
    codes.reserve(size() - count);
    if (kHasValues) values.reserve(size() - count);
    bool may_continue = !cancellation.requested();
    SeldomPoll poll(cancellation);
    std::size_t at = 0, gone = 0;
    tree_.scan(tree_.begin(), size(), [&](const std::int64_t* keys, const Value* held, std::size_t here) {
      may_continue = may_continue && poll.may_continue(here);
      for (std::size_t i = 0; may_continue && i < here; ++i, ++at) {
        const bool goes = gone < count && at == low + gone * step;
        if (!goes) codes.push_back(keys[i]);
        if constexpr (kHasValues) goes ? void(out[gone] = held[i]) : values.push_back(held[i]);
        gone += goes;
      }
    });
    return may_continue && load(codes.data(), values.data(), codes.size(), cancellation);
  }
  // Calls use(codes, values, count) for stretches of all that is held, in order.
  template <class Use> void scan(Use&& use) const { tree_.scan(tree_.begin(), size(), use); }
  void clear() { tree_.clear(); }
  void swap(Codes& other) { tree_.swap(other.tree_); }

  // Ascending codes, in place of what is held, or beside it: false, and nothing has changed, if memory runs out or
  // cancellation says no.
  bool load(const std::int64_t* codes, const Value* values, std::size_t count, Cancellation cancellation) {
    bool ordered = true;
    const auto known = [](const std::int64_t*, std::size_t) { return true; };
    return tree_.bulk_load_if(codes, values, count, known, ordered, cancellation) == SortedStatus::ok;
  }
  // The same for codes that may not ascend, or if `strictly`, may equal one another: then nothing has changed, and
  // `ordered` says so. Another thread may write to many codes meanwhile.
  bool load_if_ordered(const std::int64_t* codes, std::size_t count, bool strictly, bool& ordered, Cancellation cancellation) {
    return tree_.bulk_load_if(codes, nullptr, count, order(strictly), ordered, cancellation) == SortedStatus::ok;
  }
  // The same for codes behind all that are held, beside them.
  bool append_if_ordered(const std::int64_t* codes, std::size_t count, bool strictly, bool& ordered,
                         Cancellation cancellation) {
    constexpr std::size_t piece = std::size_t{1} << 16;  // it is read from a cache after it was copied
    const std::unique_ptr<std::int64_t[]> own(new std::int64_t[piece + 1]);
    const std::size_t size = tree_.size();
    own[0] = tree_.key(tree_.last());
    bool done = true;
    ordered = true;
    for (std::size_t from = 0; from < count && done && ordered; from += piece) {
      const std::size_t here = std::min(piece, count - from);
      std::memcpy(&own[1], codes + from, here * sizeof own[0]);
      ordered = order(strictly)(&own[1], here);
      done = ordered && !cancellation.requested() && insert_sorted(&own[1], here, strictly, {});
      own[0] = own[here];
    }
    if (!done && size < tree_.size()) tree_.erase_range(size, tree_.size());
    return done || !ordered;
  }
  // May codes that begin with this one go behind all that are held?
  bool ends_before(std::int64_t code) const { return tree_.size() > 0 && tree_.key(tree_.last()) <= code; }

  // The question whether n codes ascend, or do so strictly, the first one above the one before it.
  static auto order(bool strictly) {
    return [strictly](const std::int64_t* from, std::size_t n) {
      return strictly ? ascend_strictly(from, n) : ascend(from, n);
    };
  }

  // Is none of n codes below the one before it, the first not either?
  static bool ascend(const std::int64_t* from, std::size_t n) {
    constexpr std::size_t block = 4096;  // most arrays that do not ascend show it in the first
    const auto in_order = active_kernels().ascending[key_type_index<std::int64_t>()];
    for (std::size_t i = 0; i < n; i += block) {
      std::uint64_t sum = 0;
      if (!in_order(from + i, std::min(block, n - i), &sum)) return false;
    }
    return true;
  }
  static bool ascend_strictly(const std::int64_t* from, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i)
      if (from[i] <= from[static_cast<std::ptrdiff_t>(i) - 1]) return false;
    return true;
  }

  // False, and nothing has changed, if memory runs out or cancellation says no.
  bool insert_sorted(const std::int64_t* codes, std::size_t count, bool unique, Cancellation cancellation) {
    const Equal equal = unique ? Equal::skip : Equal::both;
    return tree_.insert_sorted(codes, nullptr, count, equal, cancellation) == SortedStatus::ok;
  }

  // Copies `count` codes from a cursor on; returns the one behind them.
  Cursor copy_from(const Cursor& from, std::size_t count, std::int64_t* out) const {
    const Place behind = tree_.scan(from.place, count, [&](const std::int64_t* keys, const Value*, std::size_t n) {
      std::memcpy(out, keys, n * sizeof *out);
      out += n;
    });
    return {&tree_, behind};
  }

  void copy_keys(std::size_t low, std::size_t high, std::int64_t* out) const {
    tree_.copy(tree_.select(low), high - low, out);
  }
  void copy_values(std::size_t low, std::size_t high, Value* out) const {
    tree_.scan(tree_.select(low), high - low, [&](const std::int64_t*, const Value* from, std::size_t count) {
      for (std::size_t i = 0; i < count; ++i) *out++ = from[i];
    });
  }

  void rank_many(const std::int64_t* codes, std::size_t count, std::int64_t* out, bool right) const {
    tree_.rank_many(codes, count, right, out);
  }
  void contains_many(const std::int64_t* codes, std::size_t count, bool* out) const {
    find_each(codes, count, [&](std::size_t i, const Place& found) { out[i] = static_cast<bool>(found); });
  }
  // The value of each code; null where it is not held.
  void find_values(const std::int64_t* codes, std::size_t count, Value* out) const {
    find_each(codes, count, [&](std::size_t i, const Place& found) { out[i] = found ? tree_.value(found) : nullptr; });
  }

 private:
  template <class Use> void find_each(const std::int64_t* codes, std::size_t count, Use&& use) const {
    constexpr std::size_t block = 128;
    Place found[block];
    for (std::size_t from = 0; from < count; from += block) {
      const std::size_t here = count - from < block ? count - from : block;
      tree_.find_many(codes + from, here, found);
      for (std::size_t i = 0; i < here; ++i) use(from + i, found[i]);
    }
  }

  Tree tree_;
};

}  // namespace learnedidx::bindings
