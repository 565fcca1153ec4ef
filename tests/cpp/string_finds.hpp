// Lookups of equal strings by a hash table, for tests of strings.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "learnedidx/text.hpp"

namespace tests {

// How many answers to `asked` are wrong, in a batch and one by one, with a hash table beside the layers. positions: where
// queries are or would be; ends: where keys that equal them end.
inline std::size_t wrong_finds(learnedidx::LayersView view, const learnedidx::Strings& asked, const std::vector<std::int64_t>& positions,
                               const std::vector<std::int64_t>& ends, const learnedidx::Kernels& kernels) {
  using namespace learnedidx;
  HashTable table;
  const bool built = visit_strings(view.keys, [&](const auto& keys) { return table.build(keys, view.keys.n, {}); });
  if (!built || table.empty()) return asked.n + 1;
  view.table = &table;
  const StringIndex index(view, kernels);
  std::vector<std::int64_t> found(asked.n);
  std::vector<std::uint8_t> contained(asked.n);
  Queries batch;
  batch.strings = &asked;
  index.search(batch, 0, asked.n, false, Verb::find, kernels, found.data());
  index.search(batch, 0, asked.n, false, Verb::contains, kernels, contained.data());
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < asked.n; ++i) {
    const std::int64_t expected = positions[i] < ends[i] ? positions[i] : -1;
    ScalarQuery one;
    one.string = string_at(asked, i);
    wrong += found[i] != expected || contained[i] != static_cast<std::uint8_t>(expected >= 0);
    wrong += index.search_one(one, false, Verb::find, kernels) != expected;
    wrong += index.search_one(one, false, Verb::contains, kernels) != static_cast<std::int64_t>(expected >= 0);
  }
  return wrong;
}

}  // namespace tests
