// A counted B+-tree against absl::btree_map: one process, interleaved rounds.
//
//   absl_map LOADED INSERTED ROUNDS [ROW]
//
// LOADED and INSERTED are files of little-endian uint64: ascending distinct keys to load, and other keys in the order
// in which they are inserted. Prints one line of JSON: nanoseconds an operation of every round by verb and
// contender, and bytes a pair. Answers are compared; a difference ends the program.

#include <sys/mman.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <fstream>
#include <map>
#include <numeric>
#include <random>
#include <string>

#include "maps.hpp"

namespace {

using namespace bench;

constexpr std::size_t kQueries = 500000;
constexpr std::size_t kScans = 50000;
constexpr std::size_t kScanned = 100;

// The numbers of all rounds by "verb/contender".
class Times {
 public:
  void add(const std::string& verb, const char* who, double value) { all_[verb + "/" + who].push_back(value); }

  template <class Action> void time(const char* verb, const char* who, std::size_t count, Action&& action) {
    const double start = now();
    action();
    add(verb, who, (now() - start) / static_cast<double>(count));
  }

  void print() const {
    const char* comma = "{";
    for (const auto& [name, each] : all_) {
      std::printf("%s\"%s\": [", comma, name.c_str());
      for (std::size_t i = 0; i < each.size(); ++i) std::printf("%s%.2f", i ? ", " : "", each[i]);
      std::printf("]");
      comma = ", ";
    }
    std::printf("}\n");
  }

 private:
  // Processor time, so that what other processes take is not counted.
  static double now() {
    timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
  }

  std::map<std::string, std::vector<double>> all_;
};

Keys read_keys(const char* name) {
  std::ifstream file(name, std::ios::binary | std::ios::ate);
  must(file.good());
  Keys keys(static_cast<std::size_t>(file.tellg()) / sizeof(Key));
  file.seekg(0);
  must(file.read(reinterpret_cast<char*>(keys.data()), static_cast<std::streamsize>(keys.size() * sizeof(Key))).good());
  return keys;
}

Keys values_of(const Keys& keys) {
  Keys values(keys.size());
  std::transform(keys.begin(), keys.end(), values.begin(), [](Key key) { return ~key; });
  return values;
}

Key sum_of(const Keys& keys) { return std::accumulate(keys.begin(), keys.end(), Key(0)); }

struct Workload {
  Keys loaded, loaded_values, inserted, erased, sorted, sorted_values, hits, near, ranks;
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
  std::shuffle(work.erased.begin(), work.erased.end(), random);
  std::sort(work.sorted.begin(), work.sorted.end());
  work.sorted_values = values_of(work.sorted);
  return work;
}

template <class Map> void load(Map& map, const Workload& work, Times& times) {
  times.time("bulk load", Map::name, work.loaded.size(), [&] { map.load(work.loaded, work.loaded_values); });
  times.add("bytes, loaded", Map::name, map.bytes_a_pair());
}

// Gives the sum of all answers, which must be the same for both maps.
template <class Map> Key lookups(const Map& map, const Workload& work, Times& times) {
  Key sum = 0;
  times.time("find", Map::name, kQueries, [&] {
    for (const Key key : work.hits) sum += map.find(key);
  });
  times.time("lower_bound", Map::name, kQueries, [&] {
    for (const Key key : work.near) sum += map.lower_bound(key);
  });
  times.time("scan of 100", Map::name, kScans, [&] {
    for (std::size_t i = 0; i < kScans; ++i) sum += map.scan(work.hits[i], kScanned);
  });
  return sum;
}

// What the tree alone does.
void order_statistics(const Tree& tree, const Workload& work, Times& times) {
  Key ranks = 0, keys = 0, values = 0;
  times.time("rank", "tree", kQueries, [&] {
    for (const Key key : work.hits) ranks += tree.map().rank_left(key);
  });
  times.time("select", "tree", kQueries, [&] {
    for (const Key rank : work.ranks) keys += tree.map().key(tree.map().select(rank));
  });
  std::vector<Tree::Map::Place> places(kQueries);
  times.time("find_many", "tree", kQueries, [&] {
    tree.map().find_many(work.hits.data(), kQueries, places.data());
    for (const auto& place : places) values += tree.map().value(place);
  });
  must(ranks == sum_of(work.ranks) && keys == sum_of(work.hits) && values == sum_of(values_of(work.hits)));
}

template <class Map> void changes(Map& map, const Workload& work, Times& times) {
  times.time("insert", Map::name, work.inserted.size(), [&] {
    for (const Key key : work.inserted) map.insert(key);
  });
  times.add("bytes, after inserts", Map::name, map.bytes_a_pair());
  times.time("erase", Map::name, work.erased.size(), [&] {
    for (const Key key : work.erased) map.erase(key);
  });
  must(map.size() == work.loaded.size());
}

// Percentiles of single inserts by the clock on the wall, whose own time is in them.
template <class Map> void stalls(Map& map, const Workload& work, Times& times) {
  map.load(work.loaded, work.loaded_values);
  std::vector<double> each;
  for (const Key key : work.inserted) {
    const auto start = std::chrono::steady_clock::now();
    map.insert(key);
    each.push_back(std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - start).count());
  }
  std::sort(each.begin(), each.end());
  const auto at = [&](double share) { return each[static_cast<std::size_t>(share * static_cast<double>(each.size() - 1))]; };
  times.add("insert, median", Map::name, at(0.5));
  times.add("insert, 99.9th percentile", Map::name, at(0.999));
  times.add("insert, 99.99th percentile", Map::name, at(0.9999));
  times.add("insert, slowest", Map::name, each.back());
}

// What no bulk load that copies can beat: its keys and values copied to pages that the process has not used before, huge
// ones as the tree asks for, and copied again to the same pages.
void copies(const Workload& work, Times& times) {
  constexpr std::size_t page = learnedidx::kHugePage;
  const std::size_t half = work.loaded.size() * sizeof(Key), bytes = 2 * half + 2 * page;
  void* mapped = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  must(mapped != MAP_FAILED);
  char* to = static_cast<char*>(mapped) + (page - reinterpret_cast<std::uintptr_t>(mapped) % page);
  madvise(to, bytes - page, MADV_HUGEPAGE);
  for (const char* name : {"memcpy", "memcpy again"}) {
    times.time("bulk load", name, work.loaded.size(), [&] {
      std::memcpy(to, work.loaded.data(), half);
      std::memcpy(to + half, work.loaded_values.data(), half);
    });
    must(std::memcmp(to + half, work.loaded_values.data(), half) == 0);
  }
  munmap(mapped, bytes);
}

void run_round(const Workload& work, const learnedidx::SortedRow& row, Times& times) {
  AbslMap absl;
  Tree tree(row);
  load(absl, work, times);
  load(tree, work, times);
  must(lookups(absl, work, times) == lookups(tree, work, times));
  order_statistics(tree, work, times);
  changes(absl, work, times);
  changes(tree, work, times);
  if (const char* wrong = tree.map().check()) std::fprintf(stderr, "%s\n", wrong), std::abort();
  tree.load(work.loaded, work.loaded_values);
  times.time("sorted batch", "tree", work.sorted.size(), [&] { tree.insert_sorted(work.sorted, work.sorted_values); });
  must(tree.size() == work.loaded.size() + work.sorted.size());
  stalls(absl, work, times);
  stalls(tree, work, times);
  copies(work, times);
}

}  // namespace

int main(int count, char** words) {
  if (count < 4) return 2;
  const learnedidx::Kernels* row = count > 4 ? learnedidx::find_kernels(words[4]) : &learnedidx::widest_kernels();
  if (!row) return 2;
  const Workload work = make_workload(words[1], words[2]);
  Times times;
  for (int i = std::atoi(words[3]); i > 0; --i) run_round(work, row->sorted, times);
  times.print();
  return 0;
}
