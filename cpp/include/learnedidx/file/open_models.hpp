// Reading the models of a file: numbers are copied and bounded, arrays are left where they lie.
#pragma once

#include <cstdint>

#include "learnedidx/file/opened.hpp"
#include "learnedidx/models/direct_table.hpp"

namespace learnedidx {

template <class Stored> bool read_stored(SectionCursor& cursor, Stored& stored) {
  const unsigned char* from = cursor.take(kModel, sizeof stored);
  if (from != nullptr) copy_once(from, stored);
  return from != nullptr;
}

template <class K> bool read_rmi(SectionCursor& cursor, OpenedFile& file) {
  StoredRmi stored;
  if (!read_stored(cursor, stored)) return false;
  if (stored.root_bits < 1 || stored.root_bits > 24 || stored.stages < 1 || stored.stages > kMostStages) return false;
  if (stored.pieces > kMostPieces || stored.with_lines > 1 || stored.reserved != 0) return false;
  if (stored.position_shift != position_shift_for(file.numbers())) return false;
  RmiView& view = file.rmi;
  view = {};
  view.guarded = true;
  view.domain = domain_of<K>({stored.low, stored.high});
  if (!is_domain<K>({stored.low, stored.high})) return false;
  view.root_bits = stored.root_bits;
  view.position_shift = stored.position_shift;
  for (std::size_t i = 0; i < stored.pieces; ++i) {
    const StoredRmi::Piece& piece = stored.piece[i];
    if (piece.bits > 24 || !view.pieces.add(piece.low, piece.high, static_cast<unsigned>(piece.bits))) return false;
  }
  std::uint64_t inputs = view.root_bins();
  for (std::size_t i = 0; i < stored.stages; ++i) {
    const std::uint64_t models = stored.models[i];
    if (models < 1 || models > kLow32 - 1) return false;
    view.stages.push_back({cursor.take_items<std::uint64_t>(kKnots, inputs + 1), top_point(models)});
    inputs = models;
  }
  view.leaf_positions = cursor.take_items<std::uint32_t>(kLeaves, inputs + 1);
  if (stored.with_lines) view.lines = cursor.take_items<LeafLine>(kLines, inputs);
  const auto leaves = static_cast<std::size_t>(inputs);
  file.errors = {group_shift(leaves), cursor.take_items<ErrorBounds>(kErrors, groups_of(leaves))};
  return cursor.is_right();
}

template <class K> bool read_tree(SectionCursor& cursor, OpenedFile& file) {
  StoredTree stored;
  if (!read_stored(cursor, stored) || (stored.node != 8 && stored.node != 16) || stored.reserved != 0) return false;
  file.node = stored.node;
  if (file.numbers() < kWindowKeys<K>) return true;
  file.array = cursor.take(kSeparators, tree_of<K>(file).size * sizeof(K));
  return cursor.is_right();
}

inline Corrections take_corrections(SectionCursor& cursor, unsigned shift, std::uint64_t most, std::uint64_t epsilon) {
  const unsigned char* from = cursor.take(kCorrections, (most >> shift) + 2);
  return {reinterpret_cast<const std::int8_t*>(from), shift, correction_scale(epsilon)};
}

template <class K> bool read_spline(SectionCursor& cursor, OpenedFile& file) {
  StoredSpline stored;
  if (!read_stored(cursor, stored)) return false;
  if (stored.n_points < 2 || stored.n_points > kLow32 || stored.epsilon > kMostKeys) return false;
  if (stored.max_error > kMostKeys) return false;
  if (stored.radix_bits < 1 || stored.radix_bits > 24 || stored.with_corrections > 1) return false;
  RadixSplineView& view = file.spline;
  view = {};
  view.guarded = true;
  view.domain = {stored.low, stored.top};
  file.spline_error = static_cast<std::int64_t>(stored.max_error);
  view.n_points = static_cast<std::size_t>(stored.n_points);
  view.epsilon = stored.epsilon;
  view.most = file.header.numbers;
  view.radix_bits = stored.radix_bits;
  view.radix_shift = radix_shift_for(stored.top, stored.radix_bits);
  view.coordinates = cursor.take_items<std::uint64_t>(kPointsX, stored.n_points + kWindowKeys<std::uint64_t>);
  view.positions = cursor.take_items<std::uint64_t>(kPointsY, stored.n_points);
  view.radix_table = cursor.take_items<std::uint32_t>(kRadix, (std::uint64_t{1} << stored.radix_bits) + 1);
  if (stored.with_corrections) view.corrections = take_corrections(cursor, correction_shift<K>(), view.most, view.epsilon);
  return cursor.is_right();
}

inline bool read_level(SectionCursor& cursor, const StoredPgm::Level& stored, PgmView& view) {
  if (stored.segments < 1 || stored.segments > 2 * kMostKeys || stored.lift > 2 * kMostKeys) return false;
  if (stored.shift > 16 || stored.wide > 1) return false;
  PgmLevel level;
  level.segments = static_cast<std::size_t>(stored.segments);
  level.shift = stored.shift;
  level.lift = static_cast<std::int64_t>(stored.lift);
  const std::uint64_t before = kSegmentsSkipped + stored.segments + kWindowKeys<std::uint64_t>;
  const UnalignedArray<std::uint64_t> skipped = cursor.take_items<std::uint64_t>(kBefore, before);
  if (!cursor.is_right()) return false;
  level.before = skipped + kSegmentsSkipped;
  if (stored.wide) level.wide = cursor.take_items<WideLine>(kSegments, stored.segments + 1);
  else level.narrow = cursor.take_items<NarrowLine>(kSegments, stored.segments + 1);
  view.levels.push_back(level);
  return cursor.is_right();
}

template <class K> bool read_pgm(SectionCursor& cursor, OpenedFile& file) {
  StoredPgm stored;
  if (!read_stored(cursor, stored)) return false;
  constexpr std::uint64_t most_epsilon = std::uint64_t{1} << 62;
  if (stored.epsilon < 1 || stored.epsilon > most_epsilon || stored.over > kMostKeys || stored.under > kMostKeys) return false;
  if (stored.levels < 1 || stored.levels > kMostLevels || stored.with_corrections > 1) return false;
  if (stored.with_corrections && stored.epsilon > kMostKeys) return false;
  PgmView& view = file.pgm;
  view = {};
  view.guarded = true;
  view.domain = {stored.low, stored.top};
  view.epsilon = static_cast<std::int64_t>(stored.epsilon);
  file.pgm_errors = {static_cast<std::int64_t>(stored.over), static_cast<std::int64_t>(stored.under)};
  if (stored.level[0].segments > kTopSegments) return false;
  if (stored.level[0].segments > kWindowKeys<std::uint64_t> + 1)
    view.splitters = cursor.take_items<std::uint64_t>(kSplits, kSplitters);
  for (std::size_t l = 0; l < stored.levels; ++l)
    if (!read_level(cursor, stored.level[l], view)) return false;
  view.cached_levels = cached_levels_of(view);
  view.most = file.header.numbers + (stored.with_corrections ? stored.epsilon : kMostKeys);
  if (stored.with_corrections)
    view.corrections = take_corrections(cursor, pgm_correction_shift<K>(), view.most, stored.epsilon);
  return cursor.is_right();
}

template <class K> bool read_direct(SectionCursor& cursor, OpenedFile& file) {
  StoredTable stored;
  if (!read_stored(cursor, stored) || stored.reserved != 0) return false;
  if constexpr (kIsNarrow<K>) {
    if (stored.entry_bytes != (file.header.numbers >> 32 ? 8 : 4)) return false;
    file.array = cursor.take(kTable, kSlots<K> * stored.entry_bytes);
    return cursor.is_right();
  }
  return false;
}

// False: a number cannot be, or a section is not the one that was to come.
template <class K> bool read_model(SectionCursor& cursor, OpenedFile& file) {
  switch (file.model()) {
    case StoredModel::none: return true;
    case StoredModel::rmi: return read_rmi<K>(cursor, file);
    case StoredModel::btree: return read_tree<K>(cursor, file);
    case StoredModel::radix_spline: return read_spline<K>(cursor, file);
    case StoredModel::pgm: return read_pgm<K>(cursor, file);
    case StoredModel::direct: break;
  }
  return read_direct<K>(cursor, file);
}

}  // namespace learnedidx
