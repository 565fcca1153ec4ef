// RMIs over any keys, good and deliberately wrong, owned in one place.
#pragma once

#include <cstdint>
#include <vector>

#include "key_sets.hpp"
#include "learnedidx/training/fit_rmi.hpp"

namespace tests {

using namespace learnedidx;

enum class Knots { even, hostile };

// A model whose arrays live as long as it does.
struct OwnedRmi {
  RmiView view;
  std::vector<std::vector<std::uint64_t>> stages;
  std::vector<std::uint32_t> positions;
  std::vector<LeafLine> lines;

  OwnedRmi() = default;
  OwnedRmi(const OwnedRmi&) = delete;
  OwnedRmi& operator=(const OwnedRmi&) = delete;

  std::size_t leaves() const { return positions.size() - 1; }

  // The models that each stage leads to, the leaves last.
  std::vector<std::size_t> models() const {
    std::vector<std::size_t> counts;
    for (std::size_t i = 1; i < stages.size(); ++i) counts.push_back(stages[i].size() - 1);
    counts.push_back(leaves());
    return counts;
  }

  void add_stage(std::vector<std::uint64_t> knots, std::uint64_t models) {
    make_monotone(knots.data(), knots.size(), models);
    stages.push_back(std::move(knots));
    positions.assign(static_cast<std::size_t>(models) + 1, 0);
  }

  void point_at_stages() {
    view.stages.clear();
    for (std::size_t i = 0; i < stages.size(); ++i)
      view.stages.push_back({stages[i].data(), top_point(i + 1 < stages.size() ? stages[i + 1].size() - 1 : leaves())});
    view.leaf_positions = positions.data();
  }
};

inline std::vector<std::uint64_t> make_knots(Knots how, std::size_t inputs, std::uint64_t models, Random& random) {
  std::vector<std::uint64_t> knots(inputs + 1);
  for (std::size_t i = 0; i < knots.size(); ++i) {
    const double even = static_cast<double>(i) / static_cast<double>(inputs) * static_cast<double>(models);
    knots[i] = how == Knots::even ? static_cast<std::uint64_t>(even * 0x1p32) : random.bits() >> random.below(60);
  }
  return knots;
}

// Cuts the root's bins to pieces at coordinates of the keys.
template <class K> void cut(OwnedRmi& rmi, const std::vector<K>& keys) {
  const auto at = [&](std::size_t i) { return coordinate(keys[i], rmi.view.domain); };
  const std::size_t n = keys.size();
  rmi.view.pieces.add(at(0), at(n / 3), 3);
  rmi.view.pieces.add(at(n / 2), at(n - 1 - n / 9), 2);
  rmi.view.pieces.add(at(n - 1), ~std::uint64_t{0}, 1);
}

// A model of two or three stages over the domain of `keys`, not yet fitted. Needs one finite key.
template <class K>
void shape(OwnedRmi& rmi, const std::vector<K>& keys, Knots how, bool deep, std::uint64_t seed, bool in_pieces = false) {
  Random random(seed);
  const auto finite = [](K key) { return std::isfinite(static_cast<double>(key)); };
  const auto first = std::find_if(keys.begin(), keys.end(), finite);
  const auto last = std::find_if(keys.rbegin(), keys.rend(), finite);
  rmi.view.domain = first == keys.end() ? coordinate_over<K>(K{0}, K{0}) : coordinate_over<K>(*first, *last);
  rmi.view.root_bits = 4;
  if (in_pieces) cut(rmi, keys);
  const std::uint64_t leaves = 1 + random.below(40);
  const auto bins = static_cast<std::size_t>(rmi.view.root_bins());
  if (deep) rmi.add_stage(make_knots(how, bins, 5, random), 5);
  rmi.add_stage(make_knots(how, deep ? 5 : bins, leaves, random), leaves);
  rmi.point_at_stages();
}

// Honest positions and, if wanted, least-squares lines.
template <class K> void fit(OwnedRmi& rmi, const std::vector<K>& keys, bool with_lines, const Kernels& kernels) {
  fit_leaf_positions(keys.data(), keys.size(), rmi.view, kernels, rmi.models(), rmi.positions.data(), {});
  if (!with_lines) return;
  rmi.lines.assign(rmi.leaves(), LeafLine{0, 0});
  fit_lines(keys.data(), keys.size(), rmi.view, kernels, nullptr, rmi.lines.data(), {});
  rmi.view.lines = rmi.lines.data();
}

// Positions and lines that have nothing to do with the keys, but are in order, as loaders ensure.
inline void lie(OwnedRmi& rmi, std::size_t n, bool with_lines, std::uint64_t seed) {
  Random random(seed);
  for (auto& position : rmi.positions) position = static_cast<std::uint32_t>(random.below(n + 1));
  std::sort(rmi.positions.begin(), rmi.positions.end());
  if (!with_lines) return;
  rmi.lines.clear();
  for (std::size_t l = 0; l < rmi.leaves(); ++l) {
    const float x = static_cast<float>(static_cast<std::int64_t>(random.below(2000)) - 1000);
    rmi.lines.push_back(made_monotone({x, x * 1e10f}));
  }
  rmi.view.lines = rmi.lines.data();
}

}  // namespace tests
