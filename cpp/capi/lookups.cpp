// Lookups: a query becomes a value of the key format, as everywhere in the core; the batch driver answers where it may
// read the arrays by vectors, else model and gallop do, item by item.
// What headers assert, this library refuses by a status: it needs no runtime, in debug builds neither.
#ifndef NDEBUG
#define NDEBUG
#endif
#include "learnedidx/keys/convert.hpp"
#include "learnedidx/keys/times.hpp"
#include "learnedidx/lookup/batch.hpp"
#include "learnedidx/lookup/model_bounds.hpp"
#include "view.hpp"

namespace learnedidx::c {
namespace {

constexpr std::size_t kBlock = 512;  // queries that are converted at once, on the stack

template <class K> lidx_status check(const lidx_view* view, bool with_outputs) {
  if (view == nullptr || !with_outputs) return LIDX_NULL_ARGUMENT;
  if (open_view(view) == nullptr) return LIDX_NOT_OPEN;
  return view_of(view)->kind == static_cast<unsigned>(KeyTypeOf<K>::value) ? LIDX_OK : LIDX_WRONG_KIND;
}

template <class K> lidx_status check_keys(const lidx_view* view, bool with_outputs) {
  const lidx_status status = check<K>(view, with_outputs);
  return status == LIDX_OK && view_of(view)->keys == nullptr ? LIDX_NO_KEYS : status;
}

// The value whose lower bound is asked for.
template <class K> Converted<K> asked(const View& view, K q, bool right) {
  if (is_missing(q, view.times != 0)) return {highest_key<K>(), Fit::nan};
  const Converted<K> c{q, Fit::exact};
  return right ? next_above(c) : c;
}

// The answer for what lies after all numbers.
std::int64_t answer_past(const View& view, Fit fit, bool right) {
  return static_cast<std::int64_t>(fit == Fit::nan && right ? view.n : view.numbers);
}

// Where the model puts a query, from which a search gallops; it may be beyond the keys.
template <class K> std::size_t guess(const Engine<K>& engine, K q) {
  std::uint64_t position = engine.n / 2;
  switch (engine.model) {
    case Model::rmi: position = static_cast<std::uint64_t>(leaf_position(leaf_point(q, *engine.rmi), *engine.rmi)); break;
    case Model::btree: position = static_cast<std::uint64_t>(tree_bounds(*engine.tree, engine.n, q).low); break;
    case Model::radix_spline: position = corrected_position(spline_prediction(q, *engine.spline), *engine.spline); break;
    case Model::pgm: {
      const std::int64_t predicted = pgm_position(ordinal(q, engine.pgm->domain), *engine.pgm);
      position = corrected_position(static_cast<std::uint64_t>(predicted), *engine.pgm);
      break;
    }
    case Model::none: break;
  }
  return static_cast<std::size_t>(position);
}

template <class K> std::int64_t search_loose(const View& view, const Engine<K>& engine, K q) {
  return static_cast<std::int64_t>(gallop(UnalignedArray<K>::at(view.keys), engine.n, guess(engine, q), q));
}

template <class K> std::int64_t search(const View& view, const Engine<K>& engine, const Converted<K>& c, bool right) {
  if (c.fit >= Fit::past) return answer_past(view, c.fit, right);
  if (view.kernels == nullptr) return search_loose(view, engine, c.value);
  return lower_bound_one(engine, *view.kernels, c.value);
}

template <class K> lidx_status one(const lidx_view* where, K q, bool right, std::int64_t* position) {
  const lidx_status status = check_keys<K>(where, position != nullptr);
  if (status != LIDX_OK) return status;
  const View& view = *view_of(where);
  *position = search(view, engine_of<K>(view), asked(view, q, right), right);
  return LIDX_OK;
}

// Does the key at a lower bound equal q? NaN equals NaN.
template <class K> bool is_key(const View& view, K q, std::int64_t position) {
  const auto at = static_cast<std::size_t>(position);
  if (is_missing(q, view.times != 0)) return at < view.n;
  return at < view.numbers && UnalignedArray<K>::at(view.keys)[at] == q;
}

template <class K> lidx_status find_one(const lidx_view* where, K q, std::int64_t* position) {
  const lidx_status status = one<K>(where, q, false, position);
  if (status == LIDX_OK && !is_key(*view_of(where), q, *position)) *position = -1;
  return status;
}

template <class K> lidx_status contains_one(const lidx_view* where, K q, int* yes) {
  if (yes == nullptr) return LIDX_NULL_ARGUMENT;
  std::int64_t position = 0;
  const lidx_status status = find_one<K>(where, q, &position);
  if (status == LIDX_OK) *yes = position >= 0;
  return status;
}

template <class K> lidx_status predecessor_one(const lidx_view* where, K q, std::int64_t* position) {
  const lidx_status status = one<K>(where, q, true, position);
  if (status == LIDX_OK) --*position;
  return status;
}

template <class K>
lidx_status range(const lidx_view* where, K lo, K hi, std::int64_t* start, std::int64_t* stop) {
  const lidx_status status = check_keys<K>(where, start != nullptr && stop != nullptr);
  if (status != LIDX_OK) return status;
  const View& view = *view_of(where);
  const Engine<K> engine = engine_of<K>(view);
  *start = search(view, engine, asked(view, lo, false), false);
  *stop = higher_of(*start, search(view, engine, asked(view, hi, false), false));
  return LIDX_OK;
}

// The bounds if the keys at them confirm them, else the answer.
template <class K> Bounds confirmed(const View& view, const Engine<K>& engine, Bounds b, K q) {
  const auto keys = UnalignedArray<K>::at(view.keys);
  const auto low = static_cast<std::size_t>(b.low), high = static_cast<std::size_t>(b.high);
  if ((low == 0 || keys[low - 1] < q) && (high == engine.n || !(keys[high] < q))) return b;
  const auto answer = static_cast<std::int64_t>(gallop(keys, engine.n, low, q));
  return {answer, answer};
}

template <class K> lidx_status bounds(const lidx_view* where, K q, std::int64_t* low, std::int64_t* high) {
  const lidx_status status = check<K>(where, low != nullptr && high != nullptr);
  if (status != LIDX_OK) return status;
  const View& view = *view_of(where);
  if (view.keys == nullptr && view.whole == 0) return LIDX_UNVERIFIED;
  const Converted<K> c = asked(view, q, false);
  if (c.fit >= Fit::past) {
    *low = *high = answer_past(view, c.fit, false);
    return LIDX_OK;
  }
  const Engine<K> engine = engine_of<K>(view);
  const GroupErrorsView* errors = engine.model == Model::rmi ? &view.get<RmiAndErrors>()->errors : nullptr;
  Bounds b = kept_bounds(model_bounds(engine, errors, &view.pgm_errors, c.value), static_cast<std::int64_t>(view.numbers));
  if (view.keys != nullptr) b = confirmed(view, engine, b, c.value);
  *low = b.low;
  *high = b.high;
  return LIDX_OK;
}

// At most kBlock queries, any of which may lie after all numbers.
template <class K>
void search_block(const View& view, const Engine<K>& engine, const K* q, std::size_t count, bool right, std::int64_t* out) {
  K values[kBlock] = {};
  Fit fits[kBlock];
  for (std::size_t i = 0; i < count; ++i) {
    const Converted<K> c = asked(view, q[i], right);
    values[i] = c.value;
    fits[i] = c.fit;
  }
  lower_bound_batch(engine, *view.kernels, values, count, out);
  for (std::size_t i = 0; i < count; ++i)
    if (fits[i] >= Fit::past) out[i] = answer_past(view, fits[i], right);
}

template <class K>
void search_all(const View& view, const Engine<K>& engine, const K* q, std::size_t count, bool right, std::int64_t* out) {
  if (view.kernels == nullptr) {
    for (std::size_t i = 0; i < count; ++i) out[i] = search(view, engine, asked(view, q[i], right), right);
  } else if (!kIsReal<K> && !right && view.times == 0) {
    lower_bound_batch(engine, *view.kernels, q, count, out);
  } else {
    for (std::size_t at = 0; at < count; at += kBlock)
      search_block(view, engine, q + at, count - at < kBlock ? count - at : kBlock, right, out + at);
  }
}

template <class K>
lidx_status many(const lidx_view* where, const K* q, std::size_t count, bool right, std::int64_t* out) {
  const lidx_status status = check_keys<K>(where, count == 0 || (q != nullptr && out != nullptr));
  if (status != LIDX_OK || count == 0) return status;
  if (!are_apart(q, count * sizeof *q, out, count * sizeof *out)) return LIDX_OVERLAP;
  const View& view = *view_of(where);
  search_all(view, engine_of<K>(view), q, count, right, out);
  return LIDX_OK;
}

template <class K> lidx_status find_many(const lidx_view* where, const K* q, std::size_t count, std::int64_t* out) {
  const lidx_status status = many<K>(where, q, count, false, out);
  for (std::size_t i = 0; status == LIDX_OK && i < count; ++i)
    if (!is_key(*view_of(where), q[i], out[i])) out[i] = -1;
  return status;
}

template <class K> lidx_status predecessors(const lidx_view* where, const K* q, std::size_t count, std::int64_t* out) {
  const lidx_status status = many<K>(where, q, count, true, out);
  for (std::size_t i = 0; status == LIDX_OK && i < count; ++i) --out[i];
  return status;
}

}  // namespace
}  // namespace learnedidx::c

using namespace learnedidx::c;

#define LIDX_VERBS(name, K)                                                                            \
  lidx_status lidx_lower_bound_##name(const lidx_view* view, K q, int64_t* position) {                 \
    return one<K>(view, q, false, position);                                                           \
  }                                                                                                    \
  lidx_status lidx_upper_bound_##name(const lidx_view* view, K q, int64_t* position) {                 \
    return one<K>(view, q, true, position);                                                            \
  }                                                                                                    \
  lidx_status lidx_range_##name(const lidx_view* view, K lo, K hi, int64_t* start, int64_t* stop) {    \
    return range<K>(view, lo, hi, start, stop);                                                        \
  }                                                                                                    \
  lidx_status lidx_bounds_##name(const lidx_view* view, K q, int64_t* low, int64_t* high) {            \
    return bounds<K>(view, q, low, high);                                                              \
  }                                                                                                    \
  lidx_status lidx_lower_bounds_##name(const lidx_view* view, const K* q, size_t count, int64_t* out) { \
    return many<K>(view, q, count, false, out);                                                        \
  }                                                                                                    \
  lidx_status lidx_upper_bounds_##name(const lidx_view* view, const K* q, size_t count, int64_t* out) { \
    return many<K>(view, q, count, true, out);                                                         \
  }                                                                                                    \
  lidx_status lidx_find_##name(const lidx_view* view, K q, int64_t* position) {                        \
    return find_one<K>(view, q, position);                                                             \
  }                                                                                                    \
  lidx_status lidx_contains_##name(const lidx_view* view, K q, int* is_key) {                          \
    return contains_one<K>(view, q, is_key);                                                           \
  }                                                                                                    \
  lidx_status lidx_predecessor_##name(const lidx_view* view, K q, int64_t* position) {                 \
    return predecessor_one<K>(view, q, position);                                                      \
  }                                                                                                    \
  lidx_status lidx_finds_##name(const lidx_view* view, const K* q, size_t count, int64_t* out) {       \
    return find_many<K>(view, q, count, out);                                                          \
  }                                                                                                    \
  lidx_status lidx_predecessors_##name(const lidx_view* view, const K* q, size_t count, int64_t* out) { \
    return predecessors<K>(view, q, count, out);                                                       \
  }

extern "C" {
LIDX_KEY_TYPES(LIDX_NO_KEY_TYPE, LIDX_VERBS, )
}
