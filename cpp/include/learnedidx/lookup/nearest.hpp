// The key before, after or nearest to a query, and whether it is near enough.
//
// Starts from the positions that a search found and compares distances exactly: between integers as
// 64-bit differences, between reals as a rounded difference and what the rounding lost. Queries of
// other formats than the keys are brought to the keys' arithmetic first; the few that have no place
// in it are left open.
#pragma once

#include <atomic>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "learnedidx/keys/queries.hpp"

namespace learnedidx {

constexpr std::int64_t kOpen = -2;  // the answer that needs longer arithmetic: for the caller to find

// What is known of a query beside its value in key steps, which was rounded up.
enum Note : unsigned {
  kHalves = 3,    // by how much: 0, 1 for up to half a step, 2 for more
  kMore = 4,      // that and the limit's part of a step make a step: a key before it may be one further away
  kLess = 8,      // that is more than the limit's part of a step: a key after it must be one nearer
  kOutside = 16,  // it has no value in this arithmetic
  kMissing = 32   // it is NaN or NaT
};

template <class D> struct Asked {
  D values[kQueryBlock];
  std::uint8_t notes[kQueryBlock];

  D value(std::size_t i) const { return values[i]; }
  unsigned note(std::size_t i) const { return notes[i]; }
};

// Queries of the keys' own format and unit, where they lie. NaN is known by its value.
template <class K> struct Plain {
  const K* queries;
  bool times;

  Wide<K> value(std::size_t i) const { return static_cast<Wide<K>>(queries[i]); }
  unsigned note(std::size_t i) const { return !kIsReal<K> && is_missing(queries[i], times) ? kMissing : 0u; }
};

template <class D> LIDX_INLINE bool is_missing_query(D value, unsigned note) { return (note & kMissing) || value != value; }

LIDX_INLINE unsigned part_note(bool over_half, bool more, bool less) {
  return (over_half ? 2u : 1u) + (more ? kMore : 0u) + (less ? kLess : 0u);
}

// The note of a real that is no integer: the part of a step on the side of 0 is exact.
inline unsigned note_of_fraction(double q, const Limit& limit) {
  const double size = std::fabs(q), part = size - std::trunc(size);
  if (q > 0) return part_note(part < 0.5, part <= limit.part, part < limit.rest);
  return part_note(part > 0.5, part >= limit.rest, part > limit.part);
}

// The note of a time that is `ticks` of its own units, of which a key step has `divisor`, before its value.
inline unsigned note_of_ticks(std::int64_t ticks, std::int64_t divisor, const Limit& limit) {
  return part_note(ticks > divisor - ticks, ticks >= limit.rest_ticks, ticks > limit.ticks);
}

template <class D, class Q> LIDX_INLINE unsigned note_of(const Converted<D>& c, Q q, const Limit& limit) {
  if (c.fit == Fit::exact) return 0;
  if (c.fit == Fit::nan) return kMissing;
  if constexpr (!kIsReal<D> && kIsReal<Q>)
    if (c.fit == Fit::rounded && q > static_cast<double>(lowest_key<D>()) - 1) return note_of_fraction(q, limit);
  return kOutside;
}

inline void ask_times(const Queries& batch, std::size_t from, std::size_t count, Asked<std::int64_t>& asked) {
  const auto* queries = static_cast<const std::int64_t*>(batch.data) + from;
  const TimeScale& scale = batch.scale;
  for (std::size_t i = 0; i < count; ++i) {
    const auto c = in_key_units(queries[i], scale);
    asked.values[i] = c.value;
    unsigned note = note_of(c, queries[i], batch.limit);
    if (note == kOutside && c.fit == Fit::rounded && c.value != kNotATime && scale.calendar == TimeScale::Calendar::none) {
      const auto ticks = static_cast<std::uint64_t>(c.value) * static_cast<std::uint64_t>(scale.divisor) -
                         static_cast<std::uint64_t>(queries[i]) * static_cast<std::uint64_t>(scale.factor);
      note = note_of_ticks(static_cast<std::int64_t>(ticks), scale.divisor, batch.limit);
    }
    asked.notes[i] = static_cast<std::uint8_t>(note);
  }
}

// Queries [from, from + count) of a batch in the keys' arithmetic; count <= kQueryBlock.
template <class D> void ask(const Queries& batch, std::size_t from, std::size_t count, Asked<D>& asked) {
  if constexpr (KeyTraits<D>::kTimes)
    if (batch.times) return ask_times(batch, from, count, asked);
  visit_key_type(batch.kind, [&](auto tag) {
    const auto* queries = static_cast<const decltype(tag)*>(batch.data) + from;
    for (std::size_t i = 0; i < count; ++i) {
      const auto wide = static_cast<Wide<decltype(tag)>>(queries[i]);
      const Converted<D> c = ceil_to<D>(wide);
      asked.values[i] = c.value;
      asked.notes[i] = static_cast<std::uint8_t>(note_of(c, wide, batch.limit));
    }
  });
}

// What rounding takes from high - low, exactly (Knuth's two-sum).
LIDX_INLINE double lost(double high, double low) {
  const double total = high - low, part = total - high;
  return (high - (total - part)) + (-low - part);
}

// The same where the rounded differences are equal. Rounding never reverses an order, so only here it counts.
LIDX_RARE inline bool is_nearer_beside(double before, double query, double after) {
  if (!std::isfinite(after)) return std::isfinite(before) && std::isfinite(query);
  return lost(query, before) < -lost(query, after);
}

// Is the key before a query strictly nearer than the one after it? Both are numbers. No branch in here and
// below depends on which it is, for queries come as they like.
template <class D> LIDX_INLINE bool is_nearer(D before, D query, unsigned note, D after) {
  if constexpr (!kIsReal<D>) {
    const auto left = static_cast<std::uint64_t>(query) - static_cast<std::uint64_t>(before);
    const auto right = static_cast<std::uint64_t>(after) - static_cast<std::uint64_t>(query);
    return (left < right) | (left - right < (note & kHalves));
  } else {
    const double left = query - before, right = after - query;
    bool nearer = left < right;
    if (left == right) nearer = is_nearer_beside(before, query, after);
    return nearer;
  }
}

// Where the rounded distance is the rounded limit, or is no number: is what rounding took within the rest?
LIDX_RARE inline bool is_within_beside(double key, double query, double rest) {
  return key == query || (key < query ? lost(query, key) : -lost(query, key)) <= rest;
}

// Answers by what a search found over keys[0, numbers) and a tail up to `total` of NaN or NaT.
template <class K> class Near {
  using D = Wide<K>;

 public:
  Near(const K* keys, std::size_t numbers, std::size_t total)
      : keys_(keys), numbers_(static_cast<std::int64_t>(numbers)), total_(static_cast<std::int64_t>(total)) {}

  // out[from, from + count): positions of the first keys above the queries for pad, else of the first
  // keys not below them; turned into answers.
  void settle(const Queries& batch, std::size_t from, std::size_t count, Verb verb, std::int64_t* out) const {
    if (verb == Verb::nearest || batch.limit.set) return measure(batch, from, count, verb, out);
    const std::size_t end = from + count;
    if (verb == Verb::pad)
      for (std::size_t i = from; i < end; ++i) --out[i];
    else
      for (std::size_t i = from; i < end; ++i) out[i] = out[i] < total_ ? out[i] : -1;
  }

 private:
  void measure(const Queries& batch, std::size_t from, std::size_t count, Verb verb, std::int64_t* out) const {
    if (is_of_the_keys<K>(batch))
      return settle_each(batch, Plain<K>{static_cast<const K*>(batch.data) + from, batch.times}, count, verb, out + from);
    Asked<D> asked;
    for (const std::size_t end = from + count; from < end; from += kQueryBlock) {
      const std::size_t m = end - from < kQueryBlock ? end - from : kQueryBlock;
      ask(batch, from, m, asked);
      settle_each(batch, asked, m, verb, out + from);
    }
  }

  // Two loops: in one, compilers choose the nearer key by a branch.
  template <class Source>
  void settle_each(const Queries& batch, const Source& source, std::size_t count, Verb verb, std::int64_t* out) const {
    const Near self = *this;  // in registers: `out` may point anywhere
    const Limit limit = batch.limit;
    const auto shift = static_cast<std::int64_t>(verb == Verb::pad);
    bool open = false;
    if (verb == Verb::nearest)
      for (std::size_t i = 0; i < count; ++i) {
        out[i] = self.nearer(out[i], source.value(i), source.note(i));
        open |= out[i] == kOpen;
      }
    if (limit.set)
      for (std::size_t i = 0; i < count; ++i) {
        out[i] = self.within(out[i] - shift, source.value(i), source.note(i), limit);
        open |= out[i] == kOpen;
      }
    if (open && batch.open) batch.open->store(true, std::memory_order_relaxed);
  }

  LIDX_INLINE std::int64_t nearer(std::int64_t after, D query, unsigned note) const {
    if (after <= 0 || after >= numbers_) return at_an_end(after, query, note);
    if (kIsReal<K> && (note & kOutside)) return kOpen;
    const bool before = is_nearer(static_cast<D>(keys_[after - 1]), query, note, static_cast<D>(keys_[after]));
    return after - static_cast<std::int64_t>(before);
  }

  // The nearest key where no number lies before or none after the query.
  std::int64_t at_an_end(std::int64_t after, D value, unsigned note) const {
    if (after <= 0) return total_ > 0 ? 0 : -1;
    if (after >= total_) return after - 1;
    if (is_missing_query(value, note)) return after;  // as the key there
    if constexpr (kIsReal<K>)
      if (!std::isfinite(value) || !std::isfinite(keys_[after - 1])) return after;  // both infinitely far
    return after - 1;
  }

  // There is no key, or key or query are no numbers.
  std::int64_t within_at_an_end(std::int64_t at, D query, unsigned note) const {
    if (at < 0) return at;
    const bool missing = is_missing_query(query, note);
    if (at >= numbers_ || missing) return missing && at >= numbers_ && at < total_ ? at : -1;
    return kOpen;
  }

  LIDX_INLINE std::int64_t within(std::int64_t at, D query, unsigned note, const Limit& limit) const {
    if (at < 0 || at >= numbers_ || (note & (kMissing | kOutside))) return within_at_an_end(at, query, note);
    const auto key = static_cast<D>(keys_[at]);
    bool near;
    if constexpr (!kIsReal<K>) {
      const bool before = key < query, more = (note & kMore) != 0, less = (note & kLess) != 0;
      const auto apart = static_cast<std::uint64_t>(query) - static_cast<std::uint64_t>(key);
      const std::uint64_t distance = before ? apart : 0 - apart;
      near = (distance < limit.whole) | ((distance == limit.whole) & (before | !less)) |
             (before & more & (distance - limit.whole == 1));
    } else {
      const double distance = std::fabs(query - key);
      near = distance < limit.part;
      if ((distance == limit.part) | (distance != distance)) {
        if (std::isinf(distance) && std::isfinite(query) && std::isfinite(key)) return kOpen;
        near = is_within_beside(key, query, limit.rest);
      }
    }
    return at | (static_cast<std::int64_t>(near) - 1);
  }

  const K* keys_;
  std::int64_t numbers_, total_;
};

}  // namespace learnedidx
