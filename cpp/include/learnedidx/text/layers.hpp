// Layers: an index over byte strings made of sorted columns of 64-bit numbers, each searched as any uint64 keys are.
//
// The first column holds the eight bytes behind the prefix that all keys share. A long run of keys that agree in them is a
// segment of the next layer, which goes on behind what all keys of the run share. All segments of a layer are one column: an
// entry is the number of its segment, then as many bits of the keys as fit. Short runs are settled by the keys themselves.
//   Eight bytes a layer: Y. Mao, E. Kohler, R. Morris: Cache Craftiness for Fast Multicore Key-Value Storage (Masstree),
//   EuroSys 2012, section 4.1. Skipping what a run shares: D. R. Morrison: PATRICIA, JACM 15(4), 1968.
#pragma once

#include <cstddef>
#include <cstdint>

#include "learnedidx/base/inline_vector.hpp"
#include "learnedidx/base/unaligned_array.hpp"
#include "learnedidx/keys/strings.hpp"
#include "learnedidx/lookup/engine.hpp"

namespace learnedidx {

// Keys [begin, end), which share their first `depth` bytes, and their entries [first, last) in the column of a layer.
struct Segment {
  std::uint32_t begin = 0, end = 0;
  std::uint32_t first = 0, last = 0;
  std::uint32_t depth = 0;
  std::uint32_t parent = 0;   // the segment of the layer before in which they are one entry
  std::uint64_t before = 0;   // the eight bytes before `depth`, fewer where there are no more
};

// A layer as lookups read it.
struct LayerView {
  unsigned segment_bits = 0;          // of an entry, above the bits of the keys
  Engine<std::uint64_t> engine;       // over the column
  const Segment* segments = nullptr;  // in the order of their keys
  std::size_t n_segments = 0;
  // Of each entry: the first key of its run, or kDeeper and the segment of the next layer that the run is. Null: every key
  // has an entry of its own.
  const std::uint32_t* places = nullptr;

  std::size_t chunk_bytes() const { return (64 - segment_bits) / 8; }  // of the keys that an entry holds, whole ones
};

constexpr std::uint32_t kDeeper = std::uint32_t{1} << 31;
constexpr std::size_t kMostStrings = kDeeper - 1;  // keys of an index, at most
// Nested prefixes (a, aa, aaa, ...) would take a layer for every eight keys. Runs below the last layer are bisected.
constexpr std::size_t kMostLayers = 24;
constexpr std::size_t kShortRun = 8;  // a run of more keys goes on in the next layer, if its keys share more bytes

// Sparse layers hold one of 2^spacing_bits keys alone: the first, and so on. What they say of keys and of positions is then
// counted in these, the separators, and a query is compared with the keys between two of them.
constexpr unsigned kMostSpacing = 6;

class HashTable;

struct LayersView {
  Strings keys;
  InlineVector<LayerView, kMostLayers> layers;  // none: no keys, or too few for a layer
  bool guarded = false;  // the arrays may hold anything: what they say is cut off, and answers are proved by the keys
  unsigned spacing_bits = 0;
  const HashTable* table = nullptr;  // over the same keys, for lookups of equal ones
};

constexpr std::size_t separators_of(std::size_t n, unsigned spacing_bits) {
  return (n + (std::size_t{1} << spacing_bits) - 1) >> spacing_bits;
}

// What a string looks like in a segment: the number that is searched in the column.
LIDX_INLINE std::uint64_t entry_of(std::uint64_t chunk, std::size_t segment, unsigned segment_bits) {
  if (segment_bits == 0) return chunk;
  return (static_cast<std::uint64_t>(segment) << (64 - segment_bits)) | (chunk >> segment_bits);
}

// The eight bytes of a string before `depth`, or all where there are fewer; zeros stand behind its end.
LIDX_INLINE std::uint64_t bytes_before(const Slice& string, std::size_t depth) {
  if (depth >= 8) return chunk_at(string, depth - 8);
  return depth == 0 ? 0 : chunk_at(string, 0) >> (64 - 8 * depth);
}

}  // namespace learnedidx
