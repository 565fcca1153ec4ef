// Searches layers for many strings at once. A block of queries goes down together: each layer is one batch of its engine;
// queries whose answer is proved drop out. What ties with keys waits until all layers are done, and is compared then, with
// what it reads asked for before.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "learnedidx/base/compiled.hpp"
#include "learnedidx/lookup/batch.hpp"
#include "learnedidx/search/trace.hpp"
#include "learnedidx/text/foresight.hpp"
#include "learnedidx/text/layers.hpp"
#include "learnedidx/text/proof.hpp"

namespace learnedidx {

constexpr std::size_t kStringBlock = 512;  // queries that go down together
constexpr std::size_t kTiesAhead = 16;     // of them, whose keys are asked for before they are compared

// What a search leaves: positions[i] = number of keys below query i (right: not above it); equal[i], unless null: is it a
// key, which is then the one at its position (left).
struct Found {
  std::int64_t* positions;
  std::uint8_t* equal;
};

template <class Column, class AnyTracer = NoTrace> class StringSearch {
 public:
  StringSearch(const LayersView& index, const Column& keys, const Kernels& kernels, bool right, const AnyTracer& tracer = {})
      : index_(index), keys_(keys), kernels_(kernels), right_(right), tracer_(tracer),
        separators_(separators_of(index.keys.n, index.spacing_bits)) {}

  // At most kStringBlock queries.
  void run(const Slice* queries, std::size_t count, const Found& found) {
    queries_ = queries;
    found_ = found;
    n_ties_ = 0;
    n_ways_ = 0;
    if (found.equal) std::fill_n(found.equal, count, std::uint8_t{0});
    if (index_.layers.empty()) {
      std::fill_n(found.positions, count, std::int64_t{0});
      return;
    }
    begin(count);
    for (std::size_t l = 0; l < index_.layers.size() && n_ways_ > 0; ++l) descend(l);
    settle();
    if (index_.guarded) AnswerProof<Column>(keys_, n(), right_).prove(queries, count, found.positions, found.equal);
  }

 private:
  static constexpr std::uint32_t kAll = ~std::uint32_t{0};

  // Where a query stands on its way down.
  struct Way {
    std::uint32_t query, segment, depth;
    std::uint32_t proved;  // first bytes that are known to agree with the keys; kAll: all before depth
    bool blind() const { return proved != kAll; }
  };
  // Keys [begin, end).
  struct KeyRange {
    std::size_t begin, end;
  };
  // A query that is compared with keys, or with one key to see where it left the way.
  struct Tie {
    Way way;
    std::uint32_t begin, end, layer;
    std::uint32_t known;  // first bytes in which the query agrees with them, if what it skipped does
  };

  std::size_t n() const { return index_.keys.n; }
  bool is_sparse() const { return index_.spacing_bits > 0; }
  std::size_t key_of(std::size_t separator) const { return separator << index_.spacing_bits; }

  // The keys that a query is compared with whose place is among separators [begin, end), or behind them and not behind that
  // at `end`, which it does not equal.
  KeyRange keys_among(std::size_t begin, std::size_t end) const {
    if (!is_sparse()) return {begin, end};
    return {begin > 0 ? key_of(begin - 1) + 1 : 0, std::min(key_of(end), n())};
  }

  void put(std::size_t query, std::size_t position) { found_.positions[query] = static_cast<std::int64_t>(position); }

  // All keys share what the first layer skips.
  void begin(std::size_t count) {
    const Segment root = segment_of(index_.layers[0], 0);
    const Slice first = root.depth > 0 ? keys_[0] : Slice{};
    const std::size_t depth = std::min<std::size_t>(root.depth, first.size);
    for (std::size_t i = 0; i < count; ++i) {
      if (depth > 0) {
        const Slice& q = queries_[i];
        tracer_.model(first.data, depth);
        const int order = q.size > 0 ? std::memcmp(q.data, first.data, std::min(q.size, depth)) : 0;
        if (order != 0 || q.size < depth) {
          decide({static_cast<std::uint32_t>(i), 0, 0, kAll}, order > 0 ? separators_ : 0, 0);
          continue;
        }
      }
      ways_[n_ways_++] = {static_cast<std::uint32_t>(i), 0, static_cast<std::uint32_t>(depth), kAll};
    }
  }

  Segment segment_of(const LayerView& layer, std::size_t number) const {
    if (!index_.guarded) return layer.segments[number];
    Segment s;
    copy_once(layer.segments + std::min(number, layer.n_segments - 1), s);
    const auto cut = [](std::uint32_t& value, std::size_t low, std::size_t high) {
      value = static_cast<std::uint32_t>(std::min(std::max<std::size_t>(value, low), high));
    };
    cut(s.begin, 0, separators_);
    cut(s.end, s.begin, separators_);
    cut(s.first, 0, layer.engine.n);
    cut(s.last, s.first, layer.engine.n);
    return s;
  }

  void descend(std::size_t l) {
    const LayerView& layer = index_.layers[l];
    for (std::size_t i = 0; i < n_ways_; ++i)
      entries_[i] = entry_of(chunk_at(queries_[ways_[i].query], ways_[i].depth), ways_[i].segment, layer.segment_bits);
    if (n_ways_ == 1) search_one(l, layer);
    else lower_bound_batch(layer.engine, kernels_, entries_, n_ways_, places_);
    if (layer.places)
      for (std::size_t i = 0; i < n_ways_; ++i) prefetch_near(layer.places + places_[i]);
    const std::size_t ways = n_ways_;
    n_ways_ = 0;
    for (std::size_t i = 0; i < ways; ++i) step(l, layer, ways_[i], entries_[i], static_cast<std::size_t>(places_[i]));
    if (l + 1 < index_.layers.size()) enter(l + 1, layer.chunk_bytes());
    else n_ways_ = 0;
  }

  void search_one(std::size_t l, const LayerView& layer) {
    const Segment segment = segment_of(layer, ways_[0].segment);
    tracer_.model(layer.segments + ways_[0].segment, sizeof segment);
    tracer_.step(Visit::layer, l, key_of(segment.begin), std::min(key_of(segment.end), n()));
    if constexpr (AnyTracer::kTraces) {
      places_[0] = lower_bound_one(layer.engine, kernels_, entries_[0], tracer_);
    } else {
      places_[0] = lower_bound_one(layer.engine, kernels_, entries_[0], Foresight<Column>(layer, segment, keys_));
    }
  }

  // The separator with which the run of an entry begins.
  std::size_t begin_of(std::size_t l, const LayerView& layer, const Segment& segment, std::size_t e) const {
    if (e >= segment.last) return segment.end;
    if (!layer.places) return std::min<std::size_t>(segment.begin + (e - segment.first), separators_);
    const auto place = static_cast<std::uint32_t>(loaded_once(layer.places[e]));
    if (place < kDeeper) return std::min<std::size_t>(place, separators_);
    if (l + 1 >= index_.layers.size()) return separators_;
    return segment_of(index_.layers[l + 1], place - kDeeper).begin;
  }

  // The query lies before this separator and behind the one before it, if what it skipped agrees.
  void decide(const Way& way, std::size_t at, std::size_t l) {
    return way.blind() || is_sparse() ? wait(way, at, at, l) : put(way.query, at);
  }

  // The answer of a layer: a proved position, a segment of the next, or keys to be compared.
  void step(std::size_t l, const LayerView& layer, Way way, std::uint64_t entry, std::size_t e) {
    const Segment segment = segment_of(layer, way.segment);
    e = std::min<std::size_t>(std::max<std::size_t>(e, segment.first), segment.last);
    if (e == segment.last || layer.engine.keys[e] != entry) {
      return decide(way, begin_of(l, layer, segment, e), l);
    }
    if (layer.places) {
      tracer_.model(layer.places + e, sizeof layer.places[e]);
      const auto place = static_cast<std::uint32_t>(loaded_once(layer.places[e]));
      if (place >= kDeeper && l + 1 < index_.layers.size()) {
        const LayerView& next = index_.layers[l + 1];
        way.segment = static_cast<std::uint32_t>(std::min<std::size_t>(place - kDeeper, next.n_segments - 1));
        prefetch_near(next.segments + way.segment);
        ways_[n_ways_++] = way;
        return;
      }
    }
    wait(way, begin_of(l, layer, segment, e), begin_of(l, layer, segment, run_end(layer, segment, entry, e)), l);
  }

  // Where the entries that equal that at e end. Keys that are equal make long runs.
  static std::size_t run_end(const LayerView& layer, const Segment& segment, std::uint64_t entry, std::size_t e) {
    if (layer.places) return e + 1;
    const std::uint64_t* column = layer.engine.keys;
    const std::size_t near = std::min<std::size_t>(e + kShortRun, segment.last);
    std::size_t end = e + 1;
    while (end < near && column[end] == entry) ++end;
    if (end < e + kShortRun) return end;
    return static_cast<std::size_t>(std::upper_bound(column + end, column + segment.last, entry) - column);
  }

  // Until all layers are done, for keys among separators [begin, end).
  void wait(const Way& way, std::size_t begin, std::size_t end, std::size_t l) {
    const KeyRange keys = keys_among(begin, std::max(begin, end));
    keys_.prefetch(keys.begin < n() ? keys.begin : n() - 1);
    if (keys.end > keys.begin + 1) keys_.prefetch(keys.end);
    const std::size_t known = is_sparse() ? 0 : way.depth + index_.layers[l].chunk_bytes();
    ties_[n_ties_++] = {way, static_cast<std::uint32_t>(keys.begin), static_cast<std::uint32_t>(keys.end),
                        static_cast<std::uint32_t>(l), static_cast<std::uint32_t>(known)};
  }

  // Queries enter segments of layer l: up to eight bytes that they skip are compared now, more when all layers are done.
  void enter(std::size_t l, std::size_t chunk_bytes) {
    const std::size_t ways = n_ways_;
    n_ways_ = 0;
    for (std::size_t i = 0; i < ways; ++i) {
      Way way = ways_[i];
      const Segment segment = segment_of(index_.layers[l], way.segment);
      const Slice& q = queries_[way.query];
      const std::size_t known = way.depth + chunk_bytes;
      const std::size_t skipped = segment.depth > known ? segment.depth - known : 0;
      const std::uint64_t read = skipped >= 8 ? ~std::uint64_t{0} : (std::uint64_t{1} << (8 * skipped)) - 1;
      const std::uint64_t own = bytes_before(q, segment.depth) & read, shared = segment.before & read;
      way.depth = segment.depth;
      const bool agrees = own == shared && q.size >= segment.depth;
      if (skipped > 8 && !way.blind()) way.proved = static_cast<std::uint32_t>(known);
      if (agrees) ways_[n_ways_++] = way;
      else if (way.blind()) wait(way, segment.begin, segment.begin, l);
      else decide(way, own > shared ? segment.end : segment.begin, l);
    }
  }

  void settle() {
    for (std::size_t i = 0; i < n_ties_ + kTiesAhead; ++i) {
      if (i < n_ties_) prefetch_keys(ties_[i]);
      if (i >= kTiesAhead) compare_tie(ties_[i - kTiesAhead]);
    }
  }

  // What the comparison will read: of a short run all, of a long one the middle.
  void prefetch_keys(const Tie& tie) const {
    std::size_t from = tie.begin, to = tie.end;
    if (to - from > kShortRun << index_.spacing_bits) from = to = from + (to - from) / 2;
    if (to == from) to = from + 1;
    if (to <= n()) keys_.prefetch(from, to, std::min(tie.way.proved, tie.known));
  }

  void compare_tie(const Tie& tie) {
    const Slice& q = queries_[tie.way.query];
    bool equal = false;
    const std::size_t at = place_in(tie, q, equal);
    tracer_.step(Visit::tie, tie.layer, tie.begin, tie.end);
    put(tie.way.query, at);
    if (found_.equal) found_.equal[tie.way.query] = static_cast<std::uint8_t>(equal);
  }

  std::size_t place_in(const Tie& tie, const Slice& q, bool& equal) {
    KeyRange keys{tie.begin, tie.end};
    if (tie.way.blind()) prove_skipped(tie, q, keys, equal);
    const std::size_t known = index_.guarded ? 0 : tie.known;
    while (keys.begin < keys.end) {
      const std::size_t middle = keys.begin + (keys.end - keys.begin) / 2;
      narrow(keys, middle, compare(keys_[middle], q, known), equal);
      trace_read(keys_[middle], q, known);
    }
    return keys.begin;
  }

  // Whether a query agrees in what it skipped, one key tells, and of the tie's keys it is the middle one.
  void prove_skipped(const Tie& tie, const Slice& q, KeyRange& keys, bool& equal) const {
    std::size_t at = keys.begin + (keys.end - keys.begin) / 2;
    if (keys.begin == keys.end || is_sparse()) at = in_segment(tie, std::min(at, n() - 1));
    const std::size_t proved = index_.guarded ? 0 : tie.way.proved;
    const Parting parting = parting_of(keys_[at], q, proved);
    trace_read(keys_[at], q, proved);
    if (parting.agree < tie.way.depth) keys = leave(tie, parting.agree, parting.order < 0);
    else if (keys.begin <= at && at < keys.end) narrow(keys, at, parting.order, equal);
  }

  // Leaves the keys on the query's side of one of them.
  void narrow(KeyRange& keys, std::size_t at, int order, bool& equal) const {
    const bool below = order < 0 || (right_ && order == 0);
    (below ? keys.begin : keys.end) = below ? at + 1 : at;
    equal |= order == 0;
  }

  // A comparison behind the first `known` bytes ends at the first byte that differs.
  void trace_read(const Slice& key, const Slice& q, std::size_t known) const {
    if constexpr (AnyTracer::kTraces) {
      const std::size_t from = std::min(known, key.size), agree = common_prefix(key, q, from);
      tracer_.read(key.data + from, std::min(agree + 1, key.size) - from, true);
    }
  }

  // A key of the tie's segment, near `at`.
  std::size_t in_segment(const Tie& tie, std::size_t at) const {
    const Segment segment = segment_of(index_.layers[tie.layer], tie.way.segment);
    if (segment.begin >= segment.end) return at;
    return std::min(std::max(at, key_of(segment.begin)), key_of(segment.end - std::size_t{1}));
  }

  // A query that agrees with the keys of a tie in fewer bytes than they share lies before or behind all keys of the first
  // segment on its way that goes as deep.
  KeyRange leave(const Tie& tie, std::size_t agree, bool behind) const {
    std::size_t l = tie.layer;
    Segment segment = segment_of(index_.layers[l], tie.way.segment);
    while (l > 0) {
      const Segment parent = segment_of(index_.layers[l - 1], segment.parent);
      if (parent.depth <= agree) break;
      segment = parent;
      --l;
    }
    const std::size_t at = behind ? segment.end : segment.begin;
    return keys_among(at, at);
  }

  const LayersView& index_;
  const Column& keys_;
  const Kernels& kernels_;
  const bool right_;
  const AnyTracer tracer_;
  const std::size_t separators_;
  const Slice* queries_ = nullptr;
  Found found_{};
  std::size_t n_ways_ = 0, n_ties_ = 0;
  Way ways_[kStringBlock];
  Tie ties_[kStringBlock];
  std::uint64_t entries_[kStringBlock];
  std::int64_t places_[kStringBlock];
};

// Answers as Found says, for queries [from, from + count). Never allocates.
template <class AnyTracer = NoTrace>
void lower_bound_batch(const LayersView& index, const Kernels& kernels, const Strings& queries, std::size_t from,
                       std::size_t count, bool right, Found found, const AnyTracer& tracer = {}) noexcept {
  visit_strings(index.keys, [&](const auto& keys) {
    StringSearch<std::decay_t<decltype(keys)>, AnyTracer> search(index, keys, kernels, right, tracer);
    in_blocks<kStringBlock>(queries, from, count, index.keys.trims, [&](const Slice* block, std::size_t size, std::size_t done) {
      search.run(block, size, {found.positions + done, found.equal ? found.equal + done : nullptr});
    });
  });
}

#define LIDX_THESE(Column) \
  LIDX_COMPILE(class StringSearch<Column, NoTrace>) \
  LIDX_COMPILE_TRACED(class StringSearch<Column, Tracer>)
LIDX_FOR_ALL_COLUMNS(LIDX_THESE)
#undef LIDX_THESE
LIDX_COMPILE(void lower_bound_batch(const LayersView&, const Kernels&, const Strings&, std::size_t, std::size_t, bool, Found,
                                    const NoTrace&) noexcept)
LIDX_COMPILE_TRACED(void lower_bound_batch(const LayersView&, const Kernels&, const Strings&, std::size_t, std::size_t, bool,
                                           Found, const Tracer&) noexcept)

}  // namespace learnedidx
