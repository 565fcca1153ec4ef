// Writing a .lidx file: a plan names the sections and where their bytes lie; sealing it computes
// offsets and checksums; writing hands out the bytes in order, piece by piece. Nothing is allocated.
//
// What is written depends on keys, model and values alone: the same of them give the same bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "learnedidx/base/cancellation.hpp"
#include "learnedidx/base/crc32c.hpp"
#include "learnedidx/file/format.hpp"
#include "learnedidx/file/opened.hpp"
#include "learnedidx/file/strings.hpp"

namespace learnedidx {

struct FilePlan {
  FileHeader header{};
  InlineVector<SectionEntry, kMostSections> sections;
  InlineVector<const void*, kMostSections> bytes;  // of each section; of a layer its FilePlan
  union {
    StoredRmi rmi;
    StoredTree tree;
    StoredSpline spline;
    StoredPgm pgm;
    StoredTable table;
  } model{};
  StoredStrings strings{};
  StoredColumns columns;

  void add(const char* type, const void* data, std::uint64_t size, std::uint32_t required = 1) {
    SectionEntry entry{};
    std::memcpy(entry.type, type, sizeof entry.type);
    entry.required = required;
    entry.bytes = size;
    sections.push_back(entry);
    bytes.push_back(data);
  }
  template <class T> void add_items(const char* type, const T* items, std::uint64_t count) {
    add(type, items, count * sizeof(T));
  }
  template <class T> void add_items(const char* type, const UnalignedArray<T>& items, std::uint64_t count) {
    add(type, items.address(), count * sizeof(T));
  }
  template <class Stored> void add_model(StoredModel kind, const Stored& stored) {
    header.model = static_cast<std::uint8_t>(kind);
    add(kModel, &stored, sizeof stored);
  }
};

// What the header says of keys[0, n), `numbers` of which are numbers. O(1); seal computes checksums.
template <class K>
void plan_keys(FilePlan& plan, const K* keys, std::uint64_t n, std::uint64_t numbers) {
  plan.header.kind = static_cast<std::uint8_t>(KeyTypeOf<K>::value);
  plan.header.n = n;
  plan.header.numbers = numbers;
  plan.header.first = numbers > 0 ? bits_of(keys[0]) : 0;
  plan.header.last = numbers > 0 ? bits_of(keys[numbers - 1]) : 0;
}

template <class K>
void plan_rmi(FilePlan& plan, const RmiView& view, const GroupErrorsView& errors) {
  StoredRmi& stored = plan.model.rmi;
  stored = {};
  const StoredDomain domain = stored_domain<K>(view.domain);
  stored.low = domain.low;
  stored.high = domain.high;
  stored.root_bits = view.root_bits;
  stored.stages = static_cast<std::uint32_t>(view.stages.size());
  stored.pieces = static_cast<std::uint32_t>(view.pieces.count);
  stored.position_shift = view.position_shift;
  stored.with_lines = static_cast<bool>(view.lines);
  for (std::size_t i = 0; i < view.pieces.count; ++i)
    stored.piece[i] = {view.pieces.low[i], view.pieces.high[i], 32 - view.pieces.down[i]};
  plan.add_model(StoredModel::rmi, stored);
  std::uint64_t inputs = view.root_bins();
  for (std::size_t i = 0; i < view.stages.size(); ++i) {
    plan.add_items(kKnots, view.stages[i].knots, inputs + 1);
    stored.models[i] = inputs = models_before(view.stages[i].top);
  }
  plan.add_items(kLeaves, view.leaf_positions, inputs + 1);
  if (view.lines) plan.add_items(kLines, view.lines, inputs);
  plan.add_items(kErrors, errors.groups, groups_of(static_cast<std::size_t>(inputs)));
}

// The tree begins at a leaf's border: its frame has no phase.
template <class K> void plan_tree(FilePlan& plan, const BTreeView<K>& view) {
  plan.model.tree = {view.node, 0};
  plan.add_model(StoredModel::btree, plan.model.tree);
  if (view.leaves > 0) plan.add_items(kSeparators, view.separators, view.size);
}

inline void plan_spline(FilePlan& plan, const RadixSplineView& view, std::uint64_t numbers, std::uint64_t max_error) {
  plan.model.spline = {view.domain.low, view.domain.top, view.n_points, view.epsilon, max_error, view.radix_bits,
                       view.corrections.values != nullptr};
  plan.add_model(StoredModel::radix_spline, plan.model.spline);
  plan.add_items(kPointsX, view.coordinates, view.n_points + kWindowKeys<std::uint64_t>);
  plan.add_items(kPointsY, view.positions, view.n_points);
  plan.add_items(kRadix, view.radix_table, (std::uint64_t{1} << view.radix_bits) + 1);
  if (view.corrections.values)
    plan.add_items(kCorrections, view.corrections.values, (numbers >> view.corrections.shift) + 2);
}

inline void plan_pgm(FilePlan& plan, const PgmView& view, std::uint64_t numbers, const ErrorBounds& errors) {
  StoredPgm& stored = plan.model.pgm;
  stored = {};
  stored.low = view.domain.low;
  stored.top = view.domain.top;
  stored.epsilon = static_cast<std::uint64_t>(view.epsilon);
  stored.over = static_cast<std::uint64_t>(errors.over);
  stored.under = static_cast<std::uint64_t>(errors.under);
  stored.levels = static_cast<std::uint32_t>(view.levels.size());
  stored.with_corrections = view.corrections.values != nullptr;
  plan.add_model(StoredModel::pgm, stored);
  if (view.splitters) plan.add_items(kSplits, view.splitters, kSplitters);
  for (std::size_t l = 0; l < view.levels.size(); ++l) {
    const PgmLevel& level = view.levels[l];
    stored.level[l] = {level.segments, static_cast<std::uint64_t>(level.lift), level.shift, static_cast<bool>(level.wide)};
    plan.add(kBefore, static_cast<const unsigned char*>(level.before.address()) - kSegmentsSkipped * sizeof(std::uint64_t),
             (kSegmentsSkipped + level.segments + kWindowKeys<std::uint64_t>) * sizeof(std::uint64_t));
    if (level.wide) plan.add_items(kSegments, level.wide, level.segments + 1);
    else plan.add_items(kSegments, level.narrow, level.segments + 1);
  }
  if (view.corrections.values)
    plan.add_items(kCorrections, view.corrections.values, ((numbers + stored.epsilon) >> view.corrections.shift) + 2);
}

inline void plan_table(FilePlan& plan, const void* entries, std::uint64_t slots, std::uint32_t entry_bytes) {
  plan.model.table = {entry_bytes, 0};
  plan.add_model(StoredModel::direct, plan.model.table);
  plan.add(kTable, entries, slots * entry_bytes);
}

// What the header says of strings, of rows with the plan's columns; the layers over them, sealed plans, are added after it.
// O(bytes). False if stopped.
inline bool plan_strings(FilePlan& plan, const Strings& keys, const StoredStrings& said, Cancellation cancellation) {
  plan.header.minor = kMinor;
  plan.header.n = plan.header.numbers = keys.n;
  plan.header.sample_crc = sampled_crc(keys);
  plan.strings = said;
  plan.add_items(kStrings, &plan.strings, 1);
  if (!plan.columns.empty()) plan.add_items(kColumns, plan.columns.data(), plan.columns.size());
  return add_to_crc(plan.header.keys_crc, keys, cancellation);
}

inline void plan_layer(FilePlan& plan, const FilePlan& layer) { plan.add(kLayer, &layer, layer.header.file_bytes); }

// Of a layer, behind its column. Readers of numbers need neither.
inline void plan_runs(FilePlan& plan, const std::uint32_t* places, const void* runs, std::uint64_t n_runs) {
  plan.header.minor = kMinor;
  if (places) plan.add(kPlaces, places, plan.header.n * sizeof *places, 0);
  plan.add(kRuns, runs, n_runs * kRunBytes, 0);
}

// The last section. alone: the plan is one of no keys, and of their dtype.
inline void plan_filter(FilePlan& plan, const void* words, std::uint64_t bytes, bool alone) {
  plan.header.minor = kFilterMinor;
  plan.add(kFilter, words, bytes, alone);
}

// Calls sink(data, bytes) -> go on? for all bytes of a sealed plan in order; false if it said no.
template <class Sink> bool write_file(const FilePlan& plan, Sink&& sink);

template <class Sink> bool write_section(const FilePlan& plan, std::size_t i, Sink& sink) {
  const SectionEntry& entry = plan.sections[i];
  if (same_type(entry.type, kLayer)) return write_file(*static_cast<const FilePlan*>(plan.bytes[i]), sink);
  return entry.bytes == 0 || sink(plan.bytes[i], static_cast<std::size_t>(entry.bytes));
}

// Computes offsets and checksums of a plan that has all its sections; its header says what its keys are. False if
// stopped. O(bytes).
inline bool seal(FilePlan& plan, Cancellation cancellation) {
  FileHeader& header = plan.header;
  std::memcpy(header.magic, kMagic, sizeof kMagic);
  header.major = kMajor;
  header.byte_order = kByteOrder;
  header.sections = static_cast<std::uint32_t>(plan.sections.size());
  std::uint64_t end = sizeof(FileHeader) + plan.sections.size() * sizeof(SectionEntry);
  for (std::size_t i = 0; i < plan.sections.size(); ++i) {
    SectionEntry& entry = plan.sections[i];
    entry.offset = aligned_up(end, alignment_of(entry.type));
    end = entry.offset + entry.bytes;
    entry.crc = header.keys_crc;
    if (same_type(entry.type, kKeys)) continue;
    entry.crc = 0;
    const auto add = [&](const void* data, std::uint64_t bytes) { return add_to_crc(entry.crc, data, bytes, cancellation); };
    if (!write_section(plan, i, add)) return false;
  }
  header.file_bytes = end;
  header.header_crc = 0;
  std::uint32_t crc = crc32c(0, &header, sizeof header);
  header.header_crc = crc32c(crc, plan.sections.data(), plan.sections.size() * sizeof(SectionEntry));
  return true;
}

// The same of a plan of numbers. `keys` are the n keys of its header, whether they are a section or not.
inline bool seal(FilePlan& plan, const void* keys, Cancellation cancellation) {
  FileHeader& header = plan.header;
  const std::size_t item = visit_key_type(static_cast<KeyType>(header.kind), [](auto tag) { return sizeof tag; });
  header.sample_crc = sampled_crc(keys, header.n, item);
  header.keys_crc = 0;
  return add_to_crc(header.keys_crc, keys, header.n * item, cancellation) && seal(plan, cancellation);
}

template <class Sink> bool write_file(const FilePlan& plan, Sink&& sink) {
  static constexpr unsigned char zeros[kKeysAlignment] = {};
  std::uint64_t end = sizeof(FileHeader) + plan.sections.size() * sizeof(SectionEntry);
  if (!sink(&plan.header, sizeof(FileHeader))) return false;
  if (!sink(plan.sections.data(), plan.sections.size() * sizeof(SectionEntry))) return false;
  for (std::size_t i = 0; i < plan.sections.size(); ++i) {
    const SectionEntry& entry = plan.sections[i];
    if (entry.offset > end && !sink(zeros, static_cast<std::size_t>(entry.offset - end))) return false;
    if (!write_section(plan, i, sink)) return false;
    end = entry.offset + entry.bytes;
  }
  return true;
}

}  // namespace learnedidx
