// Files for the C++ tests and the fuzzer: saved from any keys, spoilt, and made right again.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

#include "key_sets.hpp"
#include "learnedidx/file/open.hpp"
#include "learnedidx/file/plan.hpp"
#include "learnedidx/kernels/rows.hpp"
#include "learnedidx/models/direct_table.hpp"
#include "learnedidx/training/fit_pgm.hpp"
#include "learnedidx/training/fit_spline.hpp"
#include "models_for_tests.hpp"

namespace tests {

using Bytes = std::vector<unsigned char>;

inline Bytes bytes_of(const FilePlan& plan) {
  Bytes bytes;
  write_file(plan, [&](const void* data, std::size_t size) {
    const auto* from = static_cast<const unsigned char*>(data);
    bytes.insert(bytes.end(), from, from + size);
    return true;
  });
  return bytes;
}

// What a file is to hold.
struct Content {
  StoredModel model = StoredModel::none;
  bool with_keys = true, with_values = false;
  bool large = false;  // a variant of the model with more arrays: lines, pieces, corrections, levels
};

// Seals the plan and returns its bytes; all that it points to must still be there.
template <class K> Bytes sealed(FilePlan& plan, const std::vector<K>& keys, const Content& content) {
  std::vector<std::uint16_t> values(content.with_values ? keys.size() : 0, 7);
  if (content.with_keys) plan.add_items(kKeys, keys.data(), keys.size());
  if (content.with_values) plan.add_items(kValues, values.data(), values.size());
  seal(plan, keys.data(), {});
  return bytes_of(plan);
}

template <class K> Bytes saved_rmi(FilePlan& plan, const std::vector<K>& keys, const Content& content) {
  OwnedRmi rmi;
  shape(rmi, keys, Knots::even, content.large, keys.size(), content.large);
  fit(rmi, keys, content.large, scalar_kernels);
  GroupErrors errors(rmi.leaves());
  fit_errors(keys.data(), keys.size(), rmi.view, scalar_kernels, errors, {});
  plan_rmi<K>(plan, rmi.view, errors.view());
  return sealed(plan, keys, content);
}

template <class K> Bytes saved_tree(FilePlan& plan, const std::vector<K>& keys, const Content& content) {
  BTree<K> tree;
  tree.view.node = content.large ? 8 : 16;
  const WindowFrame frame{0, static_cast<std::int64_t>(keys.size()) - static_cast<std::int64_t>(kWindowKeys<K>)};
  if (keys.size() >= kWindowKeys<K>) build(tree, keys.data(), keys.size(), tree.view.node, frame, {});
  plan_tree(plan, tree.view);
  return sealed(plan, keys, content);
}

template <class K> Bytes saved_spline(FilePlan& plan, const std::vector<K>& keys, const Content& content) {
  RadixSpline spline;
  SplinePoints points;
  const OrdinalDomain domain = ordinals_over(keys.front(), keys.back());
  const std::uint64_t epsilon = content.large ? 70 : 2;
  fit_spline(keys.data(), keys.size(), domain, epsilon, scalar_kernels, points, spline.open, {});
  lay_out(spline, points, domain, epsilon, content.large ? 0 : 3);
  fit_corrections(spline, keys.data(), keys.size(), {});
  plan_spline(plan, spline.view, keys.size(), epsilon);
  return sealed(plan, keys, content);
}

template <class K> Bytes saved_pgm(FilePlan& plan, const std::vector<K>& keys, const Content& content) {
  Pgm pgm;
  fit_pgm(pgm, keys.data(), keys.size(), content.large ? 200 : 1, scalar_kernels, {});
  ErrorBounds errors;
  measure_pgm(keys.data(), keys.size(), pgm.view, scalar_kernels, errors, {});
  plan_pgm(plan, pgm.view, keys.size(), errors);
  return sealed(plan, keys, content);
}

template <class K> Bytes saved_table(FilePlan& plan, const std::vector<K>& keys, const Content& content) {
  std::vector<std::uint32_t> table;
  if constexpr (kIsNarrow<K>) {
    table.resize(kSlots<K>);
    fill_direct(keys.data(), keys.size(), table.data());
  }
  plan_table(plan, table.data(), table.size(), 4);
  return sealed(plan, keys, content);
}

// A file over sorted keys, of which there is one at least and none is NaN.
template <class K> Bytes saved(const std::vector<K>& keys, const Content& content) {
  FilePlan plan;
  plan.add(kMeta, "{}", 2);
  plan_keys(plan, keys.data(), keys.size(), keys.size());
  switch (content.model) {
    case StoredModel::none: break;
    case StoredModel::rmi: return saved_rmi(plan, keys, content);
    case StoredModel::btree: return saved_tree(plan, keys, content);
    case StoredModel::radix_spline: return saved_spline(plan, keys, content);
    case StoredModel::pgm: return saved_pgm(plan, keys, content);
    case StoredModel::direct: return saved_table(plan, keys, content);
  }
  return sealed(plan, keys, content);
}

// The header and the table of what may be a file.
struct Outline {
  FileHeader header{};
  std::vector<SectionEntry> sections;

  explicit Outline(const Bytes& bytes) {
    if (bytes.size() < sizeof header) return;
    std::memcpy(&header, bytes.data(), sizeof header);
    const std::size_t fits = (bytes.size() - sizeof header) / sizeof(SectionEntry);
    sections.resize(std::min<std::size_t>({header.sections, fits, kMostSections}));
    for (std::size_t i = 0; i < sections.size(); ++i)
      std::memcpy(&sections[i], bytes.data() + sizeof header + i * sizeof(SectionEntry), sizeof(SectionEntry));
  }

  std::size_t table_end() const { return sizeof header + sections.size() * sizeof(SectionEntry); }

  // Writes header and table back and signs them; nothing if the bytes are shorter than a header.
  void sign(Bytes& bytes) {
    if (bytes.size() < sizeof header) return;
    header.sections = static_cast<std::uint32_t>(sections.size());
    header.file_bytes = bytes.size();
    header.header_crc = 0;
    header.header_crc =
        crc32c(crc32c(0, &header, sizeof header), sections.data(), sections.size() * sizeof(SectionEntry));
    std::memcpy(bytes.data(), &header, sizeof header);
    std::copy_n(reinterpret_cast<const unsigned char*>(sections.data()), sections.size() * sizeof(SectionEntry),
                bytes.data() + sizeof header);
  }
};

// Makes header, table and checksums right again after a change, so that the change itself is what is
// opened: offsets as they must be, zeros between sections, every section's checksum. Sections of any
// length stay where they are as far as that can be. A layer, a file in the file, is made right if it keeps its length.
inline void make_right(Bytes& bytes, bool with_layers = true) {
  Outline outline(bytes);
  std::memcpy(outline.header.magic, kMagic, sizeof kMagic);
  outline.header.major = kMajor;
  outline.header.byte_order = kByteOrder;
  std::uint64_t end = outline.table_end();
  for (SectionEntry& entry : outline.sections) {
    entry.offset = aligned_up(end, alignment_of(entry.type));
    if (entry.offset > bytes.size()) bytes.resize(static_cast<std::size_t>(entry.offset));
    std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(end), bytes.begin() + static_cast<std::ptrdiff_t>(entry.offset),
              static_cast<unsigned char>(0));
    entry.bytes = std::min<std::uint64_t>(entry.bytes, bytes.size() - entry.offset);
    if (with_layers && same_type(entry.type, kLayer)) {
      const auto from = bytes.begin() + static_cast<std::ptrdiff_t>(entry.offset);
      Bytes layer(from, from + static_cast<std::ptrdiff_t>(entry.bytes));
      make_right(layer, false);
      if (layer.size() == entry.bytes) std::copy(layer.begin(), layer.end(), from);
    }
    entry.crc = crc32c(0, bytes.data() + entry.offset, static_cast<std::size_t>(entry.bytes));
    if (same_type(entry.type, kKeys)) outline.header.keys_crc = entry.crc;
    end = entry.offset + entry.bytes;
  }
  bytes.resize(static_cast<std::size_t>(std::max<std::uint64_t>(end, std::min<std::size_t>(bytes.size(), sizeof(FileHeader)))));
  outline.sign(bytes);
}

}  // namespace tests
