// Between which two positions the answer lies, by what a model says alone: no keys are read.
#pragma once

#include <cstddef>
#include <cstdint>

#include "learnedidx/base/compiled.hpp"
#include "learnedidx/lookup/engine.hpp"
#include "learnedidx/models/error_bounds.hpp"

namespace learnedidx {

struct Bounds {
  std::int64_t low, high;
};

LIDX_INLINE std::int64_t higher_of(std::int64_t a, std::int64_t b) { return a > b ? a : b; }
LIDX_INLINE std::int64_t lower_of(std::int64_t a, std::int64_t b) { return a < b ? a : b; }

// Bounds that came of a model which may be damaged, moved into [0, numbers].
LIDX_INLINE Bounds kept_bounds(const Bounds& said, std::int64_t numbers) {
  const auto low = static_cast<std::int64_t>(loaded_once(static_cast<std::uint64_t>(said.low)));
  const auto high = static_cast<std::int64_t>(loaded_once(static_cast<std::uint64_t>(said.high)));
  const std::int64_t from = higher_of(0, lower_of(low, numbers));
  return {from, higher_of(from, lower_of(high, numbers))};
}

// From the prediction by the errors of the leaf's group, and between the borders of the leaf.
template <class K> Bounds rmi_bounds(const RmiView& rmi, const GroupErrorsView& errors, std::int64_t numbers, K query) {
  const std::uint64_t point = leaf_point(query, rmi), leaf = point >> 32;
  const std::int64_t slack = (std::int64_t{1} << rmi.position_shift) - 1;
  const std::int64_t position = higher_of(0, lower_of(leaf_position(point, rmi), numbers));
  const std::int64_t low = std::int64_t{rmi.leaf_positions[leaf]} << rmi.position_shift;
  const std::int64_t high = (std::int64_t{rmi.leaf_positions[leaf + 1]} << rmi.position_shift) + slack;
  const ErrorBounds error = errors.of_leaf(leaf);
  return {higher_of(low, position - error.over - slack),
          lower_of(lower_of(high, position + error.under + slack), numbers)};
}

// Within epsilon of the prediction, and between the points of its segment, which lie on the CDF.
template <class K> Bounds spline_bounds(const RadixSplineView& spline, std::int64_t numbers, K query) {
  const std::uint64_t x = ordinal(query, spline.domain), segment = spline_segment(x, spline);
  const std::uint64_t ends[] = {spline.positions[segment], spline.positions[segment + 1]};
  const std::uint64_t position = spline_position(x, segment, spline.coordinates, spline.positions);
  const auto most = static_cast<std::uint64_t>(numbers);
  const auto predicted = static_cast<std::int64_t>(position < most ? position : most);
  const auto epsilon = static_cast<std::int64_t>(spline.epsilon);
  return {higher_of(static_cast<std::int64_t>(ends[0]), predicted - epsilon),
          lower_of(static_cast<std::int64_t>(ends[1]), predicted + epsilon)};
}

template <class K> Bounds pgm_bounds(const PgmView& pgm, const ErrorBounds& errors, std::int64_t numbers, K query) {
  const std::int64_t position = pgm_position(ordinal(query, pgm.domain), pgm);
  return {higher_of(0, position - errors.over), lower_of(numbers, position + errors.under)};
}

template <class K> Bounds tree_bounds(const BTreeView<K>& tree, std::size_t n, K query) {
  const std::size_t leaf = tree.leaf_of(query);
  const auto end = static_cast<std::int64_t>(tree.leaf_end(leaf, n));
  return {leaf ? static_cast<std::int64_t>(tree.leaf_end(leaf - 1, n)) : 0, end};
}

// Right if the model is one of these keys; errors: those of an RMI, pgm_errors: of a PGM, else null.
template <class K>
Bounds model_bounds(const Engine<K>& engine, const GroupErrorsView* errors, const ErrorBounds* pgm_errors, K query) {
  const auto numbers = static_cast<std::int64_t>(engine.n);
  if (engine.n < kWindowKeys<K> || engine.model == Model::none) return {0, numbers};
  if (engine.model == Model::btree) return tree_bounds(*engine.tree, engine.n, query);
  if (engine.model == Model::radix_spline) return spline_bounds(*engine.spline, numbers, query);
  if (engine.model == Model::pgm) return pgm_bounds(*engine.pgm, *pgm_errors, numbers, query);
  return rmi_bounds(*engine.rmi, *errors, numbers, query);
}

#define LIDX_THESE(name, K) \
  LIDX_COMPILE(Bounds model_bounds(const Engine<K>&, const GroupErrorsView*, const ErrorBounds*, K))
LIDX_FOR_ALL_KEYS(LIDX_THESE)
#undef LIDX_THESE

}  // namespace learnedidx
