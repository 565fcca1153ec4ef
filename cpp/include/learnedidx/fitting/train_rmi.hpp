// Training of an RMI with a histogram as its root: the decisions. The passes over the keys are those of training/.
//
// The Python library decides the same (learnedidx/models/train.py): equal keys and leaves give equal files.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <utility>
#include <vector>

#include "learnedidx/fitting/cut_root.hpp"
#include "learnedidx/fitting/rmi.hpp"

namespace learnedidx {

constexpr std::size_t kKeysALeaf = 32, kManyKeys = 30'000'000;  // beyond, twice as many: the leaves should stay in the cache
constexpr unsigned kMostRootBits = 12;   // 4096 bins: the knots take half of an L1 cache
constexpr std::size_t kFewestBins = 64;  // the last bin, filled in part, may cost one bin of leaves
constexpr double kUneven = 1.02;         // how much fuller than its joined bin the average key's bin may be
constexpr double kMostCrowded = 8;       // how many times fuller than all bins the average key's may be
constexpr std::size_t kEqualisers = 3;   // most stages that spread skewed keys

// A bin for 64 keys, up to 4096.
inline unsigned root_bits_for(std::size_t n) {
  unsigned bits = 1;
  while (bits < kMostRootBits && n / 64 >> (bits + 1) > 0) ++bits;
  return bits;
}

// The first and the last finite key, as the coordinates of a model need them. O(log n).
template <class K> Coordinate domain_over(const K* keys, std::size_t n) {
  std::size_t first = 0, last = n;
  if constexpr (kIsReal<K>) {
    first = static_cast<std::size_t>(std::upper_bound(keys, keys + n, lowest_key<K>()) - keys);
    last = static_cast<std::size_t>(std::lower_bound(keys + first, keys + n, highest_key<K>()) - keys);
  }
  return first < last ? coordinate_over(keys[first], keys[last - 1]) : coordinate_over(K{}, K{});
}

// An RMI without stages over keys[0, n).
template <class K> void begin_rmi(RmiArrays& rmi, const K* keys, std::size_t n) {
  rmi.view.root_bits = root_bits_for(n);
  rmi.view.position_shift = position_shift_for(n);
  rmi.view.domain = domain_over(keys, n);
}

template <class K> class RmiTraining {
 public:
  RmiTraining(RmiArrays& rmi, const K* keys, std::size_t n) : rmi_(rmi), keys_(keys), n_(n) {}

  // leaves 0: chosen. O(n / 16) for usual numbers of leaves, and the measuring of errors, O(n).
  void run(std::size_t leaves, const Kernels& kernels) {
    if (leaves == 0) leaves = std::max<std::size_t>(1, n_ / (n_ <= kManyKeys ? kKeysALeaf : 2 * kKeysALeaf));
    begin_rmi(rmi_, keys_, n_);
    if (n_ >= 2 * kApart && is_crowded(keys_, n_, rmi_.view)) rmi_.view.pieces = RootCuts<K>(keys_, n_, rmi_.view).cut();
    add_histogram(leaves);
    rmi_.leaf_positions.assign(leaves + 1, 0);
    rmi_.view.leaf_positions = rmi_.leaf_positions.data();
    fit_leaf_positions(keys_, n_, rmi_.view, kernels, rmi_.models, rmi_.leaf_positions.data(), {});
    rmi_.errors = GroupErrors(leaves);
    fit_errors(keys_, n_, rmi_.view, kernels, rmi_.errors, {});
    rmi_.errors_view = rmi_.errors.view();
  }

  // Are the bins of the root so uneven that it takes another stage? Of an RMI that is begun.
  bool is_skewed() const { return crowding(borders(true)) > kMostCrowded; }

 private:
  using Places = std::vector<std::int64_t>;

  // Where the keys of each bin of the root, or model of the last stage, begin and end.
  Places borders(bool in_root) const {
    const std::size_t inputs = in_root ? static_cast<std::size_t>(rmi_.view.root_bins()) : rmi_.models.back();
    std::vector<std::uint64_t> targets(inputs + 1);
    for (std::size_t i = 0; i <= inputs; ++i) targets[i] = std::uint64_t{i} << 32;
    Places at(inputs + 1);
    const std::vector<std::size_t> stages = in_root ? std::vector<std::size_t>{} : rmi_.models;
    first_at_points(keys_, n_, rmi_.view, stages, targets.data(), targets.size(), at.data(), {});
    at.back() = static_cast<std::int64_t>(n_);
    return at;
  }

  // A histogram; before the leaves, stages that divide crowded bins again.
  void add_histogram(std::size_t leaves) {
    const auto bins = static_cast<std::size_t>(rmi_.view.root_bins());
    Places at = borders(true);
    double crowded = crowding(at), before = std::numeric_limits<double>::infinity();
    while (crowded > kMostCrowded && crowded < 0.9 * before && rmi_.models.size() < kEqualisers) {
      rmi_.add_stage(knots(at, bins), bins);
      at = borders(false);
      before = crowded;
      crowded = crowding(at);
    }
    if (rmi_.models.empty() && rmi_.view.pieces.count == 0) {
      const unsigned halvings = needless(at);
      rmi_.view.root_bits -= halvings;
      for (std::size_t i = 0; i << halvings < at.size(); ++i) at[i] = at[i << halvings];
      at.resize(((at.size() - 1) >> halvings) + 1);
    }
    rmi_.add_stage(knots(at, leaves), leaves);
  }

  static double keys_in(const Places& at, std::size_t low, std::size_t high) { return static_cast<double>(at[high] - at[low]); }

  // How many times fuller than the average bin the average key's bin is.
  static double crowding(const Places& at) {
    double squares = 0;
    for (std::size_t i = 0; i + 1 < at.size(); ++i) squares += keys_in(at, i, i + 1) * keys_in(at, i, i + 1);
    const double total = std::max(1.0, keys_in(at, 0, at.size() - 1));
    return static_cast<double>(at.size() - 1) * squares / (total * total);
  }

  // How often neighbouring bins of a root can be joined: while the average key's bin is hardly fuller than the joined one
  // says, chance apart.
  static unsigned needless(const Places& at) {
    const std::size_t bins = at.size() - 1;
    const double chance = static_cast<double>(bins) / static_cast<double>(std::max<std::int64_t>(1, at.back()));
    unsigned halvings = 0;
    while (bins >> halvings > kFewestBins) {
      const std::size_t width = std::size_t{2} << halvings;
      double fuller = 0;
      for (std::size_t i = 0; i < bins; i += width) {
        double squares = 0;
        for (std::size_t j = i; j < i + width; ++j) squares += keys_in(at, j, j + 1) * keys_in(at, j, j + 1);
        fuller += squares / std::max(1.0, keys_in(at, i, i + width));
      }
      if (fuller * static_cast<double>(width) > (kUneven + chance) * static_cast<double>(at.back())) break;
      ++halvings;
    }
    return halvings;
  }

  // Knots that give each model its share of the keys. The last key ends inside a bin: the bin's line leads on past it, so that
  // it is right up to the key, and the key ends a model; what is left costs at most one bin's share of the models.
  std::vector<std::uint64_t> knots(const Places& at, std::size_t models) const {
    std::vector<double> shares(at.size());
    const auto keys = static_cast<double>(std::max<std::size_t>(n_, 1)), wanted = static_cast<double>(models);
    for (std::size_t i = 0; i < at.size(); ++i) shares[i] = static_cast<double>(at[i]) / keys;
    const std::uint64_t last = last_point();
    const auto bin = static_cast<std::size_t>(last >> 32);
    if (n_ > 0 && shares[bin] < 1) {
      const double filled = static_cast<double>((last & kLow32) + 1) / 0x1p32;
      const double rest = std::min((1.0 - shares[bin]) * (1.0 / filled - 1.0), 1.0 / static_cast<double>(shares.size() - 1));
      for (std::size_t i = bin + 1; i < shares.size(); ++i) shares[i] += rest;
      const double end = shares[bin] + (shares[bin + 1] - shares[bin]) * filled;
      const double factor = std::max(1.0, std::floor(wanted * (end / shares.back()))) / (wanted * end);
      for (double& share : shares) share *= factor;
    }
    std::vector<std::uint64_t> made;
    for (const double share : shares)
      made.push_back(static_cast<std::uint64_t>(std::min(std::max(share, 0.0), 1.0) * (wanted * 0x1p32)));
    return made;
  }

  // The point of the last key behind the last stage, or in the root.
  std::uint64_t last_point() const {
    if (n_ == 0) return 0;
    const K key = keys_[n_ - 1];
    return rmi_.models.empty() ? point_in_root(coordinate(key, rmi_.view.domain), rmi_.view) : leaf_point(key, rmi_.view);
  }

  RmiArrays& rmi_;
  const K* keys_;
  std::size_t n_;
};

template <class K> void train_rmi(RmiArrays& rmi, const K* keys, std::size_t n, std::size_t leaves, const Kernels& kernels) {
  RmiTraining<K>(rmi, keys, n).run(leaves, kernels);
}

#define LIDX_THESE(name, K) \
  LIDX_COMPILE(void train_rmi(RmiArrays&, const K*, std::size_t, std::size_t, const Kernels&))
LIDX_FOR_ALL_KEYS(LIDX_THESE)
#undef LIDX_THESE

}  // namespace learnedidx
