// Recursive model index: predict the position of a key.
//   T. Kraska, A. Beutel, E. Chi, J. Dean, N. Polyzotis: The Case for Learned Index Structures,
//   SIGMOD 2018, section 3.2.
//
// Every stage, whatever it was learned from, is compiled to one form: a monotone piecewise linear
// function given by its values at equally spaced knots. A stage maps a point to a point of the next
// stage; a point is a model number (upper 32 bits) and a fraction inside that model (lower 32).
// The last stage holds one position per leaf border. All of it is integer arithmetic and never
// decreases with the key, so what is known of two keys holds for every query between them.
#pragma once

#include <cstddef>
#include <cstdint>

#include "learnedidx/base/inline_vector.hpp"
#include "learnedidx/base/key_types.hpp"
#include "learnedidx/base/unaligned_array.hpp"
#include "learnedidx/keys/coordinate.hpp"
#include "learnedidx/models/pieces.hpp"
#include "learnedidx/search/bisect.hpp"
#include "learnedidx/search/trace.hpp"
#include "learnedidx/search/window.hpp"

namespace learnedidx {

constexpr std::uint64_t kLow32 = 0xffffffffu;

struct LeafLine {  // position = border + intercept + slope * fraction, kept inside its leaf
  float intercept, slope;
};

// Stages of a model, at most.
constexpr std::size_t kMostStages = 12;

// The last point of a stage that leads to so many models.
LIDX_INLINE std::uint64_t top_point(std::uint64_t models) { return (models << 32) - 1; }

LIDX_INLINE std::uint64_t models_before(std::uint64_t top) { return (top + 1) >> 32; }

// The knots of one stage, and the last point that may come out of it.
struct RmiStage {
  UnalignedArray<std::uint64_t> knots;  // one more than there are models before it
  std::uint64_t top = ~std::uint64_t{0};
};

// What a lookup reads: arrays and sizes, owned by a builder or lying in a file.
struct RmiView {
  Coordinate domain;
  unsigned root_bits = 1;                  // the root has 2^root_bits equal bins,
  RootPieces pieces;                       // or those of the pieces, if there are any
  InlineVector<RmiStage, kMostStages> stages;       // the root first
  UnalignedArray<std::uint32_t> leaf_positions;     // n_leaves + 1
  UnalignedArray<LeafLine> lines;                   // n_leaves, or null: interpolate
  unsigned position_shift = 0;             // positions are stored in units of 2^shift keys
  bool guarded = false;                    // the arrays may hold anything: points are cut off at tops

  std::uint64_t root_bins() const { return pieces.count > 0 ? pieces.bins : std::uint64_t{1} << root_bits; }
};

// Positions of n keys fit 32 bits in units of 2^shift.
inline unsigned position_shift_for(std::uint64_t n) {
  unsigned shift = 0;
  while (n >> shift > kLow32 - 1) ++shift;
  return shift;
}

// Makes the knots of a stage safe and monotone, whatever they were: a point computed from them
// never decreases and always names one of the `models` of the next stage.
inline void make_monotone(std::uint64_t* knots, std::size_t count, std::uint64_t models) {
  const std::uint64_t top = top_point(models);
  std::uint64_t highest = 0;
  for (std::size_t i = 0; i < count; ++i) {
    highest = knots[i] > highest ? knots[i] : highest;
    knots[i] = highest < top ? highest : top;
  }
}

// Keeps a line that does not decrease; what is no number becomes 0.
inline LeafLine made_monotone(LeafLine line) {
  constexpr float most = 1e12f;  // beyond any leaf, small enough that products stay finite
  const auto kept = [](float x) { return x > 0 ? (x < most ? x : most) : 0.0f; };
  const bool usable = line.intercept > -most && line.intercept < most;
  return {usable ? line.intercept : 0.0f, kept(line.slope)};
}

// (dv * f) >> 32 for a 32-bit fraction f, without a 128-bit product.
LIDX_INLINE std::uint64_t scaled(std::uint64_t dv, std::uint64_t f) {
  return (dv >> 32) * f + (((dv & kLow32) * f) >> 32);
}

template <class Knots> LIDX_INLINE std::uint64_t stage_point(std::uint64_t point, const Knots& knots) {
  const std::uint64_t model = point >> 32;
  const std::uint64_t from = knots[model];
  return from + scaled(knots[model + 1] - from, point & kLow32);
}

// A coordinate as a point of the root: bin number and fraction inside the bin.
LIDX_INLINE std::uint64_t root_point(std::uint64_t y, unsigned root_bits) {
  return y >> (32 - root_bits);
}

LIDX_INLINE std::uint64_t point_in_root(std::uint64_t y, const RmiView& rmi) {
  return rmi.pieces.count > 0 ? piece_point(y, rmi.pieces) : root_point(y, rmi.root_bits);
}

template <class Positions> LIDX_INLINE std::int64_t interpolated(std::uint64_t point, const Positions& positions) {
  const std::uint64_t leaf = point >> 32;
  const std::uint64_t from = positions[leaf];
  return static_cast<std::int64_t>(from + (((positions[leaf + 1] - from) * (point & kLow32)) >> 32));
}

template <class Positions, class Lines>
LIDX_INLINE std::int64_t on_line(std::uint64_t point, const Positions& positions, const Lines& lines) {
  const std::uint64_t leaf = point >> 32;
  const std::int64_t from = positions[leaf];
  const double size = static_cast<double>(static_cast<std::int64_t>(positions[leaf + 1]) - from);
  const double fraction = static_cast<double>(static_cast<std::int64_t>(point & kLow32)) * 0x1p-32;
  const LeafLine line = lines[leaf];
  double inside = static_cast<double>(line.intercept) + static_cast<double>(line.slope) * fraction;
  inside = inside > 0 ? inside : 0;
  inside = inside < size ? inside : size;
  return from + static_cast<std::int64_t>(inside);
}

LIDX_INLINE std::uint64_t smaller_of(std::uint64_t a, std::uint64_t b) { return a < b ? a : b; }

template <class K, class AnyTracer = NoTrace>
LIDX_INLINE std::uint64_t leaf_point(K key, const RmiView& rmi, const AnyTracer& tracer = {}) {
  std::uint64_t point = point_in_root(coordinate(key, rmi.domain), rmi);
  for (const RmiStage& stage : rmi.stages) {
    tracer.model(stage.knots.address(point >> 32), 2 * sizeof(std::uint64_t));
    tracer.step(Visit::stage, point >> 32);
    point = smaller_of(loaded_once(stage_point(point, stage.knots)), stage.top);
  }
  return point;
}

// The predicted position in units of 2^position_shift keys.
template <class AnyTracer = NoTrace>
LIDX_INLINE std::int64_t raw_position(std::uint64_t point, const RmiView& rmi, const AnyTracer& tracer = {}) {
  tracer.model(rmi.leaf_positions.address(point >> 32), 2 * sizeof(std::uint32_t));
  if (rmi.lines) tracer.model(rmi.lines.address(point >> 32), sizeof(LeafLine));
  tracer.leaf(point >> 32);
  const std::int64_t position =
      rmi.lines ? on_line(point, rmi.leaf_positions, rmi.lines) : interpolated(point, rmi.leaf_positions);
  tracer.predicts(static_cast<std::uint64_t>(position) << rmi.position_shift);
  return position;
}

LIDX_INLINE std::int64_t leaf_position(std::uint64_t point, const RmiView& rmi) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(raw_position(point, rmi)) << rmi.position_shift);
}

// The borders of a leaf.
LIDX_INLINE Bracket leaf_bracket(std::uint64_t point, const RmiView& rmi) {
  const std::uint64_t leaf = point >> 32;
  return {std::size_t{rmi.leaf_positions[leaf]} << rmi.position_shift,
          (std::size_t{rmi.leaf_positions[leaf + 1]} + 1) << rmi.position_shift};
}

// What loops are made for: leaves that interpolate below a root in one piece, alone (one) or with a
// stage between (two), or anything.
enum class RmiShape : std::uint8_t { one, two, any };

inline RmiShape shape_of(const RmiView& rmi) {
  if (rmi.guarded || rmi.lines || rmi.pieces.count > 0 || rmi.stages.size() > 2) return RmiShape::any;
  return rmi.stages.size() == 1 ? RmiShape::one : RmiShape::two;
}

// An RMI and the windows of its keys as plain values, for loops that keep them in registers.
template <RmiShape kShape> struct RmiSteps {
  static constexpr bool kAny = kShape == RmiShape::any;
  Coordinate domain;
  unsigned root_bits;
  const RootPieces* pieces;
  const std::uint64_t* root;
  const std::uint64_t* second;
  const InlineVector<RmiStage, kMostStages>* stages;
  const std::uint32_t* positions;
  const LeafLine* lines;
  WindowPlace place;

  RmiSteps(const RmiView& rmi, const WindowPlace& where)
      : domain(rmi.domain), root_bits(rmi.root_bits), pieces(&rmi.pieces), root(rmi.stages[0].knots.aligned()),
        second(kShape == RmiShape::two ? rmi.stages[1].knots.aligned() : nullptr), stages(&rmi.stages),
        positions(rmi.leaf_positions.aligned()), lines(rmi.lines.aligned()), place(where) {}

  template <class K> LIDX_INLINE std::uint64_t point(K key) const {
    const std::uint64_t y = coordinate(key, domain);
    const bool in_pieces = kAny && pieces->count > 0;
    std::uint64_t point = in_pieces ? piece_point(y, *pieces) : root_point(y, root_bits);
    if constexpr (kAny) {
      for (const RmiStage& stage : *stages)
        point = smaller_of(loaded_once(stage_point(point, stage.knots.aligned())), stage.top);
      return point;
    }
    point = stage_point(point, root);
    if constexpr (kShape == RmiShape::two) point = stage_point(point, second);
    return point;
  }

  LIDX_INLINE std::uint64_t start(std::uint64_t point) const {
    const std::int64_t position = kAny && lines ? on_line(point, positions, lines) : interpolated(point, positions);
    return window_start(static_cast<std::uint64_t>(position), place);
  }

  template <Hint kHint> LIDX_INLINE void prefetch_leaf(std::uint64_t point) const {
    prefetch_as<kHint>(positions + (point >> 32));
    if (kAny && lines) prefetch_as<kHint>(lines + (point >> 32));
  }
};

}  // namespace learnedidx
