// The kernel table: one row per instruction set, chosen once, called once per block of queries.
// A kernel sees raw pointers and sizes; its meaning is that of the scalar functions in the headers
// it is compiled from.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "learnedidx/base/key_types.hpp"
#include "learnedidx/kernels/tree_node.hpp"
#include "learnedidx/keys/coordinate.hpp"
#include "learnedidx/keys/ordinal.hpp"
#include "learnedidx/models/pgm.hpp"
#include "learnedidx/models/radix_spline.hpp"
#include "learnedidx/models/rmi.hpp"
#include "learnedidx/search/window.hpp"

namespace learnedidx {

// Stretches of ascending queries that are merged with the keys side by side.
constexpr std::size_t kStretches = 4;

// What they are merged with: keys[0, n), looked at in windows of two lines or, for answers that lie
// several keys apart, of four. Needs as many keys.
struct Merge {
  const void* keys;
  std::size_t n;
  WindowFrame frame;
  bool wide;
};

// What a whole search by an RMI reads: keys[0, n), at least a window of them, and the model.
struct RmiSearch {
  const void* keys;
  std::size_t n;
  const RmiView* rmi;
  WindowPlace place;
};

// A step down a B+-tree, through one level or, from the root, up to three; their separators begin at
// offsets[0], offsets[1], ... It leads to a node of the level that begins at offsets[levels], or to a
// window of keys.
struct TreeStep {
  const void* separators;
  unsigned node;               // separators in a node: 8 or 16
  const std::size_t* offsets;
  std::size_t levels;
  bool from_root;              // else nodes[i] names a node of the level
  const void* keys;            // null unless the step ends at the keys
  WindowPlace place;           // of leaves; used with keys
};

// Codes of a node of a memtable.
constexpr std::size_t kNodeCodes = 64;

struct Kernels {
  const char* name;
  Hint hint = Hint::l2;

  // out[i] = coordinate(keys[i], domain).
  using Coordinates = void (*)(const void* keys, std::size_t count, const Coordinate& domain, std::uint64_t* out);
  Coordinates coordinates[kKeyTypes];

  // out[i] = ordinal(keys[i], domain).
  using Ordinals = void (*)(const void* keys, std::size_t count, const OrdinalDomain& domain, std::uint64_t* out);
  Ordinals ordinals[kKeyTypes];

  // Is keys[i - 1] <= keys[i] for all i in [0, count)? Adds the bits of keys[0, count) to `sum`.
  using Ascending = bool (*)(const void* keys, std::size_t count, std::uint64_t* sum);
  Ascending ascending[kKeyTypes];

  // points[i] = point of keys[i] in the root.
  using RootPoints = void (*)(const void* keys, std::size_t count, const Coordinate& domain,
                              unsigned root_bits, std::uint64_t* points);
  RootPoints root_points[kKeyTypes];

  // points[i], a coordinate, becomes its point in the root.
  void (*piece_points)(std::uint64_t* points, std::size_t count, const RootPieces& pieces);

  // points[i] = stage_point(points[i], knots).
  void (*stage_points)(std::uint64_t* points, std::size_t count, const std::uint64_t* knots);

  // points[i] becomes the predicted position.
  void (*interpolate)(std::uint64_t* points, std::size_t count, const std::uint32_t* positions);
  void (*on_lines)(std::uint64_t* points, std::size_t count, const std::uint32_t* positions,
                   const LeafLine* lines);

  // out[i] = spline_position of coordinates[i] in the segment that before[i] points lead to: the
  // last of them is its left end, the first point of all if there are none.
  void (*on_spline)(const std::uint64_t* coordinates, const std::int64_t* before, std::size_t count,
                    const std::uint64_t* points, const std::uint64_t* positions, std::uint64_t* out);

  // points[i] becomes the start of a window: place(points[i]).
  void (*window_starts)(std::uint64_t* points, std::size_t count, const WindowPlace& place);

  // out[i] = starts[i] + number of keys below queries[i] in the window at starts[i]. Unless
  // `unverified` is null, writes to it the numbers of those queries whose count does not prove the
  // answer, and returns how many there are.
  using Count = std::size_t (*)(const void* keys, std::size_t n, const std::uint64_t* starts,
                                const void* queries, std::size_t count, std::int64_t* out,
                                std::uint32_t* unverified);
  Count count[kKeyTypes];
  Count count_four[kKeyTypes];  // the same in windows of four lines, not two

  // out[i] = number of keys below queries[i], for ascending queries, none of which is below keys[at - 1]:
  // walks from position `at` on, window by window, and gallops where an answer is far.
  using Walk = void (*)(const void* keys, std::size_t n, const void* queries, std::size_t count, std::size_t at,
                        std::int64_t* out);
  Walk walk[kKeyTypes];

  // out[i] = number of keys below queries[i].
  using SearchRmi = void (*)(const RmiSearch& search, Hint hint, const void* queries, std::size_t count,
                             std::int64_t* out);
  SearchRmi search_rmi[kKeyTypes];

  // The same for ascending queries: kStretches stretches of `count` one after the other, positions[s]
  // the answer for the first of stretch s.
  using MergeKernel = void (*)(const Merge& merge, const void* queries, std::size_t count,
                               const std::int64_t* positions, std::int64_t* out);
  MergeKernel merge[kKeyTypes];

  // nodes[i] becomes what query i reaches by a step down a tree, which is prefetched.
  using Descend = void (*)(const TreeStep& step, Hint hint, const void* queries, std::size_t count,
                           std::uint64_t* nodes);
  Descend descend[kKeyTypes];

  // starts[i] = the start of the window of the top level in which the segment of ordinals[i] is counted.
  void (*pgm_top)(const std::uint64_t* splitters, const std::uint64_t* ordinals, std::size_t size,
                  std::uint64_t* starts);

  // segments[i], of `level`, becomes the start of the window in which the segment of `next` is counted.
  void (*pgm_windows)(const PgmLevel& level, const PgmLevel& next, const std::uint64_t* ordinals, std::size_t size,
                      std::uint64_t* segments);

  // starts[i], of a window of `level`, becomes the segment of ordinals[i].
  void (*pgm_count)(const PgmLevel& level, const std::uint64_t* ordinals, std::size_t size, std::uint64_t* starts);

  // segments[i] becomes position_in(level, segments[i], ordinals[i]).
  void (*pgm_positions)(const PgmLevel& level, const std::uint64_t* ordinals, std::size_t size,
                        std::uint64_t* segments);

  // Containers that change.
  SortedRow sorted;

  // How many of kNodeCodes ascending codes are below q. Another thread may change them meanwhile; then any number up to
  // kNodeCodes comes back, and the caller finds out (memtable/).
  unsigned (*codes_below)(const std::atomic<std::uint32_t>* codes, std::uint32_t q);
};

// A row is a constant of the header that defines it. Where the rows are a library of their own, each
// is compiled once, and kernels/rows.hpp declares it.
#ifdef LIDX_COMPILED_ROWS
#define LIDX_TABLE extern const
#else
#define LIDX_TABLE inline constexpr
#endif

#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__)) && !defined(LIDX_NO_VECTORS)
#define LIDX_X86 1
#endif

constexpr std::size_t kRows = 3;

// The rows that this processor can run, narrowest first; unused slots are null.
struct KernelRows {
  const Kernels* rows[kRows];
  std::size_t count;
};

}  // namespace learnedidx
