// Builds layers over sorted byte strings, and checks that they are sorted.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "learnedidx/base/aligned_table.hpp"
#include "learnedidx/base/cancellation.hpp"
#include "learnedidx/base/compiled.hpp"
#include "learnedidx/base/crc32c.hpp"
#include "learnedidx/models/btree.hpp"
#include "learnedidx/training/order_check.hpp"
#include "learnedidx/text/layers.hpp"

namespace learnedidx {

// A layer that owns its arrays.
struct Layer {
  unsigned segment_bits = 0;
  Table<std::uint64_t> column;
  Table<std::uint32_t> places;  // empty: every key has an entry of its own
  std::vector<Segment> segments;

  LayerView view() const {
    LayerView view;
    view.segment_bits = segment_bits;
    view.segments = segments.data();
    view.n_segments = segments.size();
    view.places = places.empty() ? nullptr : places.data();
    view.engine.keys = column.data();
    view.engine.n = column.size();
    view.engine.frame = frame_of(column.data(), column.size());
    return view;
  }
  std::size_t bytes() const {
    return column.size() * sizeof column[0] + places.size() * sizeof places[0] + segments.size() * sizeof segments[0];
  }
};

namespace layers_detail {

// Makes one layer of its segments, and collects those of the next.
template <class Column> class LayerBuild {
 public:
  LayerBuild(const Column& keys, unsigned spacing_bits, Layer& layer, std::vector<Segment>& next, bool last_layer)
      : keys_(keys), spacing_bits_(spacing_bits), layer_(layer), next_(next), last_layer_(last_layer) {}

  // False if stopped.
  bool add(std::size_t number, SeldomPoll& poll) {
    Segment& segment = layer_.segments[number];
    segment.first = static_cast<std::uint32_t>(layer_.column.size());
    std::size_t begin = segment.begin;
    std::uint64_t entry = entry_at(begin, number, segment.depth);
    for (std::size_t i = begin + 1; i < segment.end; ++i) {
      if (!poll.may_continue(1)) return false;
      const std::uint64_t other = entry_at(i, number, segment.depth);
      if (other == entry) continue;
      close(begin, i, entry, number, segment.depth);
      begin = i;
      entry = other;
    }
    close(begin, segment.end, entry, number, segment.depth);
    segment.last = static_cast<std::uint32_t>(layer_.column.size());
    return true;
  }

 private:
  Slice separator(std::size_t i) const { return keys_[i << spacing_bits_]; }

  std::uint64_t entry_at(std::size_t i, std::size_t number, std::size_t depth) const {
    return entry_of(chunk_at(separator(i), depth), number, layer_.segment_bits);
  }

  void close(std::size_t begin, std::size_t end, std::uint64_t entry, std::size_t number, std::size_t depth) {
    auto place = static_cast<std::uint32_t>(begin);
    if (end - begin > kShortRun && !last_layer_) {
      const Slice first = separator(begin);
      const std::size_t shared = common_prefix(first, separator(end - 1), depth);
      if (shared > depth && shared < ~std::uint32_t{0}) {
        place = kDeeper | static_cast<std::uint32_t>(next_.size());
        next_.push_back({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end), 0, 0,
                         static_cast<std::uint32_t>(shared), static_cast<std::uint32_t>(number), bytes_before(first, shared)});
      }
    }
    layer_.column.push_back(entry);
    layer_.places.push_back(place);
  }

  const Column& keys_;
  const unsigned spacing_bits_;
  Layer& layer_;
  std::vector<Segment>& next_;
  bool last_layer_;
};

// Gives every key an entry of its own where nearly all have one and none leads deeper: a lookup reads no places then.
inline void drop_places(Layer& layer, bool leads_deeper) {
  std::size_t keys = 0;
  for (const Segment& segment : layer.segments) keys += segment.end - segment.begin;
  if (leads_deeper || layer.column.size() < keys - keys / 10) return;
  if (layer.column.size() == keys) return Table<std::uint32_t>().swap(layer.places);
  Table<std::uint64_t> column;
  column.reserve(keys);
  for (Segment& segment : layer.segments) {
    const auto first = static_cast<std::uint32_t>(column.size());
    for (std::size_t e = segment.first; e < segment.last; ++e) {
      const std::size_t end = e + 1 < segment.last ? layer.places[e + 1] : segment.end;
      column.insert(column.end(), end - layer.places[e], layer.column[e]);
    }
    segment.first = first;
    segment.last = static_cast<std::uint32_t>(column.size());
  }
  layer.column.swap(column);
  Table<std::uint32_t>().swap(layer.places);
}

inline unsigned bits_for(std::size_t count) {
  unsigned bits = 0;
  while ((std::size_t{1} << bits) < count) ++bits;
  return bits;
}

}  // namespace layers_detail

// The layers over sorted keys, without models; false if stopped. O(n) for each layer; a key whose first bytes tell it
// from others, or from all but a few, is in few of them. At most kMostStrings keys.
template <class Column>
bool build_layers(const Column& keys, std::size_t n_keys, unsigned spacing_bits, std::vector<std::unique_ptr<Layer>>& layers,
                  Cancellation cancellation) {
  layers.clear();
  if (n_keys == 0) return true;
  const std::size_t n = separators_of(n_keys, spacing_bits);
  const Slice first = keys[0];
  const std::size_t shared = std::min(common_prefix(first, keys[(n - 1) << spacing_bits]), std::size_t{~std::uint32_t{0}});
  std::vector<Segment> segments{{0, static_cast<std::uint32_t>(n), 0, 0, static_cast<std::uint32_t>(shared), 0,
                                 bytes_before(first, shared)}};
  SeldomPoll poll(cancellation);
  while (!segments.empty() && layers.size() < kMostLayers) {
    layers.push_back(std::make_unique<Layer>());
    Layer& layer = *layers.back();
    layer.segment_bits = layers_detail::bits_for(segments.size());
    layer.segments.swap(segments);
    std::size_t most = 0;
    for (const Segment& segment : layer.segments) most += segment.end - segment.begin;
    layer.column.reserve(most);
    layer.places.reserve(most);
    layers_detail::LayerBuild<Column> build(keys, spacing_bits, layer, segments, layers.size() == kMostLayers);
    for (std::size_t s = 0; s < layer.segments.size(); ++s)
      if (!build.add(s, poll)) return false;
    layers_detail::drop_places(layer, !segments.empty());
  }
  return true;
}

#define LIDX_THESE(Column) \
  LIDX_COMPILE(bool build_layers(const Column&, std::size_t, unsigned, std::vector<std::unique_ptr<Layer>>&, Cancellation))
LIDX_FOR_ALL_COLUMNS(LIDX_THESE)
#undef LIDX_THESE

inline bool build_layers(const Strings& keys, unsigned spacing_bits, std::vector<std::unique_ptr<Layer>>& layers,
                         Cancellation cancellation = {}) {
  return visit_strings(keys, [&](const auto& column) {
    return build_layers(column, keys.n, spacing_bits, layers, cancellation);
  });
}

// Layers that own all they need, with a B+-tree over each column.
struct Layers {
  std::vector<std::unique_ptr<Layer>> layers;
  std::vector<std::unique_ptr<BTree<std::uint64_t>>> trees;
  LayersView view;

  std::size_t bytes() const {
    std::size_t total = 0;
    for (const auto& layer : layers) total += layer->bytes();
    for (const auto& tree : trees) total += tree->bytes();
    return total;
  }
};

// False if stopped.
inline bool build(Layers& made, const Strings& keys, unsigned spacing_bits = 0, Cancellation cancellation = {}) {
  if (!build_layers(keys, spacing_bits, made.layers, cancellation)) return false;
  made.view = {};
  made.view.keys = keys;
  made.view.spacing_bits = spacing_bits;
  for (const auto& layer : made.layers) {
    LayerView view = layer->view();
    made.trees.push_back(std::make_unique<BTree<std::uint64_t>>());
    if (view.engine.n >= kWindowKeys<std::uint64_t>) {
      if (!build(*made.trees.back(), view.engine.keys, view.engine.n, 16, cancellation)) return false;
      view.engine.tree = &made.trees.back()->view;
      view.engine.frame = view.engine.tree->frame;
      view.engine.model = Model::btree;
    }
    made.view.layers.push_back(view);
  }
  return true;
}

namespace layers_detail {

// Reads sorted strings block by block and sums them up.
template <class Column> class OrderCheck {
 public:
  OrderCheck(const Column& keys, const Strings& strings)
      : keys_(keys), end_to_end_(strings.layout == Layout::offsets32 || strings.layout == Layout::offsets64) {}

  // The first key of [from, end) that is out of order, or end.
  std::size_t read(std::size_t from, std::size_t end) {
    for (std::size_t i = from; i < end; ++i) {
      const Slice key = keys_[i];
      if (compare(before_, key) > 0) return i;
      if (!end_to_end_) crc_ = crc32c(crc_, key.data, key.size);
      sizes_ = folded(sizes_, key.size);
      before_ = key;
    }
    if (end_to_end_) add_bytes(keys_[from].data, before_.data + before_.size);
    return end;
  }
  std::uint64_t fingerprint(std::size_t n) const { return folded(folded(sizes_, crc_), n); }

 private:
  void add_bytes(const std::uint8_t* from, const std::uint8_t* to) {
    if (from < to) crc_ = crc32c(crc_, from, static_cast<std::size_t>(to - from));
  }

  const Column& keys_;
  const bool end_to_end_;
  Slice before_{};
  std::uint32_t crc_ = 0;
  std::uint64_t sizes_ = 0;
};

}  // namespace layers_detail

// bad: the first key that is below the one before it, or n. Offsets that fall, as those in a file may, cut a string off to
// an empty one, which is out of order unless all before it are empty: so strings in order do not overlap. fingerprint:
// changes when any one key does, the same in every layout. False if stopped. O(bytes of the keys).
inline bool check_order(const Strings& keys, std::size_t& bad, std::uint64_t& fingerprint, Cancellation cancellation = {}) {
  return visit_strings(keys, [&](const auto& column) {
    constexpr std::size_t block = 256;
    layers_detail::OrderCheck<std::decay_t<decltype(column)>> check(column, keys);
    SeldomPoll poll(cancellation);
    for (bad = 0; bad < keys.n;) {
      const std::size_t end = std::min(bad + block, keys.n);
      if (!poll.may_continue(block)) return false;
      bad = check.read(bad, end);
      if (bad < end) return true;
    }
    fingerprint = check.fingerprint(keys.n);
    return true;
  });
}

}  // namespace learnedidx
