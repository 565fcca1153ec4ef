// An index over byte strings behind the handle that all indexes have.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "learnedidx/lookup/index.hpp"
#include "learnedidx/text/search.hpp"

namespace learnedidx {

// Borrows the layers, the keys and the kernels that find bounds. Queries are strings; there is no nearest one.
class StringIndex final : public AnyIndex {
 public:
  StringIndex(const LayersView& layers, const Kernels& kernels) : layers_(layers), kernels_(kernels) {}

  void search(const Queries& batch, std::size_t from, std::size_t count, bool right, Verb verb, const Kernels& kernels,
              void* out) const noexcept override {
    if (!batch.strings) return;
    if (verb == Verb::contains) return contains(*batch.strings, from, count, kernels, static_cast<std::uint8_t*>(out));
    auto* positions = static_cast<std::int64_t*>(out) + from;
    std::uint8_t equal[kStringBlock];
    for (std::size_t done = 0; done < count; done += kStringBlock) {
      const std::size_t size = std::min(count - done, kStringBlock);
      const Found found{positions + done, verb == Verb::find ? equal : nullptr};
      lower_bound_batch(layers_, kernels, *batch.strings, from + done, size, right, found);
      for (std::size_t i = 0; verb != Verb::position && i < size; ++i)
        positions[done + i] = settled(verb, positions[done + i], equal[i]);
    }
  }

  std::int64_t search_one(const ScalarQuery& query, bool right, Verb verb, const Kernels& kernels) const noexcept override {
    std::int64_t position = 0;
    std::uint8_t equal = 0;
    lower_bound_batch(layers_, kernels, strings_of(query.string), 0, 1, right, {&position, &equal});
    return verb == Verb::contains ? std::int64_t{equal} : settled(verb, position, equal);
  }

  // The answers: what the layers leave open takes one comparison.
  void bounds(const Queries& batch, std::size_t from, std::size_t count, bool right, std::int64_t* lows,
              std::int64_t* highs) const noexcept override {
    search(batch, from, count, right, Verb::position, kernels_, lows);
    std::copy_n(lows + from, count, highs + from);
  }
  Bounds bounds_one(const ScalarQuery& query, bool right) const noexcept override {
    const std::int64_t position = search_one(query, right, Verb::position, kernels_);
    return {position, position};
  }

  Trace trace(const ScalarQuery& query, bool right, const Kernels& kernels) const noexcept override {
    Trace t;
    lower_bound_batch(layers_, kernels, strings_of(query.string), 0, 1, right, {&t.answer, nullptr}, Tracer(t));
    return t;
  }

 private:
  std::int64_t settled(Verb verb, std::int64_t position, std::uint8_t equal) const {
    if (verb == Verb::pad) return position - 1;
    const bool missing = verb == Verb::backfill ? position == static_cast<std::int64_t>(layers_.keys.n)
                                                : verb == Verb::find && equal == 0;
    return missing ? -1 : position;
  }

  void contains(const Strings& queries, std::size_t from, std::size_t count, const Kernels& kernels,
                std::uint8_t* out) const noexcept {
    std::int64_t positions[kStringBlock];
    for (const std::size_t end = from + count; from < end; from += kStringBlock)
      lower_bound_batch(layers_, kernels, queries, from, std::min(end - from, kStringBlock), false, {positions, out + from});
  }

  const LayersView& layers_;
  const Kernels& kernels_;
};

}  // namespace learnedidx
