// The bodies of a row. A row's source file defines LIDX_ROW (its namespace), LIDX_TARGET (the
// function attribute of its instruction set) and count_below<K, N>, then includes this once.
// Only functions that carry LIDX_TARGET use wide instructions, so none can leak through the linker.
#pragma once

#include "learnedidx/kernels.hpp"

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

LIDX_TARGET void stage_points(std::uint64_t* points, std::size_t count, const std::uint64_t* knots) {
  for (std::size_t i = 0; i < count; ++i) points[i] = stage_point(points[i], knots);
}

LIDX_TARGET void interpolate(std::uint64_t* points, std::size_t count,
                             const std::uint32_t* positions) {
  for (std::size_t i = 0; i < count; ++i)
    points[i] = static_cast<std::uint64_t>(interpolated(points[i], positions));
}

LIDX_TARGET void on_lines(std::uint64_t* points, std::size_t count, const std::uint32_t* positions,
                          const LeafLine* lines) {
  for (std::size_t i = 0; i < count; ++i)
    points[i] = static_cast<std::uint64_t>(on_line(points[i], positions, lines));
}

LIDX_TARGET void on_spline(const std::uint64_t* coordinates, const std::int64_t* before, std::size_t count,
                           const std::uint64_t* points, const std::uint64_t* positions, std::uint64_t* out) {
  for (std::size_t i = 0; i < count; ++i) {
    const auto segment = static_cast<std::uint64_t>(before[i] - (before[i] > 0));
    out[i] = spline_position(coordinates[i], segment, points, positions);
  }
}

LIDX_TARGET void window_starts(std::uint64_t* points, std::size_t count, const WindowPlace& place) {
  const WindowPlace p = place;
  for (std::size_t i = 0; i < count; ++i) points[i] = window_start(points[i], p);
}

template <class K>
LIDX_TARGET std::size_t count(const void* data, std::size_t n, const std::uint64_t* starts,
                              const void* wanted, std::size_t m, std::int64_t* out,
                              std::uint32_t* unproven) {
  constexpr auto window = static_cast<std::int64_t>(kWindowKeys<K>);
  const K* keys = static_cast<const K*>(data);
  const K* queries = static_cast<const K*>(wanted);
  if (unproven == nullptr) {
    for (std::size_t i = 0; i < m; ++i)
      out[i] = static_cast<std::int64_t>(starts[i]) + count_below<K, kWindowKeys<K>>(keys + starts[i], queries[i]);
    return 0;
  }
  const std::uint64_t last = n - kWindowKeys<K>;
  std::size_t failed = 0;
  for (std::size_t i = 0; i < m; ++i) {
    const std::uint64_t start = starts[i];
    const std::int64_t c = count_below<K, kWindowKeys<K>>(keys + start, queries[i]);
    out[i] = static_cast<std::int64_t>(start) + c;
    if (c > 0 && c < window) continue;  // keys on both sides of the answer were seen
    if (c == 0 ? start != 0 : start != last) unproven[failed++] = static_cast<std::uint32_t>(i);
  }
  return failed;
}

template <class K, std::size_t N>
LIDX_TARGET void descend_nodes(const K* separators, const std::size_t* offsets, std::size_t levels,
                               bool from_root, const K* queries, std::size_t m, std::uint64_t* nodes) {
  for (std::size_t i = 0; i < m; ++i) {
    const K query = queries[i];
    std::uint64_t node = from_root ? 0 : nodes[i];
    for (std::size_t level = 0; level < levels; ++level) {
      const K* keys = separators + offsets[level] + node * N;
      node = node * (N + 1) + static_cast<std::uint64_t>(count_below<K, N>(keys, query));
    }
    nodes[i] = node;
  }
}

template <class K>
LIDX_TARGET void descend(const void* separators, unsigned node, const std::size_t* offsets,
                         std::size_t levels, bool from_root, const void* queries, std::size_t m,
                         std::uint64_t* nodes) {
  const K* all = static_cast<const K*>(separators);
  const K* wanted = static_cast<const K*>(queries);
  if (node == 8) descend_nodes<K, 8>(all, offsets, levels, from_root, wanted, m, nodes);
  else descend_nodes<K, 16>(all, offsets, levels, from_root, wanted, m, nodes);
}

LIDX_TARGET LIDX_INLINE std::uint64_t next_segment(const PgmLevel& next, std::uint64_t start, std::uint64_t x) {
  return start + static_cast<std::uint64_t>(
                     count_below<std::uint64_t, kWindowKeys<std::uint64_t>>(next.before + 1 + start, x));
}

LIDX_TARGET void pgm_descend(const PgmLevel* levels, std::size_t count, bool from_top, const std::uint64_t* ordinals,
                             std::size_t size, std::uint64_t* segments) {
  for (std::size_t i = 0; i < size; ++i) {
    const std::uint64_t x = ordinals[i];
    std::uint64_t segment = from_top ? next_segment(levels[0], 0, x) : segments[i];
    for (std::size_t l = 1; l < count; ++l)
      segment = next_segment(levels[l], segment_window(position_in(levels[l - 1], segment, x), levels[l]), x);
    segments[i] = segment;
  }
}

LIDX_TARGET void pgm_windows(const PgmLevel& level, const PgmLevel& next, const std::uint64_t* ordinals,
                             std::size_t size, std::uint64_t* segments) {
  for (std::size_t i = 0; i < size; ++i)
    segments[i] = segment_window(position_in(level, segments[i], ordinals[i]), next);
}

LIDX_TARGET void pgm_positions(const PgmLevel& level, const std::uint64_t* ordinals, std::size_t size,
                               std::uint64_t* segments) {
  const PgmLevel l = level;
  if (l.narrow)
    for (std::size_t i = 0; i < size; ++i) segments[i] = position_on(l.narrow, segments[i], ordinals[i], l);
  else
    for (std::size_t i = 0; i < size; ++i) segments[i] = position_on(l.wide, segments[i], ordinals[i], l);
}

#define LIDX_PER_KIND(f)                                                                         \
  {f<std::uint8_t>, f<std::uint16_t>, f<std::uint32_t>, f<std::uint64_t>, f<std::int8_t>,        \
   f<std::int16_t>, f<std::int32_t>, f<std::int64_t>, f<float>, f<double>}

constexpr Kernels make_row(const char* name) {
  return {name,
          Hint::l2,
          LIDX_PER_KIND(coordinates),
          LIDX_PER_KIND(ordinals),
          LIDX_PER_KIND(ascending),
          LIDX_PER_KIND(root_points),
          stage_points,
          interpolate,
          on_lines,
          on_spline,
          window_starts,
          LIDX_PER_KIND(count),
          LIDX_PER_KIND(descend),
          pgm_descend,
          pgm_windows,
          pgm_positions};
}

}  // namespace learnedidx::LIDX_ROW
