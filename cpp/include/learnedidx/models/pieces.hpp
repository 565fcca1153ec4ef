// Pieces: where keys lie in clusters far apart, each cluster is stretched over bins of its own.
//
// A point keeps 32 bits behind its bin: enough for one range of keys, too few for two dense runs half
// of the domain apart, which would share a handful of points each. So the coordinates that hold keys
// are listed, piece by piece; what lies in a gap goes to the start of the piece behind it, which is
// where its answer is. One far key cannot flatten a model either: it is a piece.
#pragma once

#include <cstddef>
#include <cstdint>

#include "learnedidx/base/compiler.hpp"

namespace learnedidx {

constexpr std::size_t kMostPieces = 8;  // few, since a lookup compares with each

struct RootPieces {
  std::size_t count = 0;                    // none: the root has equal bins over the whole domain
  std::uint64_t low[kMostPieces] = {};      // first and last coordinate of each piece, ascending
  std::uint64_t high[kMostPieces] = {};
  std::uint64_t up[kMostPieces] = {};       // shift that stretches high - low over 64 bits
  std::uint64_t down[kMostPieces] = {};     // and the one back that leaves bin << 32 | fraction
  std::uint64_t first[kMostPieces] = {};    // first bin of the piece << 32
  std::uint64_t bins = 0;                   // of all pieces together

  // Adds a piece of 2^bits bins; false, and nothing added, if it is no piece that follows the last.
  bool add(std::uint64_t from, std::uint64_t to, unsigned bits) {
    if (count == kMostPieces || from > to || bits > 24 || (count > 0 && from <= high[count - 1])) return false;
    low[count] = from;
    high[count] = to;
    up[count] = 0;
    for (std::uint64_t span = to - from; span && !(span >> 63); span <<= 1) ++up[count];
    down[count] = 32 - bits;
    first[count] = bins << 32;
    bins += std::uint64_t{1} << bits;
    ++count;
    return true;
  }
};

// The point of a coordinate in the root: bin number and fraction inside the bin. Needs a piece.
LIDX_INLINE std::uint64_t piece_point(std::uint64_t y, const RootPieces& pieces) {
  std::size_t piece = 0;
  for (std::size_t i = 0; i + 1 < pieces.count; ++i) piece += static_cast<std::size_t>(y > pieces.high[i]);
  // By masks: queries fall into gaps and pieces at random, and no branch predictor knows which.
  const std::uint64_t low = pieces.low[piece], span = pieces.high[piece] - low;
  std::uint64_t inside = (y - low) & (std::uint64_t{0} - static_cast<std::uint64_t>(y >= low));
  const std::uint64_t too_far = std::uint64_t{0} - static_cast<std::uint64_t>(inside > span);
  inside = (inside & ~too_far) | (span & too_far);
  return pieces.first[piece] + (inside << pieces.up[piece] >> pieces.down[piece]);
}

// The smallest coordinate whose point is not below a target; false if there is none.
inline bool first_coordinate(std::uint64_t target, const RootPieces& pieces, std::uint64_t& y) {
  std::size_t piece = 0;
  while (piece + 1 < pieces.count && target >= pieces.first[piece + 1]) ++piece;
  const std::uint64_t inside = target - pieces.first[piece];
  y = piece == 0 ? 0 : pieces.high[piece - 1] + 1;
  if (inside == 0) return true;
  const std::uint64_t up = pieces.up[piece];
  bool reached = inside >> 32 < (std::uint64_t{1} << (32 - pieces.down[piece]));
  if (reached) {
    const std::uint64_t stretched = inside << pieces.down[piece];
    const std::uint64_t steps = (stretched >> up) + static_cast<std::uint64_t>(stretched << (63 - up) << 1 != 0);
    reached = steps <= pieces.high[piece] - pieces.low[piece];
    y = pieces.low[piece] + steps;
  }
  if (reached) return true;
  y = pieces.high[piece] + 1;
  return piece + 1 < pieces.count;
}

}  // namespace learnedidx
