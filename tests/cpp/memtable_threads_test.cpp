// The memtable with one writer and four readers, and a writer that stops in the middle of changes. Under the thread
// sanitizer (preset tsan) codes are read by the scalar row, whose loads are atomic.
#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <mutex>
#include <set>
#include <thread>

#include "learnedidx/kernels/rows.hpp"
#include "learnedidx/memtable.hpp"
#include "memtable_keys.hpp"

namespace {

using namespace learnedidx;
using tests::key_families;

#ifdef LIDX_TSAN
const Kernels& kernels() { return scalar_kernels; }
constexpr std::size_t kKeys = 4000;
#elif defined(LIDX_TEST_SLOW)
const Kernels& kernels() { return widest_kernels(); }
constexpr std::size_t kKeys = 4000;
#else
const Kernels& kernels() { return widest_kernels(); }
constexpr std::size_t kKeys = 40000;
#endif
constexpr std::size_t kReaders = 4;

// Calls what a test sets, in the thread that writes.
std::function<void(WriteStep)> on_step;
struct TestPause {
  static void at(WriteStep step) {
    if (on_step) on_step(step);
  }
};
using Table = BasicMemtable<TestPause>;

// Distinct keys in the order in which they are inserted.
struct Work {
  explicit Work(const tests::KeyFamily& family, std::size_t n = kKeys) {
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

// What the writer has begun, and what it has done: a reader must see all that was done before it asked, and nothing
// that was not begun when it had its answer.
struct Progress {
  std::atomic<std::size_t> begun{0}, done{0};
};

// Reads until the writer is done; gives a word for what was wrong.
class Reader {
 public:
  Reader(const Table& table, const Work& work, Progress& progress, std::size_t number)
      : table_(table), work_(work), progress_(progress), at_(table), random_(number) {}

  const char* run() {
    do {
      for (const auto verb : {&Reader::find, &Reader::seek, &Reader::seek_back, &Reader::walk, &Reader::walk_back})
        if (const char* wrong = (this->*verb)()) return wrong;
    } while (progress_.done.load(std::memory_order_acquire) < work_.keys.size());
    return nullptr;
  }

 private:
  std::size_t done() const { return progress_.done.load(std::memory_order_acquire); }
  std::size_t begun() const { return progress_.begun.load(std::memory_order_acquire); }

  const char* find() {
    const std::size_t number = random_() % std::min(work_.keys.size(), begun() + 50);
    const bool must = number < done();
    std::string_view value;
    const bool found = table_.find(work_.keys[number], &value);
    if (must && !found) return "a key that was there was not found";
    if (found && number >= begun()) return "a key was found before it came";
    return found && value != work_.keys[number] ? "a value is not that of its key" : nullptr;
  }

  // Is what an iterator met in [low, high) of the sorted keys right, if it met `entry` at its end?
  const char* check(std::size_t low, std::size_t high, std::size_t before, bool valid, std::string_view key, std::size_t end) {
    for (std::size_t i = low; i < high; ++i)
      if (work_.order[i] < before) return "a key that was there was passed over";
    if (!valid) return nullptr;
    if (end >= work_.sorted.size() || key != work_.sorted[end]) return "an iterator is at a key that nobody inserted";
    return work_.order[end] < begun() ? nullptr : "an iterator is at a key before it came";
  }
  std::size_t place_of(std::string_view key) const {
    return static_cast<std::size_t>(std::lower_bound(work_.sorted.begin(), work_.sorted.end(), key) - work_.sorted.begin());
  }

  const char* seek() {
    const std::size_t from = random_() % work_.sorted.size(), before = done();
    at_.seek(work_.sorted[from]);
    const std::size_t end = at_.valid() ? place_of(at_.key()) : work_.sorted.size();
    if (end < from) return "seek went back";
    return check(from, end, before, at_.valid(), at_.valid() ? at_.key() : std::string_view(), end);
  }
  const char* seek_back() {
    const std::size_t from = random_() % work_.sorted.size(), before = done();
    at_.seek_for_prev(work_.sorted[from]);
    const std::size_t end = at_.valid() ? place_of(at_.key()) + 1 : 0;
    if (end > from + 1) return "seek_for_prev went on";
    return check(end, from + 1, before, at_.valid(), at_.valid() ? at_.key() : std::string_view(), end - 1);
  }
  const char* walk() {
    const std::size_t before = done();
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
    const std::size_t before = done();
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
  Table::Iterator at_;
  std::mt19937_64 random_;
};

void insert_all(Table& table, const Work& work, Progress& progress) {
  for (std::size_t i = 0; i < work.keys.size(); ++i) {
    progress.begun.store(i + 1, std::memory_order_release);
    table.insert(work.keys[i], work.keys[i]);
    progress.done.store(i + 1, std::memory_order_release);
  }
}

// Runs the writer in this thread and readers in others.
void write_and_read(const tests::KeyFamily& family, std::size_t n) {
  CAPTURE(family.name);
  const Work work(family, n);
  Table table(kernels());
  Progress progress;
  std::vector<const char*> wrong(kReaders, nullptr);
  std::vector<std::thread> threads;
  for (std::size_t number = 0; number < kReaders; ++number)
    threads.emplace_back([&, number] { wrong[number] = Reader(table, work, progress, number).run(); });
  insert_all(table, work, progress);
  for (auto& thread : threads) thread.join();
  for (const char* word : wrong) {
    INFO(std::string(word ? word : ""));
    CHECK(word == nullptr);
  }
}

// What a reader must see while the writer stands still in the middle of an insert: all keys that are there, and the one that
// is coming or not.
class Looker {
 public:
  Looker(const Table& table, const std::set<std::string>& there, const std::string& coming)
      : there_(there), coming_(coming), at_(table) {}

  bool sees_rightly(const Table& table, const std::string& q) {
    const auto expected = there_.lower_bound(q);
    at_.seek(q);
    if (!is_at(expected) || (there_.count(q) == 1 && !table.find(q))) return false;
    if (!at_.valid() || at_.key() == coming_) return true;
    at_.next();
    if (!is_at(std::next(expected))) return false;
    at_.seek(q);
    if (at_.key() == coming_) return true;
    at_.prev();
    if (!is_at(expected == there_.begin() ? there_.end() : std::prev(expected))) return false;
    at_.seek_for_prev(*expected);
    return at_.key() == *expected;
  }

 private:
  bool is_at(std::set<std::string>::const_iterator expected) const {
    if (at_.valid() && at_.key() == coming_) return true;
    return expected == there_.end() ? !at_.valid() : at_.valid() && at_.key() == *expected;
  }
  const std::set<std::string>& there_;
  const std::string& coming_;
  Table::Iterator at_;
};

// One step and one back: here again, or at a key that came between.
bool comes_back(Table::Iterator& at, bool forward) {
  const std::string here(at.key());
  if (forward) {
    at.next();
    at.valid() ? at.prev() : at.seek_to_last();
  } else {
    at.prev();
    at.valid() ? at.next() : at.seek_to_first();
  }
  if (!at.valid() || (forward ? at.key() < here : at.key() > here)) return false;
  at.seek(here);
  return at.valid() && at.key() == here;
}

}  // namespace

TEST_CASE("one writer and four readers: all that was there is seen, and nothing else") {
  for (const auto& family : key_families()) write_and_read(family, kKeys);
}

TEST_CASE("the same, with a writer that stops again and again in the middle of changes") {
  std::mt19937_64 random(1);
  on_step = [&](WriteStep) {
    const auto chance = random() % 1000;
    if (chance < 2) std::this_thread::sleep_for(std::chrono::microseconds(random() % 300));
    else if (chance < 5) std::this_thread::yield();
  };
  for (const auto& family : key_families()) write_and_read(family, kKeys / 4);
  on_step = nullptr;
}

// The writer is its own reader here, in the middle of a change: so every state in which it may stop is looked at.
TEST_CASE("a writer that stops for good keeps no reader waiting, and what was there is found") {
  for (const auto& family : key_families()) {
    CAPTURE(family.name);
    const Work work(family, kKeys / 20);
    Table table(kernels());
    std::set<std::string> there;
    std::size_t stops = 0, wrong = 0;
    std::mt19937_64 random(5);
    on_step = [&](WriteStep) {
      ++stops;
      if (there.empty()) return;
      const std::string& coming = work.keys[there.size()];
      Looker looker(table, there, coming);
      for (int i = 0; i < 3; ++i) wrong += !looker.sees_rightly(table, work.keys[random() % work.keys.size()]);
      wrong += !looker.sees_rightly(table, coming);
    };
    for (const auto& key : work.keys) {
      REQUIRE(table.insert(key, key) == MemtableStatus::ok);
      there.insert(key);
    }
    on_step = nullptr;
    CHECK(wrong == 0);
    CHECK(stops > work.keys.size() / 4);
  }
}

TEST_CASE("equal keys are met in order while the writer stands still") {
  Table table(kernels(), {EqualKeys::keep});
  std::size_t number = 0, wrong = 0;
  on_step = [&](WriteStep) {
    Table::Iterator at(table);
    std::size_t met = 0;
    for (at.seek("key"); at.valid() && at.key() == "key"; at.next()) wrong += at.value() != std::to_string(met++);
    wrong += met != number && met != number + 1;
    for (at.seek_for_prev("key"); at.valid() && at.key() == "key" && met > 0; at.prev()) wrong += at.value() != std::to_string(--met);
    wrong += met != 0;
  };
  for (; number < 300; ++number) {
    table.insert("key", std::to_string(number));
    const auto others = on_step;
    on_step = nullptr;  // keys before them, so that leaves of equal keys are shifted and divided
    table.insert("a" + std::to_string(number));
    if (number % 3 == 0) table.insert("z" + std::to_string(number));
    on_step = others;
  }
  on_step = nullptr;
  CHECK(wrong == 0);
}

TEST_CASE("iterators that are held over all inserts") {
  const Work work(key_families()[0]);
  Table table(kernels());
  const std::size_t half = work.keys.size() / 2;
  for (std::size_t i = 0; i < half; ++i) table.insert(work.keys[i], work.keys[i]);
  std::atomic<bool> ready{false}, right{true};
  std::thread reader([&] {
    std::vector<Table::Iterator> held(100, Table::Iterator(table));
    for (std::size_t i = 0; i < held.size(); ++i) held[i].seek(work.keys[i]);
    ready = true;
    for (int round = 0; round < 20; ++round)
      for (auto& at : held)
        if (!comes_back(at, round % 2 == 0)) right = false;
  });
  while (!ready) std::this_thread::yield();
  for (std::size_t i = half; i < work.keys.size(); ++i) table.insert(work.keys[i], work.keys[i]);
  reader.join();
  CHECK(right);
}
