// Looking up strings in a .lidx file where it lies. Nothing is allocated, and nothing in the file is trusted: what the
// layers say is cut off, and the keys prove the answers.
#pragma once

#include <cstddef>
#include <cstdint>

#include "learnedidx/file/open.hpp"
#include "learnedidx/text/layers.hpp"

namespace learnedidx {

static_assert(kMostStoredLayers == kMostLayers && kMostStoredStrings == kMostStrings && kRunBytes == sizeof(Segment));
static_assert(kMostStoredSpacing == kMostSpacing);

// A file of strings and its layers, each a file in it. Some 100 KB, whatever the file holds; the view points into it, so
// that it stays where it is.
struct OpenedStrings {
  OpenedFile file;
  InlineVector<OpenedFile, kMostLayers> layers;
  InlineVector<BTreeView<std::uint64_t>, kMostLayers> trees;
  LayersView view;  // over the strings in the file; without them `view.keys` is to be set before a lookup

  OpenedStrings() = default;
  OpenedStrings(const OpenedStrings&) = delete;
  OpenedStrings& operator=(const OpenedStrings&) = delete;
};

namespace open_detail {

inline Engine<std::uint64_t> engine_over(const OpenedFile& layer, BTreeView<std::uint64_t>& tree) {
  Engine<std::uint64_t> engine;
  engine.keys = static_cast<const std::uint64_t*>(layer.keys);
  engine.n = layer.numbers();
  engine.frame = frame_of(engine.keys, engine.n);
  switch (layer.model()) {
    case StoredModel::rmi: engine.rmi = &layer.rmi, engine.model = Model::rmi; break;
    case StoredModel::pgm: engine.pgm = &layer.pgm, engine.model = Model::pgm; break;
    case StoredModel::radix_spline: engine.spline = &layer.spline, engine.model = Model::radix_spline; break;
    case StoredModel::btree:
      if (engine.n < kWindowKeys<std::uint64_t>) break;
      tree = tree_of<std::uint64_t>(layer);
      engine.tree = &tree;
      engine.frame = tree.frame;
      engine.model = Model::btree;
      break;
    case StoredModel::none:
    case StoredModel::direct: break;
  }
  return engine;
}

inline void add_layer(OpenedStrings& opened, std::size_t l) {
  const OpenedFile& layer = opened.layers[l];
  LayerView view;
  view.n_segments = static_cast<std::size_t>(layer.n_runs);
  while ((std::uint64_t{1} << view.segment_bits) < layer.n_runs) ++view.segment_bits;
  view.segments = static_cast<const Segment*>(layer.runs);
  view.places = static_cast<const std::uint32_t*>(layer.places);
  view.engine = engine_over(layer, opened.trees[l]);
  opened.view.layers.push_back(view);
}

}  // namespace open_detail

// Opens data[0, bytes), which begins at a multiple of 8 and stays as long as it is used. bad_sections: also where it holds
// numbers. O(number of sections).
inline FileStatus open_strings(const void* data, std::uint64_t bytes, OpenedStrings& opened) noexcept {
  opened.layers.clear();
  opened.trees.clear();
  opened.view = {};
  const FileStatus status = open_file(data, bytes, opened.file);
  if (status != FileStatus::ok) return status;
  if (!opened.file.holds_strings) return FileStatus::bad_sections;
  opened.view.keys = strings_of(opened.file);
  opened.view.guarded = true;
  opened.view.spacing_bits = opened.file.strings.spacing_bits;
  for (const SectionEntry& entry : opened.file.sections) {
    if (!same_type(entry.type, kLayer)) continue;
    const std::size_t l = opened.layers.size();
    opened.layers.push_back({});
    opened.trees.push_back({});
    const FileStatus of_layer = open_file(opened.file.data + entry.offset, entry.bytes, opened.layers[l]);
    if (of_layer != FileStatus::ok) return of_layer;
    if (!is_layer(opened.layers[l])) return FileStatus::bad_sections;
    open_detail::add_layer(opened, l);
  }
  return FileStatus::ok;
}

}  // namespace learnedidx
