// Single lookups in C++, each waiting for the one before: what is timed is latency.
// Loaded by ctypes. Engines borrow their keys and the arrays of a model that Python fitted.

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "learnedidx/lookup/batch.hpp"
#include "learnedidx/kernels/rows.hpp"

using namespace learnedidx;
using Key = std::uint64_t;

namespace {

// Asks for queries[i] once the answer to queries[i - 1] is known. `nothing` is 0, which the
// compiler cannot know: it has to wait for the answer. Returns the sum of the answers.
template <class Search>
std::int64_t chain(const Key* queries, std::size_t count, Key nothing, const Search& search) {
  std::int64_t answer = 0, sum = 0;
  for (std::size_t i = 0; i < count; ++i) {
    answer = search(queries[i] ^ (static_cast<Key>(answer) & nothing));
    sum += answer;
  }
  return sum;
}

struct Index {
  Engine<Key> engine;
  RmiView rmi;
  BTree<Key> tree;
};

Index* over(const Key* keys, std::size_t n) {
  auto* index = new Index;
  index->engine.keys = keys;
  index->engine.n = n;
  index->engine.frame = frame_of(keys, n);
  return index;
}

}  // namespace

extern "C" {

Index* make_tree(const Key* keys, std::size_t n, unsigned node) {
  Index* index = over(keys, n);
  build(index->tree, keys, n, node);
  index->engine.model = Model::btree;
  index->engine.tree = &index->tree.view;
  return index;
}

// knots: those of every stage, root first.
Index* make_rmi(const Key* keys, std::size_t n, unsigned root_bits, const Key* const* knots,
                std::size_t stages, const std::uint32_t* leaf_positions) {
  Index* index = over(keys, n);
  index->rmi.domain = coordinate_over(keys[0], keys[n - 1]);
  index->rmi.root_bits = root_bits;
  for (std::size_t i = 0; i < stages; ++i) index->rmi.stages.push_back({knots[i], ~std::uint64_t{0}});
  index->rmi.leaf_positions = leaf_positions;
  index->engine.model = Model::rmi;
  index->engine.rmi = &index->rmi;
  return index;
}

void free_index(Index* index) { delete index; }

// What the model predicts, to see that it is the one that Python fitted.
void predict(const Index* index, const Key* queries, std::size_t count, std::int64_t* out) {
  for (std::size_t i = 0; i < count; ++i) out[i] = leaf_position(leaf_point(queries[i], index->rmi), index->rmi);
}

std::int64_t chain_index(const Index* index, const char* row, const Key* queries, std::size_t count, Key nothing) {
  const Kernels& kernels = *find_kernels(row);
  return chain(queries, count, nothing, [&](Key query) { return lower_bound_one(index->engine, kernels, query); });
}

std::int64_t chain_lower_bound(const Key* keys, std::size_t n, const Key* queries, std::size_t count, Key nothing) {
  return chain(queries, count, nothing, [&](Key query) {
    return static_cast<std::int64_t>(std::lower_bound(keys, keys + n, query) - keys);
  });
}

}  // extern "C"
