// One index over keys of any format behind one handle: the verbs are arithmetic on lower_bound.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "learnedidx/base/compiled.hpp"
#include "learnedidx/keys/queries.hpp"
#include "learnedidx/lookup/batch.hpp"
#include "learnedidx/lookup/model_bounds.hpp"
#include "learnedidx/lookup/nearest.hpp"

namespace learnedidx {

// A single query, already a number: at most one of the four is read, as `kind` says.
struct ScalarQuery {
  enum class Form : std::uint8_t { u64, i64, f64, time, string } form = Form::i64;
  std::uint64_t u = 0;
  std::int64_t i = 0;
  double f = 0;
  Slice string{};
  bool fixed = false;  // the value is of the key format and `fit` says how it got there
  Fit fit = Fit::exact;
};

// The smallest value of the key format that is not below a single query.
template <class K> Converted<K> converted(const ScalarQuery& q) {
  Converted<K> c{};
  if (q.form == ScalarQuery::Form::u64) c = ceil_to<K>(q.u);
  else if (q.form == ScalarQuery::Form::f64) c = ceil_to<K>(q.f);
  else if (q.form == ScalarQuery::Form::time && q.i == kNotATime) c = {K{}, Fit::nan};
  else c = ceil_to<K>(q.i);
  if (q.fixed) c.fit = q.fit;
  return c;
}

class AnyIndex {
 public:
  virtual ~AnyIndex() = default;
  // Queries [from, from + count) of a batch; out is int64 for positions, bool (uint8) for contains, and lies apart
  // from the queries. Pad, backfill and nearest need the keys; pad searches on the right.
  virtual void search(const Queries& batch, std::size_t from, std::size_t count, bool right,
                      Verb verb, const Kernels& kernels, void* out) const noexcept = 0;
  virtual std::int64_t search_one(const ScalarQuery& query, bool right, Verb verb,
                                  const Kernels& kernels) const noexcept = 0;
  // lows and highs such that low <= search(position) <= high; reads no keys.
  virtual void bounds(const Queries& batch, std::size_t from, std::size_t count, bool right,
                      std::int64_t* lows, std::int64_t* highs) const noexcept = 0;
  virtual Bounds bounds_one(const ScalarQuery& query, bool right) const noexcept = 0;
  virtual Trace trace(const ScalarQuery& query, bool right, const Kernels& kernels) const noexcept = 0;

  // Pad, backfill or nearest for a single query; kOpen leaves it to the caller.
  std::int64_t near_one(const ScalarQuery& query, Verb verb, const Kernels& kernels) const noexcept {
    if (query.fixed) return kOpen;
    if (query.form == ScalarQuery::Form::string) return search_one(query, verb == Verb::pad, verb, kernels);
    Queries batch;
    if (query.form == ScalarQuery::Form::u64) batch = {&query.u, KeyType::u64};
    else if (query.form == ScalarQuery::Form::f64) batch = {&query.f, KeyType::f64};
    else batch = {&query.i, KeyType::i64, query.form == ScalarQuery::Form::time};
    std::int64_t position = kOpen;
    search(batch, 0, 1, verb == Verb::pad, verb, kernels, &position);
    return position;
  }
};

template <class K> class TypedIndex final : public AnyIndex {
 public:
  TypedIndex(const K* keys, std::size_t numbers, std::size_t total) : total_(total) {
    engine_.keys = keys;
    engine_.n = numbers;
    engine_.frame = frame_of(keys, numbers);
  }

  const Engine<K>& engine() const { return engine_; }

  // errors: read by bounds only, measured before the first call of it.
  void use_rmi(const RmiView* rmi, const GroupErrorsView* errors) {
    engine_.rmi = rmi;
    engine_.model = Model::rmi;
    errors_ = errors;
  }

  // The tree says how its leaves lie over the keys.
  void use_tree(const BTreeView<K>* tree) {
    engine_.tree = tree;
    engine_.frame = tree->frame;
    engine_.model = Model::btree;
  }

  // errors: read by bounds only, measured before the first call of it.
  void use_pgm(const PgmView* pgm, const ErrorBounds* errors) {
    engine_.pgm = pgm;
    engine_.model = Model::pgm;
    pgm_errors_ = errors;
  }

  // The model may be damaged or of other keys: its bounds are checked with the keys that lie at them.
  // Without keys, of which nothing is read then, they are only kept inside [0, n].
  void verify_bounds() { verifies_bounds_ = true; }

  // The spline must have been fitted to these keys: bounds believe its epsilon.
  void use_spline(const RadixSplineView* spline) {
    engine_.spline = spline;
    engine_.model = Model::radix_spline;
  }

  void search(const Queries& batch, std::size_t from, std::size_t count, bool right, Verb verb,
              const Kernels& kernels, void* out) const noexcept override {
    auto* positions = static_cast<std::int64_t*>(out);
    if (verb == Verb::contains || verb == Verb::find) find_equal(batch, from, count, verb, kernels, out);
    else if (verb == Verb::position) place(batch, from, count, right, kernels, positions);
    else find_near(batch, from, count, right, verb, kernels, positions);
  }

  std::int64_t search_one(const ScalarQuery& query, bool right, Verb verb,
                          const Kernels& kernels) const noexcept override {
    Converted<K> c = converted<K>(query);
    if (right) c = next_above(c);
    const std::int64_t position =
        c.fit >= Fit::past ? patched(c.fit, right) : lower_bound_one(engine_, kernels, c.value);
    if (verb == Verb::position) return position;
    const bool equal = is_key(c, position);
    return verb == Verb::contains ? std::int64_t{equal} : (equal ? position : -1);
  }

  void bounds(const Queries& batch, std::size_t from, std::size_t count, bool right,
              std::int64_t* lows, std::int64_t* highs) const noexcept override {
    QueryBlock<K> block;
    for (std::size_t end = from + count; from < end; from += kQueryBlock) {
      const std::size_t m = std::min(end - from, kQueryBlock);
      load_block(batch, from, m, right, block);
      for (std::size_t i = 0; i < m; ++i) {
        const Bounds b = bounds_of({block.values[i], block.fits[i]}, right);
        lows[from + i] = b.low;
        highs[from + i] = b.high;
      }
    }
  }

  Bounds bounds_one(const ScalarQuery& query, bool right) const noexcept override {
    Converted<K> c = converted<K>(query);
    if (right) c = next_above(c);
    return bounds_of(c, right);
  }

  Trace trace(const ScalarQuery& query, bool right, const Kernels& kernels) const noexcept override {
    Trace t;
    t.window_high = numbers();
    Converted<K> c = converted<K>(query);
    if (right) c = next_above(c);
    t.answer = c.fit >= Fit::past ? patched(c.fit, right)
                                  : lower_bound_one(engine_, kernels, c.value, Tracer(t));
    return t;
  }

 private:
  std::int64_t numbers() const { return static_cast<std::int64_t>(engine_.n); }

  // Times of the keys' unit are numbers: NaT is one too, and patched afterwards.
  static Queries as_numbers(Queries batch) {
    if (is_of_the_keys<K>(batch)) batch.times = false;
    return batch;
  }

  // Plain queries are searched where they lie, most of a piece of a batch at once.
  void place(const Queries& batch, std::size_t from, std::size_t count, bool right, const Kernels& kernels,
             std::int64_t* positions) const noexcept {
    K room[kPlainBlock];
    const Queries asked = as_numbers(batch);
    const std::size_t most = right ? kPlainBlock : std::size_t{1} << 16;
    for (const std::size_t end = from + count; from < end; from += std::min(end - from, most)) {
      const std::size_t m = std::min(end - from, most);
      if (const K* queries = plain_queries(asked, from, m, right, room)) {
        lower_bound_batch(engine_, kernels, queries, m, positions + from);
        if (batch.times) patch_missing(batch, from, m, right, positions + from);
      } else {
        place_converted(batch, from, m, right, kernels, positions);
      }
    }
  }

  void place_converted(const Queries& batch, std::size_t from, std::size_t count, bool right, const Kernels& kernels,
                       std::int64_t* positions) const noexcept {
    QueryBlock<K> block;
    for (const std::size_t end = from + count; from < end; from += kQueryBlock) {
      const std::size_t m = std::min(end - from, kQueryBlock);
      load_block(batch, from, m, right, block);
      lower_bound_batch(engine_, kernels, block.values, m, positions + from);
      patch(block, m, right, positions + from);
    }
  }

  void find_near(const Queries& batch, std::size_t from, std::size_t count, bool right, Verb verb,
                 const Kernels& kernels, std::int64_t* positions) const noexcept {
    const Near<K> near(engine_.keys, engine_.n, total_);
    for (const std::size_t end = from + count; from < end; from += kPlainBlock) {
      const std::size_t m = std::min(end - from, kPlainBlock);  // their keys are in the cache when they are settled
      place(batch, from, m, right, kernels, positions);
      near.settle(batch, from, m, verb, positions);
    }
  }

  void find_equal(const Queries& batch, std::size_t from, std::size_t count, Verb verb, const Kernels& kernels,
                  void* out) const noexcept {
    std::int64_t found[kPlainBlock];
    const Queries asked = as_numbers(batch);
    for (const std::size_t end = from + count; from < end; from += kPlainBlock) {
      const std::size_t m = std::min(end - from, kPlainBlock);
      if (const K* queries = plain_queries<K>(asked, from, m, false, nullptr)) {
        lower_bound_batch(engine_, kernels, queries, m, found);
        if (batch.times) patch_missing(batch, from, m, false, found);
        write_equal(m, found, verb, from, out, [&](std::size_t i) {
          return is_missing(queries[i], batch.times) ? total_ > engine_.n : is_at(found[i], queries[i]);
        });
      } else {
        find_converted(batch, from, m, verb, kernels, found, out);
      }
    }
  }

  void find_converted(const Queries& batch, std::size_t from, std::size_t count, Verb verb, const Kernels& kernels,
                      std::int64_t* found, void* out) const noexcept {
    QueryBlock<K> block;
    for (const std::size_t end = from + count; from < end; from += kQueryBlock) {
      const std::size_t m = std::min(end - from, kQueryBlock);
      load_block(batch, from, m, false, block);
      lower_bound_batch(engine_, kernels, block.values, m, found);
      patch(block, m, false, found);
      write_equal(m, found, verb, from, out, [&](std::size_t i) { return is_key({block.values[i], block.fits[i]}, found[i]); });
    }
  }

  // The answer for a query that is after all numbers.
  std::int64_t patched(Fit fit, bool right) const {
    return fit == Fit::nan && right ? static_cast<std::int64_t>(total_) : numbers();
  }

  void patch_missing(const Queries& batch, std::size_t from, std::size_t count, bool right, std::int64_t* out) const {
    const K* queries = static_cast<const K*>(batch.data) + from;
    for (std::size_t i = 0; i < count; ++i)
      if (is_missing(queries[i], true)) out[i] = patched(Fit::nan, right);
  }

  void patch(const QueryBlock<K>& block, std::size_t m, bool right, std::int64_t* out) const {
    if (!block.special) return;
    for (std::size_t i = 0; i < m; ++i)
      if (block.fits[i] >= Fit::past) out[i] = patched(block.fits[i], right);
  }

  LIDX_INLINE bool is_at(std::int64_t position, K query) const {
    return position < numbers() && engine_.keys[position] == query;
  }

  // Does the key at `position` equal the query that was converted to c?
  bool is_key(const Converted<K>& c, std::int64_t position) const {
    if (c.fit == Fit::nan) return total_ > engine_.n;
    return c.fit == Fit::exact && is_at(position, c.value);
  }

  template <class Equal>
  static void write_equal(std::size_t m, const std::int64_t* found, Verb verb, std::size_t from, void* out, Equal&& equal) {
    if (verb == Verb::contains) {
      auto* answers = static_cast<std::uint8_t*>(out) + from;
      for (std::size_t i = 0; i < m; ++i) answers[i] = static_cast<std::uint8_t>(equal(i));
    } else {
      auto* answers = static_cast<std::int64_t*>(out) + from;
      for (std::size_t i = 0; i < m; ++i) answers[i] = equal(i) ? found[i] : -1;
    }
  }

  Bounds bounds_of(const Converted<K>& c, bool right) const {
    if (c.fit >= Fit::past) return {patched(c.fit, right), patched(c.fit, right)};
    const Bounds b = model_bounds(engine_, errors_, pgm_errors_, c.value);
    return verifies_bounds_ ? certain(b, c.value) : b;
  }

  // The bounds if they are right, else the answer, for bounds of any kind.
  Bounds certain(const Bounds& said, K query) const {
    const Bounds b = kept_bounds(said, numbers());
    if (engine_.keys == nullptr) return b;
    const bool right = (b.low == 0 || engine_.keys[b.low - 1] < query) &&
                       (b.high == numbers() || !(engine_.keys[b.high] < query));
    if (right) return b;
    const auto answer = static_cast<std::int64_t>(lower_bound(engine_.keys, engine_.n, query));
    return {answer, answer};
  }

  Engine<K> engine_;
  std::size_t total_;
  const GroupErrorsView* errors_ = nullptr;
  const ErrorBounds* pgm_errors_ = nullptr;
  bool verifies_bounds_ = false;
};

#define LIDX_THESE(name, K) \
  LIDX_COMPILE(class TypedIndex<K>)
LIDX_FOR_ALL_KEYS(LIDX_THESE)
#undef LIDX_THESE

}  // namespace learnedidx
