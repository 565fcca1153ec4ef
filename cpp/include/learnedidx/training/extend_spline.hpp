// Extending a RadixSpline: keys were appended, and the fit goes on where it stopped. The result is what
// a fit of all keys gives, bit for bit; the keys before are not read.
#pragma once

#include <cstddef>
#include <cstdint>

#include "learnedidx/base/compiled.hpp"
#include "learnedidx/training/fit_spline.hpp"

namespace learnedidx {

// Can the fit of keys[0, from) go on? Not if epsilon was cut off at their number, nor if all are equal.
template <class K> bool can_extend(const RadixSpline& old, const K* keys, std::size_t from, std::size_t n) {
  if (!old.open.known || from < 1 || old.view.epsilon >= from) return false;
  return ordinals_over(keys[0], keys[n - 1]).low == old.view.domain.low;
}

// The points over keys[0, n) from a spline over keys[0, from), where can_extend says so.
// O(n - from + points); false if stopped.
template <class K>
bool extend_points(const RadixSpline& old, const K* keys, std::size_t from, std::size_t n, const Kernels& kernels,
                   SplinePoints& points, OpenSpline& open, Cancellation cancellation) {
  const OrdinalDomain domain = ordinals_over(keys[0], keys[n - 1]);
  const std::uint64_t *x = old.view.coordinates.aligned(), *y = old.view.positions.aligned();
  points.coordinates.assign(x, x + old.open.points);
  points.positions.assign(y, y + old.open.points);
  SplineCorridor corridor(old.view.epsilon, points);
  corridor.go_on(old.open.corridor);
  return fit_spline_from(keys, from, ordinal(keys[from - 1], domain), old.open.first, n, domain, kernels, corridor,
                         points, open, cancellation);
}

#define LIDX_THESE(name, K) \
  LIDX_COMPILE(bool extend_points(const RadixSpline&, const K*, std::size_t, std::size_t, const Kernels&, \
                                  SplinePoints&, OpenSpline&, Cancellation))
LIDX_FOR_ALL_KEYS(LIDX_THESE)
#undef LIDX_THESE

}  // namespace learnedidx
