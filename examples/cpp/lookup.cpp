// Three models over the same keys, without Python: builds them, looks up a batch in each, and compares
// every answer with std::lower_bound.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <vector>

#include <learnedidx/lookup/batch.hpp>
#include <learnedidx/models/btree.hpp>
#include <learnedidx/training/fit_pgm.hpp>
#include <learnedidx/training/fit_rmi.hpp>

#include "rows.hpp"

namespace {

using namespace learnedidx;
using Key = std::uint64_t;

// Numbers that look random and come out the same everywhere.
Key mixed(Key x) {
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
  x = (x ^ x >> 27) * 0x94d049bb133111ebu;
  return x ^ x >> 31;
}

// Sorted keys, denser and denser towards 0.
std::vector<Key> made_keys(std::size_t n) {
  std::vector<Key> keys(n);
  for (std::size_t i = 0; i < n; ++i) keys[i] = mixed(i) >> (8 + i % 16);
  std::sort(keys.begin(), keys.end());
  return keys;
}

// The view reads arrays that somebody has to own.
struct Rmi {
  RmiView view;
  std::vector<std::uint64_t> knots;
  std::vector<std::uint32_t> positions;
};

// A histogram as root: as many leaves lie below a bin as its share of the keys asks for.
void train(Rmi& rmi, const std::vector<Key>& keys, const Kernels& kernels) {
  const std::size_t n = keys.size(), leaves = n / 32 + 1;
  rmi.view.domain = coordinate_over(keys.front(), keys.back());
  rmi.view.root_bits = 14;
  std::vector<std::size_t> before(static_cast<std::size_t>(rmi.view.root_bins()) + 1);
  for (const Key key : keys) ++before[(root_point(coordinate(key, rmi.view.domain), rmi.view.root_bits) >> 32) + 1];
  std::size_t total = 0;
  for (const std::size_t count : before) {
    total += count;
    const double share = static_cast<double>(total) / static_cast<double>(n);
    rmi.knots.push_back(static_cast<std::uint64_t>(share * static_cast<double>(leaves) * 0x1p32));
  }
  make_monotone(rmi.knots.data(), rmi.knots.size(), leaves);
  rmi.positions.assign(leaves + 1, 0);
  rmi.view.stages.push_back({rmi.knots.data(), top_point(leaves)});
  rmi.view.leaf_positions = rmi.positions.data();
  fit_leaf_positions(keys.data(), n, rmi.view, kernels, {leaves}, rmi.positions.data(), {});
}

Engine<Key> engine_over(const std::vector<Key>& keys, Model model) {
  Engine<Key> engine;
  engine.keys = keys.data();
  engine.n = keys.size();
  engine.frame = frame_of(keys.data(), keys.size());
  engine.model = model;
  return engine;
}

// Compares the answers of every kernel row with those of std::lower_bound.
bool is_right(const char* model, const Engine<Key>& engine, const std::vector<Key>& queries) {
  std::vector<std::int64_t> expected, found(queries.size());
  for (const Key q : queries) expected.push_back(std::lower_bound(engine.keys, engine.keys + engine.n, q) - engine.keys);
  const KernelRows rows = rows_of_this_processor();
  bool right = true;
  for (std::size_t i = 0; i < rows.count; ++i) {
    const Kernels& kernels = *rows.rows[i];
    lower_bound_batch(engine, kernels, queries.data(), queries.size(), found.data());
    const bool equal = found == expected && lower_bound_one(engine, kernels, queries[0]) == expected[0];
    std::printf("%s, %s: %zu answers, %s\n", model, kernels.name, queries.size(), equal ? "right" : "WRONG");
    right = right && equal;
  }
  return right;
}

}  // namespace

int main() {
  const std::vector<Key> keys = made_keys(300000);
  std::vector<Key> queries;  // present, absent, before all keys, after them
  for (std::size_t i = 0; i < 100000; ++i) queries.push_back(i % 2 ? keys[mixed(i) % keys.size()] : mixed(~i) >> i % 40);
  const KernelRows rows = rows_of_this_processor();
  const Kernels& kernels = *rows.rows[rows.count - 1];

  Engine<Key> by_tree = engine_over(keys, Model::btree);
  BTree<Key> tree;
  build(tree, keys.data(), keys.size(), 16);
  by_tree.tree = &tree.view;

  Engine<Key> by_rmi = engine_over(keys, Model::rmi);
  Rmi rmi;
  train(rmi, keys, kernels);
  by_rmi.rmi = &rmi.view;

  Engine<Key> by_pgm = engine_over(keys, Model::pgm);
  Pgm pgm;
  fit_pgm(pgm, keys.data(), keys.size(), 64, kernels, {});
  by_pgm.pgm = &pgm.view;

  bool right = is_right("B+-tree", by_tree, queries);
  right = is_right("RMI", by_rmi, queries) && right;
  right = is_right("PGM", by_pgm, queries) && right;
  return right ? 0 : 1;
}
