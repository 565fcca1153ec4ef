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
      : keys_(keys), spacing_bits_(spacing_bits), layer_(layer), next_(next), last_layer_(last_layer),
        last_(layer.segments.back().end - std::size_t{1}) {}

  // False if stopped.
  bool add(std::size_t number, SeldomPoll& poll) {
    Segment& segment = layer_.segments[number];
    segment.first = static_cast<std::uint32_t>(layer_.column.size());
    std::uint64_t before = ~entry_at(segment.begin, number, segment.depth);
    for (std::size_t begin = segment.begin; begin < segment.end; begin += kAtOnce) {
      const std::size_t end = std::min<std::size_t>(begin + kAtOnce, segment.end);
      if (!poll.may_continue(end - begin)) return false;
      add_entries(begin, end, number, segment.depth, before);
    }
    segment.last = static_cast<std::uint32_t>(layer_.column.size());
    if (!last_layer_ && segment.last - segment.first < segment.end - segment.begin) lead_deeper(segment, number);
    return true;
  }

 private:
  static constexpr std::size_t kAtOnce = 256, kAhead = 16;

  Slice separator(std::size_t i) const { return keys_[i << spacing_bits_]; }

  std::uint64_t entry_at(std::size_t i, std::size_t number, std::size_t depth) const {
    return entry_of(chunk_at(separator(i), depth), number, layer_.segment_bits);
  }

  // Processors foresee the first layer, which reads all keys, but not the later ones, which read some lines of some keys.
  void ask_for(std::size_t i, std::size_t depth) const {
    const Slice soon = separator(std::min(i, last_));
    prefetch_near(soon.data + std::min(depth, soon.room));
  }

  // The entries of keys [begin, end) that differ from the one before them, without a branch on that: no processor foretells it.
  void add_entries(std::size_t begin, std::size_t end, std::size_t number, std::size_t depth, std::uint64_t& before) {
    std::size_t count = 0;
    for (std::size_t i = begin; i < end; ++i) {
      if (layer_.segment_bits > 0) ask_for(i + kAhead, depth);
      const std::uint64_t entry = entry_at(i, number, depth);
      entries_[count] = entry;
      places_[count] = static_cast<std::uint32_t>(i);
      count += entry != before;
      before = entry;
    }
    layer_.column.insert(layer_.column.end(), entries_, entries_ + count);
    layer_.places.insert(layer_.places.end(), places_, places_ + count);
  }

  // Long runs of keys with the same entry become segments of the next layer, if they share more bytes.
  void lead_deeper(const Segment& segment, std::size_t number) {
    for (std::size_t e = segment.first; e < segment.last; ++e) {
      const std::size_t begin = layer_.places[e], end = e + 1 < segment.last ? layer_.places[e + 1] : segment.end;
      if (end - begin <= kShortRun) continue;
      const Slice first = separator(begin);
      const std::size_t shared = common_prefix(first, separator(end - 1), segment.depth);
      if (shared <= segment.depth || shared >= ~std::uint32_t{0}) continue;
      layer_.places[e] = kDeeper | static_cast<std::uint32_t>(next_.size());
      next_.push_back({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end), 0, 0,
                       static_cast<std::uint32_t>(shared), static_cast<std::uint32_t>(number), bytes_before(first, shared)});
    }
  }

  const Column& keys_;
  const unsigned spacing_bits_;
  Layer& layer_;
  std::vector<Segment>& next_;
  bool last_layer_;
  const std::size_t last_;  // the last separator of the layer
  std::uint64_t entries_[kAtOnce];
  std::uint32_t places_[kAtOnce];
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
  static constexpr std::size_t kAtOnce = 256;

  OrderCheck(const Column& keys, const Strings& strings)
      : keys_(keys), end_to_end_(strings.layout == Layout::offsets32 || strings.layout == Layout::offsets64) {}

  // The first key of [from, end) that is out of order, or end. At most kAtOnce keys, and as many but at the end.
  std::size_t read(std::size_t from, std::size_t end) {
    Head before = head_;
    std::uint64_t sizes = sizes_;
    for (std::size_t i = from; i < end; ++i) {
      const Slice key = keys_[i];
      const Head head{chunk_at(key, 0), chunk_at(key, 8)};
      const bool above = (head.first > before.first) | ((head.first == before.first) & (head.second > before.second));
      if (!above && i > 0 && (head.first != before.first || head.second != before.second || compare(keys_[i - 1], key, 16) > 0))
        return i;
      sizes = folded(sizes, key.size);
      before = head;
    }
    head_ = before;
    sizes_ = sizes;
    sum_up(from, end);
    return end;
  }
  std::uint64_t fingerprint(std::size_t n) const {
    std::uint64_t made = sizes_;
    for (const CrcLane& lane : lanes_) made = folded(made, lane.crc);
    return folded(made, n);
  }

 private:
  // The first 16 bytes of a key.
  struct Head {
    std::uint64_t first = 0, second = 0;
  };

  // A block is a piece for each lane.
  void sum_up(std::size_t from, std::size_t end) {
    constexpr std::size_t piece = kAtOnce / kCrcLanes;
    for (CrcLane& lane : lanes_) {
      const std::size_t to = std::min(from + piece, end);
      if (end_to_end_ && from < to) {
        const Slice last = keys_[to - 1];
        lane.from = keys_[from].data;
        lane.bytes = static_cast<std::size_t>(last.data + last.size - lane.from);
      }
      for (std::size_t i = from; !end_to_end_ && i < to; ++i) lane.crc = crc32c(lane.crc, keys_[i].data, keys_[i].size);
      from = to;
    }
    if (end_to_end_) crc32c_lanes(lanes_);
  }

  const Column& keys_;
  const bool end_to_end_;
  Head head_;
  std::uint64_t sizes_ = 0;
  CrcLane lanes_[kCrcLanes];
};

}  // namespace layers_detail

// bad: the first key that is below the one before it, or n. Offsets that fall, as those in a file may, cut a string off to
// an empty one, which is out of order unless all before it are empty: so strings in order do not overlap. fingerprint:
// changes when any one key does, the same in every layout. False if stopped. O(bytes of the keys).
inline bool check_order(const Strings& keys, std::size_t& bad, std::uint64_t& fingerprint, Cancellation cancellation = {}) {
  return visit_strings(keys, [&](const auto& column) {
    layers_detail::OrderCheck<std::decay_t<decltype(column)>> check(column, keys);
    SeldomPoll poll(cancellation);
    for (bad = 0; bad < keys.n;) {
      const std::size_t end = std::min(bad + check.kAtOnce, keys.n);
      if (!poll.may_continue(check.kAtOnce)) return false;
      bad = check.read(bad, end);
      if (bad < end) return true;
    }
    fingerprint = check.fingerprint(keys.n);
    return true;
  });
}

}  // namespace learnedidx
