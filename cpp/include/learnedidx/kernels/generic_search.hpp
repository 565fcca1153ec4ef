// Whole searches of a row: the steps of a query in one loop. Included by generic.hpp, once for each row.
#include "learnedidx/kernels/kernels.hpp"
#include "learnedidx/search/bisect.hpp"
#include "learnedidx/search/retry.hpp"

namespace learnedidx::LIDX_ROW {

// A query passes three steps, each so many queries after the one before that what it prefetched has
// arrived: its leaf, its window, the count in it. One loop takes a step of three queries, so that
// the processor computes for two of them while it waits for memory for the third.
constexpr std::size_t kAhead = 64;

// Misses try again together: many, so that their memory overlaps, but before so many queries have
// passed that what the first of them prefetched is gone again.
constexpr std::size_t kTogether = 128, kPatience = 512;

// Kept out of the loop, whose registers it would take.
template <class K, class Later>
LIDX_RARE void try_later(const RmiSearch& search, const K* queries, std::size_t i, std::uint64_t start, std::int64_t* out,
                         Later& retry) {
  const std::uint64_t point = leaf_point(queries[i], *search.rmi);
  retry.add(i, leaf_bracket(point, *search.rmi), static_cast<std::size_t>(start), static_cast<std::size_t>(out[i]));
  if (retry.is_full() || i - retry.first() >= kPatience) retry.run(queries, out);
}

template <class K, Hint kHint, RmiShape kShape, class AnyTracer = NoTrace>
LIDX_TARGET void stream_rmi(const RmiSearch& search, const K* queries, std::size_t count, std::int64_t* out,
                            const AnyTracer& tracer = {}) {
  constexpr std::uint64_t window = kWindowKeys<K>;
  const K* keys = static_cast<const K*>(search.keys);
  const std::uint64_t last = search.n - window;
  const RmiSteps<kShape> rmi(*search.rmi, search.place);
  Retry<K, kTogether, AnyTracer> retry(keys, search.n, tracer);
  std::uint64_t points[kAhead], starts[kAhead];
  const auto predict = [&](std::size_t i, std::size_t slot) LIDX_TARGET LIDX_STEP {
    points[slot] = rmi.point(queries[i]);
    rmi.template prefetch_leaf<kHint>(points[slot]);
  };
  const auto start_window = [&](std::size_t slot) LIDX_TARGET LIDX_STEP {
    starts[slot] = rmi.start(points[slot]);
    prefetch_window<kHint>(keys + starts[slot]);
  };
  const auto verify = [&](std::size_t i, std::size_t slot) LIDX_TARGET LIDX_STEP {
    const std::uint64_t start = starts[slot];
    tracer.window(i, keys, start, window);
    const auto c = static_cast<std::uint64_t>(count_below<K, window>(keys + start, queries[i]));
    out[i] = static_cast<std::int64_t>(start + c);
    if (c - 1 >= window - 1 && (c == 0 ? start != 0 : start != last)) try_later(search, queries, i, start, out, retry);
  };
  std::size_t i = 0, ahead = count < kAhead ? count : kAhead;
  for (; i < 2 * ahead; ++i) {
    if (i >= ahead) start_window((i - ahead) % kAhead);
    if (i < count) predict(i, i % kAhead);
  }
  for (; i < count; ++i) {  // more than a slot each: ahead is kAhead
    const std::size_t slot = i % kAhead;
    verify(i - 2 * kAhead, slot);
    start_window(slot);
    predict(i, slot);
  }
  for (; i < count + 2 * ahead; ++i) {
    verify(i - 2 * ahead, (i - 2 * ahead) % kAhead);
    if (i < count + ahead) start_window((i - ahead) % kAhead);
  }
  retry.run(queries, out);
}

// Of keys of 8 and 16 bits there are few values, and what they lead to is soon in the first cache: one hint is enough.
template <class K, RmiShape kShape>
LIDX_TARGET void stream_by_hint(const RmiSearch& search, Hint hint, const K* queries, std::size_t count, std::int64_t* out) {
  if constexpr (sizeof(K) > 2)
    if (hint == Hint::l2) return stream_rmi<K, Hint::l2, kShape>(search, queries, count, out);
  stream_rmi<K, Hint::l1, kShape>(search, queries, count, out);
}

template <class K>
LIDX_TARGET void search_rmi(const RmiSearch& search, Hint hint, const void* wanted, std::size_t count,
                            std::int64_t* out) {
  const K* queries = static_cast<const K*>(wanted);
  switch (shape_of(*search.rmi)) {
    case RmiShape::one: return stream_by_hint<K, RmiShape::one>(search, hint, queries, count, out);
    case RmiShape::two: return stream_by_hint<K, RmiShape::two>(search, hint, queries, count, out);
    case RmiShape::any: return stream_by_hint<K, RmiShape::any>(search, hint, queries, count, out);
  }
}

// Keys before a window's start are below the query before, so a count that does not fill the window
// is the answer; the window moves on by whole lines. Its size is such that it is seldom full.
template <class K, std::uint64_t kWindow>
LIDX_TARGET void merge_windows(const Merge& m, const K* queries, std::size_t count, const std::int64_t* positions,
                               std::int64_t* out) {
  static_assert(kStretches == 4);
  const K* keys = static_cast<const K*>(m.keys);
  WindowPlace place = place_of_line<K>(m.frame);
  place.last = static_cast<std::int64_t>(m.n - kWindow);
  const auto last = static_cast<std::uint64_t>(place.last);
  std::uint64_t starts[kStretches];
  for (std::size_t s = 0; s < kStretches; ++s) starts[s] = window_start(static_cast<std::uint64_t>(positions[s]), place);
  const auto answer = [&](std::size_t s, std::size_t i) LIDX_TARGET LIDX_STEP {
    const K query = queries[s * count + i];
    std::uint64_t start = starts[s];
    auto c = static_cast<std::uint64_t>(count_below<K, kWindow>(keys + start, query));
    if (c == kWindow && start < last) {
      const std::uint64_t position = gallop(keys, m.n, static_cast<std::size_t>(start + kWindow), query);
      start = window_start(position, place);
      c = position - start;
    }
    out[s * count + i] = static_cast<std::int64_t>(start + c);
    start += c & ~(std::uint64_t{kLineKeys<K>} - 1);
    starts[s] = start < last ? start : last;
  };
  for (std::size_t i = 0; i < count; ++i) {
    answer(0, i);
    answer(1, i);
    answer(2, i);
    answer(3, i);
  }
}

template <class K>
LIDX_TARGET void merge(const Merge& m, const void* wanted, std::size_t count, const std::int64_t* positions,
                       std::int64_t* out) {
  const K* queries = static_cast<const K*>(wanted);
  if (m.wide) merge_windows<K, 2 * kWindowKeys<K>>(m, queries, count, positions, out);
  else merge_windows<K, kWindowKeys<K>>(m, queries, count, positions, out);
}

}  // namespace learnedidx::LIDX_ROW
