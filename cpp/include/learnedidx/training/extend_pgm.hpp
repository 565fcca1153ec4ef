// Extending a PGM-index: keys were appended, and the fit goes on where it stopped. The result is
// what a fit of all keys gives, bit for bit; the keys before are not read but for corrections.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "learnedidx/base/compiled.hpp"
#include "learnedidx/training/fit_pgm.hpp"

namespace learnedidx {

// Can the fit of keys[0, from) go on to keys[0, n)? Not if epsilon was cut off at their number, nor if
// narrow lines count in other units from now on: what rounding took from them is not known any more.
template <class K> bool can_extend(const Pgm& old, const K* keys, std::size_t from, std::size_t n) {
  const std::int64_t epsilon = old.view.epsilon;
  if (!old.open.known || from < 1 || static_cast<std::uint64_t>(epsilon) > from) return false;
  if (ordinals_over(keys[0], keys[n - 1]).low != old.view.domain.low) return false;
  const PgmLevel& level = old.view.levels.back();
  PgmLevel now;
  choose_units(epsilon, n, now);
  return bool(level.wide) || (now.shift == level.shift && now.lift == level.lift);
}

// The segments of the last level that no key behind can change.
inline Segments closed_segments(const Pgm& old) {
  const PgmLevel& level = old.view.levels.back();
  Segments found;
  for (std::size_t i = 0; i < old.open.closed; ++i) {
    found.firsts.push_back(level.before[i] + 1);
    found.lines.push_back(level.line_at(i));
    // In their own units nothing is lost of narrow lines, however long they are.
    found.lengths.push_back(level.wide ? old.open.lengths[i] : 0);
  }
  return found;
}

// A model of keys[0, n) from one of keys[0, from), where can_extend says so. `as_before` is false if
// narrow lines will not do any more: then only a fit of all keys knows what wide ones are. O(n - from + segments),
// and O(n / 16) for corrections; false if stopped.
template <class K>
bool extend_pgm(Pgm& pgm, const Pgm& old, const K* keys, std::size_t from, std::size_t n, const Kernels& kernels,
                bool& as_before, Cancellation cancellation) {
  const OrdinalDomain domain = ordinals_over(keys[0], keys[n - 1]);
  Segments segments = closed_segments(old);
  Segmentation segmentation(old.open.line, segments);
  if (!fit_segments_from(keys, from, ordinal(keys[from - 1], domain), n, domain, kernels, segmentation, segments,
                         pgm.open, cancellation))
    return false;
  const bool done = finish_pgm(pgm, std::move(segments), keys, n, domain, old.view.epsilon, kernels, cancellation);
  as_before = bool(old.view.levels.back().wide) || !pgm.view.levels.back().wide;
  return done;
}

#define LIDX_THESE(name, K) \
  LIDX_COMPILE(bool extend_pgm(Pgm&, const Pgm&, const K*, std::size_t, std::size_t, const Kernels&, bool&, Cancellation))
LIDX_FOR_ALL_KEYS(LIDX_THESE)
#undef LIDX_THESE

}  // namespace learnedidx
