// The memtable with several writers, which lock leaves, beside readers; and writers that stop in the middle of changes.
#include <doctest/doctest.h>

#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

#include "learnedidx/kernels/rows.hpp"
#include "memtable_work.hpp"

namespace {

using namespace learnedidx;
using tests::key_families;
using tests::on_step;
using tests::Progress;
using tests::Work;

#ifdef LIDX_TEST_SLOW
constexpr std::size_t kKeys = 1200;
#else
constexpr std::size_t kKeys = 20000;
#endif
constexpr std::size_t kReaders = 2;

using Table = BasicMemtable<tests::TestPause>;

void stop_sometimes(WriteStep) {
  thread_local std::mt19937_64 random(std::hash<std::thread::id>()(std::this_thread::get_id()));
  const auto chance = random() % 1000;
  if (chance < 2) std::this_thread::sleep_for(std::chrono::microseconds(random() % 300));
  else if (chance < 20) std::this_thread::yield();
}

// Runs work(number) in that many threads.
template <class Run> void in_threads(std::size_t number, Run&& run) {
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < number; ++i) threads.emplace_back([&run, i] { run(i); });
  for (auto& thread : threads) thread.join();
}

bool holds_in_order(const Table& table, const std::vector<std::string>& sorted) {
  Table::Iterator at(table);
  at.seek_to_first();
  for (const auto& key : sorted) {
    if (!at.valid() || at.key() != key || !table.find(key)) return false;
    at.next();
  }
  if (at.valid()) return false;
  at.seek_to_last();
  for (auto key = sorted.rbegin(); key != sorted.rend(); ++key) {
    if (!at.valid() || at.key() != *key) return false;
    at.prev();
  }
  return !at.valid();
}

// Each key is offered twice, the second time beside the writer whose it is: one of the two must be told that it exists.
void write_and_read(const tests::KeyFamily& family, std::size_t writers) {
  CAPTURE(family.name);
  CAPTURE(writers);
  const Work work(family, kKeys);
  Table table(tests::memtable_kernels());
  Progress progress(writers);
  std::vector<const char*> wrong(kReaders, nullptr);
  std::atomic<std::size_t> taken{0}, refused{0};
  const auto insert = [&](const std::string& key) {
    const MemtableStatus status = table.insert_concurrently(key, key);
    (status == MemtableStatus::ok ? taken : refused)++;
  };
  in_threads(writers + kReaders, [&](std::size_t number) {
    if (number >= writers) wrong[number - writers] = tests::Reader<Table>(table, work, progress, number).run();
    else progress.insert(work, number, [&](const std::string& key) {
      insert(key);
      const std::size_t other = static_cast<std::size_t>(&key - work.keys.data()) + 1;
      if (progress.finished == 0 && other < work.keys.size() && progress.is_in(other, progress.begun())) insert(work.keys[other]);
    });
  });
  for (const char* word : wrong) {
    INFO(std::string(word ? word : ""));
    CHECK(word == nullptr);
  }
  CHECK(taken == work.keys.size());
  CHECK(table.size() == work.keys.size());
  CHECK(holds_in_order(table, work.sorted));
}

// Stops the first thread that comes to a step, until it is told to go on.
class Stop {
 public:
  explicit Stop(WriteStep where) {
    on_step = [this, where](WriteStep step) {
      if (step != where || taken_.exchange(true)) return;
      stopped = true;
      while (!go_on) std::this_thread::yield();
    };
  }
  ~Stop() { on_step = nullptr; }
  std::atomic<bool> stopped{false}, go_on{false};

 private:
  std::atomic<bool> taken_{false};
};

std::string number(std::size_t i) { return tests::big_endian_bytes(i); }

}  // namespace

TEST_CASE("several writers and two readers: all that was there is seen, and nothing else") {
  for (const std::size_t writers : {2u, 3u, 4u})
    for (const auto& family : key_families()) write_and_read(family, writers);
}

TEST_CASE("the same, with writers that stop again and again in the middle of changes") {
  on_step = stop_sometimes;
  for (const auto& family : key_families()) write_and_read(family, 3);
  on_step = nullptr;
}

TEST_CASE("writers that come in order, each to its own place or all to the end, waste no more than one does") {
  constexpr std::size_t writers = 4, each = 2 * kKeys;  // many, so that the end of a chunk does not count
  constexpr double most = kKeys < 10000 ? 2 : 1.15;
  const auto times_one = [](auto&& key) {  // the memory of several writers over that of one, which takes their turns
    Table table(tests::memtable_kernels()), by_one(tests::memtable_kernels());
    std::vector<std::string> sorted;
    for (std::size_t i = 0; i < writers * each; ++i) sorted.push_back(number(key(i % writers, i / writers)));
    for (const auto& one : sorted) by_one.insert(one);
    std::sort(sorted.begin(), sorted.end());
    in_threads(writers, [&](std::size_t writer) {
      for (std::size_t i = 0; i < each; ++i) table.insert_concurrently(number(key(writer, i)));
    });
    CHECK(holds_in_order(table, sorted));
    CHECK(holds_in_order(by_one, sorted));
    return static_cast<double>(table.bytes()) / static_cast<double>(by_one.bytes());
  };
  CHECK(times_one([](std::size_t writer, std::size_t i) { return writer << 32 | i; }) < most);
  CHECK(times_one([](std::size_t writer, std::size_t i) { return writer << 32 | (each - i); }) < most);
  CHECK(times_one([](std::size_t writer, std::size_t i) { return i * writers + writer; }) < 1.25 * most);
}

TEST_CASE("equal keys of several writers are kept, those of each in its order") {
  constexpr std::size_t writers = 3;
  on_step = stop_sometimes;
  Table table(tests::memtable_kernels(), {EqualKeys::keep});
  in_threads(writers, [&](std::size_t writer) {
    for (std::size_t i = 0; i < kKeys / 4; ++i)
      CHECK(table.insert_concurrently(std::to_string(i % 7), std::to_string(writer) + number(i)) == MemtableStatus::ok);
  });
  on_step = nullptr;
  std::map<std::string, std::string> last;  // by key and writer
  std::size_t met = 0, wrong = 0;
  Table::Iterator at(table);
  for (at.seek_to_first(); at.valid(); at.next(), ++met) {
    std::string& before = last[std::string(at.key()) + '/' + at.value()[0]];
    wrong += at.value() <= before;
    before = at.value();
  }
  CHECK(met == writers * (kKeys / 4));
  CHECK(wrong == 0);
}

TEST_CASE("memory of several writers is counted to the byte, and where it ends inserts fail and nothing else") {
  struct Counter {
    std::atomic<std::size_t> bytes{0};
  } counter;
  const MemorySource source = {[](void* context, std::size_t bytes) -> void* {
                                 static_cast<Counter*>(context)->bytes += bytes;
                                 return std::malloc(bytes);
                               },
                               [](void* context, void* memory, std::size_t bytes) {
                                 static_cast<Counter*>(context)->bytes -= bytes;
                                 std::free(memory);
                               },
                               &counter};
  for (std::size_t budget = 4000; budget < 1000000; budget *= 3) {
    {
      Table table(tests::memtable_kernels(), {EqualKeys::refuse, budget, source});
      std::mutex mutex;
      std::set<std::string> keys;
      std::atomic<std::size_t> more{0};
      in_threads(3, [&](std::size_t writer) {
        std::mt19937_64 random(writer);
        for (std::size_t failed = 0; failed < 20;) {
          const std::string key = key_families()[random() % 5].key(random);
          const std::string value(random() % 100 == 0 ? random() % 20000 : random() % 100, 'v');
          const MemtableStatus status = table.insert_concurrently(key, value);
          failed += status == MemtableStatus::exhausted;
          more += table.bytes() > budget;
          const std::lock_guard<std::mutex> lock(mutex);
          if (status == MemtableStatus::ok) keys.insert(key);
        }
      });
      CHECK(more == 0);
      CHECK(table.bytes() == sizeof table + counter.bytes);
      CHECK(table.size() == keys.size());
      CHECK(holds_in_order(table, {keys.begin(), keys.end()}));
    }
    CHECK(counter.bytes == 0);
  }
}

TEST_CASE("entries that are refused give their memory back, or keep it while others come behind them") {
  Table table(tests::memtable_kernels());
  REQUIRE(table.insert_concurrently("key", std::string(100, 'v')) == MemtableStatus::ok);
  const std::size_t bytes = table.bytes();
  for (int i = 0; i < 10000; ++i) CHECK(table.insert_concurrently("key", std::string(100, 'v')) == MemtableStatus::exists);
  CHECK(table.bytes() == bytes);
}

TEST_CASE("a writer that stops keeps those waiting who need its leaf, and no reader") {
  for (const WriteStep where : {WriteStep::shift, WriteStep::codes}) {
    Table table(tests::memtable_kernels());
    std::vector<std::string> sorted;
    for (std::size_t i = 0; i < 1000; ++i) table.insert(number(2 * i)), sorted.push_back(number(2 * i));
    Stop stop(where);
    std::thread first([&] { table.insert_concurrently(number(3)); });
    while (!stop.stopped) std::this_thread::yield();
    for (std::size_t i = 500; i < 520; ++i) CHECK(table.insert_concurrently(number(2 * i * 2 + 1)) == MemtableStatus::ok);
    for (const auto& key : sorted) CHECK(table.find(key));
    std::atomic<bool> done{false};
    std::thread second([&] {
      table.insert_concurrently(number(5));
      done = true;
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    CHECK(!done);
    CHECK(!table.find(number(5)));
    stop.go_on = true;
    first.join();
    second.join();
    CHECK(table.find(number(3)));
    CHECK(table.find(number(5)));
    CHECK(table.size() == 1022);
  }
}

TEST_CASE("one writer goes on where several were, and several where one was") {
  const Work work(key_families()[2], kKeys);
  Table table(tests::memtable_kernels());
  for (std::size_t from = 0; from < work.keys.size(); from += 500) {
    const std::size_t to = std::min(from + 500, work.keys.size());
    for (std::size_t i = from; i < from + (to - from) / 2; ++i) table.insert(work.keys[i]);
    in_threads(2, [&](std::size_t writer) {
      for (std::size_t i = from + (to - from) / 2 + writer; i < to; i += 2) table.insert_concurrently(work.keys[i]);
    });
  }
  CHECK(holds_in_order(table, work.sorted));
}
