// A counted B+-tree against absl::btree_map: one process, interleaved rounds.
//
//   absl_map LOADED INSERTED ROUNDS [ROW]
//
// LOADED and INSERTED are files of little-endian uint64: ascending distinct keys to load, and other keys in the order
// in which they are inserted. Prints one line of JSON: nanoseconds an operation of every round, bytes a pair, and
// percentiles of single inserts. Answers are compared; a difference ends the program.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <map>
#include <string>

#include <sys/mman.h>

#include "maps.hpp"

namespace {

using namespace bench;
using Times = std::map<std::string, std::vector<double>>;

constexpr std::size_t kQueries = 500000;
constexpr std::size_t kScans = 50000;
constexpr std::size_t kScanned = 100;

std::uint64_t next_random(std::uint64_t& state) {  // Steele, Lea, Flood: splittable generators, OOPSLA 2014
  std::uint64_t z = state += 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

Keys read_keys(const char* name) {
  std::FILE* file = std::fopen(name, "rb");
  if (!file) std::abort();
  std::fseek(file, 0, SEEK_END);
  Keys keys(static_cast<std::size_t>(std::ftell(file)) / sizeof(Key));
  std::rewind(file);
  if (std::fread(keys.data(), sizeof(Key), keys.size(), file) != keys.size()) std::abort();
  std::fclose(file);
  return keys;
}

// Processor time, so that what other processes take is not counted.
double now() {
  timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
}

template <class Action> double nanoseconds(std::size_t count, Action&& action) {
  const double start = now();
  action();
  return (now() - start) / static_cast<double>(count);
}

struct Workload {
  Keys loaded, loaded_values, inserted, erased, sorted, sorted_values, hits, near;
  std::vector<std::size_t> ranks;
};

Workload make_workload(const char* loaded, const char* inserted) {
  Workload work;
  work.loaded = read_keys(loaded);
  work.inserted = read_keys(inserted);
  for (const Key key : work.loaded) work.loaded_values.push_back(~key);
  std::uint64_t state = 1;
  for (std::size_t i = 0; i < kQueries; ++i) {
    const std::size_t rank = next_random(state) % work.loaded.size();
    work.ranks.push_back(rank);
    work.hits.push_back(work.loaded[rank]);
    work.near.push_back(work.loaded[next_random(state) % work.loaded.size()] + 1);
  }
  work.erased = work.inserted;
  for (std::size_t i = work.erased.size(); i > 1; --i) std::swap(work.erased[i - 1], work.erased[next_random(state) % i]);
  work.sorted = work.inserted;
  std::sort(work.sorted.begin(), work.sorted.end());
  for (const Key key : work.sorted) work.sorted_values.push_back(~key);
  return work;
}

// Sums of answers, which must be the same for both maps.
template <class Map> Key lookups(const Map& map, const Workload& work, const std::string& name, Times& times) {
  Key sum = 0;
  times[name + "/find"].push_back(nanoseconds(kQueries, [&] {
    for (const Key key : work.hits) sum += map.find(key);
  }));
  times[name + "/lower_bound"].push_back(nanoseconds(kQueries, [&] {
    for (const Key key : work.near) sum += map.lower_bound(key);
  }));
  times[name + "/scan"].push_back(nanoseconds(kScans, [&] {
    for (std::size_t i = 0; i < kScans; ++i) sum += map.scan(work.hits[i], kScanned);
  }));
  return sum;
}

void order_statistics(const Tree& tree, const Workload& work, Times& times) {
  std::size_t sum = 0, expected = 0;
  times["tree/rank"].push_back(nanoseconds(kQueries, [&] {
    for (const Key key : work.hits) sum += tree.map().rank_left(key);
  }));
  for (const std::size_t rank : work.ranks) expected += rank;
  if (sum != expected) std::abort();
  Key keys = 0, hits = 0;
  times["tree/select"].push_back(nanoseconds(kQueries, [&] {
    for (const std::size_t rank : work.ranks) keys += tree.map().key(tree.map().select(rank));
  }));
  for (const Key key : work.hits) hits += key;
  if (keys != hits) std::abort();
}

void batches(const Tree& tree, const Workload& work, Times& times) {
  std::vector<Tree::Map::Place> places(kQueries);
  Key sum = 0, expected = 0;
  times["tree/find_many"].push_back(nanoseconds(kQueries, [&] {
    tree.map().find_many(work.hits.data(), kQueries, places.data());
    for (const auto& place : places) sum += tree.map().value(place);
  }));
  for (const Key key : work.hits) expected += ~key;
  if (sum != expected) std::abort();
}

template <class Map> void inserts(Map& map, const Workload& work, const std::string& name, Times& times) {
  times[name + "/insert"].push_back(nanoseconds(work.inserted.size(), [&] {
    for (const Key key : work.inserted) map.insert(key);
  }));
}
template <class Map> void erases(Map& map, const Workload& work, const std::string& name, Times& times) {
  times[name + "/erase"].push_back(nanoseconds(work.erased.size(), [&] {
    for (const Key key : work.erased) map.erase(key);
  }));
  if (map.size() != work.loaded.size()) std::abort();
}

// Percentiles of single inserts, the clock's own time included.
template <class Map> void stalls(Map& map, const Workload& work, const std::string& name, Times& times) {
  std::vector<double> each(work.inserted.size());
  for (std::size_t i = 0; i < each.size(); ++i) {
    const auto start = std::chrono::steady_clock::now();
    map.insert(work.inserted[i]);
    each[i] = std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - start).count();
  }
  std::sort(each.begin(), each.end());
  const auto at = [&](double share) { return each[static_cast<std::size_t>(share * static_cast<double>(each.size() - 1))]; };
  times[name + "/p50"].push_back(at(0.5));
  times[name + "/p99.9"].push_back(at(0.999));
  times[name + "/p99.99"].push_back(at(0.9999));
  times[name + "/max"].push_back(each.back());
}

// What no bulk load that copies can beat: its keys and values copied to pages that the process has not used before, huge
// ones as the tree asks for, and copied again to the same pages.
void copies(const Workload& work, Times& times) {
  constexpr std::size_t page = learnedidx::kHugePage;
  const std::size_t half = work.loaded.size() * sizeof(Key), bytes = 2 * half + 2 * page;
  void* mapped = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) std::abort();
  char* to = static_cast<char*>(mapped) + (page - reinterpret_cast<std::uintptr_t>(mapped) % page);
  madvise(to, bytes - page, MADV_HUGEPAGE);
  for (const char* name : {"copy/fresh", "copy/again"}) {
    times[name].push_back(nanoseconds(work.loaded.size(), [&] {
      std::memcpy(to, work.loaded.data(), half);
      std::memcpy(to + half, work.loaded_values.data(), half);
    }));
    if (std::memcmp(to + half, work.loaded_values.data(), half) != 0) std::abort();
  }
  munmap(mapped, bytes);
}

template <class Map> void load(Map& map, const Workload& work, const std::string& name, Times& times) {
  times[name + "/load"].push_back(nanoseconds(work.loaded.size(), [&] { map.load(work.loaded, work.loaded_values); }));
  times[name + "/bytes"].push_back(static_cast<double>(map.bytes()) / static_cast<double>(map.size()));
}

void run_round(const Workload& work, const learnedidx::SortedRow& row, bool measure_stalls, Times& times) {
  AbslMap absl;
  Tree tree(row);
  load(absl, work, "absl", times);
  load(tree, work, "tree", times);
  if (lookups(absl, work, "absl", times) != lookups(tree, work, "tree", times)) std::abort();
  order_statistics(tree, work, times);
  batches(tree, work, times);
  inserts(absl, work, "absl", times);
  inserts(tree, work, "tree", times);
  times["absl/bytes_after"].push_back(static_cast<double>(absl.bytes()) / static_cast<double>(absl.size()));
  times["tree/bytes_after"].push_back(static_cast<double>(tree.bytes()) / static_cast<double>(tree.size()));
  erases(absl, work, "absl", times);
  erases(tree, work, "tree", times);
  if (const char* wrong = tree.map().check()) std::fprintf(stderr, "%s\n", wrong), std::abort();
  tree.load(work.loaded, work.loaded_values);
  times["tree/batch"].push_back(nanoseconds(work.sorted.size(), [&] { tree.insert_sorted(work.sorted, work.sorted_values); }));
  if (tree.size() != work.loaded.size() + work.sorted.size()) std::abort();
  if (!measure_stalls) return;
  absl.load(work.loaded, work.loaded_values);
  tree.load(work.loaded, work.loaded_values);
  stalls(absl, work, "absl", times);
  stalls(tree, work, "tree", times);
}

void print(const Times& times) {
  const char* comma = "{";
  for (const auto& [name, each] : times) {
    std::printf("%s\"%s\": [", comma, name.c_str());
    for (std::size_t i = 0; i < each.size(); ++i) std::printf("%s%.2f", i ? ", " : "", each[i]);
    std::printf("]");
    comma = ", ";
  }
  std::printf("}\n");
}

}  // namespace

int main(int count, char** words) {
  if (count < 4) return 2;
  const learnedidx::Kernels* row = count > 4 ? learnedidx::find_kernels(words[4]) : &learnedidx::widest_kernels();
  if (!row) return 2;
  const Workload work = make_workload(words[1], words[2]);
  Times times;
  const int rounds = std::atoi(words[3]);
  for (int i = 0; i < rounds; ++i) {
    run_round(work, row->sorted, true, times);
    copies(work, times);
  }
  print(times);
  return 0;
}
