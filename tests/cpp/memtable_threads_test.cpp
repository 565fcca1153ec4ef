// The memtable with one writer and four readers, and a writer that stops in the middle of changes. Under the thread
// sanitizer (preset tsan) codes are read by the scalar row, whose loads are atomic.
#include <doctest/doctest.h>

#include <functional>
#include <thread>

#include "learnedidx/kernels/rows.hpp"
#include "learnedidx/memtable.hpp"
#include "memtable_work.hpp"

namespace {

using namespace learnedidx;
using tests::key_families;
using tests::on_step;
using tests::Progress;
using tests::Work;

#if defined(LIDX_TSAN) || defined(LIDX_TEST_SLOW)
constexpr std::size_t kKeys = 4000;
#else
constexpr std::size_t kKeys = 40000;
#endif
constexpr std::size_t kReaders = 4;

using Table = BasicMemtable<tests::TestPause>;

// Runs the writer in this thread and readers in others.
void write_and_read(const tests::KeyFamily& family, std::size_t n) {
  CAPTURE(family.name);
  const Work work(family, n);
  Table table(tests::memtable_kernels());
  Progress progress;
  std::vector<const char*> wrong(kReaders, nullptr);
  std::vector<std::thread> threads;
  for (std::size_t number = 0; number < kReaders; ++number)
    threads.emplace_back([&, number] { wrong[number] = tests::Reader<Table>(table, work, progress, number).run(); });
  progress.insert(work, 0, [&](const std::string& key) { table.insert(key, key); });
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
    Table table(tests::memtable_kernels());
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
  Table table(tests::memtable_kernels(), {EqualKeys::keep});
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
  const Work work(key_families()[0], kKeys);
  Table table(tests::memtable_kernels());
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
