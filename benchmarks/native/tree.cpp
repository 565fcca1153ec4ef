// A counted B+-tree against absl::btree_map, both of uint64 to uint64: one process, interleaved rounds.
//
//   tree LOADED INSERTED ROUNDS
//
// LOADED and INSERTED are files of little-endian uint64: ascending distinct keys to load, and other keys in the order
// in which they are inserted.

#include <absl/container/btree_map.h>
#include <sys/mman.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <fstream>
#include <numeric>
#include <random>
#include <type_traits>
#include <vector>

#include "counting.hpp"
#include "learnedidx/kernels/rows.hpp"
#include "learnedidx/tree/tree.hpp"
#include "timing.hpp"

namespace {

using Key = std::uint64_t;
using Keys = std::vector<Key>;

constexpr std::size_t kQueries = 500000;
constexpr std::size_t kScans = 50000;
constexpr std::size_t kScanned = 100;

struct AbslMap {
  static constexpr const char* name = "absl";
  void load(const Keys& keys, const Keys&) {
    map.clear();
    for (const Key key : keys) map.insert(map.end(), {key, ~key});  // the hint makes it constant time
  }
  template <class At> Key value(At at) const { return at == map.end() ? 0 : at->second; }
  Key scan(Key key, std::size_t n) const {
    Key sum = 0;
    for (auto at = map.lower_bound(key); n > 0 && at != map.end(); --n, ++at) sum += at->first ^ at->second;
    return sum;
  }
  void insert(Key key) { map.insert({key, ~key}); }
  void erase(Key key) { map.erase(key); }
  std::size_t bytes() const { return counted; }

  using Allocator = rivals::CountingAllocator<std::pair<const Key, Key>>;
  std::size_t counted = 0;  // declared before the map, which counts into it until it is gone
  absl::btree_map<Key, Key, std::less<Key>, Allocator> map{Allocator(&counted)};
};

struct Tree {
  using Map = learnedidx::SortedTree<Key, Key>;
  using Status = learnedidx::SortedStatus;
  static constexpr const char* name = "tree";
  void load(const Keys& keys, const Keys& values) {
    must(map.bulk_load(keys.data(), values.data(), keys.size()) == Status::ok);
  }
  Key value(Map::Place at) const { return at ? map.value(at) : 0; }
  Key scan(Key key, std::size_t n) const {
    Key sum = 0;
    map.scan(map.lower_bound(key, n), n, [&](const Key* keys, const Key* values, std::size_t count) {
      for (std::size_t i = 0; i < count; ++i) sum += keys[i] ^ values[i];
    });
    return sum;
  }
  void insert(Key key) {
    Map::Place place;
    bool existing;
    must(map.insert_unique(key, ~key, &place, &existing) == Status::ok);
  }
  void erase(Key key) { map.erase_one(key); }
  std::size_t bytes() const { return map.bytes(); }

  Map map{learnedidx::widest_kernels().sorted};
};

template <class Action> void time_each(const char* verb, const char* who, const Keys& keys, Action&& action) {
  time(verb, who, keys.size(), [&] {
    for (const Key key : keys) action(key);
  });
}

template <class Map> void tell_bytes(const char* when, const Map& map) {
  tell(when, Map::name, static_cast<double>(map.bytes()) / static_cast<double>(map.map.size()));
}

Keys read_keys(const char* name) {
  std::ifstream file(name, std::ios::binary | std::ios::ate);
  must(file.good());
  Keys keys(static_cast<std::size_t>(file.tellg()) / sizeof(Key));
  file.seekg(0);
  must(file.read(reinterpret_cast<char*>(keys.data()), static_cast<std::streamsize>(keys.size() * sizeof(Key))).good());
  return keys;
}

Keys values_of(Keys keys) {
  for (Key& key : keys) key = ~key;
  return keys;
}

Key sum_of(const Keys& keys) { return std::accumulate(keys.begin(), keys.end(), Key(0)); }

struct Workload {
  Keys loaded, loaded_values, inserted, erased, sorted, hits, scans, near, ranks;
};

Workload make_workload(const char* loaded, const char* inserted) {
  Workload work;
  work.loaded = read_keys(loaded);
  work.inserted = work.erased = work.sorted = read_keys(inserted);
  work.loaded_values = values_of(work.loaded);
  std::mt19937_64 random(1);
  for (std::size_t i = 0; i < kQueries; ++i) {
    work.ranks.push_back(random() % work.loaded.size());
    work.hits.push_back(work.loaded[work.ranks.back()]);
    work.near.push_back(work.loaded[random() % work.loaded.size()] + 1);
  }
  work.scans.assign(work.hits.begin(), work.hits.begin() + kScans);
  std::shuffle(work.erased.begin(), work.erased.end(), random);
  std::sort(work.sorted.begin(), work.sorted.end());
  return work;
}

// What the tree alone does.
void order_statistics(const Tree::Map& map, const Workload& work) {
  Key ranks = 0, keys = 0, values = 0;
  time_each("rank", "tree", work.hits, [&](Key key) { ranks += map.rank_left(key); });
  time_each("select", "tree", work.ranks, [&](Key rank) { keys += map.key(map.select(rank)); });
  std::vector<Tree::Map::Place> places(kQueries);
  time("find_many", "tree", kQueries, [&] {
    map.find_many(work.hits.data(), kQueries, places.data());
    for (const auto& place : places) values += map.value(place);
  });
  must(ranks == sum_of(work.ranks) && keys == sum_of(work.hits) && values == sum_of(values_of(work.hits)));
}

// Gives the sum of all answers, which must be the same for both maps.
template <class Map> Key verbs(Map& map, const Workload& work) {
  Key sum = 0;
  time("bulk load", Map::name, work.loaded.size(), [&] { map.load(work.loaded, work.loaded_values); });
  tell_bytes("bytes, loaded", map);
  time_each("find", Map::name, work.hits, [&](Key key) { sum += map.value(map.map.find(key)); });
  time_each("lower_bound", Map::name, work.near, [&](Key key) { sum += map.value(map.map.lower_bound(key)); });
  time_each("scan of 100", Map::name, work.scans, [&](Key key) { sum += map.scan(key, kScanned); });
  if constexpr (std::is_same_v<Map, Tree>) order_statistics(map.map, work);
  time_each("insert", Map::name, work.inserted, [&](Key key) { map.insert(key); });
  tell_bytes("bytes, after inserts", map);
  time_each("erase", Map::name, work.erased, [&](Key key) { map.erase(key); });
  must(map.map.size() == work.loaded.size());
  return sum;
}

// Single inserts by the clock on the wall, whose own time is in them.
template <class Map> void stalls(Map& map, const Workload& work) {
  map.load(work.loaded, work.loaded_values);
  std::vector<double> each;
  for (const Key key : work.inserted) {
    const auto start = std::chrono::steady_clock::now();
    map.insert(key);
    each.push_back(std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - start).count());
  }
  std::sort(each.begin(), each.end());
  const double last = static_cast<double>(each.size() - 1);
  const auto at = [&](double share) { return each[static_cast<std::size_t>(share * last)]; };
  tell("insert, median", Map::name, at(0.5));
  tell("insert, 99.9 %", Map::name, at(0.999));
  tell("insert, 99.99 %", Map::name, at(0.9999));
  tell("insert, slowest", Map::name, each.back());
}

// What no bulk load that copies can beat: its keys and values copied to pages that the process has not used before,
// huge ones as the tree asks for, and copied again to the same pages.
void copies(const Workload& work) {
  constexpr std::size_t page = learnedidx::kHugePage;
  const std::size_t half = work.loaded.size() * sizeof(Key), bytes = 2 * half + 2 * page;
  void* mapped = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  must(mapped != MAP_FAILED);
  char* to = static_cast<char*>(mapped) + (page - reinterpret_cast<std::uintptr_t>(mapped) % page);
  madvise(to, bytes - page, MADV_HUGEPAGE);
  for (const char* verb : {"bulk load", "bulk load, used pages"}) {
    time(verb, "memcpy", work.loaded.size(), [&] {
      std::memcpy(to, work.loaded.data(), half);
      std::memcpy(to + half, work.loaded_values.data(), half);
    });
    must(std::memcmp(to + half, work.loaded_values.data(), half) == 0);
  }
  munmap(mapped, bytes);
}

void run_round(const Workload& work) {
  AbslMap absl;
  Tree tree;
  must(verbs(absl, work) == verbs(tree, work));
  if (const char* wrong = tree.map.check()) std::fprintf(stderr, "%s\n", wrong), std::abort();
  tree.load(work.loaded, work.loaded_values);
  const Keys values = values_of(work.sorted);
  time("sorted batch", "tree", values.size(), [&] {
    must(tree.map.insert_sorted(work.sorted.data(), values.data(), values.size(), learnedidx::Equal::skip) ==
         Tree::Status::ok);
  });
  must(tree.map.size() == work.loaded.size() + values.size());
  stalls(absl, work);
  stalls(tree, work);
  copies(work);
}

}  // namespace

int main(int count, char** words) {
  if (count < 4) return 2;
  const Workload work = make_workload(words[1], words[2]);
  for (int i = std::atoi(words[3]); i > 0; --i) run_round(work);
  return 0;
}
