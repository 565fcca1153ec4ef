// The bodies of a row. A row's header defines LIDX_ROW (its namespace), LIDX_TARGET (the function
// attribute of its instruction set) and count_below<K, N>, then includes this: once for each row, so
// it has no guard. Only functions that carry LIDX_TARGET use wide instructions, so none can leak
// through the linker.
#include "learnedidx/kernels/generic_search.hpp"
#include "learnedidx/kernels/generic_tree.hpp"
#include "learnedidx/kernels/kernels.hpp"
#include "learnedidx/search/bisect.hpp"

namespace learnedidx::LIDX_ROW {

template <class K>
LIDX_TARGET bool ascending(const void* data, std::size_t count, std::uint64_t* sum) {
  const K* keys = static_cast<const K*>(data);
  std::uint64_t total = 0;
  KeyBits<K> bad = 0;  // as wide as a key, so that a register of keys makes one of these
  for (std::size_t i = 0; i < count; ++i) {
    bad = static_cast<KeyBits<K>>(bad | static_cast<KeyBits<K>>(!(keys[static_cast<std::ptrdiff_t>(i) - 1] <= keys[i])));
    total += bits_of(keys[i]);
  }
  *sum += total;
  return bad == 0;
}

template <class K>
LIDX_TARGET void coordinates(const void* data, std::size_t count, const Coordinate& domain, std::uint64_t* out) {
  const K* keys = static_cast<const K*>(data);
  const Coordinate c = domain;
  for (std::size_t i = 0; i < count; ++i) out[i] = coordinate(keys[i], c);
}

template <class K>
LIDX_TARGET void ordinals(const void* data, std::size_t count, const OrdinalDomain& domain, std::uint64_t* out) {
  const K* keys = static_cast<const K*>(data);
  const OrdinalDomain d = domain;
  for (std::size_t i = 0; i < count; ++i) out[i] = ordinal(keys[i], d);
}

template <class K>
LIDX_TARGET void root_points(const void* data, std::size_t count, const Coordinate& domain,
                             unsigned root_bits, std::uint64_t* points) {
  const K* keys = static_cast<const K*>(data);
  const Coordinate c = domain;
  for (std::size_t i = 0; i < count; ++i) points[i] = root_point(coordinate(keys[i], c), root_bits);
}

inline LIDX_TARGET void piece_points(std::uint64_t* points, std::size_t count, const RootPieces& pieces) {
  const RootPieces p = pieces;
  for (std::size_t i = 0; i < count; ++i) points[i] = piece_point(points[i], p);
}

inline LIDX_TARGET void stage_points(std::uint64_t* points, std::size_t count, const std::uint64_t* knots) {
  for (std::size_t i = 0; i < count; ++i) points[i] = stage_point(points[i], knots);
}

inline LIDX_TARGET void interpolate(std::uint64_t* points, std::size_t count,
                             const std::uint32_t* positions) {
  for (std::size_t i = 0; i < count; ++i)
    points[i] = static_cast<std::uint64_t>(interpolated(points[i], positions));
}

inline LIDX_TARGET void on_lines(std::uint64_t* points, std::size_t count, const std::uint32_t* positions,
                          const LeafLine* lines) {
  for (std::size_t i = 0; i < count; ++i)
    points[i] = static_cast<std::uint64_t>(on_line(points[i], positions, lines));
}

// Vector code needs to know that `out` overlaps nothing.
inline LIDX_TARGET void on_spline(const std::uint64_t* coordinates, const std::int64_t* before, std::size_t count,
                           const std::uint64_t* points, const std::uint64_t* positions, std::uint64_t* __restrict out) {
  for (std::size_t i = 0; i < count; ++i) {
    const auto segment = static_cast<std::uint64_t>(before[i] - (before[i] > 0));
    out[i] = spline_position(coordinates[i], segment, points, positions);
  }
}

inline LIDX_TARGET void window_starts(std::uint64_t* points, std::size_t count, const WindowPlace& place) {
  const WindowPlace p = place;
  for (std::size_t i = 0; i < count; ++i) points[i] = window_start(points[i], p);
}

template <class K, std::size_t kKeys>
LIDX_TARGET std::size_t count_windows(const void* data, std::size_t n, const std::uint64_t* starts,
                                      const void* wanted, std::size_t m, std::int64_t* out,
                                      std::uint32_t* unverified) {
  constexpr auto window = static_cast<std::int64_t>(kKeys);
  const K* keys = static_cast<const K*>(data);
  const K* queries = static_cast<const K*>(wanted);
  if (unverified == nullptr) {
    for (std::size_t i = 0; i < m; ++i)
      out[i] = static_cast<std::int64_t>(starts[i]) + count_below<K, kKeys>(keys + starts[i], queries[i]);
    return 0;
  }
  const std::uint64_t last = n - kKeys;
  std::size_t failed = 0;
  for (std::size_t i = 0; i < m; ++i) {
    const std::uint64_t start = starts[i];
    const std::int64_t c = count_below<K, kKeys>(keys + start, queries[i]);
    out[i] = static_cast<std::int64_t>(start) + c;
    unverified[failed] = static_cast<std::uint32_t>(i);  // stays if the next line counts it
    failed += static_cast<std::size_t>((c == 0) & (start != 0)) + static_cast<std::size_t>((c == window) & (start != last));
  }
  return failed;
}

template <class K>
LIDX_TARGET std::size_t count(const void* keys, std::size_t n, const std::uint64_t* starts, const void* queries,
                              std::size_t m, std::int64_t* out, std::uint32_t* unverified) {
  return count_windows<K, kWindowKeys<K>>(keys, n, starts, queries, m, out, unverified);
}

template <class K>
LIDX_TARGET std::size_t count_four(const void* keys, std::size_t n, const std::uint64_t* starts, const void* queries,
                                   std::size_t m, std::int64_t* out, std::uint32_t* unverified) {
  return count_windows<K, 2 * kWindowKeys<K>>(keys, n, starts, queries, m, out, unverified);
}

// A full window moves the next one on by a constant, so that it need not wait for the count; a branch
// predictor keeps up with most of that.
template <class K>
LIDX_TARGET void walk(const void* data, std::size_t n, const void* wanted, std::size_t m, std::size_t at,
                      std::int64_t* out) {
  constexpr std::size_t window = kWindowKeys<K>;
  constexpr std::size_t most = 8;      // windows before a gallop is shorter
  constexpr std::size_t ahead = 2048;  // bytes: hardware alone left 15 % of the time at 10 M on the table
  const K* keys = static_cast<const K*>(data);
  const K* queries = static_cast<const K*>(wanted);
  for (std::size_t i = 0; i < m; ++i) {
    const K query = queries[i];
    std::size_t left = most;
    std::int64_t below = static_cast<std::int64_t>(window);
    while (at + window <= n && left-- > 0) {
      below = count_below<K, window>(keys + at, query);
      const std::size_t next = at + ahead / sizeof(K);
      for (std::size_t line = 0; line < window && next + line < n; line += kLineKeys<K>)
        prefetch_near(keys + next + line);
      if (below != static_cast<std::int64_t>(window)) break;
      at += window;
    }
    if (below != static_cast<std::int64_t>(window)) at += static_cast<std::size_t>(below);
    else at = gallop(keys, n, at, query);
    out[i] = static_cast<std::int64_t>(at);
  }
}

template <class K, std::size_t N, Hint kHint, std::size_t kLevels, bool kFromRoot>
LIDX_TARGET void descend_nodes(const TreeStep& step, const K* queries, std::size_t count, std::uint64_t* nodes) {
  const K* level[kLevels];
  for (std::size_t l = 0; l < kLevels; ++l) level[l] = static_cast<const K*>(step.separators) + step.offsets[l];
  const K* keys = static_cast<const K*>(step.keys);
  const K* next = keys ? nullptr : static_cast<const K*>(step.separators) + step.offsets[kLevels];
  const WindowPlace place = step.place;
  for (std::size_t i = 0; i < count; ++i) {
    std::uint64_t node = kFromRoot ? 0 : nodes[i];
    for (std::size_t l = 0; l < kLevels; ++l)
      node = node * (N + 1) + static_cast<std::uint64_t>(count_below<K, N>(level[l] + node * N, queries[i]));
    if (keys) {
      node = window_start(node, place);
      prefetch_window<kHint>(keys + node);
    } else {
      for (std::size_t line = 0; line < N; line += kLineKeys<K>) prefetch_as<kHint>(next + node * N + line);
    }
    nodes[i] = node;
  }
}

// A step takes one level, or from the root up to three.
template <class K, std::size_t N, Hint kHint>
LIDX_TARGET void descend_by(const TreeStep& step, const K* queries, std::size_t count, std::uint64_t* nodes) {
  if (!step.from_root) descend_nodes<K, N, kHint, 1, false>(step, queries, count, nodes);
  else if (step.levels == 1) descend_nodes<K, N, kHint, 1, true>(step, queries, count, nodes);
  else if (step.levels == 2) descend_nodes<K, N, kHint, 2, true>(step, queries, count, nodes);
  else descend_nodes<K, N, kHint, 3, true>(step, queries, count, nodes);
}

template <class K>
LIDX_TARGET void descend(const TreeStep& step, Hint hint, const void* wanted, std::size_t count, std::uint64_t* nodes) {
  const K* queries = static_cast<const K*>(wanted);
  if (step.node == 8 && hint == Hint::l1) descend_by<K, 8, Hint::l1>(step, queries, count, nodes);
  else if (step.node == 8) descend_by<K, 8, Hint::l2>(step, queries, count, nodes);
  else if (hint == Hint::l1) descend_by<K, 16, Hint::l1>(step, queries, count, nodes);
  else descend_by<K, 16, Hint::l2>(step, queries, count, nodes);
}

// position_on, block by block: what lies apart is collected first, so that the rest is vector code.
template <class L, class Use>
LIDX_TARGET LIDX_INLINE void on_segments(const L* lines, const PgmLevel& level, const std::uint64_t* ordinals,
                                         std::size_t size, std::uint64_t* segments, Use use) {
  constexpr std::size_t block = 64;
  decltype(L::slope) slopes[block];
  decltype(L::position) starts[block], nexts[block];
  std::uint64_t across[block];
  const std::uint64_t* before = level.before.aligned();
  const unsigned shift = level.shift;
  const std::int64_t lift = level.lift;
  for (std::size_t from = 0; from < size; from += block) {
    const std::size_t count = size - from < block ? size - from : block;
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint64_t segment = segments[from + i];
      across[i] = ordinals[from + i] - before[segment] - 1;
      slopes[i] = lines[segment].slope;
      starts[i] = lines[segment].position;
      nexts[i] = lines[segment + 1].position;
    }
    for (std::size_t i = 0; i < count; ++i)
      segments[from + i] = use(position_from(slopes[i], starts[i], nexts[i], across[i], shift, lift));
  }
}

inline LIDX_TARGET void pgm_windows(const PgmLevel& level, const PgmLevel& next, const std::uint64_t* ordinals,
                             std::size_t size, std::uint64_t* segments) {
  const PgmLevel l = level;
  const auto most = static_cast<std::int64_t>(next.segments);
  const auto window = [=](std::uint64_t position) LIDX_TARGET { return segment_window(position, most); };
  if (l.narrow) on_segments(l.narrow.aligned(), l, ordinals, size, segments, window);
  else on_segments(l.wide.aligned(), l, ordinals, size, segments, window);
}

inline LIDX_TARGET void pgm_top(const std::uint64_t* splitters, const std::uint64_t* ordinals, std::size_t size,
                         std::uint64_t* starts) {
  for (std::size_t i = 0; i < size; ++i)
    starts[i] = splitters ? static_cast<std::uint64_t>(count_below<std::uint64_t, kSplitters>(splitters, ordinals[i])) *
                                kWindowKeys<std::uint64_t>
                          : 0;
}

inline LIDX_TARGET void pgm_count(const PgmLevel& level, const std::uint64_t* ordinals, std::size_t size,
                           std::uint64_t* starts) {
  const std::uint64_t* counted = level.before.aligned() + 1;
  for (std::size_t i = 0; i < size; ++i)
    starts[i] += static_cast<std::uint64_t>(
        count_below<std::uint64_t, kWindowKeys<std::uint64_t>>(counted + starts[i], ordinals[i]));
}

inline LIDX_TARGET void pgm_positions(const PgmLevel& level, const std::uint64_t* ordinals, std::size_t size,
                               std::uint64_t* segments) {
  const PgmLevel l = level;
  const auto same = [](std::uint64_t position) LIDX_TARGET { return position; };
  if (l.narrow) on_segments(l.narrow.aligned(), l, ordinals, size, segments, same);
  else on_segments(l.wide.aligned(), l, ordinals, size, segments, same);
}

template <class... K> constexpr Kernels make_row(const char* name, TypeList<K...>) {
  return {name,
          Hint::l2,
          {coordinates<K>...},
          {ordinals<K>...},
          {ascending<K>...},
          {root_points<K>...},
          piece_points,
          stage_points,
          interpolate,
          on_lines,
          on_spline,
          window_starts,
          {count<K>...},
          {count_four<K>...},
          {walk<K>...},
          {search_rmi<K>...},
          {merge<K>...},
          {descend<K>...},
          pgm_top,
          pgm_windows,
          pgm_count,
          pgm_positions,
          make_sorted_row(WideKeyTypes{}),
          codes_below};
}

constexpr Kernels make_row(const char* name) { return make_row(name, KeyTypes{}); }

}  // namespace learnedidx::LIDX_ROW
