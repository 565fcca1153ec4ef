// Recorded histories: each find, seek and insert with the moments of its call and its return. They must be those of a set
// under a lock: one insert of a key takes it in, and a key that is there by one answer is there by all calls that begin
// after that.
#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "learnedidx/kernels/rows.hpp"
#include "learnedidx/memtable.hpp"
#include "memtable_keys.hpp"

namespace {

using namespace learnedidx;

#ifdef LIDX_TEST_SLOW
constexpr std::size_t kKeys = 3000;
#else
constexpr std::size_t kKeys = 20000;
#endif
constexpr std::size_t kReaders = 4, kWriters = 3;

// Pauses now and then, so that readers meet changes.
struct SometimesLate {
  static void at(WriteStep) {
    thread_local unsigned steps = 0;
    if (++steps % 509 == 0) std::this_thread::yield();
  }
};
using Table = BasicMemtable<SometimesLate>;

struct Event {
  std::size_t key;
  std::uint64_t called, returned;
  bool there;
};

// What is known of a key: between which calls its insert took effect.
struct Known {
  std::uint64_t inserting = 0, inserted = 0;     // the call and the return of the insert
  std::size_t inserts = 0;
  std::uint64_t seen = ~std::uint64_t{0};        // the first return that says it is there
  std::uint64_t last_missed = 0;                 // the last call that says it is not

  void took_in(std::uint64_t called, std::uint64_t returned) {  // by one thread, if all is well
    inserting = called;
    inserted = returned;
    ++inserts;
  }
};

class Recorder {
 public:
  Recorder(const Table& table, const std::vector<std::string>& keys, std::atomic<std::uint64_t>& clock,
           std::atomic<std::size_t>& progress, std::size_t number)
      : table_(table), keys_(keys), clock_(clock), progress_(progress), at_(table), random_(number) {}

  // Asks for keys that come now, most of all.
  void run() {
    for (std::size_t done; (done = progress_) < keys_.size();) {
      const std::size_t key = std::min(keys_.size() - 1, done + random_() % 3 - std::min<std::size_t>(done, 1));
      const std::uint64_t called = clock_++;
      bool there;
      if (random_() % 2) {
        there = table_.find(keys_[key]);
      } else if (random_() % 2) {
        at_.seek(keys_[key]);
        there = at_.valid() && at_.key() == keys_[key];
      } else {
        at_.seek_for_prev(keys_[key]);
        there = at_.valid() && at_.key() == keys_[key];
      }
      events.push_back({key, called, clock_++, there});
    }
  }

  // Inserts keys that other writers insert at the same time, too. An insert that is refused says that the key is there.
  void write(Table& table, std::vector<Known>& known) {
    for (std::size_t done; (done = progress_) < keys_.size(); progress_ = std::max(progress_.load(), done + 1)) {
      const std::size_t key = std::min(keys_.size() - 1, done + random_() % 2);
      for (const std::size_t next : {done, key}) {
        const std::uint64_t called = clock_++;
        if (table.insert_concurrently(keys_[next]) == MemtableStatus::ok) known[next].took_in(called, clock_++);
        else events.push_back({next, called, clock_++, true});
      }
    }
  }
  std::vector<Event> events;

 private:
  const Table& table_;
  const std::vector<std::string>& keys_;
  std::atomic<std::uint64_t>& clock_;
  std::atomic<std::size_t>& progress_;
  Table::Iterator at_;
  std::mt19937_64 random_;
};

// Adds the events of a reader to what is known; how many of them cannot be.
std::size_t learn(const std::vector<Event>& events, std::vector<Known>& known) {
  std::size_t wrong = 0;
  for (const Event& event : events) {
    Known& key = known[event.key];
    if (event.there) {
      key.seen = std::min(key.seen, event.returned);
      wrong += event.returned < key.inserting;
    } else {
      key.last_missed = std::max(key.last_missed, event.called);
      wrong += event.called > key.inserted;
    }
  }
  return wrong;
}

std::vector<std::string> shuffled_keys(const tests::KeyFamily& family) {
  std::mt19937_64 random(9);
  std::vector<std::string> keys(kKeys);
  for (auto& key : keys) key = family.key(random);
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  std::shuffle(keys.begin(), keys.end(), random);
  return keys;
}

}  // namespace

TEST_CASE("finds, seeks and inserts of several writers are those of a set under a lock") {
  for (const auto& family : tests::key_families()) {
    CAPTURE(family.name);
    const std::vector<std::string> keys = shuffled_keys(family);
    Table table(tests::memtable_kernels());
    std::atomic<std::uint64_t> clock{1};
    std::atomic<std::size_t> progress{0};
    std::vector<Recorder> recorders;
    for (std::size_t i = 0; i < kWriters + 2; ++i) recorders.emplace_back(table, keys, clock, progress, i);
    std::vector<Known> known(keys.size());
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < recorders.size(); ++i)
      threads.emplace_back([&, i] { i < kWriters ? recorders[i].write(table, known) : recorders[i].run(); });
    for (auto& thread : threads) thread.join();
    std::size_t wrong = 0;
    for (const auto& recorder : recorders) wrong += learn(recorder.events, known);
    for (const Known& key : known) wrong += key.last_missed > key.seen || key.inserts != 1;
    CHECK(wrong == 0);
    CHECK(table.size() == keys.size());
  }
}

TEST_CASE("finds and seeks are those of a set under a lock") {
  for (const auto& family : tests::key_families()) {
    CAPTURE(family.name);
    const std::vector<std::string> keys = shuffled_keys(family);
    Table table(tests::memtable_kernels());
    std::atomic<std::uint64_t> clock{1};
    std::atomic<std::size_t> progress{0};
    std::vector<Recorder> recorders;
    for (std::size_t i = 0; i < kReaders; ++i) recorders.emplace_back(table, keys, clock, progress, i);
    std::vector<std::thread> threads;
    for (auto& recorder : recorders) threads.emplace_back([&recorder] { recorder.run(); });
    std::vector<Known> known(keys.size());
    for (std::size_t i = 0; i < keys.size(); ++i) {
      known[i].inserting = clock++;
      table.insert(keys[i]);
      known[i].inserted = clock++;
      progress = i + 1;
    }
    for (auto& thread : threads) thread.join();
    std::size_t wrong = 0;
    for (const auto& recorder : recorders) wrong += learn(recorder.events, known);
    for (const Known& key : known) wrong += key.last_missed > key.seen;
    CHECK(wrong == 0);
  }
}
