// Pieces of a root: where clusters of keys lie so far apart that each needs bins of its own, and where to cut between them.
//
// A point of the root keeps 32 bits behind its bin. Where keys of a cluster share points, the range of coordinates is cut
// between clusters, there where the sum over the keys of log2(width of their piece) falls most, until no cut helps or
// there are eight pieces. The Python library decides the same (learnedidx/models/pieces.py), number for number.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "learnedidx/base/compiled.hpp"
#include "learnedidx/models/rmi.hpp"

namespace learnedidx {

constexpr std::size_t kSampledInRoot = 4096;
constexpr std::size_t kApart = 32;              // keys of a leaf: they should lie on as many points,
constexpr std::size_t kFewCrowded = 64;         // but for one of so many sampled leaves
constexpr double kLeastBits = 1.0 / 16;         // what a cut must save on average over all keys,
constexpr double kLeastBitsInside = 2;          // and over those of its piece: halving evenly spread keys saves one

// Number i of `count` evenly spaced positions from 0 to last.
inline std::size_t spaced(std::size_t i, std::size_t count, std::size_t last) {
  if (i + 1 == count) return last;
  return static_cast<std::size_t>(static_cast<double>(i) * (static_cast<double>(last) / static_cast<double>(count - 1)));
}

// Do keys that differ share points of a root with equal bins? Needs more than kApart keys. O(1).
template <class K> bool is_crowded(const K* keys, std::size_t n, const RmiView& rmi) {
  std::size_t crowded = 0;
  for (std::size_t i = 0; i < kSampledInRoot; ++i) {
    const std::size_t at = spaced(i, kSampledInRoot, n - 1 - kApart);
    const std::uint64_t gap = coordinate(keys[at + kApart], rmi.domain) - coordinate(keys[at], rmi.domain);
    crowded += static_cast<std::size_t>(gap > 0 && gap >> (32 - rmi.root_bits) < kApart);
  }
  return crowded * kFewCrowded > kSampledInRoot;
}

template <class K> class RootCuts {
 public:
  RootCuts(const K* keys, std::size_t n, const RmiView& rmi) : keys_(keys), n_(n), rmi_(rmi) {
    const std::size_t count = std::min(n, kSampledInRoot);
    for (std::size_t i = 0; i < count; ++i) sampled_.push_back(spaced(i, count, n - 1));
    sampled_.erase(std::unique(sampled_.begin(), sampled_.end()), sampled_.end());
  }

  // No pieces: one range will do. O(1) random accesses, O(n / 4096) keys for each cut.
  RootPieces cut() const {
    std::vector<Piece> pieces{searched(0, n_)};
    while (pieces.size() < kMostPieces) {
      std::size_t best = 0;
      for (std::size_t i = 1; i < pieces.size(); ++i)
        if (pieces[i].cut.saved > pieces[best].cut.saved ||
            (pieces[i].cut.saved == pieces[best].cut.saved && pieces[i].cut.at >= pieces[best].cut.at))
          best = i;
      const Piece piece = pieces[best];
      if (piece.cut.saved < kLeastBits * static_cast<double>(n_)) break;
      pieces[best] = searched(piece.start, piece.cut.at);
      pieces.insert(pieces.begin() + static_cast<std::ptrdiff_t>(best) + 1, searched(piece.cut.at, piece.stop));
    }
    RootPieces made;
    if (pieces.size() == 1) return made;
    const double bins = std::ldexp(1.0, static_cast<int>(rmi_.root_bits));
    for (const Piece& piece : pieces) {
      const double share = bins * static_cast<double>(piece.stop - piece.start) / static_cast<double>(n_);
      made.add(at(piece.start), at(piece.stop - 1), static_cast<unsigned>(std::log2(std::max(1.0, share))));
    }
    return made;
  }

 private:
  struct Cut {
    double saved;    // bits
    std::size_t at;  // the first key behind it
  };
  struct Piece {
    std::size_t start, stop;
    Cut cut;
  };

  std::uint64_t at(std::size_t i) const { return coordinate(keys_[i], rmi_.domain); }

  Piece searched(std::size_t start, std::size_t stop) const { return {start, stop, best_cut(start, stop)}; }

  // Sampled keys show where to look, the keys between two of them where to cut.
  Cut best_cut(std::size_t start, std::size_t stop) const {
    const auto first = std::lower_bound(sampled_.begin(), sampled_.end(), start + 1);
    const auto last = std::lower_bound(first, sampled_.end(), stop - 1);
    const auto inside = static_cast<std::size_t>(std::max<std::ptrdiff_t>(last - first, 0));
    const auto position = [&](std::size_t i) {
      if (i == 0) return start;
      return i <= inside ? first[static_cast<std::ptrdiff_t>(i) - 1] : stop - 1;
    };
    const Cut rough = cheapest(inside + 2, position, start, stop);
    if (rough.at == 0) return {0, start};
    const std::size_t from = position(rough.at - 1);
    const auto near = [&](std::size_t i) { return from + i; };
    const Cut fine = cheapest(position(rough.at) + 1 - from, near, start, stop);
    const bool is_worth_it = fine.saved >= kLeastBitsInside * static_cast<double>(stop - start);
    return {is_worth_it ? fine.saved : 0, from + fine.at};
  }

  // The best cut of [start, stop) before one of `count` ascending positions; `at` is the number of that, 0: none saves bits.
  template <class Position> Cut cheapest(std::size_t count, Position&& position, std::size_t start, std::size_t stop) const {
    const std::uint64_t low = at(start), high = at(stop - 1);
    double least = std::numeric_limits<double>::infinity();
    std::size_t best = 0;
    std::uint64_t before = count > 0 ? at(position(0)) : 0;
    for (std::size_t i = 1; i < count; ++i) {
      const std::size_t place = position(i);
      const std::uint64_t y = at(place);
      if (y > before) {
        const double cost = bits(place - start, before - low) + bits(stop - place, high - y);
        if (cost < least) {
          least = cost;
          best = i;
        }
      }
      before = y;
    }
    const double saved = bits(stop - start, high - low) - least;
    return saved > 0 ? Cut{saved, best} : Cut{0, 0};
  }

  static double bits(std::size_t keys, std::uint64_t width) {
    return static_cast<double>(keys) * std::log2(1.0 + static_cast<double>(width));
  }

  const K* keys_;
  std::size_t n_;
  const RmiView& rmi_;
  std::vector<std::size_t> sampled_;
};

}  // namespace learnedidx
