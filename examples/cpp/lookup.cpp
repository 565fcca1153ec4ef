// Models over the same keys, without Python: builds an index with each, looks up a batch, and compares every answer with
// std::lower_bound.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <vector>

#include <learnedidx/index.hpp>

namespace {

using Key = std::uint64_t;

// Numbers that look random and come out the same everywhere.
Key mixed(Key x) {
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
  x = (x ^ x >> 27) * 0x94d049bb133111ebu;
  return x ^ x >> 31;
}

bool is_right(const char* name, learnedidx::Choice model, const std::vector<Key>& keys, const std::vector<Key>& queries) {
  learnedidx::BuildOptions options;
  options.model = model;
  learnedidx::Index<Key> index;
  const learnedidx::Status status = index.build(keys, options);
  if (!status) return std::printf("%s: %s\n", name, status.message()), false;
  std::vector<std::int64_t> expected, found(queries.size());
  for (const Key q : queries) expected.push_back(std::lower_bound(keys.begin(), keys.end(), q) - keys.begin());
  index.lower_bound(queries.data(), queries.size(), found.data());
  const bool right = found == expected && index.lower_bound(queries[0]) == expected[0];
  std::printf("%s, %zu bytes: %zu answers, %s\n", name, index.bytes(), queries.size(), right ? "right" : "WRONG");
  return right;
}

}  // namespace

int main() {
  std::vector<Key> keys, queries;  // denser towards 0; present, absent, before all keys, after them
  for (std::size_t i = 0; i < 300000; ++i) keys.push_back(mixed(i) >> (8 + i % 16));
  std::sort(keys.begin(), keys.end());
  for (std::size_t i = 0; i < 100000; ++i) queries.push_back(i % 2 ? keys[mixed(i) % keys.size()] : mixed(~i) >> i % 40);
  bool right = is_right("B+-tree", learnedidx::Choice::btree, keys, queries);
  right = is_right("RMI", learnedidx::Choice::rmi, keys, queries) && right;
  right = is_right("PGM", learnedidx::Choice::pgm, keys, queries) && right;
  right = is_right("automatic", learnedidx::Choice::automatic, keys, queries) && right;
  return right ? 0 : 1;
}
