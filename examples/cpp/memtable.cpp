// A store in the manner of a log-structured merge tree. Writes go to a memtable, a SortedTree with a budget of memory;
// when that is spent, its keys become a run: sorted arrays under an Index. Reads ask the memtable, then
// the runs from the newest on. Every answer is compared with that of a std::map.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <vector>

#include <learnedidx/index.hpp>
#include <learnedidx/tree.hpp>

namespace {

using namespace learnedidx;
using Key = std::uint64_t;

struct Entry {
  std::uint64_t value;
  bool deleted;  // hides the same key in older runs
};
using Memtable = SortedTree<Key, Entry>;

// The heap, as long as the budget lasts. A tree that gets nothing says no_memory and is as it was.
struct Budget {
  std::size_t left;

  static void* take(std::size_t bytes, std::size_t alignment, void* context) {
    auto& budget = *static_cast<Budget*>(context);
    void* block = bytes <= budget.left ? take_from_heap(bytes, alignment, nullptr) : nullptr;
    if (block) budget.left -= bytes;
    return block;
  }
  static void give(void* block, std::size_t bytes, std::size_t alignment, void* context) {
    static_cast<Budget*>(context)->left += bytes;
    give_to_heap(block, bytes, alignment, nullptr);
  }
};

// What a memtable becomes: it changes no more.
struct Run {
  std::vector<Key> keys;
  std::vector<Entry> entries;
  Index<Key> index;  // over the keys, which stay where they are when a run is moved

  explicit Run(const Memtable& table) : keys(table.size()), entries(table.size()) {
    table.copy(table.begin(), table.size(), keys.data(), entries.data());
    if (!index.build(keys)) std::abort();  // they ascend, so there is no memory for a model
  }
};

class Store {
 public:
  explicit Store(std::size_t memory)
      : budget_{memory}, table_(widest_kernels().sorted, {Budget::take, Budget::give, &budget_}) {}

  void put(Key key, std::uint64_t value) { write(key, {value, false}); }
  void erase(Key key) { write(key, {0, true}); }

  // Null if the key is not there.
  const std::uint64_t* get(Key key) const {
    if (const Memtable::Place place = table_.find(key)) return shown(table_.value(place));
    for (std::size_t i = runs_.size(); i-- > 0;) {
      const std::int64_t at = runs_[i].index.find(key);
      if (at >= 0) return shown(runs_[i].entries[static_cast<std::size_t>(at)]);
    }
    return nullptr;
  }

  std::size_t runs() const { return runs_.size(); }

 private:
  static const std::uint64_t* shown(const Entry& entry) { return entry.deleted ? nullptr : &entry.value; }

  void write(Key key, const Entry& entry) {
    Memtable::Place place;
    bool existing;
    if (table_.insert_unique(key, entry, &place, &existing) != SortedStatus::ok) {
      runs_.emplace_back(table_);
      table_.clear();
      table_.insert_unique(key, entry, &place, &existing);
    }
    if (existing) table_.value(place) = entry;
  }

  Budget budget_;
  Memtable table_;
  std::vector<Run> runs_;
};

std::uint64_t next_random(std::uint64_t& state) {  // Knuth's MMIX
  state = state * 6364136223846793005u + 1442695040888963407u;
  return state >> 33;
}

}  // namespace

int main() {
  Store store(512 * 1024);
  std::map<Key, std::uint64_t> expected;
  std::uint64_t state = 1;
  for (int i = 0; i < 200000; ++i) {
    const Key key = next_random(state) % 100000;
    if (next_random(state) % 4 == 0) {
      store.erase(key);
      expected.erase(key);
    } else {
      const std::uint64_t value = next_random(state);
      store.put(key, value);
      expected[key] = value;
    }
  }
  std::size_t wrong = 0;
  for (Key key = 0; key < 100000; ++key) {
    const std::uint64_t* found = store.get(key);
    const auto at = expected.find(key);
    wrong += at == expected.end() ? found != nullptr : !found || *found != at->second;
  }
  std::printf("memtable: %zu runs, %zu keys, %s\n", store.runs(), expected.size(), wrong ? "WRONG" : "right");
  return wrong == 0 && store.runs() > 5 ? 0 : 1;
}
