// The batch driver: predict, prefetch, search, retry.
//
// Queries flow in groups through three stages that lie one group apart, so that the memory one
// stage asks for arrives while the others compute: predict (what the model says, prefetch its
// leaves), aim (position to window, prefetch the keys), resolve (count the window; the count proves
// the answer, or the query gallops).
#pragma once

#include <cstddef>
#include <cstdint>

#include "btree.hpp"
#include "kernels.hpp"
#include "retry.hpp"
#include "rmi.hpp"
#include "search.hpp"
#include "window.hpp"

namespace learnedidx {

enum class Model : std::uint8_t { none, rmi, btree };

// What a search needs to know of an index. Borrowed: keys, rmi, tree outlive it.
template <class K> struct Engine {
  const K* keys = nullptr;
  std::size_t n = 0;  // keys that are numbers: a tail of NaN or NaT is not searched
  WindowFrame frame{0, 0};
  Model model = Model::none;
  const RmiView* rmi = nullptr;
  const BTree<K>* tree = nullptr;
};

// 128: between 64 and 256 the time differs by less than the noise, and three groups fit the L1 cache.
constexpr std::size_t kGroup = 128;

template <class K> class GroupSearch {
 public:
  // Retries of several groups wait for each other, so that good models too have some to overlap.
  using Retries = Retry<K, 2 * kGroup>;

  GroupSearch(const Engine<K>& engine, const Kernels& kernels) : e_(engine), k_(kernels) {
    if (e_.model == Model::rmi) place_ = place_of_position<K>(e_.frame, e_.rmi->position_shift);
    else if (e_.model == Model::btree) place_ = place_of_leaf<K>(e_.frame);
    else place_ = {0, 0, -1, 0, e_.frame.last};
  }

  void predict(const K* queries, std::size_t count, std::uint64_t* points) const {
    if (e_.model == Model::rmi) predict_rmi(queries, count, points);
    else if (e_.model == Model::btree) descend(queries, count, points);
    else bisect(queries, count, points);
  }

  std::uint64_t window_of(std::uint64_t point) const { return window_start(point, place_); }

  // Points become window starts.
  void aim(std::size_t count, std::uint64_t* points) const {
    if (e_.model == Model::rmi) {
      if (e_.rmi->lines) k_.on_lines(points, count, e_.rmi->leaf_positions, e_.rmi->lines);
      else k_.interpolate(points, count, e_.rmi->leaf_positions);
    }
    k_.window_starts(points, count, place_);
    for (std::size_t i = 0; i < count; ++i) {
      prefetch(e_.keys + points[i]);
      prefetch(e_.keys + points[i] + kLineKeys<K>);
    }
  }

  // Counts the windows of queries [from, from + count); the unproven are left to `retry`.
  void resolve(const K* queries, std::size_t from, std::size_t count, const std::uint64_t* starts,
               std::int64_t* out, Retries& retry) const {
    const auto count_windows = k_.count[kind_index<K>()];
    if (e_.model != Model::rmi) {  // trees and bisection arrive at the answer's own window
      count_windows(e_.keys, e_.n, starts, queries + from, count, out + from, nullptr);
      return;
    }
    std::uint32_t unproven[kGroup];
    const std::size_t failed = count_windows(e_.keys, e_.n, starts, queries + from, count, out + from, unproven);
    const unsigned shift = e_.rmi->position_shift;
    for (std::size_t j = 0; j < failed; ++j) {
      const std::size_t i = unproven[j];
      const std::uint64_t leaf = leaf_point(queries[from + i], *e_.rmi) >> 32;
      const std::uint32_t* borders = e_.rmi->leaf_positions + leaf;
      retry.add(from + i, std::size_t{borders[0]} << shift, (std::size_t{borders[1]} + 1) << shift,
                static_cast<std::size_t>(starts[i]), static_cast<std::size_t>(out[from + i]));
    }
  }

 private:
  void predict_rmi(const K* queries, std::size_t count, std::uint64_t* points) const {
    const RmiView& rmi = *e_.rmi;
    k_.root_points[kind_index<K>()](queries, count, rmi.domain, rmi.root_bits, points);
    k_.stage_points(points, count, rmi.root);
    for (const std::uint64_t* knots : rmi.middle) k_.stage_points(points, count, knots);
    for (std::size_t i = 0; i < count; ++i) prefetch(rmi.leaf_positions + (points[i] >> 32));
    if (rmi.lines)
      for (std::size_t i = 0; i < count; ++i) prefetch(rmi.lines + (points[i] >> 32));
  }

  // The upper levels, which stay in the cache, in one go; then level by level, so that a group's
  // nodes are fetched together.
  void descend(const K* queries, std::size_t count, std::uint64_t* nodes) const {
    const BTree<K>& tree = *e_.tree;
    const auto down = k_.descend[kind_index<K>()];
    const std::size_t* offsets = tree.levels.data();
    down(tree.separators, tree.node, offsets, tree.cached_levels, true, queries, count, nodes);
    for (std::size_t level = tree.cached_levels; level < tree.levels.size(); ++level) {
      const K* separators = tree.separators + offsets[level];
      for (std::size_t i = 0; i < count; ++i) {
        const K* node = separators + nodes[i] * tree.node;
        for (std::size_t line = 0; line < tree.node; line += kLineKeys<K>) prefetch(node + line);
      }
      down(tree.separators, tree.node, offsets + level, 1, false, queries, count, nodes);
    }
  }

  // Binary search, all queries of the group in step.
  void bisect(const K* queries, std::size_t count, std::uint64_t* bases) const {
    for (std::size_t i = 0; i < count; ++i) bases[i] = 0;
    for (std::size_t left = e_.n; left > kWindowKeys<K>;) {
      const std::size_t half = left / 2;
      left -= half;
      for (std::size_t i = 0; i < count; ++i) {
        bases[i] += static_cast<std::size_t>(e_.keys[bases[i] + half - 1] < queries[i]) * half;
        prefetch(e_.keys + bases[i] + left / 2 - 1);
      }
    }
  }

  const Engine<K>& e_;
  const Kernels& k_;
  WindowPlace place_;
};

// out[i] = number of keys below queries[i]. Never allocates, never reads outside the keys.
template <class K>
void lower_bound_batch(const Engine<K>& engine, const Kernels& kernels, const K* queries,
                       std::size_t count, std::int64_t* out) noexcept {
  if (engine.n < kWindowKeys<K>) {
    for (std::size_t i = 0; i < count; ++i)
      out[i] = static_cast<std::int64_t>(lower_bound(engine.keys, engine.n, queries[i]));
    return;
  }
  const GroupSearch<K> search(engine, kernels);
  typename GroupSearch<K>::Retries retry(engine.keys, engine.n);
  std::uint64_t points[2][kGroup];
  const std::size_t groups = (count + kGroup - 1) / kGroup;
  const auto size = [&](std::size_t g) { return g + 1 < groups ? kGroup : count - g * kGroup; };
  for (std::size_t g = 0; g < groups + 2; ++g) {
    if (g >= 2) {
      search.resolve(queries, (g - 2) * kGroup, size(g - 2), points[g % 2], out, retry);
      if (retry.size() > kGroup) retry.run(queries, out);
    }
    if (g >= 1 && g <= groups) search.aim(size(g - 1), points[(g - 1) % 2]);
    if (g < groups) search.predict(queries + g * kGroup, size(g), points[g % 2]);
  }
  retry.run(queries, out);
}

template <class K>
std::int64_t lower_bound_one(const Engine<K>& engine, const Kernels& kernels, K query) noexcept {
  std::int64_t answer = 0;
  if (engine.model == Model::none || engine.n < kWindowKeys<K>)
    return static_cast<std::int64_t>(lower_bound(engine.keys, engine.n, query));
  const GroupSearch<K> search(engine, kernels);
  std::uint64_t start = 0;
  if (engine.model == Model::rmi) {
    const std::uint64_t point = leaf_point(query, *engine.rmi);
    start = search.window_of(static_cast<std::uint64_t>(raw_position(point, *engine.rmi)));
  } else {
    search.predict(&query, 1, &start);
    start = search.window_of(start);
  }
  typename GroupSearch<K>::Retries retry(engine.keys, engine.n);
  search.resolve(&query, 0, 1, &start, &answer, retry);
  retry.run(&query, &answer);
  return answer;
}

}  // namespace learnedidx
