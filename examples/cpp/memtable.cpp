// A store in the manner of a log-structured merge tree. Writes go to a memtable, a SortedTree with a budget of memory;
// when that is spent, its keys become a run: sorted arrays under a static B+-tree. Reads ask the memtable, then
// the runs from the newest on. Every answer is compared with that of a std::map.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <deque>
#include <map>
#include <vector>

#include <learnedidx/lookup/batch.hpp>
#include <learnedidx/models/btree.hpp>
#include <learnedidx/tree/tree.hpp>

#include "rows.hpp"

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
  BTree<Key> tree;
  Engine<Key> engine;

  explicit Run(const Memtable& table) : keys(table.size()), entries(table.size()) {
    table.copy(table.begin(), table.size(), keys.data(), entries.data());
    engine.keys = keys.data();
    engine.n = keys.size();
    engine.frame = frame_of(keys.data(), keys.size());
    engine.model = keys.size() < static_cast<std::size_t>(kWindowKeys<Key>) ? Model::none : Model::btree;
    if (engine.model == Model::btree) build(tree, keys.data(), keys.size(), 16);
    engine.tree = &tree.view;
  }
  Run(const Run&) = delete;  // the engine points into it
  Run& operator=(const Run&) = delete;
};

class Store {
 public:
  Store(const Kernels& kernels, std::size_t memory)
      : kernels_(kernels), budget_{memory}, table_(kernels.sorted, {Budget::take, Budget::give, &budget_}) {}

  void put(Key key, std::uint64_t value) { write(key, {value, false}); }
  void erase(Key key) { write(key, {0, true}); }

  // Null if the key is not there.
  const std::uint64_t* get(Key key) const {
    if (const Memtable::Place place = table_.find(key)) return shown(table_.value(place));
    for (std::size_t i = runs_.size(); i-- > 0;) {
      const Run& run = runs_[i];
      const auto at = static_cast<std::size_t>(lower_bound_one(run.engine, kernels_, key));
      if (at < run.keys.size() && run.keys[at] == key) return shown(run.entries[at]);
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

  const Kernels& kernels_;
  Budget budget_;
  Memtable table_;
  std::deque<Run> runs_;
};

std::uint64_t next_random(std::uint64_t& state) {  // Knuth's MMIX
  state = state * 6364136223846793005u + 1442695040888963407u;
  return state >> 33;
}

}  // namespace

int main() {
  const KernelRows rows = rows_of_this_processor();
  Store store(*rows.rows[rows.count - 1], 512 * 1024);
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
