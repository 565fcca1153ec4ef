// Keys that writers insert while readers look whether they see what they must.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <functional>
#include <set>
#include <string_view>

#include "learnedidx/memtable.hpp"
#include "memtable_keys.hpp"

namespace tests {

// Calls what a test sets, in every thread that writes.
inline std::function<void(learnedidx::WriteStep)> on_step;
struct TestPause {
  static void at(learnedidx::WriteStep step) {
    if (on_step) on_step(step);
  }
};

// Distinct keys in the order in which they are inserted.
struct Work {
  Work(const KeyFamily& family, std::size_t n) {
    std::mt19937_64 random(7);
    std::set<std::string> seen;
    for (std::size_t tried = 0; keys.size() < n && tried < 2 * n; ++tried)
      if (std::string key = family.key(random); seen.insert(key).second) keys.push_back(std::move(key));
    sorted.assign(seen.begin(), seen.end());
    order.resize(sorted.size());
    for (std::size_t i = 0; i < keys.size(); ++i)
      order[static_cast<std::size_t>(std::lower_bound(sorted.begin(), sorted.end(), keys[i]) - sorted.begin())] = i;
  }
  std::vector<std::string> keys, sorted;
  std::vector<std::size_t> order;  // order[i]: when sorted[i] comes
};

// Several writers deal out the keys: writer w of W inserts those whose number is w modulo W, in order.
constexpr std::size_t kMostWriters = 4;
using Counts = std::array<std::size_t, kMostWriters>;

// What each writer has begun, and what it has done: a reader must see all that was done before it asked, and nothing
// that was not begun when it had its answer.
struct Progress {
  explicit Progress(std::size_t number = 1) : writers(number) {}
  Counts done() const { return loaded(done_); }
  Counts begun() const { return loaded(begun_); }
  bool is_in(std::size_t key, const Counts& counts) const { return key / writers < counts[key % writers]; }

  template <class Insert> void insert(const Work& work, std::size_t writer, Insert&& insert_key) {
    for (std::size_t i = writer, count = 1; i < work.keys.size(); i += writers, ++count) {
      begun_[writer].store(count, std::memory_order_release);
      insert_key(work.keys[i]);
      done_[writer].store(count, std::memory_order_release);
    }
    finished.fetch_add(1, std::memory_order_release);
  }

  const std::size_t writers;
  std::atomic<std::size_t> finished{0};

 private:
  using Atomics = std::array<std::atomic<std::size_t>, kMostWriters>;
  static Counts loaded(const Atomics& atomics) {
    Counts counts;
    for (std::size_t i = 0; i < kMostWriters; ++i) counts[i] = atomics[i].load(std::memory_order_acquire);
    return counts;
  }
  Atomics begun_{}, done_{};
};

// Reads until the writer is done; gives a word for what was wrong.
template <class Table> class Reader {
 public:
  Reader(const Table& table, const Work& work, Progress& progress, std::size_t number)
      : table_(table), work_(work), progress_(progress), at_(table), random_(number) {}

  const char* run() {
    do {
      for (const auto verb : {&Reader::find, &Reader::seek, &Reader::seek_back, &Reader::walk, &Reader::walk_back})
        if (const char* wrong = (this->*verb)()) return wrong;
    } while (progress_.finished.load(std::memory_order_acquire) < progress_.writers);
    return nullptr;
  }

 private:
  const char* find() {
    const Counts before = progress_.done();
    const std::size_t number = random_() % std::min(work_.keys.size(), before[0] * progress_.writers + 50);
    const bool must = progress_.is_in(number, before);
    std::string_view value;
    const bool found = table_.find(work_.keys[number], &value);
    if (must && !found) return "a key that was there was not found";
    if (found && !has_begun(number)) return "a key was found before it came";
    return found && value != work_.keys[number] ? "a value is not that of its key" : nullptr;
  }

  bool has_begun(std::size_t number) const { return progress_.is_in(number, progress_.begun()); }
  // Is what an iterator met in [low, high) of the sorted keys right, if it met `entry` at its end?
  const char* check(std::size_t low, std::size_t high, const Counts& before, bool valid, std::string_view key, std::size_t end) {
    for (std::size_t i = low; i < high; ++i)
      if (progress_.is_in(work_.order[i], before)) return "a key that was there was passed over";
    if (!valid) return nullptr;
    if (end >= work_.sorted.size() || key != work_.sorted[end]) return "an iterator is at a key that nobody inserted";
    return has_begun(work_.order[end]) ? nullptr : "an iterator is at a key before it came";
  }
  std::size_t place_of(std::string_view key) const {
    return static_cast<std::size_t>(std::lower_bound(work_.sorted.begin(), work_.sorted.end(), key) - work_.sorted.begin());
  }

  const char* seek() {
    const Counts before = progress_.done();
    const std::size_t from = random_() % work_.sorted.size();
    at_.seek(work_.sorted[from]);
    const std::size_t end = at_.valid() ? place_of(at_.key()) : work_.sorted.size();
    if (end < from) return "seek went back";
    return check(from, end, before, at_.valid(), at_.valid() ? at_.key() : std::string_view(), end);
  }
  const char* seek_back() {
    const Counts before = progress_.done();
    const std::size_t from = random_() % work_.sorted.size();
    at_.seek_for_prev(work_.sorted[from]);
    const std::size_t end = at_.valid() ? place_of(at_.key()) + 1 : 0;
    if (end > from + 1) return "seek_for_prev went on";
    return check(end, from + 1, before, at_.valid(), at_.valid() ? at_.key() : std::string_view(), end - 1);
  }
  const char* walk() {
    const Counts before = progress_.done();
    if (random_() % 8 == 0) at_.seek_to_first();
    else at_.seek(work_.sorted[random_() % work_.sorted.size()]);
    for (int step = 0; step < 50 && at_.valid(); ++step) {
      const std::size_t from = place_of(at_.key());
      at_.next();
      const std::size_t end = at_.valid() ? place_of(at_.key()) : work_.sorted.size();
      if (end <= from) return "next went back";
      if (const char* wrong = check(from + 1, end, before, at_.valid(), at_.valid() ? at_.key() : std::string_view(), end)) return wrong;
    }
    return nullptr;
  }
  const char* walk_back() {
    const Counts before = progress_.done();
    if (random_() % 8 == 0) at_.seek_to_last();
    else at_.seek(work_.sorted[random_() % work_.sorted.size()]);
    for (int step = 0; step < 50 && at_.valid(); ++step) {
      const std::size_t from = place_of(at_.key());
      at_.prev();
      const std::size_t end = at_.valid() ? place_of(at_.key()) + 1 : 0;
      if (end > from) return "prev went on";
      if (const char* wrong = check(end, from, before, at_.valid(), at_.valid() ? at_.key() : std::string_view(), end - 1)) return wrong;
    }
    return nullptr;
  }

  const Table& table_;
  const Work& work_;
  Progress& progress_;
  typename Table::Iterator at_;
  std::mt19937_64 random_;
};

}  // namespace tests
